"""Keep the codes of a fixed sample of cells while a network trains: a replay shows how the picture formed."""

from __future__ import annotations

import time

import torch

from core.networks.network import Network
from core.runs.frames import Frame, Frames, least_missed
from core.tasks.watched import Watched
from core.training.batches import ArrayBatches

SHARE_OF_TIME = 0.02


class Recorder:
    """Writes a frame after an epoch whenever all frames together have taken less than 2 % of the training time.

    The start, and the network that training ends with, are always kept. Where there are more frames than ``most``,
    those go whose absence leaves the smallest gap. A resumed run finds its earlier frames and adds to them.
    """

    def __init__(self, frames: Frames, watched: Watched, most: int) -> None:
        self.frames, self.cells, self.most = frames, ArrayBatches(watched.x), most
        self.epochs = frames.epochs
        self.spent = self.last = 0.0
        self.began = time.perf_counter()
        if frames.sample != watched.sample:
            frames.begin(watched.sample)

    def start(self, network: Network) -> None:
        """Keep what the sample looks like before the first epoch, unless an earlier worker did."""
        self.frames.go_on()
        if not self.epochs:
            self._keep(0, network)
        self.spent, self.began = 0.0, time.perf_counter()

    def after(self, epoch: int, network: Network) -> None:
        """Keep the sample after ``epoch`` if there is time for it."""
        if self.spent + self.last <= SHARE_OF_TIME * (time.perf_counter() - self.began):
            self._keep(epoch, network)

    def end(self, epoch: int, network: Network) -> str:
        """Keep the network that the run ends with, that of ``epoch``, and say what all frames cost."""
        share = self.spent / max(time.perf_counter() - self.began, 1e-9)
        self._keep(epoch, network)
        self.frames.end(epoch)
        return f"replay: {len(self.epochs)} frames, {100 * share:.1f} % of the training time"

    def _keep(self, epoch: int, network: Network) -> None:
        began = time.perf_counter()
        self.frames.write(frame_of(network, self.cells, epoch))
        self.epochs = sorted({*self.epochs, epoch})
        while len(self.epochs) > max(self.most, 2):
            dropped = least_missed(self.epochs)
            self.frames.remove(dropped)
            self.epochs.remove(dropped)
        self.last = time.perf_counter() - began
        self.spent += self.last


@torch.no_grad()
def frame_of(network: Network, cells: ArrayBatches, epoch: int) -> Frame:
    """The code of ``cells`` and what the network calls them, computed where the network lies."""
    training, device = network.training, next(network.parameters()).device
    network.eval()
    (batch,) = cells.epoch(0, cells.n, None, device)
    code = network.encode(batch.x)
    shares = None
    if network.class_head is not None:
        shares = network.class_head(code).softmax(dim=1)
    elif network.proportion_head is not None:
        shares = network.proportion_head(code)
    network.train(training)
    if shares is None:
        return Frame(epoch, code.float().cpu().numpy())
    probability, called = shares.float().max(dim=1)
    return Frame(epoch, code.float().cpu().numpy(), called.cpu().numpy(), probability.cpu().numpy())
