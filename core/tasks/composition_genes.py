"""Genes behind a composition: gradients of a finished run's networks, kept as tables in the run's folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from core.errors import SpecError
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.specs import DeconvolveSpec, GradientSpec, RunSpec, content_key, parse
from core.tasks.finished import run_key

if TYPE_CHECKING:
    import numpy as np

    from core.interpretation.class_gradients import TypeGradients
    from core.tasks.composition_reference import Expression, Shown

PLACE = ("evidence", "gradients")
FACTS = "facts.json"
VERSION = 1
"""Raised when the tables change."""
CLASS, LOSS, MIXED = "class", "loss", "mixed"
ANSWERS = (MIXED, CLASS, LOSS)
"""mixed: the share of a type in samples of all types. class and loss, as published: in samples of the type alone."""
GENES = "genes"
COMPUTED = ("profiles", "reference")
"""The settings that the tables depend on; the others are those of how they are looked at."""
DIGITS = "%.6g"


@dataclass(frozen=True)
class Gradients:
    """What was computed for one reference of a run.

    ``answers``: for each of ``ANSWERS`` a table of every gene of every type: cell_type, gene, gradient (mean over
    samples and networks, per unit of the gene's input), se (standard error over samples), agree (share of the networks
    with the sign of the mean), and network_1 onwards (of each network). ``genes``: cell_type, gene, mean and
    mean_others (ln(1 + CP10K)), marker_rank (1 the strongest, missing where a gene is none). ``facts``: plain numbers.
    """

    answers: Mapping[str, pd.DataFrame]
    genes: pd.DataFrame
    facts: Mapping[str, Any]

    @property
    def types(self) -> list[str]:
        return list(dict.fromkeys(self.genes["cell_type"].astype(str)))


def settings(spec: RunSpec) -> GradientSpec:
    """The run's own settings of the gradients, else the usual ones."""
    return spec.analysis.gradients if isinstance(spec.analysis, DeconvolveSpec) else GradientSpec()


def folder(run: Run) -> Path:
    """Where the tables lie."""
    return run.directory.joinpath(*PLACE)


def key(run: Run, spec: GradientSpec) -> str:
    """Changes when the run or a setting that the tables depend on does."""
    return content_key(*PLACE, VERSION, run_key(run), {name: getattr(spec, name) for name in COMPUTED})


def stored(run: Run, spec: GradientSpec) -> Gradients | None:
    """The tables as computed with these settings; ``None`` where they are missing or made of something else."""
    return load(folder(run)) if _facts(folder(run)).get("key") == key(run, spec) else None


def found(run: Run) -> Gradients | None:
    """The tables whatever their settings, as long as they were made of the run as it is now; for files that leave."""
    return load(folder(run)) if _facts(folder(run)).get("run") == run_key(run) else None


def refusal(spec: RunSpec) -> str:
    """Why a run of ``spec`` has no such gradients; empty where it has."""
    if spec.task != "deconvolve":
        return "It took no bulk samples apart."
    return "" if spec.objective.proportions else "Its networks have no head for proportions."


def refuse(run: Run) -> None:
    """Raise a SpecError where ``run`` has no such gradients."""
    why = refusal(run.spec)
    if why:
        raise SpecError("This run has no genes behind a composition", run.name, why)


def compute(run: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Compute the gradients of a run, keep its tables in the run's folder and return their facts.

    Parameters
    ----------
    run
        The run's folder.
    settings
        Of `GradientSpec`; those not given are the usual ones.

    Raises
    ------
    SpecError
        If the run took no bulk samples apart.
    RunError
        If it has no model.
    DataError
        If its reference has changed since.
    """
    return write(Run(Path(run)), parse(GradientSpec, dict(settings)))


def write(run: Run, spec: GradientSpec, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """As `compute`; ``tell`` is called with a sentence before each step."""
    refuse(run)
    from core.tasks.composition_reference import reference_shown

    tell("Reading the reference")
    shown = reference_shown(run, spec.reference)
    tell("Following every gene to the share of each type")
    answers, cells = _answers(shown, spec)
    tables = {name: _answer_table(shown, each) for name, each in answers.items()}
    tables[GENES] = _gene_table(shown, shown.expression())
    facts = {**_facts_of(shown, spec), "cells": cells, "run": run_key(run), "key": key(run, spec)}

    def fill(place: Path) -> None:
        for name, table in tables.items():
            table.to_csv(place / f"{name}.csv", index=False, float_format=DIGITS)
        write_json(place / FACTS, facts)

    shutil.rmtree(folder(run), ignore_errors=True)
    whole_folder(folder(run), fill)
    return facts


def load(place: Path) -> Gradients:
    """The tables kept in ``place``."""
    # a cell type may be called NA, so only an empty field is missing
    tables = {
        name: pd.read_csv(
            place / f"{name}.csv", keep_default_na=False, na_values=[""], dtype={"cell_type": str, "gene": str}
        )
        for name in (*ANSWERS, GENES)
    }
    return Gradients({name: tables[name] for name in ANSWERS}, tables[GENES], _facts(place))


def _answers(shown: Shown, spec: GradientSpec) -> tuple[dict[str, TypeGradients], list[int]]:
    """Gradients by every answer, and the cells of each type that samples were drawn from."""
    from core.composition.inputs import network_input
    from core.interpretation.class_gradients import type_gradients
    from core.tasks.evidence_sets import projection_of

    model, found = shown.model, {}
    head = model.spec.objective.proportions
    assert head is not None
    cells: list[int] = []
    for answer in ANSWERS:
        asked = shown.samples(spec.profiles, mixed=answer == MIXED)
        cells = [int(n) for n in asked.cells]
        found[answer] = type_gradients(
            model.networks,
            network_input(asked.values, asked.unit, model.genes, model.transform),
            asked.own,
            len(shown.types),
            of="loss" if answer == LOSS else "class",
            loss=head.loss,
            projection=projection_of(model.transform),
        )
    return found, cells


def _answer_table(shown: Shown, found: TypeGradients) -> pd.DataFrame:
    networks = {f"network_{number}": part for number, part in enumerate(found.networks, start=1)}
    return _long(shown, {"gradient": found.mean, "se": found.error, "agree": found.agreement, **networks})


def _gene_table(shown: Shown, expression: Expression) -> pd.DataFrame:
    import numpy as np

    rank = np.full(expression.mean.shape, np.nan)
    for row, order in zip(rank, expression.order, strict=True):
        row[order] = np.arange(1, len(order) + 1)
    return _long(shown, {"mean": expression.mean, "mean_others": expression.others, "marker_rank": rank})


def _long(shown: Shown, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row for each type and gene; every column is (n_types, n_genes)."""
    index = pd.MultiIndex.from_product([shown.types, shown.model.genes], names=["cell_type", "gene"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index).reset_index()


def _facts_of(shown: Shown, spec: GradientSpec) -> dict[str, Any]:
    analysis = cast("DeconvolveSpec", shown.model.spec.analysis)
    return {
        "reference": shown.name,
        "references": shown.of,
        "number": spec.reference,
        "source": "cells" if shown.cells is not None else "profiles",
        "networks": len(shown.model.networks),
        "genes": len(shown.model.genes),
        "profiles": spec.profiles,
        "cells_per_profile": analysis.cells_high,
        "linear": analysis.linear_member,
        "scale": shown.model.transform.spec.scale,
    }


def _facts(place: Path) -> dict[str, Any]:
    path = place / FACTS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
