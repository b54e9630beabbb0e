"""What each precision gains and costs for one network on this machine, and the fastest that its products could be."""

from __future__ import annotations

import copy
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from core.networks.batch import outputs_of
from core.training.device import threads
from core.training.precision import PRECISIONS, autocast, matrix_precision, wait

if TYPE_CHECKING:
    from torch import Tensor

    from core.networks.batch import Batch
    from core.networks.objective import Objective
    from core.training.batches import Batches

BUDGET_SECONDS = 0.3
"""For all steps together; setting up comes on top."""
MOST_CELLS = 4096
FEWEST_CELLS = 8
LARGER_PRODUCTS = 2
"""Times as many cells as in a step that fits the time may enter the products alone, which are quicker."""
MOST_ROUNDS = 12
EXPECTED_RATE = {"cpu": 3e10, "mps": 1e12, "cuda": 5e12}
"""Operations per second, on the low side, of one thread or of a GPU: only to choose a batch that fits the time."""


@dataclass(frozen=True)
class Mode:
    """One precision, tried on a network.

    Attributes
    ----------
    precision
        fp32, medium or bf16.
    seconds
        Of the forward and backward pass of a batch, the best of a few.
    speed
        Relative to fp32.
    output_error, gradient_error
        Root mean square difference from fp32, relative to the root mean square of fp32: the worst of the network's
        outputs, and the gradient of all weights together.
    peak
        Cells per second of the matrix products of a step alone; 0 for a network without any.
    """

    precision: str
    seconds: float
    speed: float
    output_error: float
    gradient_error: float
    peak: float

    @property
    def error(self) -> float:
        """The larger one of the two errors."""
        return max(self.output_error, self.gradient_error)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values."""
        return {**asdict(self), "error": self.error}


@dataclass(frozen=True)
class Product:
    """A linear layer: its width in and out, and whether the gradient goes on to the layers before it."""

    inputs: int
    outputs: int
    backwards: bool


def measure(
    network: nn.Module,
    objective: Objective,
    batches: Batches,
    *,
    batch_size: int,
    device: torch.device,
    n_threads: int = 1,
) -> tuple[Mode, ...]:
    """Try every precision on a copy of ``network``, in well under a second for all but the largest networks.

    Random layers (dropout, noise) are still while errors are taken, so that both passes see the same network. The
    optimiser's step, which no precision changes, is left out.

    Parameters
    ----------
    network, objective
        What is trained; neither is changed.
    batches
        Where a batch comes from: that of training, or a smaller one where its steps would take too long.
    batch_size
        Cells per step of training.
    device
        Where training goes on.
    n_threads
        CPU threads of matrix products.
    """
    own, objective = copy.deepcopy(network).to(device), objective.to(device)
    affordable = _affordable(own, device, n_threads)
    size = max(min(batch_size, affordable, MOST_CELLS), min(batch_size, FEWEST_CELLS))
    batch = next(iter(batches.epoch(0, size, None, device)))
    together = max(batch.n, min(batch_size, LARGER_PRODUCTS * affordable, MOST_CELLS))
    with threads(n_threads), torch.random.fork_rng(_cuda(device)):
        products = _products(own, batch)
        exact = _values(own, objective, batch, "fp32", device)
        errors = {name: _errors(_values(own, objective, batch, name, device), exact) for name in PRECISIONS}
        del exact
        own.train()
        seconds = _fastest_steps(own, objective, batch, device)
        peaks = {name: _products_seconds(products, together, name, device) for name in PRECISIONS}
    return tuple(
        Mode(
            precision=name,
            seconds=seconds[name],
            speed=seconds["fp32"] / seconds[name],
            output_error=errors[name][0],
            gradient_error=errors[name][1],
            peak=together / peaks[name] if peaks[name] else 0.0,
        )
        for name in PRECISIONS
    )


def _affordable(network: nn.Module, device: torch.device, n_threads: int) -> int:
    """Cells whose step fits the time; those of training may be more."""
    weights = sum(p.numel() for p in network.parameters())
    rate = EXPECTED_RATE[device.type] * (n_threads if device.type == "cpu" else 1)
    return int(BUDGET_SECONDS / MOST_ROUNDS * rate / (6 * max(weights, 1)))


def _values(
    network: nn.Module, objective: Objective, batch: Batch, precision: str, device: torch.device
) -> tuple[dict[str, Tensor], Tensor]:
    """Outputs and the gradient of all weights, with batch norm as in training and all that is random still."""
    network.eval()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()
    outputs = _step(network, objective, batch, precision, device)
    gradient = torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])
    network.zero_grad(set_to_none=True)
    return {name: value.detach() for name, value in outputs.items()}, gradient


def _step(
    network: nn.Module, objective: Objective, batch: Batch, precision: str, device: torch.device
) -> dict[str, Tensor]:
    with matrix_precision(precision):
        with autocast(precision, device):
            outputs = outputs_of(network, batch)
        outputs = {name: value.float() for name, value in outputs.items()}
        total, _ = objective(network, outputs, batch)
        total.backward()
    return outputs


def _errors(found: tuple[dict[str, Tensor], Tensor], exact: tuple[dict[str, Tensor], Tensor]) -> tuple[float, float]:
    outputs = max(_relative(found[0][name], value) for name, value in exact[0].items())
    return outputs, _relative(found[1], exact[1])


def _relative(found: Tensor, exact: Tensor) -> float:
    size = float(exact.norm())
    return float((found - exact).norm()) / size if size > 0 else 0.0


def _fastest_steps(network: nn.Module, objective: Objective, batch: Batch, device: torch.device) -> dict[str, float]:
    """Seconds of the quickest step of each precision; the precisions take turns, so that a busy moment hits all."""
    best: dict[str, float] = dict.fromkeys(PRECISIONS, float("inf"))
    began = time.perf_counter()
    for _ in range(MOST_ROUNDS):
        for precision in PRECISIONS:
            wait(device)
            start = time.perf_counter()
            _step(network, objective, batch, precision, device)
            wait(device)
            best[precision] = min(best[precision], time.perf_counter() - start)
            network.zero_grad(set_to_none=True)
        if time.perf_counter() - began > BUDGET_SECONDS:
            break
    return best


def _products(network: nn.Module, batch: Batch) -> list[Product]:
    """The matrix products of every linear layer."""
    found: list[Product] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> None:
        assert isinstance(layer, nn.Linear)
        found.append(Product(layer.in_features, layer.out_features, inputs[0].requires_grad))

    hooks = [layer.register_forward_hook(note) for layer in network.modules() if isinstance(layer, nn.Linear)]
    network.eval()
    outputs_of(network, batch)
    for hook in hooks:
        hook.remove()
    return found


@torch.no_grad()
def _products_seconds(products: list[Product], cells: int, precision: str, device: torch.device) -> float:
    """Seconds of the products of a batch of ``cells``, in the number format that ``precision`` computes them in."""
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    share = BUDGET_SECONDS / (2 * max(len(products), 1) * len(PRECISIONS))
    total = 0.0
    with matrix_precision(precision):
        for each in products:
            x = torch.ones(cells, each.inputs, device=device, dtype=kind)
            weight = torch.ones(each.outputs, each.inputs, device=device, dtype=kind)
            behind = torch.ones(cells, each.outputs, device=device, dtype=kind)
            best, began = float("inf"), time.perf_counter()
            for _ in range(MOST_ROUNDS):
                start = time.perf_counter()
                torch.mm(x, weight.t())
                torch.mm(behind.t(), x)
                if each.backwards:
                    torch.mm(behind, weight)
                wait(device)
                best = min(best, time.perf_counter() - start)
                if time.perf_counter() - began > share:
                    break
            total += best
    return total


def _cuda(device: torch.device) -> list[torch.device]:
    return [device] if device.type == "cuda" else []
