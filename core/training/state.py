"""The state of a training run at the end of an epoch, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn, optim

METADATA = "celldesk_training"


@dataclass(frozen=True)
class Progress:
    """Where a run stands, as plain numbers: the part of the state that is JSON.

    Attributes
    ----------
    epoch
        The last finished epoch; 0 before the first.
    batch_size
        Cells per step, smaller than asked for if the GPU's memory made it so.
    optimiser
        Its name: the state fits no other.
    best, best_epoch, waited
        As in ``stopping.Stopping``.
    halvings, stuck
        As in ``schedules.Schedule``.
    """

    epoch: int
    batch_size: int
    optimiser: str
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0
    halvings: int = 0
    stuck: int = 0


@dataclass(frozen=True)
class TrainerState:
    """Everything that training needs to go on exactly as if it had never stopped.

    Random numbers need no state: each epoch's stream follows from the seed and its number.

    Attributes
    ----------
    progress
        Where the run stands.
    network
        Weights and buffers by name.
    optimiser
        The optimiser's tensors, named ``parameter.kind``.
    best
        The best epoch's weights; ``None`` where the last epoch is the best, or best weights are not kept.
    """

    progress: Progress
    network: dict[str, Tensor]
    optimiser: dict[str, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] | None = None

    @property
    def best_network(self) -> dict[str, Tensor]:
        """Weights of the best epoch, as far as they are kept."""
        return self.network if self.best is None else self.best

    def save(self, path: Path) -> None:
        """Write the state as a safetensors file; the old file stays whole until the new one is."""
        parts = {"network": self.network, "optimiser": self.optimiser, "best": self.best or {}}
        tensors = {f"{part}/{name}": tensor for part, named in parts.items() for name, tensor in named.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".part")
        save_file(tensors, fresh, metadata={METADATA: json.dumps(asdict(self.progress))})
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path) -> TrainerState:
        """Read a state back.

        Raises
        ------
        RunError
            If the file is missing, damaged or something else.
        """
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimiser": {}, "best": {}}
        try:
            with safe_open(path, framework="pt") as file:
                text = (file.metadata() or {}).get(METADATA)
                for key in file.keys() if text else ():  # a safetensors file is no mapping
                    part, name = key.split("/", 1)
                    parts[part][name] = file.get_tensor(key)
        except (SafetensorError, OSError) as error:
            raise RunError("The checkpoint cannot be read", str(path), "Start the run again") from error
        if not text:
            raise RunError("This file is no checkpoint of a training run", str(path), "Start the run again")
        return cls(Progress(**json.loads(text)), parts["network"], parts["optimiser"], parts["best"] or None)


def copied(tensors: dict[str, Any]) -> dict[str, Tensor]:
    """Copies of ``tensors`` on the CPU."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}


def digest(tensors: dict[str, Any]) -> str:
    """Thirty-two hex digits that change when any bit of ``tensors`` does."""
    found = blake2b(digest_size=16)
    for name, tensor in tensors.items():
        found.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def optimiser_tensors(network: nn.Module, optimiser: optim.Optimizer) -> dict[str, Tensor]:
    """Copies of the optimiser's tensors, named ``parameter.kind``."""
    named = {
        f"{name}.{kind}": value
        for name, parameter in network.named_parameters()
        for kind, value in optimiser.state.get(parameter, {}).items()
    }
    return copied({name: value for name, value in named.items() if value is not None})


def put_back(state: TrainerState, network: nn.Module, optimiser: optim.Optimizer) -> None:
    """Set ``network`` and ``optimiser`` to ``state``.

    Raises
    ------
    RunError
        If the state belongs to another network.
    """
    load_weights(network, state.network)
    kept: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.optimiser.items():
        parameter, kind = name.rsplit(".", 1)
        kept.setdefault(parameter, {})[kind] = tensor.clone()
    names = {parameter: name for name, parameter in network.named_parameters()}
    order = [names[parameter] for group in optimiser.param_groups for parameter in group["params"]]
    numbered = {number: kept[name] for number, name in enumerate(order) if name in kept}
    optimiser.load_state_dict({"state": numbered, "param_groups": optimiser.state_dict()["param_groups"]})


def load_weights(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Set the weights and buffers of ``network``.

    Raises
    ------
    RunError
        If names or sizes differ.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    given = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    if wanted != given:
        differing = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
        raise RunError("The checkpoint belongs to another network", differing[:3], "Start the run again")
    network.load_state_dict(weights)
