"""Training on several devices: one process for each, owned and watched by the process that asked for it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch

from core.errors import AppError, MissingExtraError, RunError
from core.training.memory import smaller_batch
from core.training.parcel import pack
from core.training.state import Progress, TrainerState, copied, load_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from multiprocessing.connection import Connection

    from torch import nn

    from core.networks.objective import Objective
    from core.specs import TrainSpec
    from core.training.batches import Batches
    from core.training.epoch import Epoch

RANK = "core.training.rank"
HOME = Path(__file__).parents[2]
FABRIC = "lightning_fabric"
LOOK_SECONDS = 0.1
LAST_WORDS_SECONDS = 2.0
"""How long the others may say what they know, once one process has failed."""


@dataclass(frozen=True)
class Work:
    """What the processes are to do; the arguments of ``trainer.fit``, on the CPU."""

    network: nn.Module
    objective: Objective
    train: Batches
    validation: Batches | None
    spec: TrainSpec
    seed: int
    device: str
    state: TrainerState | None


def require() -> None:
    """Refuse where the package that joins devices is not installed.

    Raises
    ------
    MissingExtraError
        If it is not.
    """
    if find_spec(FABRIC) is None:
        raise MissingExtraError(
            "Training on several devices needs a package that is not installed",
            "lightning-fabric",
            "Run: pip install -r requirements-devices.txt, or set training.devices to 1",
        )


def epochs(
    work: Work, count: int, stop: Callable[[], bool], on_state: Callable[[TrainerState], None] | None
) -> Iterator[Epoch]:
    """Train on ``count`` devices, as ``trainer.fit`` does on one: the same records, states and end.

    The network of ``work`` holds the weights of the epoch last yielded. Where the memory of a GPU runs out, all
    begin again from the last epoch with half the batch.

    Raises
    ------
    MissingExtraError
        If the package for it is not installed.
    RunError
        If one of the processes dies, meets an error, or memory runs out; if they end with different networks.
    """
    require()
    network, spec = work.network, work.spec
    state = work.state or TrainerState(Progress(0, spec.batch_size, spec.optimiser), copied(network.state_dict()))
    notes: list[str] = []
    try:
        while True:
            try:
                with closing(_heard(replace(work, state=state), count, stop)) as heard:
                    for record, state in heard:
                        load_weights(network, state.network)
                        record.notes[:0] = notes
                        notes = []
                        try:
                            yield record
                        finally:
                            if on_state is not None:
                                on_state(state)
                return
            except _MemoryFullError as error:
                size = state.progress.batch_size
                smaller = smaller_batch(error, size, torch.device(work.device))
            state = replace(state, progress=replace(state.progress, batch_size=smaller))
            notes.append(f"The GPU's memory was full at batch size {size}: the batch size is now {smaller}.")
    finally:
        load_weights(network, state.best_network if spec.restore_best else state.network)
        network.eval()


class _MemoryFullError(MemoryError):
    """Memory ran out in one of the processes."""


def _heard(work: Work, count: int, stop: Callable[[], bool]) -> Generator[tuple[Epoch, TrainerState]]:
    """What the first process tells, epoch by epoch, until all is done or ``stop`` comes true."""
    with TemporaryDirectory(prefix="celldesk-") as name:
        pack(work, Path(name))
        with _Processes(Path(name), count) as processes:
            ended: list[str] = []
            while len(ended) < count and not stop():
                for kind, *rest in processes.messages():
                    if kind == "done":
                        ended += rest
                        continue
                    yield rest[0], rest[1]
                    if stop():
                        return
    if len(set(ended)) > 1:
        raise RunError(
            "The devices ended with different networks",
            f"{len(set(ended))} of {count}",
            "Let the network draw random numbers from torch alone, or set training.devices to 1",
        )


class _Processes:
    """The processes, one for each device; on leaving they are ended."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        self.running: dict[Connection, tuple[int, subprocess.Popen[bytes]]] = {}

    def __enter__(self) -> _Processes:
        for number in range(self.count):
            ours, theirs = Pipe()
            command = [sys.executable, "-m", RANK, str(self.folder), str(number), str(self.count), str(theirs.fileno())]
            process = subprocess.Popen(command, cwd=HOME, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
            theirs.close()  # with its last copy in the process itself, the pipe closes when that ends
            self.running[ours] = (number, process)
        return self

    def __exit__(self, *raised: object) -> None:
        for channel, (_, process) in self.running.items():
            process.kill()
            process.wait()
            channel.close()

    def messages(self) -> list[tuple[Any, ...]]:
        """What has been said since; empty after a moment of silence.

        Raises
        ------
        RunError
            If a process died or met an error.
        """
        said = self._said(LOOK_SECONDS)
        good = [message for message in said if message[0] in ("epoch", "done")]
        if len(good) < len(said):
            raise self._worst([message for message in said if message not in good])
        return good

    def _said(self, seconds: float) -> list[tuple[Any, ...]]:
        said: list[tuple[Any, ...]] = []
        for channel in wait(list(self.running), seconds):
            try:
                said.append(pickle.loads(channel.recv_bytes()))  # type: ignore[union-attr]  # all are connections
            except (EOFError, OSError):
                which, process = self.running.pop(channel)  # type: ignore[arg-type]
                said.append(("died", which, process.wait()))
        return said

    def _worst(self, said: list[tuple[Any, ...]]) -> AppError | _MemoryFullError:
        """The one failure that explains the others: they follow from it within moments, as lost connections."""
        until = time.monotonic() + LAST_WORDS_SECONDS
        while len(said) < self.count and time.monotonic() < until:
            if any(message[0] in ("refused", "full") for message in said):
                break
            said += self._said(LOOK_SECONDS)
        by_kind = {message[0]: message[1:] for message in reversed(said)}
        if "refused" in by_kind:
            return by_kind["refused"][0]
        if "full" in by_kind:
            return _MemoryFullError(by_kind["full"][0])
        if "died" in by_kind:
            number, code = by_kind["died"]
            return RunError(
                f"A process of this training ended: number {number + 1} of {self.count}",
                f"signal {-code}" if code < 0 else f"exit code {code}",
                "See whether memory ran out (its log says more), then resume the run",
            )
        return RunError(
            "A process of this training met an error that CellDesk does not know", by_kind["broken"][0], "See the log"
        )
