"""Claims, metrics and methods in words; every number in them is computed or stated by a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.runs.run import Run

METHODS = {
    "autoencoder": "Autoencoder",
    "classifier_autoencoder": "With class head",
    "pca": "PCA",
    "nmf": "NMF",
    "gene_mean": "Gene mean",
    "kernel_pca_polynomial": "Kernel PCA, polynomial",
    "kernel_pca_cosine": "Kernel PCA, cosine",
    "kernel_pca_rbf": "Kernel PCA, radial",
    "genes": "All genes",
}
TITLES = {
    "reconstruction": "Rebuilding error",
    "rank": "Rebuilt profile finds its own cell",
    "classification": "Share of wrong types",
    "clusters": "Groups alike (NMI)",
    "left_out": "Left-out types find their own profile",
}
SMALLEST_IN_FULL = 1e-4
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MSE = (
    "Mean squared error on test cells, in squared units of natural-log expression, ln(1 + counts per 10,000); "
    "values of a file without a known unit stay as they are. The "
    "paper's 0.11 is of log2 microarrays: the two numbers are not comparable, only who is better than PCA."
)
CANNOT = {
    "orthogonality": "An evaluation does not try this: two trainings would have to be compared, with and without the "
    "orthogonality penalty.",
    "annotation": "An evaluation does not try this: it needs the paper's kidney data of two technologies.",
}
CAUTION = "Other data, other cells: a number that is not reached says nothing about the paper itself."
SURE_HELP = (
    "Every split trains new networks from new weights and keeps cells of each type apart; genes and scaling are "
    "learned without looking at labels. The paired test compares the network with PCA on the same splits."
)


def data_name(run: Run) -> str:
    """The file's name without its ending."""
    reference = run.spec.data.reference
    return Path(reference.path).name.split(".")[0] if reference else ""


def method(name: str) -> str:
    """A method's name on charts."""
    return METHODS.get(name, name.replace("_", " ").capitalize())


def metric_title(claim: dict[str, Any]) -> str:
    """Title of the chart of a claim's metric."""
    if claim["metric"].startswith("wilcoxon"):
        return "Own profile nearer than the next, p"
    return TITLES.get(str(claim["experiment"]), str(claim["experiment"]).capitalize())


def metric_help(claim: dict[str, Any]) -> str:
    """What the metric means."""
    if claim["metric"] == "mse":
        return MSE
    return "Bars: mean over splits; whiskers: standard deviation. Dashed: the number in the paper, on other data."


def unit(metric: str) -> str:
    """Axis title of a metric."""
    if metric == "mse":
        return "Mean squared error (ln²)"
    if metric.startswith("wilcoxon"):
        return "p"
    return "NMI, 0 to 1" if metric == "nmi" else "Share, 0 to 1"


def short(metric: str) -> str:
    """A metric in one word."""
    words = {"mse": "Error", "nmi": "NMI", "wilcoxon_p": "p", "wilcoxon_p_mse": "p"}
    return words.get(metric, "Share")


def number(value: float, metric: str) -> str:
    """A number as people write it: a share in per cent, a p in powers of ten."""
    if value != value:
        return ""
    if metric.startswith("wilcoxon"):
        return f"p = {power(value)}"
    if metric == "mse" or metric == "nmi":
        return f"{value:.3g}".replace("-", "−")
    return f"{100 * value:.1f} %".replace("-", "−")


def power(value: float) -> str:
    """A p in one digit, tiny ones as a power of ten: ``5 × 10⁻¹¹⁰``."""
    if value == 0 or value >= SMALLEST_IN_FULL:
        return f"{value:.1g}"
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit} × 10{str(int(exponent)).translate(RAISED)}"


def stated(claim: dict[str, Any]) -> str:
    """The paper's number."""
    text = number(claim["in_the_paper"], claim["metric"])
    return f"{text} (log2)" if claim["metric"] == "mse" else text


def ours(claim: dict[str, Any]) -> str:
    """The number here, with that of PCA where both exist."""
    if claim["verdict"] == "not_run":
        return "not run"
    text, pca = number(claim["here"], claim["metric"]), claim["pca"]
    compared = claim["method"] != "pca" and pca == pca and not claim["metric"].startswith("wilcoxon")
    return f"{text}, PCA {number(pca, claim['metric'])}" if compared else text


def plain(claim: dict[str, Any], data: str, p: float | None, better: int, of: int) -> list[str]:
    """The chosen claim in sentences.

    Parameters
    ----------
    claim
        A row of `core.evaluation.verdict.judged`.
    data
        Name of the data.
    p
        Of the paired test against PCA; None where there are too few splits.
    better, of
        Splits in which the network is better than PCA, and all splits; 0 of 0 without PCA.
    """
    here, name = number(claim["here"], claim["metric"]), method(claim["method"])
    first = f"{claim['paper']} states: {claim['claim']}. On {data} the number is {here} ({name})."
    verdicts = {
        "same": "It comes out in the same direction.",
        "partly": "It comes out partly: not worse than PCA, or at least half as good as the paper's number.",
        "not_repeated": "It is not repeated on these data.",
        "baseline": "This row is PCA itself, which the others are compared with.",
        "not_run": "The experiment was not run.",
    }
    lines = [f"{first} {verdicts[claim['verdict']]}"]
    if of and claim["method"] != "pca" and not claim["metric"].startswith("wilcoxon"):
        sure = f" (paired test, p = {p:.2g})" if p is not None else ""
        splits = "split" if of == 1 else "splits"
        lines.append(
            f"PCA with the same size of code reaches {number(claim['pca'], claim['metric'])}: the network is better in "
            f"{better} of {of} {splits}{sure}."
        )
    if claim["metric"] == "mse":
        lines.append(
            "Values here are natural-log expression. The paper's error is of log2 microarrays, so the two sizes cannot "
            "be compared."
        )
    lines.append(CAUTION)
    return lines


def untried(claim: dict[str, Any], wanted: Sequence[str]) -> list[str]:
    """Why there is no number for a claim, and what to do about it, in sentences.

    Parameters
    ----------
    claim
        A row of `core.evaluation.verdict.judged`.
    wanted
        Experiments that the next evaluation tries.
    """
    stated_as = f"{claim['paper']} states: {claim['claim']}."
    name = str(claim["experiment"])
    if name not in TITLES:
        return [stated_as, CANNOT.get(name, "An evaluation does not try this.")]
    words = f"It belongs to the experiment **{name.replace('_', ' ')}**"
    if name in wanted:
        return [stated_as, f"{words}, which the next evaluation tries.", CAUTION]
    return [stated_as, f"{words}, which is not chosen. Add it under Settings, then run the evaluation.", CAUTION]
