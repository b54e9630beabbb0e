"""A bridge: expression and peaks of the same cells, read as two sets whose rows are the same cells."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from core.data.dataset import Dataset
from core.data.formats.detect import detect
from core.data.formats.hdf5 import modalities
from core.data.formats.mudata import AUTO, EXPRESSION_NAMES
from core.data.formats.opened import Opened
from core.data.peaks import are_peaks
from core.data.read import open_file, read
from core.data.wording import quoted
from core.errors import DataError
from core.specs import BridgeSourceSpec, SourceSpec


def read_bridge(source: BridgeSourceSpec) -> tuple[Dataset, Dataset]:
    """The expression and the peaks of a multiome file.

    Returns
    -------
    Two sets with the same cells in the same order: genes, and peaks.

    Raises
    ------
    DataError
        If a part is missing, holds another kind of feature, or the two hold different cells.
    """
    expression, accessibility = parts_of(source)
    genes, peaks = (read(SourceSpec(path=source.path, modality=name), "bridge") for name in (expression, accessibility))
    if genes.holds_peaks or not peaks.holds_peaks:
        raise DataError(
            "The parts of the bridge are not genes and peaks",
            f"{expression} holds {genes.genes[0]}, {accessibility} holds {peaks.genes[0]}",
            "Set data.bridge.expression and data.bridge.accessibility to the right parts",
        )
    return genes, same_cells(genes, peaks)


def parts_of(source: BridgeSourceSpec) -> tuple[str, str]:
    """Names of the parts with genes and with peaks.

    Raises
    ------
    DataError
        If the file has no parts, or ``auto`` does not find one of each kind.
    """
    path = Path(source.path).expanduser()
    peaks = {name: are_peaks(names) for name, names in _features(path).items()}
    for name in (source.expression, source.accessibility):
        if name != AUTO and name not in peaks:
            raise DataError("The bridge has no such part", name, f"Choose one of: {quoted(list(peaks))}")
    genes_in = [name for name, holds_peaks in peaks.items() if not holds_peaks]
    named = [name for name in genes_in if name.lower() in EXPRESSION_NAMES]
    expression = source.expression
    if expression == AUTO:
        expression = _only(named or genes_in, peaks, "genes", "expression")
    accessibility = source.accessibility
    if accessibility == AUTO:
        accessibility = _only([name for name in peaks if peaks[name]], peaks, "peaks", "accessibility")
    return expression, accessibility


def same_cells(genes: Dataset, peaks: Dataset) -> Dataset:
    """``peaks`` with its cells in the order of ``genes``.

    Raises
    ------
    DataError
        If the two hold different cells.
    """
    ours, theirs = genes.adata.obs_names, peaks.adata.obs_names
    place = theirs.get_indexer(ours)
    if len(ours) != len(theirs) or (place < 0).any():
        both = int((place >= 0).sum())
        raise DataError(
            "The two parts of the bridge hold different cells",
            f"{len(ours):,} cells with genes, {len(theirs):,} with peaks, {both:,} in both",
            "Keep the cells that both parts hold, in muon with mu.pp.intersect_obs, and save the file again",
        )
    return peaks if (place == np.arange(len(place))).all() else peaks.subset(cells=place)


def _features(path: Path) -> dict[str, list[str]]:
    """Names of the features of each part of a file; of an HDF5 file no value is read.

    Raises
    ------
    DataError
        If the file has no two parts.
    """
    with ExitStack() as stack:
        names = modalities(path) if detect(path) == "hdf5" else _opened(path, AUTO, stack).modalities
        if len(names) < 2:
            raise DataError(
                "A bridge is one file with two parts, genes and peaks of the same cells",
                path.name,
                "Bring an h5mu or a 10x multiome h5",
            )
        return {name: [str(one) for one in _opened(path, name, stack).places[0].var.index] for name in names}


def _opened(path: Path, modality: str, stack: ExitStack) -> Opened:
    return open_file(path, SourceSpec(path=str(path), modality=modality), "bridge", stack)


def _only(found: list[str], known: dict[str, bool], features: str, setting: str) -> str:
    if len(found) == 1:
        return found[0]
    several = "several parts" if found else "no part"
    raise DataError(
        f"The bridge has {several} with {features}",
        quoted(found or list(known)),
        f"Name the part as data.bridge.{setting}" if found else "Bring a file with genes and peaks of the same cells",
    )
