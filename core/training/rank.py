"""One of several processes that train a network together, each on its own device: ``python -m core.training.rank``.

The process that started it sends it the work as files and hears of every epoch through a pipe. When that pipe closes,
because training was stopped or its owner is gone, the process ends at once: an interrupted epoch leaves no trace.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import psutil
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import distributed
from torch._C._distributed_c10d import FileStore

from core.errors import AppError
from core.training.collectives import add, gather
from core.training.memory import is_out_of_memory
from core.training.parcel import unpack
from core.training.peers import Together
from core.training.share import Share, shared
from core.training.shared_norm import share_norms
from core.training.state import digest
from core.training.trainer import fit

if TYPE_CHECKING:
    from core.training.ranks import Work
    from core.training.state import TrainerState

MEETING = "meeting"
LOOPBACK = "127.0.0.1"
PATIENCE = timedelta(hours=24)  # the owner sees a process that died, and ends the others


class Place(LightningEnvironment):
    """Tells Fabric that its processes are there already, and which one this is."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    @property
    def creates_processes_externally(self) -> bool:
        return True

    def local_rank(self) -> int:
        return self.number

    def node_rank(self) -> int:
        return 0


def join(share: Share, device: str, meeting: Path) -> Fabric:
    """Meet the other processes of this machine over its loopback interface, without any port that others could find.

    Parameters
    ----------
    meeting
        A file that does not exist yet, in a folder of our own.
    """
    loopback = next(
        name for name, found in psutil.net_if_addrs().items() if any(each.address == LOOPBACK for each in found)
    )
    os.environ.update(GLOO_SOCKET_IFNAME=loopback, NCCL_SOCKET_IFNAME=loopback)
    backend = "nccl" if device == "cuda" else "gloo"
    if device == "cuda":
        torch.cuda.set_device(share.number)
    distributed.init_process_group(
        backend,
        store=FileStore(str(meeting), share.count),
        rank=share.number,
        world_size=share.count,
        timeout=PATIENCE,
    )
    strategy = DDPStrategy(process_group_backend=backend)
    fabric = Fabric(accelerator=device, devices=share.count, strategy=strategy, plugins=[Place(share.number)])
    fabric.launch()
    return fabric


def work(folder: Path, share: Share, channel: Connection) -> None:
    """Train with the others; the first process reports each epoch and the state behind it, each what it ended with."""
    given: Work = unpack(folder)
    fabric = join(share, given.device, folder / MEETING)
    share_norms(given.network, gather)
    first = share.number == 0
    records: list[Any] = []

    def report(state: TrainerState) -> None:
        if first:
            send(channel, "epoch", records.pop(), state)

    epochs = fit(
        given.network,
        given.objective,
        shared(given.train, share),
        None if given.validation is None else shared(given.validation, share),
        given.spec,
        seed=given.seed,
        device=fabric.device,
        state=given.state,
        on_state=report,
        peers=Together(share, add, gather),
    )
    for record in epochs:
        records[:] = [record]
    send(channel, "done", digest(given.network.state_dict()))


def send(channel: Connection, *message: Any) -> None:
    """Send a message by value; tensors in it are copied."""
    channel.send_bytes(pickle.dumps(message))


def main(arguments: list[str]) -> int:
    """``python -m core.training.rank FOLDER NUMBER COUNT DESCRIPTOR``."""
    folder, number, count, descriptor = arguments
    channel = Connection(int(descriptor))
    for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)  # the owner decides what a signal to all of them means
    threading.Thread(target=_end_with_owner, args=[channel, Path(folder)], daemon=True).start()
    try:
        work(Path(folder), Share(int(number), int(count)), channel)
    except AppError as error:
        send(channel, "refused", error)
    except Exception as error:  # the outermost frame of a process: what it knows must reach its owner
        if not is_out_of_memory(error):
            traceback.print_exc()
        send(channel, "full" if is_out_of_memory(error) else "broken", f"{type(error).__name__}: {error}")
    threading.Event().wait()  # until the owner has read what was said
    return 0


def _end_with_owner(channel: Connection, folder: Path) -> None:
    """End when the pipe closes; where the owner was killed, nobody else clears the folder away."""
    try:
        channel.recv_bytes()
    except (EOFError, OSError):
        rmtree(folder, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
