from __future__ import annotations

import numpy as np
import pytest

from core.errors import SpecError
from core.evaluation.code_clusters import CODE_LABELS, GENES_CODE, GENES_LABELS, SCALES, code_clusters, summary

RNG = np.random.default_rng(0)
LABELS = np.repeat(["A", "B", "C"], 60)
PROFILES = np.eye(3)[np.repeat(np.arange(3), 60)] + RNG.normal(0, 0.02, (180, 3)).clip(-0.05, 0.05)


def test_a_code_that_knows_the_labels_agrees_fully():
    table = code_clusters(PROFILES, PROFILES, LABELS, runs=5, seed=1)
    means = summary(table).set_index(["pair", "scale"])
    assert len(table) == 5 * (1 + 2 * len(SCALES))
    best = table.groupby(["pair", "scale"])["nmi"].max()
    assert best.min() == pytest.approx(1.0)
    assert (
        means.at[(GENES_LABELS, ""), "published"] == 0.785 and means.at[(CODE_LABELS, "per_cell"), "published"] == 0.761
    )
    assert (table["ari"] <= 1).all()


def test_library_size_hides_types_until_each_cell_is_scaled():
    library = RNG.lognormal(0, 1.5, (180, 1))
    means = summary(code_clusters(PROFILES * library, PROFILES, LABELS, runs=10)).set_index(["pair", "scale"])["nmi"]
    assert means[CODE_LABELS, "as_it_is"] < 0.6 < 0.8 < means[CODE_LABELS, "per_cell"]


def test_without_labels_the_number_of_groups_must_be_given():
    with pytest.raises(SpecError, match="number of groups"):
        code_clusters(PROFILES, PROFILES, None)
    told: list[tuple[int, int]] = []
    table = code_clusters(PROFILES, PROFILES, None, groups=3, runs=2, tell=lambda *done: told.append(done))
    assert set(table["pair"]) == {GENES_CODE} and told == [(1, 2), (2, 2)]


def test_a_code_of_noise_agrees_with_nothing():
    means = summary(code_clusters(RNG.normal(size=(180, 4)), PROFILES, LABELS, runs=4)).set_index(["pair", "scale"])
    assert means.loc[CODE_LABELS, "nmi"].max() < 0.1 and abs(means.loc[CODE_LABELS, "ari"]).max() < 0.1
