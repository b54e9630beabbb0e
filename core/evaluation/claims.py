"""Numbers that the papers state, by the name of the measurement that repeats them here."""

from __future__ import annotations

import pandas as pd

COLUMNS = ("paper", "claim", "in_the_paper", "experiment", "method", "metric", "direction")
CODES = "Cell Identity Codes"
PATHWAYS = "Kinalis et al. 2019"
DEEPSCORE = "DeepSCore"


def claims() -> pd.DataFrame:
    """A row per stated number.

    Returns
    -------
    ``paper``, ``claim``, ``in_the_paper`` (the number), ``experiment``, ``method``, ``metric`` (where the number of
    an evaluation stands) and ``direction``: whether ``higher`` or ``lower`` is better.
    """
    return pd.DataFrame([*_codes(), *_pathways(), *_deepscore()], columns=pd.Index(COLUMNS))


def _codes() -> list[tuple]:
    plain, classifier = "autoencoder", "classifier_autoencoder"
    # 260 of 1,040 microarrays, log2 and quantile normalised, were kept for the test. The kernel of the support vector
    # machine is not stated; radial is the usual default.
    stated = [
        ("Test MSE after 66 epochs (Fig. 2a)", 0.11, "reconstruction", plain, "mse", "lower"),
        ("First by Spearman: 230 of 260 (Fig. 2b)", 230 / 260, "rank", plain, "first_rank_share", "higher"),
        ("First by MSE: 226 of 260 (Fig. 2c)", 226 / 260, "rank", plain, "first_rank_share_mse", "higher"),
        ("Reverse, Spearman: all first", 1.0, "rank", plain, "reverse_first_rank_share", "higher"),
        ("Reverse, MSE: all first", 1.0, "rank", plain, "reverse_first_rank_share_mse", "higher"),
        ("Nearer than the next sample, Spearman (Fig. 2e)", 1e-15, "rank", plain, "wilcoxon_p", "lower"),
        ("Nearer than the next sample, MSE (Fig. 2f)", 1e-15, "rank", plain, "wilcoxon_p_mse", "lower"),
        ("B cells left out: 65 of 65 as themselves", 1.0, "left_out", plain, "own_profile_share", "higher"),
        _wrong("pca", "random_forest", 25),
        _wrong("pca", "svm_rbf", 27),
        _wrong(plain, "random_forest", 16),
        _wrong(plain, "svm_rbf", 16),
        _wrong(classifier, "random_forest", 10),
        _wrong(classifier, "svm_rbf", 10),
    ]
    return [(CODES, *claim) for claim in stated]


def _wrong(method: str, by: str, wrong: int) -> tuple:
    claim = f"{wrong} of 260 wrong, {by.replace('_', ' ')} (Fig. S7)"
    return claim, wrong / 260, "classification", method, f"error_share_{by}", "lower"


def _pathways() -> list[tuple]:
    nmi = "20 k-means runs, mean NMI"
    return [
        (PATHWAYS, f"{nmi}, profiles and codes", 0.780, "clusters", "profiles_and_codes", "nmi", "higher"),
        (PATHWAYS, f"{nmi}, codes and labels", 0.761, "clusters", "codes_and_labels", "nmi", "higher"),
        (PATHWAYS, f"{nmi}, profiles and labels", 0.785, "clusters", "profiles_and_labels", "nmi", "higher"),
        (
            PATHWAYS,
            "Norm of the code falls 78.9 % more per epoch with the orthogonality penalty",
            0.789,
            "orthogonality",
            "penalty",
            "extra_fall",
            "higher",
        ),
    ]


def _deepscore() -> list[tuple]:
    # Shares of the cells that kept a label: unclassified cells were dropped before they were counted.
    shown = (("RNA to RNA", 0.9692), ("RNA to gene activity", 0.2701), ("peaks to peaks", 0.8687))
    return [
        (
            DEEPSCORE,
            f"Kidney, {way}, unclassified cells dropped",
            share,
            "annotation",
            way.replace(" ", "_"),
            "accuracy_assigned",
            "higher",
        )
        for way, share in shown
    ]
