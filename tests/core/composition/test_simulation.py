"""What networks are trained on: mixtures, single cells, both, shares of cells or reads, and what is unknown."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.composition.plan import Plan, prepare
from core.composition.unknown import UNKNOWN, unknown_profiles
from core.errors import SpecError
from core.specs import DeconvolveSpec, TransformSpec

LABELS = ("B", "Mono", "T")
GENES = tuple(f"gene{number}" for number in range(40))
SCALED = TransformSpec(normalise="log1p_cp10k", scale="zscore")
DEPTH = (1.0, 4.0, 2.0)


def reference(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = np.repeat([0, 1, 2], [60, 40, 20])
    profiles = rng.gamma(0.5, 4.0, size=(3, 40)) + 0.1
    profiles *= np.array(DEPTH)[:, None] * 100 / profiles.sum(axis=1, keepdims=True)
    return sparse.csr_matrix(rng.poisson(profiles[codes]).astype(np.float32)), codes


def planned(**settings: object) -> Plan:
    spec = DeconvolveSpec.model_validate({"mixtures": 400, **settings})
    return prepare(*reference(), LABELS, GENES, spec, SCALED, seed=0)


def test_single_cells_are_each_seen_once_as_pure_samples():
    plan = planned(train_on="cells")
    made = plan.training()
    assert sorted(made.mixtures.cells) == sorted(plan.train.rows) and (made.mixtures.sizes == 1).all()
    np.testing.assert_array_equal(made.proportions.sum(axis=0), np.diff(plan.train.starts))
    np.testing.assert_allclose(made.values, plan.simulation.counts[made.mixtures.cells].toarray())


def test_both_are_all_mixtures_and_all_cells_also_when_fresh():
    plan = planned(train_on="both")
    made = plan.training()
    assert len(made.values) == plan.n_train + len(plan.train.rows)
    assert (made.mixtures.sizes == 1).sum() == len(plan.train.rows)
    assert made.mixtures.design_names[-1] == "single cells"
    batches = list(planned(train_on="both", fresh=True).fresh(0).epoch(0, 64, None))
    seen = np.concatenate([batch.proportions.numpy() for batch in batches if batch.proportions is not None])
    assert len(seen) == len(made.values)
    assert (seen.max(axis=1) == 1).sum() >= len(plan.train.rows)


def test_shares_of_reads_follow_the_mrna_of_the_cells():
    cells, reads = planned(), planned(answer="reads")
    a, b = cells.testing(), reads.testing()
    np.testing.assert_array_equal(a.values, b.values)
    expected = a.proportions * np.array(DEPTH)
    np.testing.assert_allclose(b.proportions, expected / expected.sum(axis=1, keepdims=True), atol=0.06)
    np.testing.assert_allclose(reads.signature.profiles.sum(axis=0), 1)
    assert reads.frequencies[1] > cells.frequencies[1] == pytest.approx(1 / 3)


def test_cells_made_alike_bring_the_same_mrna_and_factors_change_it():
    alike = planned(mrna="equal")
    totals = np.asarray(alike.simulation.counts.sum(axis=1)).ravel()
    np.testing.assert_allclose(totals, totals.mean(), rtol=1e-4)
    np.testing.assert_allclose(alike.signature.content, alike.signature.content[0], rtol=1e-4)
    doubled = planned(mrna="equal", mrna_factors=["T: 2"])
    np.testing.assert_allclose(doubled.signature.content / alike.signature.content, [1, 1, 2], rtol=1e-4)


@pytest.mark.parametrize("line", ["Neutrophil: 2", "T: none", "T: -1", "T"])
def test_a_wrong_mrna_factor_says_what_to_write(line: str):
    with pytest.raises(SpecError, match="mRNA factor"):
        planned(mrna_factors=[line])


def test_half_of_the_mixtures_hold_an_unknown_share_up_to_the_limit():
    plan = planned(unknown=0.6, mixtures=4000)
    assert plan.answers == (*LABELS, UNKNOWN)
    made = plan.training()
    np.testing.assert_allclose(made.proportions.sum(axis=1), 1)
    share = made.proportions[:, -1]
    assert 0.45 < (share > 0).mean() < 0.55 and 0.55 < share.max() <= 0.6
    assert np.corrcoef(share, made.values.sum(axis=1) / made.mixtures.sizes)[0, 1] > 0.2
    assert not plan.even().proportions[:, -1].any() and plan.calibration().proportions[:, -1].any()


def test_unknown_profiles_lose_markers_and_show_genes_that_no_type_has():
    profiles = planned().simulation.profiles.copy()
    alone = np.arange(40) >= 34
    profiles[alone] = 0.01
    strange = unknown_profiles(profiles, alone, 400, np.random.default_rng(0))
    assert strange.shape == (400, 40) and (strange >= 0).all()
    assert np.median(strange[:, alone].mean(axis=1)) > 10 * 0.01
    assert np.median(strange[:, ~alone].sum(axis=1)) < np.median(profiles[~alone].sum(axis=0))
    plain = unknown_profiles(profiles, np.zeros(40, dtype=bool), 400, np.random.default_rng(0))
    assert plain[:, alone].max() < 0.1


def test_a_type_named_as_the_unknown_share_is_refused():
    counts, codes = reference()
    with pytest.raises(SpecError, match="name of the unknown share"):
        prepare(counts, codes, ("B", "Mono", UNKNOWN), GENES, DeconvolveSpec(unknown=0.5), SCALED, seed=0)
    with pytest.raises(SpecError, match="added as counts"):
        planned(unknown=0.5, pseudobulk="add_cpm")
    with pytest.raises(SpecError, match="counts cells"):
        planned(unknown=0.5, answer="reads")


def test_cells_without_a_count_are_left_out_so_that_one_cell_makes_a_mixture():
    counts, codes = reference()
    counts = counts.tolil()
    counts[[0, 70]] = 0
    spec = DeconvolveSpec(mixtures=400, cells_low=1, cells_high=1)
    plan = prepare(counts.tocsr(), codes, LABELS, GENES, spec, SCALED, seed=0)
    assert plan.silent == 2 and not {0, 70} & {*plan.train.rows, *plan.test.rows}
    assert (plan.training().values.sum(axis=1) > 0).all()


@pytest.mark.parametrize("count_model", ["nb", "zinb"])
def test_rare_types_get_simulated_cells_for_training_alone(count_model: str):
    plan = planned(simulate_to=40, count_model=count_model)
    counts = np.diff(plan.train.starts)
    assert counts.tolist() == [45, 40, 40]
    assert plan.added is not None and len(plan.added.codes) == 10 + 25
    assert (plan.test.rows < 120).all() and (np.sort(plan.train.rows)[-35:] >= 120).all()
    assert plan.added.report is not None and set(plan.added.report.types["cell_type"]) == {"Mono", "T"}
    np.testing.assert_array_equal(plan.signature.profiles, planned().signature.profiles)
    np.testing.assert_array_equal(plan.frequencies, planned().frequencies)
    assert planned(simulate_to=15).added is None
