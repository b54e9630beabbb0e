"""What is known of bulk samples besides their genes: a table of samples x columns, such as group, age or batch."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core import keys
from core.data.formats.detect import detect, open_bytes
from core.data.formats.layout import layout_of
from core.data.wording import listed
from core.errors import DataError

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "None")
"""What an empty field may say."""
COHORT_MARK = ":"
"""Between the name of a cohort and that of its sample, where samples of several cohorts have one name."""
_SAMPLE_COLUMN = re.compile(r"samples?([ _.-]?(ids?|names?))?", re.IGNORECASE)


def read_sheet(path: Path) -> pd.DataFrame:
    """A sample sheet.

    The column called sample, else the first one, names the samples. A column of numbers becomes numbers, all else stays
    text; a slash in a column's name becomes the division slash that h5ad files can hold.

    Parameters
    ----------
    path
        A table as text (comma, tab or semicolon, packed or not) or as parquet.

    Returns
    -------
    Samples x columns, indexed by the names of the samples as text.

    Raises
    ------
    DataError
        If it is no table, has no column beside the names, names a sample twice or not at all, or has a column that
        CellDesk writes itself.
    """
    table = _text_table(path)
    table.columns = [str(name).strip().replace("/", "\u2215") for name in table.columns]
    twice = sorted(set(table.columns[table.columns.duplicated()]))
    if twice:
        raise DataError("The sample sheet has two columns of one name", twice, "Rename one of them")
    titles = [str(name) for name in table]
    named = next((name for name in titles if _SAMPLE_COLUMN.fullmatch(name)), titles[0])
    index = pd.Index(table[named].fillna("").str.strip(), name="sample")
    columns = table.drop(columns=named).set_axis(index, axis=0)
    _require_names(index, path)
    if columns.columns.empty:
        what = "The sample sheet holds nothing beside the names of the samples"
        raise DataError(what, path.name, "Add columns such as group, age or batch")
    own = [name for name in columns if keys.is_own(str(name))]
    if own:
        raise DataError("The sample sheet has columns that CellDesk writes itself", own, "Rename them")
    return pd.DataFrame({name: _typed(pd.Series(columns[name])) for name in columns}, index=index)


def matched(sheet: pd.DataFrame, samples: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """The rows of ``sheet`` for ``samples``, in their order.

    A sample of one of several cohorts, such as ``blood:s1``, takes the row of ``s1`` where there is none of its own.

    Parameters
    ----------
    sheet
        From ``read_sheet``.
    samples
        Names of the bulk samples.

    Returns
    -------
    rows
        samples x columns; missing values for samples without a row.
    lacking
        Samples without a row.

    Raises
    ------
    DataError
        If no sample has a row.
    """
    known = set(sheet.index)
    own = [name if name in known else name.partition(COHORT_MARK)[2] or name for name in samples]
    lacking = [name for name, row in zip(samples, own, strict=True) if row not in known]
    if len(lacking) == len(samples):
        raise DataError(
            "The sample sheet names none of the bulk samples",
            [str(name) for name in sheet.index[:5]],
            f"Name the samples as the bulk file does: {listed(samples, 5)}",
        )
    return sheet.reindex(own).set_axis(pd.Index(samples, name="sample"), axis=0), lacking


def as_obs(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with text as categories, which h5ad files hold with missing values among them."""
    text = {name: rows[name].astype("category") for name in rows if rows[name].dtype == object}
    return rows.assign(**text)


def _text_table(path: Path) -> pd.DataFrame:
    kind = detect(path)
    if kind == "parquet":
        import pyarrow
        import pyarrow.parquet as pq

        try:
            frame = pq.read_table(path).to_pandas()
        except pyarrow.ArrowException:
            raise DataError("The parquet file is damaged", path.name, "Copy it or save it again") from None
        frame = frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index(names="sample")
        return frame.astype(object).where(frame.notna(), None).map(lambda value: None if value is None else str(value))
    if kind != "table":
        said = "a spreadsheet or another archive" if kind == "zip" else f"a file of the kind {kind}"
        raise DataError(
            "The sample sheet is no text table", f"{path.name}, {said}", "Save it as CSV in UTF-8, samples in rows"
        )
    layout = layout_of(path)
    try:
        with open_bytes(path) as stream:
            table = pd.read_csv(
                io.TextIOWrapper(stream, layout.encoding),
                sep=r"\s+" if layout.separator == " " else layout.separator,
                header=None,
                names=range(len(layout.header)),
                index_col=False,
                skiprows=layout.skip,
                dtype=str,
                keep_default_na=False,
                na_values=list(MISSING),
            )
    except ValueError as error:
        raise DataError("The sample sheet cannot be read", path.name, f"Save it as CSV in UTF-8: {error}") from None
    return table.set_axis([name or "sample" for name in layout.header], axis=1)


def _require_names(index: pd.Index, path: Path) -> None:
    if (index == "").any():
        rows = [number + 1 for number, name in enumerate(index) if name == ""]
        raise DataError("Rows of the sample sheet name no sample", f"{path.name}, rows {listed(rows, 5)}", "Name them")
    twice = sorted(set(index[index.duplicated()]))
    if twice:
        raise DataError("The sample sheet names a sample twice", twice[:5], "Leave one row for each sample")


def _typed(column: pd.Series) -> pd.Series:
    """``column`` as numbers where every field that is not empty is one."""
    text = column.str.strip()
    numbers = pd.Series(pd.to_numeric(text, errors="coerce"), index=column.index)
    return numbers if text.notna().any() and bool((numbers.notna() | text.isna()).all()) else text.astype(object)
