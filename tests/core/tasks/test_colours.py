"""One colour for each label of a run, whichever labels a chart shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from core import keys
from core.figures.palette import NOT_ASSIGNED, label_colours
from core.figures.sankey import flow_sankey
from core.figures.tokens import DARK, LIGHT
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.specs import SourceSpec
from core.tasks.colours import run_colours

TYPES = ["B", "alpha", "beta", "delta", "gamma"]
TREE = pd.DataFrame(
    {"lineage": ["B", "endocrine", "endocrine", "other", "other"], "cell_type": TYPES}, columns=["lineage", "cell_type"]
)


def made(folder: Path, own: list[str] | None = None, **summary: Any) -> Results:
    spec = recipe("annotator").spec
    query = SourceSpec(path="query.h5ad", label_column="author")
    run = Run.create(
        folder / "run-0001", spec.model_copy(update={"data": spec.data.model_copy(update={"query": query})})
    )
    obs = pd.DataFrame({keys.LABEL: ["beta", "gamma"], "author": pd.Categorical(["beta", "mast"])}, index=["1", "2"])
    adata = anndata.AnnData(np.ones((2, 1)), obs)
    if own:
        adata.uns[keys.colours("author")] = own
    adata.write_h5ad(run.results_path)
    TREE.to_csv(run.directory / "hierarchy.csv", index=False)
    run.summary_path.write_text(json.dumps({"classes": TYPES, **summary}))
    return Results(run)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_types_have_the_same_colours_with_levels_and_without(tmp_path: Path, theme):
    one = run_colours(made(tmp_path / "a"), theme)
    several = run_colours(made(tmp_path / "b", levels=["lineage", "cell_type"]), theme)
    assert {name: several[name] for name in TYPES} == {name: one[name] for name in TYPES}
    assert set(one) == {*TYPES, NOT_ASSIGNED}
    assert len(set(several.values())) == len(several) == len({*TYPES, "endocrine", "other", NOT_ASSIGNED})


def test_a_group_of_one_type_has_its_types_colour(tmp_path: Path):
    results = made(tmp_path, levels=["lineage", "cell_type"])
    TREE.replace({"lineage": {"B": "lymphoid"}}).to_csv(results.path("hierarchy"), index=False)
    colours = run_colours(results)
    assert colours["lymphoid"] == colours["B"] == "#0072B2"


def test_the_files_own_colours_win_and_the_others_differ_from_them(tmp_path: Path):
    colours = run_colours(made(tmp_path, ["#56B4E9", "#123456"]))
    assert colours["beta"] == "#56B4E9"
    assert len({colours[name] for name in TYPES}) == len(TYPES)


def test_a_chart_of_few_labels_gives_them_the_colours_of_the_run(tmp_path: Path):
    colours = run_colours(made(tmp_path))
    table = pd.DataFrame({"group": ["1", "1"], "label": ["gamma", "beta"], "cells": [3, 2]})
    figure = flow_sankey(table, colours=colours)
    assert list(figure.data[0].node.color)[1:] == [colours["gamma"], colours["beta"]]
    assert label_colours(["gamma"])["gamma"] != colours["gamma"]
