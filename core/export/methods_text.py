"""A methods paragraph for a paper: what was done, with the numbers used, and what to cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.export.citations import ADAM, CONFORMAL, PYTORCH, SCANPY, TEMPERATURE, UMAP, citations, mark
from core.specs import (
    RULE_TITLES,
    AnnotateSpec,
    DeconvolveSpec,
    EvaluateSpec,
    LayerSpec,
    RepresentSpec,
    RunSpec,
    TransformSpec,
)

_OPTIMISERS = {
    "sgd": "stochastic gradient descent",
    "nesterov": "Nesterov's accelerated gradient",
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
}
_LOSSES = {
    "mse": "mean squared error",
    "mae": "mean absolute error",
    "huber": "Huber loss",
    "poisson": "Poisson negative log-likelihood",
    "negative_binomial": "negative binomial negative log-likelihood",
    "zero_inflated_negative_binomial": "zero-inflated negative binomial negative log-likelihood",
    "kl": "Kullback-Leibler divergence",
    "kl_mae": "Kullback-Leibler divergence plus mean absolute error",
}
_BY_MODEL = {
    "annotate": "Cell types were given",
    "deconvolve": "Proportions of cell types in bulk samples were estimated",
}
_NORMALISED = {
    "none": "Values were used as they are",
    "log1p_cp10k": "Counts of each cell were scaled to 10,000 and log-transformed, log(1 + x)",
    "log2_cpm": "Counts were raised by 1, scaled to a million and log-transformed, log2(1 + x)",
    "log2": "Values were log-transformed as they are, log2(1 + x)",
    "tfidf": "Counts were turned into TF-IDF: each cell's shares, times cells over counts of the peak, times 10,000, "
    "then log(1 + x)",
}
_SCALED = {
    "none": "",
    "centre": ", and each gene was centred on its training mean",
    "zscore": ", and each gene was standardised with its training mean and standard deviation",
    "minmax": ", and each gene was scaled to the range 0 to 1 of the training data",
    "sample_minmax": ", and each cell or sample was scaled by its own range to 0 to 1",
}


@dataclass(frozen=True)
class Facts:
    """Numbers of a finished run that the text gives; what is None is left out."""

    cells: int | None = None
    genes: int | None = None
    types: int | None = None
    query_cells: int | None = None
    samples: int | None = None
    epochs: Sequence[int] = field(default=())
    version: str = ""


def methods_text(spec: RunSpec, facts: Facts | None = None, citation: str = "") -> str:
    """One paragraph, its citations as numbers in brackets.

    Parameters
    ----------
    spec
        The run.
    facts
        What the run's data and training came to.
    citation
        Paper of the recipe.

    Returns
    -------
    Text; the numbers refer to ``citations(spec, citation)``.
    """
    facts = facts or Facts()
    listed = citations(spec, citation)
    sentences = [
        _opening(spec, facts, mark(listed, citation)),
        _genes(spec, facts),
        _transform(spec.data.transform),
        _network(spec, facts),
        _objective(spec),
        _training(spec, facts, listed),
        _analysis(spec, facts, listed),
        f"The seed was {spec.seed}.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _opening(spec: RunSpec, facts: Facts, cited: str) -> str:
    version = f" {facts.version}" if facts.version else ""
    purpose = {
        "represent": "Codes of cells were learned",
        "annotate": "Cell types were transferred from a labelled reference",
        "deconvolve": "Proportions of cell types in bulk samples were estimated",
        "evaluate": "Codes of cells were evaluated",
    }[spec.task]
    name = spec.recipe.replace("_", " ")
    if spec.data.model is not None:
        purpose = f"{_BY_MODEL[spec.task]} by a model that was trained before"
    sentence = f"{purpose} with CellDesk{version}" + (f", starting from its recipe for {name}{cited}" if name else "")
    known = [
        f"{facts.cells:,} reference cells" if facts.cells else "",
        f"{facts.types} cell types" if facts.types else "",
        f"{facts.query_cells:,} query cells" if facts.query_cells else "",
        f"{facts.samples:,} bulk samples" if facts.samples else "",
    ]
    data = _joined([part for part in known if part])
    return f"{sentence} ({data})." if data else f"{sentence}."


def _genes(spec: RunSpec, facts: Facts) -> str:
    rule = RULE_TITLES[spec.features.rule]
    genes = f"{facts.genes:,} genes" if facts.genes else f"up to {spec.features.target:,} genes"
    return f"The network's input were {genes} (rule: {rule[:1].lower() + rule[1:]})."


def _transform(spec: TransformSpec) -> str:
    clip = f", clipped at {spec.clip:g}" if spec.clip else ""
    text = _NORMALISED[spec.normalise] + _SCALED[spec.scale] + clip
    if spec.components and spec.normalise == "tfidf":
        text += f"; components 2 to {spec.components} of latent semantic indexing, scaled, were fed to the network"
    elif spec.components:
        text += f"; the first {spec.components} principal components were fed to the network"
    return f"{text}."


def _network(spec: RunSpec, facts: Facts) -> str:
    layers = [_layer(layer) for layer in spec.network.hidden]
    sets = spec.network.gene_sets
    if sets:
        first = spec.network.hidden[0]
        layers[0] = (
            f"one unit for each gene set with at least {sets.min_genes} of these genes, joined to the genes of its set "
            f"alone ({_layer(first).partition('(')[2]}"
        )
    text = f"Its encoder has {_joined(layers)}"
    if spec.objective.variational:
        text += "; the code of a cell is a normal distribution, and its mean is what is reported"
    if spec.objective.reconstruction:
        decoder = [str(layer.units) for layer in spec.network.decoder_layers]
        through = f" through {_joined(decoder)} units" if decoder else ""
        text += f"; the decoder leads from the code of {spec.network.code_units} units{through} back to the genes"
    if spec.network.library_size:
        text += "; what it gives is normalised to shares of a cell's counts and multiplied by the cell's own total"
    return f"{text}."


def _layer(layer: LayerSpec) -> str:
    extra = [layer.activation]
    if layer.norm != "none":
        extra.append(f"{layer.norm} norm")
    if layer.dropout:
        extra.append(f"dropout {layer.dropout:g}")
    if layer.non_negative:
        extra.append("no negative weights")
    return f"{layer.units} units ({', '.join(extra)})"


def _objective(spec: RunSpec) -> str:
    objective, terms = spec.objective, []
    if objective.reconstruction:
        terms.append(
            f"the {_LOSSES[objective.reconstruction.loss]} of the rebuilt genes "
            f"(weight {objective.reconstruction.weight:g})"
        )
    if objective.classes:
        smoothing = objective.classes.label_smoothing
        smoothed = f", label smoothing {smoothing:g}" if smoothing else ""
        terms.append(f"the cross-entropy of cell types (weight {objective.classes.weight:g}{smoothed})")
    if objective.proportions:
        terms.append(
            f"the {_LOSSES[objective.proportions.loss]} of proportions (weight {objective.proportions.weight:g})"
        )
    if objective.variational:
        warm_up = objective.variational.warm_up
        rising = f", rising from 0 over {warm_up} epochs" if warm_up else ""
        terms.append(
            "the Kullback-Leibler divergence of the code from a standard normal distribution, per gene "
            f"(weight {objective.variational.weight:g}{rising})"
        )
    for weight, words in (
        (objective.orthogonality, "the Frobenius distance of the code layer's weights from orthonormality"),
        (objective.decorrelation, "the mean squared correlation of code units"),
        (objective.l1, "the L1 norm of the weights"),
        (objective.l2, "the squared L2 norm of the weights"),
    ):
        if weight:
            terms.append(f"{words} (weight {weight:g})")
    return f"Training minimised {_joined(terms)}."


def _training(spec: RunSpec, facts: Facts, listed: list[str]) -> str:
    training = spec.training
    networks = "one network" if training.members == 1 else f"{training.members} networks from different starts"
    text = (
        f"{networks[:1].upper()}{networks[1:]} {'was' if training.members == 1 else 'were'} trained with "
        f"{_OPTIMISERS[training.optimiser]}{mark(listed, ADAM)} "
        f"(learning rate {training.learning_rate:g}, batches of {training.batch_size}) "
        f"for at most {training.epochs:,} epochs"
    )
    if training.validation_share:
        text += f", {100 * training.validation_share:g} % of the training data kept for validation"
    if training.patience and training.validation_share:
        text += f", stopping after {training.patience} epochs without a better {training.monitor.replace('_', ' ')}"
    if facts.epochs:
        text += f" ({_joined([str(count) for count in facts.epochs])} epochs were run)"
    return f"{text}{mark(listed, PYTORCH)}."


def _analysis(spec: RunSpec, facts: Facts, listed: list[str]) -> str:
    analysis = spec.analysis
    if isinstance(analysis, AnnotateSpec):
        return (
            f"Probabilities were calibrated by temperature{mark(listed, TEMPERATURE)} on "
            f"{analysis.calibration_folds} held-out parts of the reference, label sets are split-conformal"
            f"{mark(listed, CONFORMAL)}, "
            f"and cells were left without a label at a rate of {100 * analysis.false_reject_rate:g} % of known cells. "
            f"{_baseline(analysis)}{_levels(spec, analysis)}{_voting(analysis)}{_umap(listed)}"
        )
    if isinstance(analysis, DeconvolveSpec):
        cells = (
            f"{analysis.cells_low}"
            if analysis.cells_low == analysis.cells_high
            else f"{analysis.cells_low} to {analysis.cells_high}"
        )
        kind = "fresh in each epoch" if analysis.fresh else f"{100 * analysis.train_mixtures:g} % of them for training"
        return (
            f"{analysis.mixtures:,} mixtures of {cells} cells were simulated "
            f"(design {analysis.design.replace('_', ' ')}, {kind}). "
            f"Intervals are split-conformal at {100 * analysis.level:g} %{mark(listed, CONFORMAL)}."
        )
    if isinstance(analysis, EvaluateSpec):
        splits = "one split" if analysis.folds == 1 else f"{analysis.folds} splits"
        share = f"{100 * analysis.test_share:g} % of each type were kept for the test"
        return f"{share}, in {splits}: {_joined(list(analysis.experiments))}."
    assert isinstance(analysis, RepresentSpec)
    measured = f"{'absolute' if analysis.impact.measure == 'absolute' else 'signed'} saliency"
    impact = f"Impact of a gene set is the mean {measured} of its genes ({analysis.impact.saliency.replace('_', ' ')})"
    return f"{impact}, for sets with at least {analysis.impact.min_genes} genes in the data. {_umap(listed)}"


def _baseline(analysis: AnnotateSpec) -> str:
    if analysis.strangeness_from == "reference":
        return ""
    return (
        "How unlike the reference a cell is was counted from the least strange quarter of the query, which supposes "
        "that most cells are of known types and all types are shifted alike. "
    )


def _levels(spec: RunSpec, analysis: AnnotateSpec) -> str:
    coarser = spec.data.reference.coarser_columns if spec.data.reference else ()
    if not coarser and not analysis.groups:
        return ""
    columns = f"the column{'s' if len(coarser) > 1 else ''} {_joined(coarser)}"
    made = columns if coarser else "average linkage of the types' mean logits"
    return (
        f"Levels of labels come from {made}; probabilities were summed upward, and a label was replaced by its parent "
        f"where more than {100 * analysis.false_label_rate:g} % of such labels would be wrong. "
    )


def _voting(analysis: AnnotateSpec) -> str:
    voting = analysis.voting
    if voting is None:
        return ""
    clusters = f"Leiden cluster (resolution {voting.resolution:g})"
    who = {
        "neighbours": f"the {voting.neighbours} nearest cells, with a weight of {voting.share:g}",
        "clusters": f"the cells of each {clusters}, with a weight of {voting.share:g}",
        "majority": f"the majority of each {clusters}",
    }[voting.over]
    return f"Types were decided by a vote of {who}. "


def _umap(listed: list[str]) -> str:
    return f"Embeddings are UMAP{mark(listed, UMAP)}; general steps used scanpy{mark(listed, SCANPY)}."


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""
