"""Perturbation by hand on a linear decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import SpecError
from core.interpretation.perturbation import perturbation, top_genes
from core.networks.build import build
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from tests.core.interpretation.small import network


class LinearDecoder(nn.Module):
    """profile = weight @ code."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[1.0, 0], [0, -2], [3, 4]]))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        return code @ self.weight.T


def test_two_standard_deviations_through_a_linear_decoder():
    code = np.array([[0.0, 1], [2, 3], [4, 5]])
    deviation = np.sqrt(8 / 3)
    expected = 2 * deviation * np.array([[1, 0, 3], [0, -2, 4]])
    np.testing.assert_allclose(perturbation(LinearDecoder(), code), expected, rtol=1e-5)  # type: ignore[arg-type]
    np.testing.assert_allclose(perturbation(LinearDecoder(), code, amount=1), expected / 2, rtol=1e-5)  # type: ignore[arg-type]


def test_top_genes_in_either_direction():
    table = top_genes(np.array([[1.0, -3, 2], [0, 0, 5]]), ["a", "b", "c"], n=2)
    assert table["unit"].tolist() == ["unit_1", "unit_1", "unit_2", "unit_2"]
    assert table["rank"].tolist() == [1, 2, 1, 2]
    assert table["gene"].tolist() == ["b", "c", "c", "a"]
    assert table["difference"].tolist() == [-3, 2, 5, 0]
    assert top_genes(np.eye(3), ["a", "b", "c"], [2], 1)["unit"].tolist() == ["unit_3"]


def test_a_network_with_a_decoder_and_one_without():
    code = np.random.default_rng(0).random((20, 4))
    assert perturbation(network(), code).shape == (4, 12)
    spec = NetworkSpec(code=LayerSpec(units=4))
    labels_only = build(spec, ObjectiveSpec(classes=ClassSpec()), 12, 3, torch.Generator().manual_seed(0))
    with pytest.raises(SpecError, match="does not rebuild genes"):
        perturbation(labels_only, code)


def test_with_an_offset_codes_are_decoded_at_the_library_of_a_typical_cell():
    spec = NetworkSpec(code=LayerSpec(units=4), output_activation="softplus", library_size=True)
    counts = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"))
    net = build(spec, counts, 12, 0, torch.Generator().manual_seed(0))
    code = np.random.default_rng(0).random((20, 4))
    found = []
    for library in (100.0, 1000.0):
        net.typical_library.fill_(library)
        found.append(perturbation(net, code))
        np.testing.assert_allclose(found[-1].sum(axis=1), 0, atol=1e-6 * library)  # what one gene gains others lose
    np.testing.assert_allclose(10 * found[0], found[1], rtol=1e-3, atol=1e-4)


def test_units_are_moved_from_a_baseline_and_downwards_through_a_decoder_that_bends():
    class Squared(LinearDecoder):
        def decode(self, code: torch.Tensor) -> torch.Tensor:
            return code.square() @ self.weight.T

    code = np.array([[0.0, 1], [2, 3], [4, 5]])
    deviation = np.sqrt(8 / 3)
    start = np.array([1.0, 10.0])
    moved = start - 2 * deviation  # each unit in turn, the other one stays
    expected = (moved**2 - start**2)[:, None] * np.array([[1, 0, 3], [0, -2, 4]])
    found = perturbation(Squared(), code, -2.0, start)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    default = perturbation(Squared(), code)  # type: ignore[arg-type]
    np.testing.assert_allclose(default, perturbation(Squared(), code, 2.0, code.mean(axis=0)))  # type: ignore[arg-type]
