from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runs.frames import Frame, Frames, Sample, least_missed

SAMPLE = Sample(("a", "b"), ("reference", "query"), ("B", ""), ("B", "NK"))


@pytest.fixture
def frames(tmp_path):
    return Frames.of(tmp_path)


def test_a_run_without_frames_has_none(frames):
    assert frames.sample is None and frames.epochs == [] and frames.kept_epoch is None


def test_frames_are_read_back_to_half_precision(frames):
    frames.begin(SAMPLE)
    code = np.array([[0.5, 1.25], [3.0, -2.0]])
    frames.write(Frame(3, code, np.array([0, 1]), np.array([0.75, 0.5])))
    frames.write(Frame(0, code))
    assert frames.sample == SAMPLE and frames.epochs == [0, 3]
    back = frames.read(3)
    np.testing.assert_array_equal(back.code, code)
    assert back.code.dtype == np.float32
    assert back.called.tolist() == [0, 1] and back.probability.tolist() == [0.75, 0.5]
    assert frames.read(0).called is None
    assert not [path for path in frames.folder.iterdir() if path.name.startswith(".")]


def test_a_frame_dropped_while_all_are_read_is_left_out(frames, monkeypatch):
    for epoch in (0, 2, 5):
        frames.write(Frame(epoch, np.full((2, 2), epoch)))
    listed = frames.epochs
    frames.remove(2)
    monkeypatch.setattr(Frames, "epochs", listed)
    assert [frame.epoch for frame in frames.read_all()] == [0, 5]


def test_the_same_epoch_is_kept_once_and_the_kept_network_is_forgotten_when_training_goes_on(frames):
    for _ in range(2):
        frames.write(Frame(1, np.zeros((2, 2))))
    frames.end(1)
    assert frames.epochs == [1] and frames.kept_epoch == 1
    frames.go_on()
    assert frames.kept_epoch is None


def test_the_frame_that_is_missed_least_lies_in_the_narrowest_gap():
    assert least_missed([0, 10, 19, 20, 40]) == 19  # from 10 to 20 is the smallest step by ratio
    assert least_missed([0, 1, 2]) == 1


@given(st.integers(10, 400), st.integers(2, 30))
def test_thinning_keeps_the_ends_and_the_early_epochs(last, most):
    kept = []
    for epoch in range(last + 1):
        kept.append(epoch)
        while len(kept) > max(most, 3):
            kept.remove(least_missed(kept))
    assert kept[0] == 0 and kept[-1] == last and kept == sorted(kept)
    assert len(kept) == min(max(most, 3), last + 1)
    gaps = np.diff(kept)
    assert gaps[: len(gaps) // 2].mean() <= gaps[len(gaps) // 2 :].mean() + 1
