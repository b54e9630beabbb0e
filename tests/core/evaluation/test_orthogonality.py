from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from core.evaluation.orthogonality import code_measures, correlation, lowest_loss, mean_off_diagonal, reading, sweep
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
from core.training.batches import ArrayBatches

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(2.0, (80, 12)).astype(np.float32)
POISSON = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson"))


def test_measures_of_a_code_by_hand():
    code = np.array([[3.0, 0], [0, 4], [0, 0]])
    found = code_measures(np.array([[1.0, 0, 0], [0, 2, 0]]), code)
    assert found.off_orthonormal == pytest.approx(3.0)  # I - WW' is diag(0, -3)
    np.testing.assert_allclose(found.singular_values, [4, 3])
    assert found.norm == pytest.approx(5.0) == pytest.approx(np.linalg.norm(code))
    assert found.likeness == pytest.approx(0.5)


def test_correlation_leaves_units_out_that_never_change():
    found = correlation(np.array([[1.0, 2, 3], [2, 4, 6], [5, 5, 5], [3, 2, 1]]))
    np.testing.assert_allclose(found, [[1, 1, 0, -1], [1, 1, 0, -1], [0, 0, 1, 0], [-1, -1, 0, 1]], atol=1e-12)
    assert mean_off_diagonal(found) == pytest.approx(0.5) and mean_off_diagonal(np.ones((1, 1))) == 0


def test_the_lowest_poisson_loss_is_that_of_the_counts_themselves():
    x = COUNTS.astype(np.float64)
    expected = float((x - x * np.log(np.where(x > 0, x, 1))).mean())
    assert lowest_loss(POISSON, ArrayBatches(COUNTS)) == pytest.approx(expected, rel=1e-5)
    heavier = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson", weight=3.0))
    assert lowest_loss(heavier, ArrayBatches(COUNTS), batch_size=7) == pytest.approx(3 * expected, rel=1e-5)
    assert lowest_loss(ObjectiveSpec(reconstruction=ReconstructionSpec(loss="mse")), ArrayBatches(COUNTS)) == 0


def _table(norms: dict[float, list[float]], losses: dict[float, float]) -> pd.DataFrame:
    rows = [
        {"weight": weight, "epoch": epoch, "norm": norm, "validation_loss": losses[weight]}
        for weight, own in norms.items()
        for epoch, norm in enumerate(own, start=1)
    ]
    return pd.DataFrame(rows).assign(training_loss=0.0, off_orthonormal=1.0, likeness=0.5)


def test_a_sweep_is_read_as_published():
    norms = {0.0: [100, 0, 0, 0, 80, 500], 0.01: [100, 0, 0, 0, 60, 500], 0.1: [90, 0, 0, 0, 10, 500]}
    found = reading(_table(norms, {0.0: 1.0, 0.01: 1.009, 0.1: 1.02}))
    assert found["fall"].tolist() == [5, 10, 20]
    assert found["extra"].tolist() == pytest.approx([0, 1, 3]) and found["more"].tolist() == pytest.approx(
        [0, 0.05, 0.15]
    )
    assert found["within"].tolist() == [True, True, False] and found["chosen"].tolist() == [False, True, False]


def test_one_per_cent_is_of_the_distance_to_the_lowest_loss():
    norms = {0.0: [2.0, 1.0], 0.1: [2.0, 1.0]}
    near_zero = {0.0: 0.001, 0.1: 0.002}
    assert not reading(_table(norms, near_zero))["chosen"].any()
    found = reading(_table(norms, near_zero), lowest=-0.2)
    assert found["chosen"].tolist() == [False, True]
    assert found["above"].iloc[1] == pytest.approx(0.001 / 0.201) and found["above_plain"].iloc[1] == pytest.approx(1.0)


def test_a_share_of_a_norm_that_does_not_fall_is_missing():
    found = reading(_table({0.0: [1.0, 2.0], 0.1: [2.0, 1.0]}, {0.0: 1.0, 0.1: 1.0}))
    assert found["extra"].isna().all() and found["more"].tolist() == pytest.approx([0.0, 2.0])


def _swept(**more) -> pd.DataFrame | None:
    spec = NetworkSpec(
        encoder=(LayerSpec(units=8, activation="softplus"),),
        code=LayerSpec(units=4, activation="softplus"),
        output_activation="softplus",
    )
    return sweep(
        lambda objective: build(spec, objective, 12, 0, torch.Generator().manual_seed(0)),
        Objective,
        POISSON,
        TrainSpec(epochs=3, batch_size=16, patience=1),
        ArrayBatches(COUNTS[:60]),
        ArrayBatches(COUNTS[60:]),
        ArrayBatches(COUNTS),
        (0.1, 1.0),
        seed=0,
        **more,
    )


def test_the_penalty_draws_the_weights_together_with_the_identity_from_one_start():
    told: list[tuple[float, int]] = []
    table = _swept(tell=lambda *what: told.append(what))
    assert table is not None and table.groupby("weight").size().tolist() == [3, 3, 3]
    assert told[0] == (0.0, 1) and (1.0, 3) in told
    last = table[table["epoch"] == 3].set_index("weight")["off_orthonormal"]
    assert last[1.0] < last[0.1] < last[0.0]
    assert np.isfinite(table.to_numpy(dtype=float)).all()
    again = _swept()
    assert again is not None
    pd.testing.assert_frame_equal(table, again)


def test_losses_are_told_without_the_penalty():
    table = _swept()
    assert table is not None
    first = table[table["epoch"] == 1].set_index("weight")["validation_loss"]
    assert abs(first[1.0] - first[0.0]) < 0.2  # the penalty itself would be above 1


def test_a_sweep_is_stopped_between_epochs():
    assert _swept(stop=lambda: True) is None
