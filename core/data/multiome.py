"""A bridge: expression and peaks of the same cells, read as two sets whose rows are the same cells."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import numpy as np

from core.data.dataset import Dataset
from core.data.formats.detect import detect
from core.data.formats.hdf5 import modalities
from core.data.formats.mudata import AUTO, EXPRESSION_NAMES
from core.data.formats.opened import Opened
from core.data.peaks import are_peaks
from core.data.read import open_file, read
from core.data.wording import listed, quoted
from core.errors import DataError
from core.specs import BridgeSourceSpec, SourceSpec

Kind = Literal["genes", "peaks"]


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
            f"Choose a part with genes and one with peaks: {_spoken(kinds_of_parts(Path(source.path).expanduser()))}",
        )
    return genes, same_cells(genes, peaks)


def parts_of(source: BridgeSourceSpec) -> tuple[str, str]:
    """Names of the parts with genes and with peaks.

    Raises
    ------
    DataError
        If the file has no parts, or ``auto`` does not find one of each kind.
    """
    kinds = kinds_of_parts(Path(source.path).expanduser())
    for name in (source.expression, source.accessibility):
        if name != AUTO and name not in kinds:
            raise DataError("The bridge has no such part", name, f"Choose one of: {_spoken(kinds)}")
    expression, accessibility = source.expression, source.accessibility
    if expression == AUTO:
        expression = _only(likely_parts(kinds, "genes"), kinds, "genes")
    if accessibility == AUTO:
        accessibility = _only(likely_parts(kinds, "peaks"), kinds, "peaks")
    return expression, accessibility


def kinds_of_parts(path: Path) -> dict[str, Kind]:
    """What each part of a file holds, by name; of an HDF5 file no value is read.

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
        features = {name: [str(one) for one in _opened(path, name, stack).places[0].var.index] for name in names}
    return {name: "peaks" if are_peaks(held) else "genes" for name, held in features.items()}


def likely_parts(kinds: dict[str, Kind], kind: Kind) -> list[str]:
    """The parts that ``auto`` may mean: those of the kind; of genes those named as expression, where there are any."""
    found = [name for name, holds in kinds.items() if holds == kind]
    named = [name for name in found if name.lower() in EXPRESSION_NAMES]
    return named if kind == "genes" and named else found


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


def _opened(path: Path, modality: str, stack: ExitStack) -> Opened:
    return open_file(path, SourceSpec(path=str(path), modality=modality), "bridge", stack)


def _only(found: list[str], known: dict[str, Kind], kind: Kind) -> str:
    if len(found) == 1:
        return found[0]
    if not found:
        remedy = "Bring a file with genes and peaks of the same cells"
        raise DataError(f"The bridge has no part with {kind}", _spoken(known), remedy)
    field, option = ("expression", "--bridge-rna") if kind == "genes" else ("accessibility", "--bridge-atac")
    remedy = f"Name the one that is meant: on the Data page, by {option}, or as data.bridge.{field}"
    raise DataError(f"The bridge has several parts with {kind}", quoted(found), remedy)


def _spoken(kinds: dict[str, Kind]) -> str:
    return listed([f"`{name}` ({kind})" for name, kind in kinds.items()])
