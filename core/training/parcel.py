"""Objects handed to other processes of this machine; large arrays travel as files that all of them map."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from core.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

APART = 1 << 16  # bytes; smaller arrays are not worth a file
CONTENTS, PATHS = "contents", "paths"
ARRAY, TENSOR = "array", "tensor"


def pack(contents: Any, folder: Path) -> None:
    """Write ``contents`` into ``folder``, for a process of our own: reading it back runs what it names.

    Arrays and tensors of 64 kB or more become one file each, written once however many processes read it.

    Raises
    ------
    RunError
        If something in it belongs to this process alone, such as an open file or a function without a name.
    """
    with (folder / PATHS).open("wb") as file:
        pickle.dump(sys.path, file)
    with (folder / CONTENTS).open("wb") as file:
        try:
            _Packer(file, folder).dump(contents)
        except (pickle.PicklingError, TypeError, AttributeError) as error:  # what pickle says of such things
            raise RunError(
                "This cannot be handed to the processes of several devices", str(error), "Set training.devices to 1"
            ) from error


def unpack(folder: Path) -> Any:
    """What was packed; its large arrays are mapped, and what is changed in them stays in this process."""
    with (folder / PATHS).open("rb") as file:
        known = set(sys.path)
        sys.path.extend(path for path in pickle.load(file) if path not in known)
    with (folder / CONTENTS).open("rb") as file:
        return _Unpacker(file, folder).load()


class _Packer(pickle.Pickler):
    def __init__(self, file: Any, folder: Path) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.folder = folder
        self.written: dict[int, tuple[str, Any]] = {}

    def persistent_id(self, obj: Any) -> tuple[str, str] | None:
        if isinstance(obj, np.ndarray) and obj.dtype.kind in "biuf":
            kind, values = ARRAY, np.asarray(obj)
        elif type(obj) is Tensor and not obj.requires_grad and obj.dtype != torch.bfloat16:
            kind, values = TENSOR, obj.cpu().numpy()
        else:
            return None
        if values.nbytes < APART:
            return None
        if id(obj) not in self.written:
            name = f"{len(self.written)}.npy"
            np.save(self.folder / name, values)
            self.written[id(obj)] = (name, obj)  # kept, so that no other object gets its id
        return kind, self.written[id(obj)][0]


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: Any, folder: Path) -> None:
        super().__init__(file)
        self.folder = folder

    def persistent_load(self, pid: tuple[str, str]) -> Any:
        kind, name = pid
        array = np.load(self.folder / name, mmap_mode="c").view(np.ndarray)
        return torch.from_numpy(array) if kind == TENSOR else array
