"""Saliency: how strongly each gene moves each code unit or output, averaged over cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import torch
from torch import Tensor

from core.data.blocks import Blocks, loaded
from core.interpretation.closed_form import TwoLayers, two_layers
from core.interpretation.guided import evaluating, guided
from core.interpretation.path import along_path, cells_at_once
from core.interpretation.targets import Target, chosen_units, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scipy.sparse import csr_matrix

    from core.networks.network import Network

Method = Literal["guided", "gradient", "gradient_x_input", "guided_x_input", "integrated"]
Measure = Literal["absolute", "signed"]

CHUNK = 128
"""Cells at once: (cells, genes) in float32 should stay in a processor's cache."""
STEPS = 32
"""Points of a path from the baseline to a cell."""


@dataclass(frozen=True)
class Saliency:
    """Saliency averaged over cells, in units of the target per unit of the gene's input.

    Times the input, or integrated along a path, it is in units of the target.

    Attributes
    ----------
    absolute
        (n_units, n_genes), mean of the absolute saliency of each cell.
    signed
        (n_units, n_genes), mean of the saliency itself.
    cells
        Number of cells averaged over.
    gap
        Of integrated gradients: how far the genes' parts miss the change of the output from baseline to cell, as a
        share of that change, both summed over cells and units. 0 for all else.
    """

    absolute: np.ndarray
    signed: np.ndarray
    cells: int
    gap: float = 0.0

    def __add__(self, other: Saliency) -> Saliency:
        """The saliency over the cells of both."""
        cells = self.cells + other.cells
        a, b = self.cells / cells, other.cells / cells
        absolute, signed = a * self.absolute + b * other.absolute, a * self.signed + b * other.signed
        return Saliency(absolute, signed, cells, max(self.gap, other.gap))

    def by(self, measure: Measure) -> np.ndarray:
        """(n_units, n_genes), ``absolute`` or ``signed``."""
        return self.absolute if measure == "absolute" else self.signed


def saliency(
    network: Network,
    values: np.ndarray | csr_matrix | Blocks,
    *,
    method: Method = "guided",
    target: Target = "code",
    units: Sequence[int] | None = None,
    baseline: np.ndarray | None = None,
    steps: int = STEPS,
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
        cell's derivative times the cell's input. integrated: the derivative averaged over the way from ``baseline`` to
        the cell, times that way.
    target
        code: code units. classes: logits of the cell-type head. proportions: of the proportion head. reconstruction:
        the rebuilt genes.
    units
        Which units of the target; ``None`` for all.
    baseline
        (n_genes,), input at which the paths of integrated gradients begin; ``None`` for 0 everywhere.
    steps
        Points of those paths.
    progress
        Called with cells done and cells in all.

    Raises
    ------
    SpecError
        If the network lacks the head, or has no unit of that number.

    Source: Kinalis et al., saliency maps of the representation layer; Sundararajan et al. 2017 for the integrated.
    """
    weight = next(network.parameters())
    cells, genes = cast("tuple[int, int]", values.shape)  # scipy ships no types
    assert cells, "saliency needs a cell"
    with evaluating(network):
        first = _dense(values[: min(cells, 8)], weight)
        chosen = chosen_units(network, first, target, units)
        layers = two_layers(network, first) if target == "code" else None
        exact = torch.float32 if weight.device.type == "mps" else torch.float64  # Apple's GPUs have no float64
        absolute = torch.zeros(len(chosen), genes, dtype=exact, device=weight.device)
        signed = torch.zeros_like(absolute)
        path = (
            None if method != "integrated" else _Path(network, layers, target, chosen, _start(baseline, first), steps)
        )
        size = CHUNK if path is None or layers is not None else cells_at_once(steps)
        for start in range(0, cells, size):
            x = _dense(values[start : start + size], weight)
            parts = path.parts(x) if path else _gradients(network, layers, x, method, target, chosen)
            for row, part in enumerate(parts):
                signed[row] += part.sum(dim=0)
                absolute[row] += part.abs_().sum(dim=0)
            if progress:
                progress(min(start + size, cells), cells)
    gap = path.gap if path else 0.0
    return Saliency((absolute / cells).cpu().numpy(), (signed / cells).cpu().numpy(), cells, gap)


def saliency_by_label(
    network: Network,
    values: np.ndarray | csr_matrix | Blocks,
    labels: Sequence[str] | np.ndarray,
    *,
    method: Method = "guided",
    target: Target = "code",
    baseline: np.ndarray | None = None,
    steps: int = STEPS,
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
    method, target, baseline, steps, progress
        As in ``saliency``.
    """
    labels = np.asarray(labels, dtype=object).astype(str)
    found: dict[str, Saliency] = {}
    done = 0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        found[str(label)] = saliency(
            network, values[rows], method=method, target=target, baseline=baseline, steps=steps
        )
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


class _Path:
    """Integrated gradients of one chunk of cells after another, and how nearly they add up."""

    def __init__(
        self,
        network: Network,
        layers: TwoLayers | None,
        target: Target,
        units: list[int],
        start: Tensor,
        steps: int,
    ) -> None:
        self._outputs = layers.code if layers else lambda x: outputs(network, x, target)
        self._layers, self._units, self._start, self._steps = layers, units, start, steps
        with torch.no_grad():
            self._origin = self._outputs(start[None])[:, units]
        self._missed = torch.zeros(len(units), dtype=start.dtype, device=start.device)
        self._moved = torch.zeros_like(self._missed)

    def parts(self, x: Tensor) -> Iterator[Tensor]:
        """For each unit the attributions (cells, genes), free to be changed in place."""
        with torch.no_grad():
            moved = self._outputs(x)[:, self._units] - self._origin
        self._moved += moved.abs().sum(dim=0)
        if self._layers is not None:
            made = self._layers.integrated(x, self._start, self._units, self._steps)
        else:
            made = along_path(self._outputs, x, self._start, self._steps, self._units)
        for row, part in enumerate(made):
            self._missed[row] += (part.sum(dim=1) - moved[:, row]).abs().sum()
            yield part

    @property
    def gap(self) -> float:
        """As `Saliency.gap`."""
        moved = float(self._moved.sum())
        return float(self._missed.sum()) / moved if moved > 0 else 0.0


def _gradients(
    network: Network, layers: TwoLayers | None, x: Tensor, method: str, target: Target, units: list[int]
) -> Iterator[Tensor]:
    """For each unit the saliency (cells, genes) of one chunk, free to be changed in place."""
    times_input = method.endswith("x_input")
    if layers is not None:
        for gradient in layers.gradients(x, units, guided=method.startswith("guided")):
            yield gradient.mul_(x) if times_input else gradient
        return
    if method.startswith("guided"):
        with guided(network):
            output, x = _forward(network, x, target)
    else:
        output, x = _forward(network, x, target)
    for position, unit in enumerate(units):
        # one graph for all units: a cell's output depends on that cell alone, so the sum's gradient is each cell's own
        (gradient,) = torch.autograd.grad(output[:, unit].sum(), x, retain_graph=position < len(units) - 1)
        yield gradient.mul_(x.detach()) if times_input else gradient


def _forward(network: Network, x: Tensor, target: Target) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return outputs(network, x, target), x


def _start(baseline: np.ndarray | None, like: Tensor) -> Tensor:
    """(n_genes,), the baseline."""
    if baseline is None:
        return torch.zeros_like(like[0])
    return torch.as_tensor(np.asarray(baseline), dtype=like.dtype, device=like.device)


def _dense(values: np.ndarray | csr_matrix | Blocks, like: Tensor) -> Tensor:
    part = loaded(values)
    dense = part if isinstance(part, np.ndarray) else part.toarray()
    return torch.as_tensor(np.ascontiguousarray(dense), dtype=like.dtype, device=like.device)
