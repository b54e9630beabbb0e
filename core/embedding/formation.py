"""The picture of a replay: every moment along the same two axes, so that what moves on screen moved in the code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import DataError


def along_fixed_axes(codes: Sequence[np.ndarray], reference: np.ndarray) -> np.ndarray:
    """Each of ``codes`` along the two axes in which ``reference`` varies most; a code of two units is its own picture.

    The axes are principal components of one moment, applied to all: nothing is turned, stretched or laid out anew from
    frame to frame, as the units of a code keep their identity while it is learned. What lies across the two axes is
    not seen.

    Parameters
    ----------
    codes
        Of (n_cells, n_units) each, the same cells in the same order.
    reference
        (n_cells, n_units), the moment whose axes are used: that of the network the run ended with.

    Returns
    -------
    (n_frames, n_cells, 2), float32, in units of the code; zero along the second axis for a code of one unit.

    Raises
    ------
    DataError
        If there is no moment, or codes differ in their shape.
    """
    if not len(codes):
        raise DataError("There is nothing to replay", 0, "Train with training.replay_frames above 0")
    shapes = {code.shape for code in (*codes, reference)}
    if len(shapes) > 1:
        raise DataError("The frames of a replay differ in their size", sorted(shapes), "Train the run again")
    units = reference.shape[1]
    stacked = np.stack(codes).astype(np.float32)
    if units == 1:
        return np.concatenate([stacked, np.zeros_like(stacked)], axis=2)
    if units == 2:
        return stacked
    centre, axes = _principal_axes(reference.astype(np.float64))
    return ((stacked - centre) @ axes).astype(np.float32)


def _principal_axes(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (n_units,) and first two principal axes (n_units, 2), each with its largest entry above zero."""
    centre = code.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(code, rowvar=False))
    axes = vectors[:, [-1, -2]]
    strongest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return centre.astype(np.float32), (axes * np.where(strongest < 0, -1.0, 1.0)).astype(np.float32)
