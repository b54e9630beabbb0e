"""Training learns what it should: tasks whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec, TrainSpec
from core.training.batches import ArrayBatches
from core.training.predict import outputs
from core.training.trainer import fit


def trained(network, objective, batches, validation, train, n_inputs, n_classes=0, components=None, centre=None):
    module = build(network, objective, n_inputs, n_classes, torch.Generator().manual_seed(0), components, centre)
    return module, list(fit(module, Objective(objective), batches, validation, train, seed=0))


def test_a_class_head_learns_exclusive_or():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (400, 2)).astype(np.float32)
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)
    network = NetworkSpec(encoder=(LayerSpec(units=16),), code=LayerSpec(units=8))
    train = TrainSpec(batch_size=32, epochs=60, learning_rate=0.01, monitor="accuracy", patience=None)
    held_out = ArrayBatches(x[300:], labels[300:])
    module, records = trained(
        network, ObjectiveSpec(classes=ClassSpec()), ArrayBatches(x[:300], labels[:300]), held_out, train, 2, 2
    )
    best = max(record.validation["accuracy"] for record in records)
    assert best > 0.95
    called = outputs(module, x[300:])["class_logits"].argmax(axis=1)
    assert (called == labels[300:]).mean() == pytest.approx(best)


def low_rank() -> tuple[np.ndarray, torch.Tensor, torch.Tensor, float]:
    """Cells of rank 3 with noise, their components, centre and the loss of rank 3 principal components."""
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(500, 3)) @ rng.normal(size=(3, 20)) + 0.3 * rng.normal(size=(500, 20)) + 1).astype(np.float32)
    centre = x.mean(axis=0)
    _, singular, components = np.linalg.svd(x - centre, full_matrices=False)
    return x, torch.from_numpy(components[:3]), torch.from_numpy(centre), float((singular[3:] ** 2).sum() / x.size)


def test_a_linear_autoencoder_reaches_the_loss_of_principal_components():
    x, _, _, best = low_rank()
    network = NetworkSpec(encoder=(), code=LayerSpec(units=3, activation="linear"))
    train = TrainSpec(batch_size=50, epochs=120, learning_rate=0.01, patience=None, schedule="cosine")
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec())
    _, records = trained(network, objective, ArrayBatches(x), None, train, 20)
    assert best * 0.999 < records[-1].train["loss"] < best * 1.02


def test_a_linear_path_starts_at_principal_components_and_gets_better():
    x, components, centre, best = low_rank()
    network = NetworkSpec(
        encoder=(LayerSpec(units=32),), code=LayerSpec(units=3, activation="linear"), linear_path=True
    )
    train = TrainSpec(batch_size=50, epochs=40, patience=None, schedule="cosine")
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec())
    _, records = trained(network, objective, ArrayBatches(x), None, train, 20, 0, components, centre)
    assert records[0].train["loss"] < best * 1.05
    assert records[-1].train["loss"] < best


def test_sparse_counts_train_to_the_same_losses_as_dense_ones():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(0.2, 1.0, 50), (120, 50)).astype(np.float32)
    network = NetworkSpec(encoder=(LayerSpec(units=12),), code=LayerSpec(units=4), output_activation="softplus")
    for loss in ("poisson", "negative_binomial"):
        objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss=loss))
        found = [
            [record.train["loss"] for record in trained(network, objective, batches, None, TrainSpec(epochs=5), 50)[1]]
            for batches in (ArrayBatches(counts), ArrayBatches(sparse.csr_matrix(counts)))
        ]
        assert found[0] == pytest.approx(found[1], rel=1e-4)


def test_a_proportion_head_learns_mixtures_of_known_profiles():
    rng = np.random.default_rng(0)
    true = rng.dirichlet(np.ones(4), 600).astype(np.float32)
    x = (true @ rng.gamma(1.0, 1.0, (4, 30)) + 0.01 * rng.normal(size=(600, 30))).astype(np.float32)
    network = NetworkSpec(encoder=(LayerSpec(units=32),), code=LayerSpec(units=16))
    train = TrainSpec(batch_size=32, epochs=40, learning_rate=5e-3, monitor="proportion_ccc", patience=None)
    _, records = trained(
        network,
        ObjectiveSpec(proportions=ProportionSpec()),
        ArrayBatches(x[:500], proportions=true[:500]),
        ArrayBatches(x[500:], proportions=true[500:]),
        train,
        30,
        4,
    )
    best = max(records, key=lambda record: record.validation["proportion_ccc"])
    assert best.validation["proportion_ccc"] > 0.97
    assert best.validation["proportion_mae"] < 0.05


def test_a_unit_that_never_fires_is_reported():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    network = NetworkSpec(encoder=(), code=LayerSpec(units=4, activation="relu"))
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec())
    module = build(network, objective, 5, 0, torch.Generator().manual_seed(0))
    with torch.no_grad():
        module.code_layer.linear.bias[2] = -1e6
    (record,) = fit(module, Objective(objective), ArrayBatches(x), None, TrainSpec(epochs=1), seed=0)
    assert record.units == {"silent": [2], "saturated": []}
