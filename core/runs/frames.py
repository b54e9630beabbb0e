"""What a fixed sample of cells looked like to the network while it trained: one file for each moment kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import whole, write_json

if TYPE_CHECKING:
    import numpy as np

FOLDER = "frames"
SAMPLE = "sample.json"
KEPT = "kept"


@dataclass(frozen=True)
class Sample:
    """The cells (or mixtures) of a replay.

    Attributes
    ----------
    names
        (n,), of the cells.
    part
        (n,), where each comes from: reference, query or mixtures.
    labels
        (n,), the type each is known to have, empty for none; of a mixture its largest part.
    classes
        Types that the network calls, in the order of its outputs; empty where it calls none.
    """

    names: tuple[str, ...]
    part: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """The sample at one moment.

    Attributes
    ----------
    epoch
        The last finished epoch; 0 before the first.
    code
        (n, units).
    called
        (n,), number of the most probable class; None where the network calls none.
    probability
        (n,), of that class.
    """

    epoch: int
    code: np.ndarray
    called: np.ndarray | None = None
    probability: np.ndarray | None = None


@dataclass(frozen=True)
class Frames:
    """The folder of a run that holds its frames; files are written whole, one for each epoch kept."""

    folder: Path

    @classmethod
    def of(cls, run_directory: Path) -> Frames:
        """The frames of a run; there may be none."""
        return cls(run_directory / FOLDER)

    @property
    def sample(self) -> Sample | None:
        """Whose codes they are; None where nothing was kept."""
        path = self.folder / SAMPLE
        if not path.exists():
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        return Sample(**{name: tuple(values) for name, values in record.items()})

    @property
    def epochs(self) -> list[int]:
        """Epochs with a frame, in order."""
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.npz"))

    @property
    def kept_epoch(self) -> int | None:
        """Epoch of the network that the run ended with; None before its end."""
        path = self.folder / f"{KEPT}.json"
        return int(json.loads(path.read_text())) if path.exists() else None

    def begin(self, sample: Sample) -> None:
        """Say whose codes follow."""
        write_json(self.folder / SAMPLE, asdict(sample))

    def write(self, frame: Frame) -> None:
        """Keep ``frame`` in half precision, which shows on no screen."""
        import numpy as np

        arrays: dict[str, Any] = {"code": frame.code.astype(np.float16)}
        if frame.called is not None and frame.probability is not None:
            arrays |= {"called": frame.called.astype(np.uint16), "probability": frame.probability.astype(np.float16)}
        with whole(self._path(frame.epoch)) as partial, partial.open("wb") as file:
            np.savez(file, **arrays)

    def go_on(self) -> None:
        """Forget which network an earlier worker ended with: training goes on."""
        (self.folder / f"{KEPT}.json").unlink(missing_ok=True)

    def end(self, epoch: int) -> None:
        """Say which epoch's network the run ended with."""
        write_json(self.folder / f"{KEPT}.json", epoch)

    def read(self, epoch: int) -> Frame:
        """The frame of ``epoch``, its code in float32."""
        import numpy as np

        with np.load(self._path(epoch)) as arrays:
            called = arrays.get("called")
            probability = arrays["probability"].astype(np.float32) if "probability" in arrays else None
            return Frame(epoch, arrays["code"].astype(np.float32), called, probability)

    def read_all(self, read: Callable[[int], Frame] | None = None) -> list[Frame]:
        """Every frame, in order; one that its run drops meanwhile, to make room for others, is left out.

        Parameters
        ----------
        read
            Reads the frame of an epoch in place of :meth:`read`, such as one that remembers.
        """
        found = []
        for epoch in self.epochs:
            with suppress(FileNotFoundError):
                found.append((read or self.read)(epoch))
        return found

    def written(self, epoch: int) -> int:
        """When the frame of ``epoch`` was written, in nanoseconds."""
        return self._path(epoch).stat().st_mtime_ns

    def remove(self, epoch: int) -> None:
        """Drop one frame."""
        self._path(epoch).unlink(missing_ok=True)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch:06d}.npz"


def least_missed(epochs: Sequence[int]) -> int:
    """The epoch between others whose absence leaves the smallest gap, by ratio: most of a picture forms early.

    The first and the last are never named. ``epochs`` are three or more, in order.
    """
    inner = range(1, len(epochs) - 1)
    return epochs[min(inner, key=lambda at: (epochs[at + 1] + 1) / (epochs[at - 1] + 1))]
