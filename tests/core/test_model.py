"""A model's file: what a network learned and what it needs comes back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.data.feature_space import TRACE_COLUMNS, FeatureSpace
from core.data.scaling import Scaling
from core.data.transform import FittedTransform
from core.model import TrainedModel
from core.networks.build import build
from core.specs import RunSpec, TransformSpec, parse

GENES = tuple(f"G{number}" for number in range(6))
MASK = torch.tensor([[True, True, False, False, False, True], [False, True, True, True, False, False]])
SOFTPLUS = {"output_activation": "softplus", "encoder": [{"units": 2}], "code": {"units": 3}}
COUNTS = {"reconstruction": {"loss": "zero_inflated_negative_binomial"}}
EVERYTHING = {**SOFTPLUS, "library_size": True, "gene_sets": {}}


def model(network: dict, objective: dict, mask: torch.Tensor | None = None) -> TrainedModel:
    """A model of six genes whose network was only started."""
    data = {"transform": {"normalise": "none"}}
    spec = parse(RunSpec, {"data": data, "network": network, "objective": objective})
    networks = []
    for seed in range(2):
        made = build(spec.network, spec.objective, 6, 0, torch.Generator().manual_seed(seed), mask=mask).eval()
        if made.takes_library:
            made.typical_library.fill_(321.0)
        networks.append(made)
    means, scaling = np.zeros(6, dtype=np.float32), Scaling(np.zeros(6, dtype=np.float32), np.ones(6, dtype=np.float32))
    transform = FittedTransform(TransformSpec(normalise="none"), means, scaling)
    learned = {} if mask is None else {"gene_set_layer": ["A", "B"]}
    missing = pd.array([pd.NA] * 6, dtype="Int64")
    found_by = {"gene": GENES, "found_by": "all", "reference_rank": missing, "query_rank": missing}
    trace = pd.DataFrame(columns=TRACE_COLUMNS)
    features = FeatureSpace(GENES, pd.DataFrame(found_by), trace, "all", 6, {})
    return TrainedModel(spec, tuple(networks), features, transform, (), learned)


@pytest.mark.parametrize(
    ("network", "objective", "mask"),
    [
        (SOFTPLUS, {**COUNTS, "variational": {"warm_up": 3}}, None),
        (SOFTPLUS, COUNTS, None),
        ({**SOFTPLUS, "library_size": True}, COUNTS, None),
        ({**SOFTPLUS, "gene_sets": {"min_genes": 2}}, COUNTS, MASK),
        ({**EVERYTHING, "encoder": [], "code": {"units": 2}}, {**COUNTS, "variational": {}}, MASK),
        (EVERYTHING, {**COUNTS, "variational": {}}, MASK),
    ],
    ids=["variational", "zero-inflated", "offset", "gene sets", "code of gene sets", "everything"],
)
def test_every_part_of_a_network_comes_back_from_its_file(tmp_path: Path, network, objective, mask):
    before = model(network, objective, mask)
    before.save(tmp_path / "model.safetensors")
    after = TrainedModel.load(tmp_path / "model.safetensors")
    assert after.spec == before.spec and after.key == before.key
    assert after.unit_sets == (("A", "B") if mask is not None else ())
    cells = torch.poisson(torch.full((5, 6), 2.0), torch.Generator().manual_seed(1))
    for one, other in zip(before.networks, after.networks, strict=True):
        assert one.state_dict().keys() == other.state_dict().keys()
        expected, found = one(cells), other(cells)
        assert expected.keys() == found.keys()
        for name, value in expected.items():
            assert torch.equal(value, found[name]), name
        assert torch.equal(one.decode(expected["code"]), other.decode(found["code"]))
