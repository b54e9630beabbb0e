"""Whether the draft can be trained: its sizes before anything is built, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.data.wording import counted
from core.errors import DataError, SpecError, sentence
from core.networks.shape import count_weights
from core.project import Project
from core.recipes import recipe
from core.specs import AnnotateSpec, DeconvolveSpec, NetworkSpec, Role, RunSpec, SourceSpec, Task
from core.specs.several import files
from core.steps import features_key
from core.tasks import common_types, stored_sets
from core.tasks.gene_set_layer import layer_size

NEEDED: dict[Task, tuple[Role, ...]] = {
    "represent": ("reference",),
    "annotate": ("reference", "query"),
    "deconvolve": ("reference", "bulk"),
    "evaluate": ("reference",),
}
NAMES = {"reference": "a reference", "query": "a query", "bulk": "bulk samples"}
QUERY_RULES = ("common_variable", "markers_in_variable", "markers_in_query")
LABEL_FREE_RULES = ("all", "variable", "own_list")
TYPES_ASSUMED = 8
FEWEST_PER_WEIGHT = 1e-3
LARGE, LARGE_RECIPE, SMALL_RECIPE = 50_000, "annotator_large", "annotator"
"""Reference cells beyond which the first of two recipes is advised in place of the second."""
ONE_SIDED = ("relu", "sigmoid", "logsigmoid", "softplus", "softmax")
"""Activations whose values lie all on one side of zero."""


@dataclass(frozen=True)
class Sizes:
    """What the network meets.

    Attributes
    ----------
    inputs, classes
        Width of the input and number of cell types.
    examples
        Cells, or mixtures, that the network learns from; 0 where that is not known.
    assumed
        Which of the numbers are not known yet, in words.
    sets, joined
        Units of a first layer of gene sets, and its pairs of gene and set; ``None`` without one, or not known.
    types_known
        Whether ``classes`` was counted in a reference.
    cells
        Cells of the reference; 0 where that is not known.
    """

    inputs: int
    classes: int
    examples: int
    assumed: tuple[str, ...] = ()
    sets: int | None = None
    joined: int | None = None
    types_known: bool = True
    cells: int = 0

    def network(self, draft: RunSpec) -> NetworkSpec:
        """The network of ``draft`` with the first layer as wide as its gene sets make it."""
        return draft.network.with_first_units(self.sets) if self.sets else draft.network

    def weights(self, draft: RunSpec) -> int:
        """Learned numbers of the network of ``draft``."""
        network, objective = self.network(draft), draft.objective
        return count_weights(network, objective, self.inputs, self.classes, self.joined)


@dataclass(frozen=True)
class Obstacle:
    """What stands against training, what to do, on which page, and whether training is refused for it."""

    what: str
    remedy: str
    page: str = ""
    refuses: bool = False

    @property
    def text(self) -> str:
        return f"{sentence(self.what)} {sentence(self.remedy)}"


def sizes(project: Project, draft: RunSpec) -> Sizes:
    """Inputs, cell types and training examples of ``draft``, as far as the project knows them."""
    described = _described(project, draft.data.reference)
    fewest = draft.data.quality.min_label_cells
    types = [label for label, cells in _label_counts(project, draft, described).items() if cells >= fewest]
    assumed = []
    found = project.stored("features", features_key(project, draft)) if draft.data.reference else None
    if draft.data.transform.n_components:
        inputs = draft.data.transform.n_components
    elif found:
        inputs = (found / "genes.txt").read_text(encoding="utf-8").count("\n")
    else:
        whole = int(described.get("n_genes", draft.features.target))
        inputs = whole if draft.features.rule == "all" else min(draft.features.target, whole)
        assumed.append(f"{inputs:,} genes, until they are searched on the Features page")
    if (draft.objective.classes or draft.objective.proportions) and not types:
        assumed.append(f"{TYPES_ASSUMED} cell types, until a reference with labels is there")
    sets = joined = None
    if draft.network.gene_sets and draft.data.gene_sets:
        size = layer_size(project, draft) if found else None
        sets, joined = size or (None, None)
        if size is None:
            assumed.append(f"a first layer of {draft.network.hidden[0].units:,} units, until the genes are known")
    cells = int(described.get("n_cells", 0))
    examples = _examples(draft, cells)
    return Sizes(inputs, len(types) or TYPES_ASSUMED, examples, tuple(assumed), sets, joined, bool(types), cells)


def obstacles(draft: RunSpec, known: Sizes) -> list[Obstacle]:
    """What stands against training ``draft``; what refuses it comes first."""
    found = [
        *_data_missing(draft),
        *_rule_at_odds(draft),
        *_parts_at_odds(draft, known),
        *_levels_at_odds(draft, known),
        *_training_at_odds(draft, known),
        *_risky(draft, known),
        *_laborious(draft, known),
    ]
    return sorted(found, key=lambda one: not one.refuses)


def lacking(draft: RunSpec, task: Task) -> list[str]:
    """Files that a run of ``task`` reads and ``draft`` does not name, in words."""
    return [NAMES[role] for role in NEEDED[task] if getattr(draft.data, role) is None]


def require_ready(project: Project, draft: RunSpec) -> None:
    """Refuse a draft that could not be trained.

    Raises
    ------
    SpecError
        With the first thing that stands against it.
    """
    for one in obstacles(draft, sizes(project, draft)):
        if one.refuses:
            raise SpecError(one.what, None, one.remedy)


def _described(project: Project, source: SourceSpec | None) -> dict[str, Any]:
    folder = stored_sets.stored(project, "reference", source) if source else None
    return stored_sets.summary(folder) if folder else {}


def _label_counts(project: Project, draft: RunSpec, described: dict[str, Any]) -> dict[str, int]:
    """Cells of each type that a run learns; of the first reference where the table of common names cannot be read."""
    if draft.data.more_references:
        try:
            return common_types.types_of(project)
        except DataError:
            pass  # the Data page says what is wrong with the table
    return described.get("label_counts", {})


def _examples(draft: RunSpec, cells: int) -> int:
    analysis = draft.analysis
    if isinstance(analysis, DeconvolveSpec):
        return int(analysis.mixtures * analysis.train_mixtures * (1 - draft.training.validation_share))
    return int(cells * (1 - draft.training.validation_share))


def _data_missing(draft: RunSpec) -> Iterator[Obstacle]:
    data = draft.data
    for words in lacking(draft, draft.analysis.task):
        yield Obstacle(f"This task needs {words}", "Bring them on the Data page", "data", True)
    learns = draft.objective.classes or draft.objective.proportions or draft.task == "evaluate"
    for at, source in enumerate(files(data, "reference")):
        if learns and not source.label_column:
            which = f"reference {source.called}" if at else "reference"
            what = f"The {which} has no cell types to learn from"
            yield Obstacle(what, "Name the column that holds them on the Data page", "data", True)


def _rule_at_odds(draft: RunSpec) -> Iterator[Obstacle]:
    rule, page = draft.features.rule, "features"
    if rule in QUERY_RULES and draft.task in ("represent", "evaluate"):
        yield Obstacle("The gene rule compares two sets, and this task reads one", "Choose another rule", page, True)
    elif draft.task == "evaluate" and rule not in (*LABEL_FREE_RULES, "gene_sets"):
        what = "The gene rule looks at the labels of cells kept for the test"
        yield Obstacle(what, "Choose all or the most variable genes", page, True)
    elif rule == "gene_sets" and draft.task != "represent":
        yield Obstacle("The gene rule reads gene sets, which this task does not", "Choose another rule", page, True)
    elif rule == "gene_sets" and not draft.data.gene_sets:
        what = "There are no gene sets, so the most variable genes are used and there is no pathway impact"
        yield Obstacle(what, "Bring gene sets on the Data page to change that", "data")
    elif rule == "own_list" and not draft.features.own_list:
        yield Obstacle("The list of your own genes is empty", "Write it on the Features page", page, True)


def _parts_at_odds(draft: RunSpec, known: Sizes) -> Iterator[Obstacle]:
    head, code_units = draft.objective.reconstruction, known.network(draft).code_units
    if draft.network.gene_sets and not draft.data.gene_sets:
        what = "The first layer is to be made of gene sets, and there are none"
        yield Obstacle(what, "Bring gene sets on the Data page, or switch the layer off", "data", True)
    elif draft.network.gene_sets and known.sets == 0:
        what = (
            f"No gene set has {draft.network.gene_sets.min_genes} of the {known.inputs:,} genes, so there is no layer"
        )
        yield Obstacle(what, "Use sets of the same species, with gene symbols, or ask for fewer genes", "data", True)
    if head and head.counts and draft.data.transform.normalise != "none":
        what = f"A {head.loss.replace('_', ' ')} loss compares raw counts, not normalised values"
        yield Obstacle(what, "Set Normalise to none, or choose another loss", "", True)
    below = known.network(draft).hidden[-2].units if len(draft.network.hidden) > 1 else known.inputs
    if draft.objective.orthogonality and known.sets and code_units > below:
        what = f"{code_units:,} code units cannot be kept orthogonal behind {below:,} gene sets"
        yield Obstacle(what, f"Use at most {below:,} code units, or no orthogonality", "", True)


def _levels_at_odds(draft: RunSpec, known: Sizes) -> Iterator[Obstacle]:
    groups = draft.analysis.groups if isinstance(draft.analysis, AnnotateSpec) else ()
    if groups and known.types_known and max(groups) >= known.classes:
        what = f"{max(groups)} groups of like types cannot be made of {counted(known.classes, 'type')}"
        fewer = f"Group them into fewer than {known.classes}" if known.classes > 2 else "Ask for no groups"
        yield Obstacle(what, fewer, "", True)


def _training_at_odds(draft: RunSpec, known: Sizes) -> Iterator[Obstacle]:
    training = draft.training
    if training.monitor not in draft.objective.watched:
        what = f"Training watches {training.monitor}, which this network does not report"
        yield Obstacle(what, f"Watch one of: {', '.join(draft.objective.watched)}", "", True)
    if training.validation_share == 0 and training.patience:
        what = "No cells are kept for validation, so training stops by what it sees in the training cells"
        yield Obstacle(what, "Keep some cells for validation, or leave patience empty")
    if 0 < known.examples < training.batch_size:
        what = f"A batch of {training.batch_size:,} is larger than all {known.examples:,} training cells"
        yield Obstacle(what, "Use a smaller batch, so that an epoch has several steps")


def _risky(draft: RunSpec, known: Sizes) -> Iterator[Obstacle]:
    weights = known.weights(draft)
    if 0 < known.examples < FEWEST_PER_WEIGHT * weights:
        what = f"{weights:,} weights learn from {known.examples:,} cells, so they may learn the cells by heart"
        yield Obstacle(what, "Use fewer units or dropout, and watch the validation loss")
    code_units = known.network(draft).code_units
    if draft.objective.reconstruction and code_units >= known.inputs:
        what = f"The code has {code_units:,} units for {known.inputs:,} inputs, so nothing is condensed"
        yield Obstacle(what, "Use fewer code units")
    activation = draft.network.hidden[-1].activation
    if draft.objective.variational and activation in ONE_SIDED:
        what = f"A variational code is drawn towards zero from both sides, and {activation} gives only one of them"
        yield Obstacle(what, "Set the code's activation to linear")


def _laborious(draft: RunSpec, known: Sizes) -> Iterator[Obstacle]:
    """What a large reference makes long without need."""
    analysis = draft.analysis
    if draft.recipe != SMALL_RECIPE or not isinstance(analysis, AnnotateSpec) or known.cells <= LARGE:
        return
    title = recipe(LARGE_RECIPE).title
    what = f"The reference has {known.cells:,} cells: the recipe “{title}” is done much sooner"
    remedy = "Choose it above: it leaves out trees, further networks and calibration by batches"
    yield Obstacle(what, remedy)
