"""The gene search of a project as a stored result: the genes a run would use, and how they were found."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.cohorts import cohorts
from core.data.dataset import Dataset
from core.data.feature_space import FeatureSpace
from core.data.features import compare_traces, overlap, select
from core.data.join import joined, read_types, with_common_types
from core.data.markers import marker_dots
from core.data.multiome import read_bridge
from core.data.peaks_common import harmonised, require_genes_and_peaks, with_usable_peaks
from core.data.quality import apply
from core.data.read import read
from core.errors import AppError, DataError, SpecError
from core.files import write_json
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.specs import ROLES, RULE_TITLES, Role, RunSpec, SourceSpec
from core.specs.several import files
from core.steps import features_key
from core.tasks.check_several import by_itself
from core.tasks.load import storage

GENES, FEATURES, SUMMARY = "genes.txt", "features.json", "summary.json"
TRACES, OVERLAP, DOTS = "traces.parquet", "overlap.parquet", "dots.parquet"
MOST_DOTS = 24
"""Marker genes that fit side by side."""
MARKERS_PER_TYPE = 3
LABEL_FREE_RULES = ("all", "variable", "common_variable", "own_list")


@dataclass(frozen=True)
class Search:
    """A stored search.

    ``traces``: rule, round, taken, found, the chosen rule's and those compared with it. ``overlap``: one True/False
    column per set, genes, used; one row for the used and one for the other genes of a combination. ``dots``: cell_type,
    gene, share, mean, level of the chosen among the strongest markers. ``summary``: plain numbers.
    """

    space: FeatureSpace
    traces: pd.DataFrame
    overlap: pd.DataFrame
    dots: pd.DataFrame
    summary: dict[str, Any]


def search(project_root: str) -> dict[str, Any]:
    """Search the genes of the draft as its run would, keep the result in the project and return its summary.

    Raises
    ------
    DataError
        If a file cannot be read or too few genes are found.
    SpecError
        If the rule needs a set that the draft's task does not give it.
    """
    project = Project(Path(project_root))
    draft = project.draft
    sets = _sets(draft)
    start = time.perf_counter()
    reference = sets["reference"]
    space = select(reference, draft.features, **_given(draft, sets))
    traces, remark = _traces(space, reference, sets.get("query"), draft)
    dots, n_markers = _dots(reference, space)
    occurrence = _overlap(sets, space)
    summary = {
        "genes": len(space.genes),
        "rule": space.rule,
        "target": space.target,
        "reached": space.reached,
        "markers": n_markers,
        "markers_kept": int(dots["gene"].nunique()),
        "dropped": space.dropped,
        "missing": {role: len(set(space.genes) - set(one.genes)) for role, one in sets.items() if role != "reference"},
        "in_all": len(set(space.genes).intersection(*(one.genes for one in sets.values()))),
        "sets": list(sets),
        "remark": remark,
        "several": _of_several(draft),
        "kind": "peaks" if reference.holds_peaks else "genes",
        "seconds": time.perf_counter() - start,
    }

    def write(folder: Path) -> None:
        (folder / GENES).write_text("".join(f"{gene}\n" for gene in space.genes), encoding="utf-8")
        write_json(folder / FEATURES, space.to_dict())
        write_json(folder / SUMMARY, summary)
        for name, table in ((TRACES, traces), (OVERLAP, occurrence), (DOTS, dots)):
            table.to_parquet(folder / name)

    project.store("features", features_key(project, draft), write)
    return summary


def load(folder: Path) -> Search:
    """A search that was kept in ``folder``."""
    space = FeatureSpace.from_dict(json.loads((folder / FEATURES).read_text(encoding="utf-8")))
    tables = [pd.read_parquet(folder / name) for name in (TRACES, OVERLAP, DOTS)]
    # searches kept before there were peaks name no kind
    summary = {"kind": "genes", "several": ""} | json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return Search(space, *tables, summary=summary)


def _sets(draft: RunSpec) -> dict[str, Dataset]:
    """Every set of the draft after the quality filter, as a run reads it."""
    sets = {}
    for role in ROLES:
        dataset = _together(draft, role, [_unchanged(draft, role, source) for source in files(draft.data, role)])
        if dataset is None:
            continue
        kept = dataset if role == "bulk" else apply(dataset, draft.data.quality)[0]
        sets[role] = with_usable_peaks(kept, draft.data.peaks)
    if "reference" not in sets:
        raise DataError("Genes are chosen from a reference, and there is none", None, "Add one on the Data page")
    if draft.task == "annotate" and draft.data.bridge is not None and "query" in sets:
        sets["reference"] = _bridge_peaks(draft, sets)
    cells = [sets[role] for role in ("reference", "query") if role in sets]
    if len(cells) == 2 and all(one.holds_peaks for one in cells):
        sets["reference"], sets["query"] = harmonised(cells, draft.data.peaks).sets
    return sets


def _unchanged(draft: RunSpec, role: Role, source: SourceSpec) -> Dataset:
    dataset = read(source, role, storage(draft))
    if source.fingerprint not in ("", dataset.fingerprint):
        raise DataError(
            f"The {role} file has changed since it was brought", source.path, "Add it again on the Data page"
        )
    return dataset


def _together(draft: RunSpec, role: Role, read_in: list[Dataset]) -> Dataset | None:
    """The set that a run searches: all cohorts together; the references joined, or the first where each is alone."""
    if len(read_in) < 2:
        return next(iter(read_in), None)
    if role == "bulk":
        return cohorts(read_in, [source.called for source in files(draft.data, role)]).joined
    types = read_types(Path(draft.data.types)) if draft.data.types else None
    return with_common_types(read_in, types)[0] if by_itself(draft) else joined(read_in, types)


def _of_several(draft: RunSpec) -> str:
    """Which files are meant where there are several references."""
    n = len(files(draft.data, "reference"))
    if n < 2:
        return ""
    if by_itself(draft):
        return f"Searched in the first of {n} references; a run searches each of them by itself, in this way."
    return f"Searched in {n} references, joined on the genes that all have."


def _bridge_peaks(draft: RunSpec, sets: dict[str, Dataset]) -> Dataset:
    """The peaks of the bridge, which a run's classifier of peaks learns from; their types are not known before it.

    Raises
    ------
    SpecError
        If the rule looks at types.
    """
    assert draft.data.bridge is not None
    require_genes_and_peaks(sets["reference"], sets["query"])
    if draft.features.rule not in LABEL_FREE_RULES:
        raise SpecError(
            "The types of the bridge's cells are known only in the run, and this rule looks at them",
            RULE_TITLES[draft.features.rule],
            f"Start the run, which searches with this rule, or choose '{RULE_TITLES['common_variable']}'",
        )
    peaks = with_usable_peaks(read_bridge(draft.data.bridge)[1], draft.data.peaks)
    return replace(peaks, role="reference")


def _given(draft: RunSpec, sets: dict[str, Dataset]) -> dict[str, Any]:
    """What the draft's task lets its rule look at beside the reference."""
    if draft.task == "annotate":
        return {"query": sets.get("query")}
    if draft.task == "deconvolve":
        return {"bulk": sets.get("bulk")}
    path = draft.data.gene_sets if draft.task == "represent" else None
    return {"gene_sets": read_gmt(Path(path)) if path else None}


def _traces(space: FeatureSpace, reference: Dataset, query: Dataset | None, draft: RunSpec) -> tuple[pd.DataFrame, str]:
    """The search beside those of the other rules, and why they could not be compared where they could not."""
    if query is None:
        return space.trace, ""
    try:
        compared = compare_traces(reference, query, draft.features)
    except AppError as problem:
        return space.trace, f"Other rules could not be compared. {problem}"
    others = compared.loc[compared["rule"] != space.rule]
    return pd.concat([space.trace, others], ignore_index=True), ""


def _dots(reference: Dataset, space: FeatureSpace) -> tuple[pd.DataFrame, int]:
    """The strongest markers of each type that were chosen, and how many strongest markers there are."""
    types = 0 if reference.label_column is None else len(reference.labels.cat.categories)
    if types < 2:
        return pd.DataFrame(columns=pd.Index(["cell_type", "gene", "share", "mean", "level"])), 0
    strongest = marker_dots(reference, max(1, min(MARKERS_PER_TYPE, MOST_DOTS // types)))
    kept = strongest.loc[strongest["gene"].isin(space.genes)]
    return kept.reset_index(drop=True), int(strongest["gene"].nunique())


def _overlap(sets: dict[str, Dataset], space: FeatureSpace) -> pd.DataFrame:
    table = overlap({role.capitalize(): one.genes for role, one in sets.items()}, space.genes)
    used = table.loc[table["used"] > 0].assign(genes=lambda part: part["used"], used=True)
    rest = table.assign(genes=table["genes"] - table["used"], used=False)
    rest = rest.loc[rest["genes"] > 0].sort_values("genes", ascending=False, kind="stable")
    return pd.concat([used, rest], ignore_index=True).astype({"used": bool})
