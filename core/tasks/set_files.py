"""Gene-set files that a project makes itself: own sets, textbook markers, markers of the cells' labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.genes import Species
from core.errors import DataError, SpecError
from core.files import write_text
from core.interpretation.gene_sets import GeneSets, gmt_text, read_gmt
from core.interpretation.textbook_markers import textbook_markers
from core.project import Project
from core.specs import MarkerSetSpec, parse

if TYPE_CHECKING:
    from core.data.dataset import Dataset

OWN, TEXTBOOK, MARKERS = "own_sets.gmt", "textbook_markers_{species}.gmt", "markers_of_{column}_{genes}.gmt"
CIRCULAR = "Markers of the cells at hand"
"""How the description of a set begins whose genes were chosen by the labels of the cells that it is looked at in."""
FETCHED = ", fetched "
"""What stands before the date in the description of a set that was fetched."""
CIRCULAR_WORDS = (
    "These sets were made of the labels of these very cells, so that they fit those labels whatever a network learned: "
    "use them to name what is seen, not as evidence."
)


def folder(project: Project) -> Path:
    """Where the project keeps gene sets that it made or fetched."""
    return project.datasets / "gene_sets"


def own_path(project: Project) -> Path:
    """The file of the sets that were typed."""
    return folder(project) / OWN


def own_sets(project: Project) -> GeneSets:
    """The sets that were typed, none at first."""
    path = own_path(project)
    return read_gmt(path) if path.is_file() else GeneSets({})


def put_own(project: Project, name: str, genes: Sequence[str], was: str = "") -> Path:
    """Add a typed set, or put it in the place of the one called ``was``; returns the file of all of them.

    Raises
    ------
    SpecError
        If the set has no name or no genes, or another set has its name.
    """
    name, sets = " ".join(name.split()), own_sets(project)
    if not name:
        raise SpecError("The gene set has no name", name, "Write one, such as My programme")
    if name.startswith("#"):
        raise SpecError("A set's name cannot begin with #: such lines of a file are remarks", name, "Leave it out")
    if not genes:
        raise SpecError("The gene set has no genes", name, "Write or paste them, with commas, spaces or line ends")
    if name in sets and name != was:
        raise SpecError("Another of your sets has this name", name, "Choose another name, or edit that set")
    made = {name: tuple(dict.fromkeys(genes))}
    listed = dict(sets.genes_of)
    if was in listed:
        renamed = {name if each == was else each: made[name] if each == was else of for each, of in listed.items()}
    else:
        renamed = listed | made
    return _write(own_path(project), GeneSets(renamed, dict.fromkeys(renamed, "Typed in CellDesk")))


def remove_own(project: Project, name: str) -> None:
    """Take a typed set away; the file goes with the last of them.

    Raises
    ------
    SpecError
        If there is no such set.
    """
    sets = own_sets(project)
    if name not in sets:
        raise SpecError("There is no set of yours by this name", name, "Choose one from the list")
    left = {each: of for each, of in sets.items() if each != name}
    if left:
        _write(own_path(project), GeneSets(left, sets.descriptions))
    else:
        own_path(project).unlink()


def keep_textbook(project: Project, species: Species) -> Path:
    """The textbook markers of ``species`` as a file of the project.

    Raises
    ------
    DataError
        If there is no list of this species.
    """
    return _write(folder(project) / TEXTBOOK.format(species=species), textbook_markers(species))


def keep_markers(project_root: str, settings: dict[str, Any], run: str = "") -> dict[str, Any]:
    """Write the strongest markers of each label of the reference as gene sets.

    Parameters
    ----------
    project_root
        The project.
    settings
        A ``MarkerSetSpec`` as plain values.
    run
        Folder of a run whose reference is looked at; empty for the project's own.

    Returns
    -------
    ``path`` of the file, ``sets`` and ``left_out`` (labels with too few cells).

    Raises
    ------
    DataError
        If the cells cannot be read or have fewer than two labels.
    """
    from core.annotation.marker_panels import marker_sets
    from core.data.markers import marker_scores

    project, spec = Project(Path(project_root)), parse(MarkerSetSpec, settings)
    cells = _cells(project, run)
    scores = marker_scores(cells)
    sets = marker_sets(scores, spec.genes, least_cells=spec.least_cells)
    sets = {label: genes for label, genes in sets.items() if genes}
    if not sets:
        raise DataError("No label has enough cells for markers", spec.least_cells, "Ask for fewer cells of a label")
    column = str(cells.label_column)
    said = f"{CIRCULAR}: {spec.genes} strongest of each label of {column} in {Path(cells.source.path).name}"
    name = MARKERS.format(column="".join(c if c.isalnum() else "_" for c in column), genes=spec.genes)
    made = GeneSets({label: tuple(genes) for label, genes in sets.items()}, dict.fromkeys(sets, said))
    path = _write(folder(project) / name, made)
    return {"path": str(path), "sets": len(sets), "left_out": [each for each in scores.labels if each not in sets]}


def circular(sets: GeneSets) -> bool:
    """Whether the sets were chosen by labels of the cells at hand."""
    return any(text.startswith(CIRCULAR) for text in sets.descriptions.values())


def _cells(project: Project, run: str) -> Dataset:
    from core.data.quality import apply
    from core.data.read import read
    from core.tasks.finished import reference_of

    if run:
        return reference_of(project.run(run))
    data = project.draft.data
    if data.reference is None:
        raise DataError("There are no labelled cells to take markers from", None, "Bring a reference on the Data page")
    return apply(read(data.reference, "reference"), data.quality)[0]


def _write(path: Path, sets: GeneSets) -> Path:
    return write_text(path, gmt_text(replace(sets, notes=())))
