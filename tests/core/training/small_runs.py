"""A few epochs of a small network on a few cells, for the tests of training."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec, TrainSpec
from core.training.batches import ArrayBatches
from core.training.trainer import fit

LAYER = LayerSpec(units=6, norm="batch", dropout=0.3, max_norm=2.0)
NETWORK = NetworkSpec(
    input_noise=0.1,
    input_dropout=0.1,
    encoder=(LAYER,),
    code=LayerSpec(units=3, activation="softplus"),
    output_activation="softplus",
)
OBJECTIVE = ObjectiveSpec(
    reconstruction=ReconstructionSpec(loss="poisson"), classes=ClassSpec(), proportions=ProportionSpec()
)
TRAIN = TrainSpec(batch_size=8, epochs=6, patience=None)


def cells(n: int = 33, seed: int = 0) -> ArrayBatches:
    rng = np.random.default_rng(seed)
    return ArrayBatches(
        rng.poisson(1.0, (n, 10)).astype(np.float32), rng.integers(0, 3, n), rng.dirichlet(np.ones(3), n)
    )


def made(network: NetworkSpec = NETWORK, objective: ObjectiveSpec = OBJECTIVE) -> nn.Module:
    components = torch.linalg.qr(torch.rand(10, 10, generator=torch.Generator().manual_seed(3)))[0]
    return build(network, objective, 10, 3, torch.Generator().manual_seed(0), components)


def run(network=NETWORK, objective=OBJECTIVE, train=TRAIN, **rest):
    """The records of a run, and the network it leaves."""
    module = made(network, objective)
    rest = {"seed": 0} | rest
    return list(fit(module, Objective(objective), cells(), cells(17, seed=1), train, **rest)), module


def values(records) -> list[dict[str, float]]:
    return [{**record.train, **{"v_" + name: value for name, value in record.validation.items()}} for record in records]


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))
