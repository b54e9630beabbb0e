from __future__ import annotations

import numpy as np
import pytest

from core.embedding.formation import along_fixed_axes
from core.errors import DataError

RNG = np.random.default_rng(0)
CODE = RNG.normal(size=(50, 6)) * np.array([5.0, 3.0, 1.0, 0.5, 0.5, 0.1])


def test_the_reference_lies_along_its_principal_components():
    (picture,) = along_fixed_axes([CODE], CODE)
    centred = CODE - CODE.mean(axis=0)
    strengths = np.linalg.svd(centred, compute_uv=False)[:2]
    np.testing.assert_allclose(np.linalg.norm(picture, axis=0), strengths, rtol=1e-5)
    assert abs(np.corrcoef(picture.T)[0, 1]) < 1e-5


def test_what_moves_in_the_picture_moved_in_the_code():
    first, second = along_fixed_axes([CODE, CODE + 1e-3], CODE)
    assert np.abs(second - first).max() < 1e-2
    still, _ = along_fixed_axes([CODE, 100 * CODE], CODE)  # another frame changes nothing here
    np.testing.assert_allclose(still, first, atol=1e-6)


def test_a_movement_across_the_axes_is_not_seen():
    _, _, across = np.linalg.svd(CODE - CODE.mean(axis=0), full_matrices=False)
    first, second = along_fixed_axes([CODE, CODE + 7 * across[4]], CODE)
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_a_code_of_two_units_is_its_own_picture_and_one_unit_a_line():
    np.testing.assert_allclose(along_fixed_axes([CODE[:, :2]], CODE[:, :2])[0], CODE[:, :2].astype(np.float32))
    line = along_fixed_axes([CODE[:, :1]], CODE[:, :1])[0]
    assert line.shape == (50, 2) and not line[:, 1].any()


def test_frames_of_other_sizes_or_none_are_refused():
    with pytest.raises(DataError, match="differ in their size"):
        along_fixed_axes([CODE, CODE[:10]], CODE)
    with pytest.raises(DataError, match="nothing to replay"):
        along_fixed_axes([], CODE)
