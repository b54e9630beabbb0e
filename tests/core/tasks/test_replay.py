from __future__ import annotations

import numpy as np
import pytest
import torch

from core.networks.build import build
from core.runs.frames import Frames, Sample
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec
from core.tasks import replay
from core.tasks.replay import Recorder, frame_of
from core.tasks.watched import Watched
from core.training.batches import ArrayBatches

X = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
WATCHED = Watched(Sample(tuple(map(str, range(20))), ("reference",) * 20, ("B",) * 20, ("B", "NK")), X)


@pytest.fixture
def network():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=3, dropout=0.5))
    return build(spec, ObjectiveSpec(classes=ClassSpec()), 5, 2, torch.Generator().manual_seed(0))


def test_a_frame_holds_the_code_and_the_calls_as_a_trained_network_gives_them(network):
    network.train()
    frame = frame_of(network, ArrayBatches(X), 4)
    assert network.training  # as it was
    network.eval()
    outputs = network(torch.from_numpy(X))
    np.testing.assert_allclose(frame.code, outputs["code"].detach(), rtol=1e-6)
    shares = outputs["class_logits"].softmax(dim=1).detach()
    assert frame.epoch == 4 and frame.called.tolist() == shares.argmax(dim=1).tolist()
    np.testing.assert_allclose(frame.probability, shares.max(dim=1).values, rtol=1e-6)


def test_frames_come_as_time_allows_and_the_ends_always(tmp_path, network, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(replay.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(
        replay,
        "frame_of",
        lambda *given, frame_of=frame_of: (clock.__setitem__(0, clock[0] + 0.01), frame_of(*given))[1],
    )
    recorder = Recorder(Frames.of(tmp_path), WATCHED, 60)
    recorder.start(network)
    for epoch in range(1, 101):
        clock[0] += 0.1  # an epoch takes ten times as long as a frame
        recorder.after(epoch, network)
    said = recorder.end(97, network)
    epochs = Frames.of(tmp_path).epochs
    assert epochs[0] == 0 and 97 in epochs and Frames.of(tmp_path).kept_epoch == 97
    assert 15 <= len(epochs) <= 24  # 2 % of ten seconds
    assert "% of the training time" in said and recorder.spent <= replay.SHARE_OF_TIME * clock[0] + 0.02


def test_there_are_never_more_frames_than_asked_for_and_a_resumed_run_adds_to_them(tmp_path, network, monkeypatch):
    monkeypatch.setattr(replay, "SHARE_OF_TIME", float("inf"))
    first = Recorder(Frames.of(tmp_path), WATCHED, 8)
    first.start(network)
    for epoch in range(1, 31):
        first.after(epoch, network)
    first.end(30, network)
    before = Frames.of(tmp_path).read(0).code
    with torch.no_grad():
        network.code_layer.linear.weight.mul_(2)
    second = Recorder(Frames.of(tmp_path), WATCHED, 8)
    second.start(network)
    assert Frames.of(tmp_path).kept_epoch is None
    for epoch in range(29, 41):  # the last epochs are trained again from a checkpoint
        second.after(epoch, network)
    second.end(40, network)
    epochs = Frames.of(tmp_path).epochs
    assert len(epochs) == 8 and epochs[0] == 0 and epochs[-1] == 40
    np.testing.assert_array_equal(Frames.of(tmp_path).read(0).code, before)
