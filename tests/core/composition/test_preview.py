"""Designs before they are used, and the table in which they are edited."""

from __future__ import annotations

import numpy as np
import pytest

from core.composition import designs
from core.composition.preview import lines_of, preview, type_table
from core.errors import SpecError
from core.specs import DeconvolveSpec

CELLS = {"T": 600, "B": 300, "NK": 100}


@pytest.mark.parametrize(
    ("design", "sets"),
    [
        ("digital_sorter", designs.SIX_SETS),
        ("dirichlet", designs.DIRICHLET_SETS),
        ("scaden", designs.SCADEN_SETS),
    ],
)
def test_every_set_of_a_design_is_there(design: str, sets: tuple[str, ...]):
    found = preview(CELLS, DeconvolveSpec.model_validate({"design": design}), seed=0)
    assert tuple(found.sets) == sets and sum(found.sets.values()) == pytest.approx(1)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert list(found.shares) == ["B", "NK", "T"]
    for name, share in found.sets.items():
        assert len(found.of(name)) == round(share * len(found.shares)) > 0


def test_the_table_starts_with_what_is_guessed_and_keeps_what_is_changed():
    spec = DeconvolveSpec(design="digital_sorter")
    table = type_table(CELLS, spec)
    assert table[["from", "to"]].to_numpy().tolist() == [[15, 60], [5, 20], [30, 100]]
    assert lines_of(table) == {"prior_ranges": (), "mrna_factors": ()}
    table.loc[1, ["from", "to", "mrna"]] = (0, 3, 1.5)
    lines = lines_of(table)
    assert lines == {"prior_ranges": ("NK: 0-3",), "mrna_factors": ("NK: 1.5",)}
    changed = type_table(CELLS, spec.model_copy(update=lines))
    assert changed.loc[1, ["from", "to", "mrna"]].tolist() == [0, 3, 1.5]


def test_settings_that_do_not_fit_are_said_before_a_run():
    with pytest.raises(SpecError, match="run backwards"):
        preview(CELLS, DeconvolveSpec(cells_low=50, cells_high=10), seed=0)
    with pytest.raises(SpecError, match="names no cell type"):
        preview(CELLS, DeconvolveSpec(prior_ranges=("Mono: 1-5",)), seed=0)
