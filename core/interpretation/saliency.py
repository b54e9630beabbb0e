"""Saliency: how strongly each gene moves each code unit, averaged over cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import torch
from torch import Tensor

from core.data.blocks import Blocks, loaded
from core.errors import SpecError
from core.interpretation.closed_form import TwoLayers, two_layers
from core.interpretation.guided import evaluating, guided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scipy.sparse import csr_matrix

    from core.networks.network import Network

Method = Literal["guided", "gradient", "gradient_x_input", "guided_x_input"]
Target = Literal["code", "classes", "proportions"]

CHUNK = 128
"""Cells at once: (cells, genes) in float32 should stay in a processor's cache."""
HEADS = {"classes": ("class_logits", "classes"), "proportions": ("proportions", "proportions")}


@dataclass(frozen=True)
class Saliency:
    """Saliency averaged over cells, in units of the target per unit of the gene's input.

    Attributes
    ----------
    absolute
        (n_units, n_genes), mean of the absolute saliency of each cell.
    signed
        (n_units, n_genes), mean of the saliency itself.
    cells
        Number of cells averaged over.
    """

    absolute: np.ndarray
    signed: np.ndarray
    cells: int

    def __add__(self, other: Saliency) -> Saliency:
        """The saliency over the cells of both."""
        cells = self.cells + other.cells
        a, b = self.cells / cells, other.cells / cells
        return Saliency(a * self.absolute + b * other.absolute, a * self.signed + b * other.signed, cells)


def saliency(
    network: Network,
    values: np.ndarray | csr_matrix | Blocks,
    *,
    method: Method = "guided",
    target: Target = "code",
    units: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Saliency:
    """Mean saliency of every gene on every unit, streamed over cells.

    Parameters
    ----------
    network
        Trained network; dropout is off and batch norm uses what it learned. It is left as it was.
    values
        (n_cells, n_genes), the network's input, in memory or read from disk in blocks.
    method
        gradient: the plain derivative. guided: only what helps passes back through activations. ..._x_input: each
        cell's derivative times the cell's input.
    target
        code: code units. classes: logits of the cell-type head. proportions: of the proportion head.
    units
        Which units of the target; ``None`` for all.
    progress
        Called with cells done and cells in all.

    Raises
    ------
    SpecError
        If the network lacks the head, or has no unit of that number.

    Source: Kinalis et al., saliency maps of the representation layer.
    """
    device = next(network.parameters()).device
    cells, genes = cast("tuple[int, int]", values.shape)  # scipy ships no types
    assert cells, "saliency needs a cell"
    with evaluating(network):
        first = _dense(values[: min(cells, 8)], device)
        chosen = _checked(network, first, target, units)
        layers = two_layers(network, first) if target == "code" else None
        exact = torch.float32 if device.type == "mps" else torch.float64  # Apple's GPUs have no float64
        absolute = torch.zeros(len(chosen), genes, dtype=exact, device=device)
        signed = torch.zeros_like(absolute)
        for start in range(0, cells, CHUNK):
            x = _dense(values[start : start + CHUNK], device)
            for row, gradient in enumerate(_gradients(network, layers, x, method, target, chosen)):
                if method.endswith("x_input"):
                    gradient = gradient * x
                signed[row] += gradient.sum(dim=0)
                absolute[row] += gradient.abs_().sum(dim=0)
            if progress:
                progress(min(start + CHUNK, cells), cells)
    return Saliency((absolute / cells).cpu().numpy(), (signed / cells).cpu().numpy(), cells)


def saliency_by_label(
    network: Network,
    values: np.ndarray | csr_matrix,
    labels: Sequence[str] | np.ndarray,
    *,
    method: Method = "guided",
    target: Target = "code",
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Saliency]:
    """Saliency over the cells of each label; the sum of the answers is that of all cells.

    Parameters
    ----------
    network
        Trained network.
    values
        (n_cells, n_genes), the network's input.
    labels
        (n_cells,).
    method, target, progress
        As in ``saliency``.
    """
    labels = np.asarray(labels, dtype=object).astype(str)
    found: dict[str, Saliency] = {}
    done = 0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        found[str(label)] = saliency(network, values[rows], method=method, target=target)
        done += len(rows)
        if progress:
            progress(done, len(labels))
    return found


def sample_of_each(labels: Sequence[str] | np.ndarray, most: int | None, rng: np.random.Generator) -> np.ndarray:
    """Rows of at most ``most`` cells, every label by its share and with one cell at least.

    Parameters
    ----------
    labels
        (n_cells,).
    most
        Number of cells wanted; ``None`` for all. With more labels than that, one cell of each.
    rng
        Draws the cells.

    Returns
    -------
    Row numbers, ascending.
    """
    labels = np.asarray(labels, dtype=object).astype(str)
    if most is None or most >= len(labels):
        return np.arange(len(labels))
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    spare = max(most - len(counts), 0)
    # largest remainders share out what is left after one cell of each
    exact = (counts - 1) * spare / max(int((counts - 1).sum()), 1)
    wanted = 1 + np.floor(exact).astype(int)
    left = spare - int((wanted - 1).sum())
    wanted[np.argsort(-(exact - np.floor(exact)), kind="stable")[:left]] += 1
    drawn = [rng.choice(np.flatnonzero(numbers == label), wanted[label], replace=False) for label in range(len(counts))]
    return np.sort(np.concatenate(drawn))


def _gradients(
    network: Network, layers: TwoLayers | None, x: Tensor, method: str, target: str, units: list[int]
) -> Iterator[Tensor]:
    """For each unit the saliency (cells, genes) of one chunk, free to be changed in place."""
    if layers is not None:
        yield from layers.gradients(x, units, guided=method.startswith("guided"))
        return
    if method.startswith("guided"):
        with guided(network):
            output, x = _forward(network, x, target)
    else:
        output, x = _forward(network, x, target)
    for position, unit in enumerate(units):
        # one graph for all units: a cell's output depends on that cell alone, so the sum's gradient is each cell's own
        (gradient,) = torch.autograd.grad(output[:, unit].sum(), x, retain_graph=position < len(units) - 1)
        yield gradient


def _forward(network: Network, x: Tensor, target: str) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        output = network.encode(x) if target == "code" else network(x)[HEADS[target][0]]
    return output, x


def _checked(network: Network, x: Tensor, target: str, units: Sequence[int] | None) -> list[int]:
    with torch.no_grad():
        outputs = {"code": network.encode(x)} if target == "code" else network(x)
    name = "code" if target == "code" else HEADS[target][0]
    if name not in outputs:
        raise SpecError("This network has no such head", target, f"Train one with objective.{HEADS[target][1]}")
    n_units = outputs[name].shape[1]
    chosen = list(range(n_units)) if units is None else [int(unit) for unit in units]
    wrong = [unit for unit in chosen if not 0 <= unit < n_units]
    if wrong:
        raise SpecError("There is no unit of that number", wrong[0] + 1, f"Use a number from 1 to {n_units}")
    return chosen


def _dense(values: np.ndarray | csr_matrix | Blocks, device: torch.device) -> Tensor:
    part = loaded(values)
    dense = part if isinstance(part, np.ndarray) else part.toarray()
    return torch.as_tensor(np.ascontiguousarray(dense, dtype=np.float32), device=device)
