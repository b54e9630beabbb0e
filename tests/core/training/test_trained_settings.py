"""Every setting of training, network and objective does something to a trained network."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import (
    Activation,
    ClassSpec,
    GeneSetLayerSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    TrainSpec,
    VariationalSpec,
)
from core.training.trainer import fit
from tests.core.training.small_runs import NETWORK, OBJECTIVE, TRAIN, cells, made, run, values

SGD = {"optimiser": "sgd"}
STUCK = {"learning_rate": 0.05, "patience": 2, "epochs": 40}
PLAIN = NetworkSpec(encoder=(LayerSpec(units=6),), code=LayerSpec(units=3), output_activation="softplus")


@pytest.mark.parametrize(
    ("base", "change"),
    [
        *(({"weight_decay": 0.1}, {"optimiser": kind}) for kind in ("sgd", "nesterov", "adamw", "rmsprop")),
        *(({}, {"schedule": kind}) for kind in ("within_epoch", "cosine", "one_cycle")),
        (STUCK, {"schedule": "plateau"}),
        ({}, {"learning_rate": 0.1}),
        ({"optimiser": "adamw"}, {"weight_decay": 0.5}),
        (SGD, {"weight_decay": 0.5}),
        (SGD, {"clip_norm": 1e-3}),
        ({}, {"batch_size": 16}),
        ({}, {"precision": "bf16"}),
    ],
    ids=str,
)
def test_each_training_setting_changes_the_result(base, change):
    plain = TRAIN.model_copy(update=base)
    assert values(run(train=plain)[0]) != values(run(train=plain.model_copy(update=change))[0])


def test_momentum_changes_the_result():
    for kind in ("sgd", "nesterov", "rmsprop"):
        found = [values(run(train=TRAIN.model_copy(update={"optimiser": kind, "momentum": m}))[0]) for m in (0.5, 0.9)]
        assert found[0] != found[1]


@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_trains(name):
    network = NETWORK.model_copy(update={"encoder": (LayerSpec(units=6, activation=name),)})
    records, _ = run(network=network, train=TRAIN.model_copy(update={"epochs": 2, "learning_rate": 0.01}))
    assert records[1].train["loss"] != records[0].train["loss"]


@pytest.mark.parametrize(
    "loss", ["mse", "mae", "huber", "poisson", "negative_binomial", "zero_inflated_negative_binomial"]
)
@pytest.mark.parametrize("mixture_loss", ["kl", "mse", "mae", "kl_mae"])
def test_every_loss_falls(loss, mixture_loss):
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss=loss), proportions=ProportionSpec(loss=mixture_loss)
    )
    plain = NetworkSpec(encoder=(LayerSpec(units=16),), code=LayerSpec(units=8), output_activation="softplus")
    records, _ = run(plain, objective, TRAIN.model_copy(update={"epochs": 30, "learning_rate": 0.01}))
    for term in ("reconstruction", "proportions"):
        assert records[-1].train[term] < records[0].train[term]


@pytest.mark.parametrize(
    "change",
    [
        {"input_norm": True},
        {"input_dropout": 0.3},
        {"input_noise": 0.3},
        {"linear_path": True},
        {"decoder": (LayerSpec(units=5),)},
        {"code": None},
        {"code": LayerSpec(units=3, activation="tanh")},
        {"output_activation": "sigmoid"},
        *(
            {"encoder": (LayerSpec(units=6, **setting),)}
            for setting in (
                {"norm": "batch"},
                {"norm": "layer"},
                {"norm": "batch", "norm_after": True},
                {"dropout": 0.3},
                {"init": "he"},
                {"init": "identity"},
                {"init": "pca"},
                {"max_norm": 0.5},
                {"non_negative": True},
            )
        ),
    ],
    ids=str,
)
def test_each_network_setting_changes_the_result(change):
    short = TRAIN.model_copy(update={"epochs": 2})
    plain = values(run(PLAIN, train=short)[0])
    changed = values(run(PLAIN.model_copy(update=change), train=short)[0])
    assert plain != changed


@pytest.mark.parametrize(
    "change",
    [
        {"orthogonality": 1.0},
        {"decorrelation": 1.0},
        {"l1": 0.01},
        {"l2": 0.01},
        {"classes": ClassSpec(label_smoothing=0.2)},
        {"classes": ClassSpec(weight=0.2)},
        {"classes": ClassSpec(hidden=(LayerSpec(units=4),))},
        {"proportions": ProportionSpec(batch_norm=True)},
        {"proportions": ProportionSpec(weight=5.0)},
        {"reconstruction": ReconstructionSpec(loss="poisson", weight=5.0)},
        {"variational": VariationalSpec()},
    ],
    ids=str,
)
def test_each_objective_setting_changes_the_weights(change):
    short = TRAIN.model_copy(update={"epochs": 2, "optimiser": "sgd"})
    plain, changed = (run(PLAIN, spec, short)[1] for spec in (OBJECTIVE, OBJECTIVE.model_copy(update=change)))
    assert not torch.equal(plain.code_weight, changed.code_weight)


def test_max_norm_holds_after_every_epoch():
    fast = TRAIN.model_copy(update={"learning_rate": 0.5})
    module = made()
    for _ in fit(module, Objective(OBJECTIVE), cells(), None, fast, seed=0):
        assert module.encoder[0].linear.weight.norm(dim=1).max() <= 2.0 + 1e-5


def test_weights_stay_at_or_above_zero_from_the_start():
    network = PLAIN.model_copy(update={"encoder": (LayerSpec(units=6, non_negative=True),)})
    module = made(network)
    assert module.encoder[0].linear.weight.min() >= 0 and module.encoder[1].linear.weight.min() < 0
    for _ in fit(module, Objective(OBJECTIVE), cells(), None, TRAIN, seed=0):
        assert module.encoder[0].linear.weight.min() >= 0


def test_training_makes_the_code_weights_orthonormal():
    network = PLAIN.model_copy(update={"encoder": (LayerSpec(units=8),)})
    objective = OBJECTIVE.model_copy(update={"orthogonality": 10.0})
    records, _ = run(network, objective, TRAIN.model_copy(update={"epochs": 150, "schedule": "cosine"}))
    assert records[-1].train["orthogonality"] < 0.05 < 0.5 < records[0].train["orthogonality"]


def joined() -> torch.Tensor:
    """Six sets of ten genes, each gene in about half of them and each set with some genes."""
    mask = torch.rand(6, 10, generator=torch.Generator().manual_seed(4)) < 0.5
    mask[:, 0] = True
    return mask


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "rmsprop"])
def test_weights_outside_a_gene_set_stay_zero_whatever_moves_the_others(kind):
    spec = NetworkSpec(
        encoder=(),
        code=LayerSpec(units=6, activation="softplus", max_norm=1.0),
        output_activation="softplus",
        gene_sets=GeneSetLayerSpec(),
    )
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss="poisson"),
        variational=VariationalSpec(),
        orthogonality=0.1,
        l1=1e-3,
        l2=1e-3,
    )
    train = TrainSpec(optimiser=kind, weight_decay=0.1, batch_size=8, epochs=5, patience=None, clip_norm=1.0)
    mask = joined()
    module = build(spec, objective, 10, 0, torch.Generator().manual_seed(0), mask=mask)
    before = module.code_layer.linear.weight.detach().clone()
    for _ in fit(module, Objective(objective), cells(), None, train, seed=0):
        for linear in (module.code_layer.linear, module.deviation.linear):
            assert torch.equal(linear.weight != 0, mask)
        assert module.code_layer.linear.weight.norm(dim=1).max() <= 1 + 1e-6
    assert not torch.equal(module.code_layer.linear.weight, before)
