"""Peaks: stretches of the genome told by their names, and one list of peaks for several sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.blocks import Blocks, Matrix, digest
from core.errors import DataError
from core.specs.data import PeakSpec

NAME = re.compile(r"^(\S+?)[:_-](\d+)[-_](\d+)$")
"""``chr1:100-600``, ``chr1-100-600`` or ``chr1_100_600``; a scaffold's own name may hold dashes and underscores."""
EXAMPLE = "chr1:100-600"
STANDARD = re.compile(r"^chr(\d{1,2}|X|Y)$")
"""Chromosomes that are neither scaffolds, alternative loci nor mitochondrial."""
PEAK_SHARE = 0.9
LOOKED_AT = 20_000


@dataclass(frozen=True)
class Peaks:
    """Half-open stretches as in BED files: ``start`` is counted from 0 and ``end`` is the first base behind the peak.

    ``chromosome``: (n_peaks,) names, standard ones with ``chr`` before them. ``start``, ``end``: (n_peaks,) int64.
    """

    chromosome: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def names(self) -> list[str]:
        """``chr1:100-600`` for each peak."""
        return [f"{name}:{start}-{end}" for name, start, end in zip(self.chromosome, self.start, self.end, strict=True)]

    @property
    def width(self) -> np.ndarray:
        """(n_peaks,), bases."""
        return self.end - self.start

    def rows(self, chosen: np.ndarray) -> Peaks:
        """Some of the peaks, by mask or by number."""
        return Peaks(self.chromosome[chosen], self.start[chosen], self.end[chosen])


def are_peaks(names: Iterable[object]) -> bool:
    """Whether nine in ten of the names are stretches of a genome."""
    texts = [str(name) for name in names][:LOOKED_AT]
    return bool(texts) and sum(NAME.match(text) is not None for text in texts) >= PEAK_SHARE * len(texts)


def parse(names: Sequence[str] | pd.Index) -> Peaks:
    """Peaks by their names; chromosomes ``1`` and ``MT`` become ``chr1`` and ``chrM``.

    Raises
    ------
    DataError
        If a name is no peak, or a peak ends before it begins.
    """
    texts = pd.Series(np.asarray(names, dtype=object)).astype(str)
    parts = texts.str.extract(NAME)
    broken = parts[0].isna()
    if broken.any():
        raise DataError(
            f"{int(broken.sum()):,} of {len(texts):,} features have a name that is no peak",
            list(texts.to_numpy()[broken.to_numpy()][:3]),
            f"Write peaks as {EXAMPLE}, or leave other features out of the file",
        )
    start, end = parts[1].astype(np.int64).to_numpy(), parts[2].astype(np.int64).to_numpy()
    turned = end <= start
    if turned.any():
        raise DataError(
            f"{int(turned.sum()):,} of {len(texts):,} peaks end before they begin",
            list(texts.to_numpy()[turned][:3]),
            f"Write the first base before the last, such as {EXAMPLE}",
        )
    codes, known = pd.factorize(parts[0])
    chromosomes = np.array([_chromosome(str(name)) for name in known], dtype=object)
    return Peaks(chromosomes[codes], start, end)


def usable(peaks: Peaks, spec: PeakSpec) -> np.ndarray:
    """(n_peaks,) True for peaks of a width, and on a chromosome, that ``spec`` lets through.

    Source: DeepSCore's ``filter_peaks_width`` and ``only_standard_chroms``.
    """
    kept = (peaks.width >= spec.min_width) & (peaks.width <= spec.max_width)
    if spec.standard_chromosomes:
        names, codes = np.unique(peaks.chromosome.astype(str), return_inverse=True)
        kept &= np.array([bool(STANDARD.match(name)) for name in names], dtype=bool)[codes]
    return kept


def merged(peaks: Peaks) -> tuple[Peaks, np.ndarray]:
    """Peaks that overlap or touch become one, in a single sweep over the sorted starts.

    Returns
    -------
    Disjoint peaks in the order of the genome, no two of which touch; and (n_peaks,), the number of the one that each
    of ``peaks`` lies in.

    Source: DeepSCore's ``merge_ranges`` and ``get_common_peaks``.
    """
    if not len(peaks):
        return peaks, np.zeros(0, dtype=np.int64)
    codes, names = _in_genome_order(peaks.chromosome)
    first, last = _on_one_line(peaks, codes)
    order = np.lexsort((last, first))
    reach = np.maximum.accumulate(last[order])
    opens = np.concatenate([[True], first[order][1:] > reach[:-1]])
    number = np.empty(len(peaks), dtype=np.int64)
    number[order] = np.cumsum(opens) - 1
    begin = order[opens]
    line = first - peaks.start  # where the chromosome begins on the line
    closes = np.concatenate([np.flatnonzero(opens)[1:] - 1, [len(peaks) - 1]])
    return Peaks(names[codes[begin]], peaks.start[begin], reach[closes] - line[begin]), number


def disjoint(peaks: Peaks) -> bool:
    """Whether no base lies in two of the peaks."""
    codes, _ = _in_genome_order(peaks.chromosome)
    first, last = _on_one_line(peaks, codes)
    order = np.argsort(first, kind="stable")
    return bool((first[order][1:] >= last[order][:-1]).all())


def overlapped(peaks: Peaks, onto: Peaks) -> np.ndarray:
    """The peak of ``onto`` that shares most bases with each of ``peaks``.

    Parameters
    ----------
    peaks
        In any order; they may overlap one another.
    onto
        Disjoint, in any order.

    Returns
    -------
    (n_peaks,), numbers into ``onto``; -1 where no base is shared. Of equal shares the one that comes first in the
    genome counts.
    """
    both = Peaks(*(np.concatenate([ours, theirs]) for ours, theirs in zip(_parts(peaks), _parts(onto), strict=True)))
    if not len(peaks) or not len(onto):
        return np.full(len(peaks), -1)
    first, last = _on_one_line(both, _in_genome_order(both.chromosome)[0])
    order = np.argsort(first[len(peaks) :], kind="stable")
    theirs_first, theirs_last = first[len(peaks) :][order], last[len(peaks) :][order]
    first, last = first[: len(peaks)], last[: len(peaks)]
    low = np.searchsorted(theirs_last, first, side="right")
    high = np.searchsorted(theirs_first, last, side="left")
    number = np.where(high > low, order[np.minimum(low, len(order) - 1)], -1)
    for row in np.flatnonzero(high - low > 1):  # peaks wide enough to cover several
        held = slice(low[row], high[row])
        shared = np.minimum(theirs_last[held], last[row]) - np.maximum(theirs_first[held], first[row])
        number[row] = order[low[row] + int(shared.argmax())]
    return number


def summed(values: Matrix, number: np.ndarray, n_peaks: int) -> Matrix:
    """Columns that become the same peak added together; sparse, and left on disk where they lie there.

    Parameters
    ----------
    values
        (n_cells, n_own), counts.
    number
        (n_own,), the new column of each; -1 leaves it out.
    n_peaks
        New columns; those that nothing goes to hold zeros.
    """
    if isinstance(values, Blocks):
        return values.mapped(partial(_summed_block, number, n_peaks), n_peaks, digest(number))
    kept = np.flatnonzero(number >= 0)
    place = (np.ones(len(kept), dtype=np.float32), (kept, number[kept]))
    gathered: Matrix = sparse.csr_matrix(values @ sparse.csr_matrix(place, shape=(values.shape[1], n_peaks)))
    gathered.sort_indices()
    return gathered.astype(np.float32)


def _summed_block(number: np.ndarray, n_peaks: int, block: Matrix, _: np.ndarray) -> Matrix:
    return summed(block, number, n_peaks)


def _parts(peaks: Peaks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return peaks.chromosome, peaks.start, peaks.end


def _chromosome(name: str) -> str:
    if re.fullmatch(r"\d{1,2}|X|Y", name):
        return f"chr{name}"
    return "chrM" if name in ("MT", "M", "chrMT") else name


def _in_genome_order(chromosome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n_peaks,) number of each chromosome, and their names: numbered ones by number, then all others by name."""
    names, codes = np.unique(chromosome.astype(str), return_inverse=True)

    def place(name: str) -> tuple[int, str]:
        figures = name.removeprefix("chr")
        return (int(figures), "") if name.startswith("chr") and figures.isdigit() else (10**9, name)

    order = sorted(range(len(names)), key=lambda number: place(str(names[number])))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return rank[codes], names[order].astype(object)


def _on_one_line(peaks: Peaks, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First base and base behind the last, all chromosomes laid end to end so far apart that none touches the next."""
    length = int(peaks.end.max(initial=0)) + 2
    return peaks.start + codes * length, peaks.end + codes * length
