"""What a person decided while looking at a run: named selections of cells, and labels at a chosen cut-off.

Both lie as CSV files under ``results/saved/RUN`` of the project, so that a run's own files stay as it wrote them.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError
from core.files import write_json, write_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from core.project import Project
    from core.runs.run import Run

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _+\-]{0,39}")


@dataclass(frozen=True)
class Saved:
    """Selections and labels kept for one run of a project."""

    folder: Path

    @classmethod
    def of(cls, project: Project, run: Run) -> Saved:
        """What is kept for ``run``; nothing is made before something is saved."""
        return cls(project.root / "results" / "saved" / run.directory.name)

    @property
    def names(self) -> list[str]:
        """Names of the selections, in alphabetical order."""
        return sorted(path.stem for path in (self.folder / "selections").glob("*.csv"))

    def selections(self, cells: pd.Index) -> pd.DataFrame:
        """Every selection as a column of True and False, one row for each of ``cells``."""
        import pandas as pd

        return pd.DataFrame({name: self.selection(name, cells) for name in self.names}, index=cells)

    def selection(self, name: str, cells: pd.Index) -> np.ndarray:
        """(n_cells,), bool: which of ``cells`` the selection ``name`` holds."""
        import pandas as pd

        path = self.selection_path(name)
        if not path.exists():
            raise DataError("There is no such selection", name, f"Choose one of: {', '.join(self.names)}")
        return cells.isin(pd.read_csv(path, dtype=str, keep_default_na=False)["cell"])

    def keep_selection(self, name: str, cells: pd.Index, *, taken: tuple[str, ...] = ()) -> str:
        """Keep ``cells`` as the selection ``name``; one of the same name is replaced.

        Parameters
        ----------
        name
            Becomes the name of a column.
        cells
            Names of the selected cells.
        taken
            Columns that the cells have already.

        Returns
        -------
        The name as it was kept.

        Raises
        ------
        DataError
            If the selection is empty or its name cannot be a column's.
        """
        name = name.strip()
        if not NAME.fullmatch(name):
            remedy = "Use up to 40 letters, digits, spaces, hyphens and underscores, beginning with a letter or digit"
            raise DataError("A selection cannot be called so", name or "nothing", remedy)
        if name in taken:
            raise DataError("The cells have a column of that name", name, "Choose another name")
        if not len(cells):
            raise DataError("No cell is selected", name, "Draw round some cells first")
        write_text(self.selection_path(name), _csv(cells.to_frame(index=False, name="cell")))
        return name

    def forget_selection(self, name: str) -> None:
        """Remove the selection ``name``."""
        self.selection_path(name).unlink(missing_ok=True)

    @property
    def labels_path(self) -> Path:
        """annotation.csv as it was kept, whether or not it is there."""
        return self.folder / "annotation.csv"

    @property
    def rate(self) -> float | None:
        """Share of known cells wrongly refused at which labels were kept, 0 to 1; ``None`` where none were kept."""
        path = self.folder / "labels.json"
        return float(json.loads(path.read_text())["false_reject_rate"]) if path.exists() else None

    def keep_labels(self, annotation: pd.DataFrame, rate: float) -> None:
        """Keep the labels of every cell at one cut-off.

        Parameters
        ----------
        annotation
            Cells x the columns of annotation.csv, the cells as index.
        rate
            Share of known cells wrongly refused, 0 to 1.
        """
        write_text(self.labels_path, _csv(annotation.rename_axis("cell").reset_index()))
        write_json(self.folder / "labels.json", {"false_reject_rate": rate})

    def selection_path(self, name: str) -> Path:
        """The names of the cells in the selection ``name``, whether or not it is there."""
        return self.folder / "selections" / f"{name}.csv"


def _csv(table: pd.DataFrame) -> str:
    text = io.StringIO()
    table.to_csv(text, index=False)
    return text.getvalue()
