"""Evidence for the labels of a finished run: computed when asked for, kept as tables in the run's folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from core.errors import SpecError
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.specs import AnnotateSpec, EvidenceSpec, RunSpec, content_key, parse
from core.tasks.evidence_names import TEXT
from core.tasks.finished import file_key, run_key
from core.tasks.reference_at_hand import refusal

if TYPE_CHECKING:
    from core.tasks.evidence_sets import Sets

Part = Literal["markers", "genes", "both"]
PARTS: tuple[Part, ...] = get_args(Part)
FOLDER, FACTS = "evidence", "facts.json"
VERSION = 2
"""Raised when the tables of a part change."""
SETTINGS: Mapping[Part, tuple[str, ...]] = {
    "markers": ("markers", "dot_genes", "resolution"),
    "genes": ("markers", "cells", "steps", "controls"),
    "both": ("neighbours", "pictured"),
}
"""The settings that each part depends on."""


@dataclass(frozen=True)
class Evidence:
    """One part: its ``tables`` by name, and plain numbers about them."""

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]


def settings(spec: RunSpec) -> EvidenceSpec:
    """The run's own settings of the evidence, else the usual ones."""
    return spec.analysis.evidence if isinstance(spec.analysis, AnnotateSpec) else EvidenceSpec()


def key(run: Run, part: Part, spec: EvidenceSpec, labels: str = "") -> str:
    """Changes when the run, a setting that matters to the part, or the labels kept by a person do."""
    chosen = {name: getattr(spec, name) for name in SETTINGS[part]}
    kept = file_key(Path(labels)) if labels and part != "genes" else ""
    return content_key(FOLDER, VERSION, part, run_key(run), chosen, kept)


def stored(run: Run, part: Part, spec: EvidenceSpec, labels: str = "") -> Evidence | None:
    """The part as it was computed with these settings; ``None`` where it is missing or made of something else."""
    folder = run.directory / FOLDER / part
    facts = _facts(folder)
    return load(folder) if facts.get("key") == key(run, part, spec, labels) else None


def found(run: Run, part: Part) -> Evidence | None:
    """The part whatever its settings, as long as it was made of the run as it is now; for files that leave."""
    folder = run.directory / FOLDER / part
    return load(folder) if _facts(folder).get("run") == run_key(run) else None


def compute(run: str, part: Part, settings: Mapping[str, Any], labels: str = "") -> dict[str, Any]:
    """Compute one part, keep its tables in the run's folder under ``evidence/PART`` and return its facts.

    Parameters
    ----------
    run
        The run's folder.
    part
        ``markers``: matchSCore, dot plot and clusters. ``genes``: integrated gradients of every type. ``both``:
        reference and query in one picture.
    settings
        Of `EvidenceSpec`; those not given are the usual ones.
    labels
        annotation.csv as a person kept it; the run's own by default.

    Raises
    ------
    SpecError
        If the run gave no labels, or nothing is known of its reference.
    DataError
        If a file cannot be read or has changed since.
    """
    from core.tasks.evidence_sets import sets_of

    opened, spec = Run(Path(run)), parse(EvidenceSpec, dict(settings))
    refuse(opened, part)
    return write(sets_of(opened, labels), part, spec, labels)


def compute_all(run: Run, parts: tuple[Part, ...], spec: EvidenceSpec, tell: Callable[[str], None]) -> Path:
    """Compute several parts, reading the files once; returns the folder of their tables.

    Parameters
    ----------
    run
        A finished run.
    parts
        Which.
    spec
        Settings.
    tell
        Called with a sentence before each part.
    """
    from core.tasks.evidence_sets import sets_of

    for part in parts:
        refuse(run, part)
    tell("Reading the cells")
    sets = sets_of(run)
    for part in parts:
        tell(TITLES[part])
        write(sets, part, spec)
    return run.directory / FOLDER


TITLES: Mapping[Part, str] = {
    "markers": "Comparing marker genes",
    "genes": "Following every gene to the types' logits",
    "both": "Drawing reference and query together",
}


def in_words(part: Part, kept: Evidence) -> list[str]:
    """What a part says, a sentence for each of its figures."""
    from core.tasks import evidence_words as words

    if part == "markers":
        score, summary = kept.tables["match_score"], kept.tables["match_summary"].iloc[0]
        own = score.loc[score["grouping"] == summary["grouping"]]
        return [words.match_words(own, summary), words.dots_words(kept.facts)]
    if part == "genes":
        rows = kept.tables["marker_recall"]
        return [*(words.recall_words(row) for _, row in rows.iterrows()), words.complete_words(kept.facts)]
    return [words.mixing_words(kept.tables["mixing"])]


def why_not(run: Run, part: str = "") -> str:
    """Why ``run`` has no evidence, or not ``part`` of it; empty where it has."""
    return refusal(run.spec, run.summary.get("kept_reference"), part)


def refuse(run: Run, part: str = "") -> None:
    """Raise a SpecError where ``run`` has no evidence, or not ``part`` of it."""
    why = why_not(run, part)
    if why:
        raise SpecError("This run has no evidence for labels", run.name, why)


def write(sets: Sets, part: Part, spec: EvidenceSpec, labels: str = "") -> dict[str, Any]:
    """Compute one part and keep it, in place of an older one."""
    from core.tasks.evidence_both import both_evidence
    from core.tasks.evidence_genes import genes_evidence
    from core.tasks.evidence_markers import markers_evidence

    make = {"markers": markers_evidence, "genes": genes_evidence, "both": both_evidence}[part]
    tables, facts = make(sets, spec)
    facts = {
        **facts,
        "reference": sets.reference.facts,
        "run": run_key(sets.run),
        "key": key(sets.run, part, spec, labels),
    }

    def fill(folder: Path) -> None:
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        write_json(folder / FACTS, facts)

    target = sets.run.directory / FOLDER / part
    shutil.rmtree(target, ignore_errors=True)
    whole_folder(target, fill)
    return facts


def load(folder: Path) -> Evidence:
    """A part kept in ``folder``."""
    # a cell type may be called NA, so only an empty field is missing
    tables = {
        path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(TEXT, str))
        for path in sorted(folder.glob("*.csv"))
    }
    return Evidence(tables, _facts(folder))


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
