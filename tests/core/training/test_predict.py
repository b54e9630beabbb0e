from __future__ import annotations

import numpy as np
import torch
from scipy import sparse

from core.networks.build import build
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from core.training.batches import ArrayBatches
from core.training.predict import outputs

OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(), classes=ClassSpec())
SPEC = NetworkSpec(encoder=(LayerSpec(units=6, norm="batch", dropout=0.5),), code=LayerSpec(units=3))


def test_outputs_do_not_depend_on_batch_size_or_form_and_the_mode_is_kept():
    network = build(SPEC, OBJECTIVE, 8, 4, torch.Generator().manual_seed(0)).train()
    x = np.random.default_rng(0).poisson(0.5, (11, 8)).astype(np.float32)
    found = [outputs(network, form, size) for size in (1, 4, 100) for form in (x, torch.from_numpy(x), ArrayBatches(x))]
    found.append(outputs(network, sparse.csr_matrix(x), 5))
    assert network.training
    network.eval()
    expected = {name: value.detach().numpy() for name, value in network(torch.from_numpy(x)).items()}
    for one in found:
        assert one.keys() == expected.keys()
        for name, value in one.items():
            np.testing.assert_allclose(value, expected[name], atol=1e-6)


def test_only_what_is_asked_for_is_kept():
    network = build(SPEC, OBJECTIVE, 8, 4, torch.Generator().manual_seed(0))
    x = np.ones((3, 8))
    everything = outputs(network, x)
    for names in ({"code"}, {"class_logits"}):
        found = outputs(network, x, names=names)
        assert found.keys() == names
        for name in names:
            np.testing.assert_array_equal(found[name], everything[name])


def test_each_cell_s_reconstruction_adds_up_to_its_own_library():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=3), output_activation="softplus", library_size=True)
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"))
    network = build(spec, objective, 8, 0, torch.Generator().manual_seed(0))
    x = np.random.default_rng(0).poisson(2.0, (11, 8)).astype(np.float32)
    target = np.full_like(x, 3.0)
    for given, total in ((x, x.sum(axis=1)), (ArrayBatches(x, target=target), np.full(11, 24.0))):
        found = outputs(network, given, batch_size=4)["reconstruction"]
        np.testing.assert_allclose(found.sum(axis=1), total, rtol=1e-5)
