"""The steps of a deconvolution, fresh mixtures, and both members together."""

import anndata
import numpy as np
import pytest
from scipy import sparse

from core.composition.deconvolve import Calibration, calibrate, compose, linear_weight, sized_by_fit
from core.composition.inputs import as_measured, bulk_input, bulk_values
from core.composition.intervals import coverage
from core.composition.linear import weighted_least_squares
from core.composition.plan import prepare
from core.data.align import Aligned
from core.errors import DataError
from core.specs import DeconvolveSpec, TransformSpec
from tests.conftest import real

LABELS = ("B", "NK", "T")
GENES = tuple(f"gene{number}" for number in range(40))
RANDOMISED = DeconvolveSpec(mixtures=400, gene_factor_sd=1.0, jitter_sd=0.15, fresh=True)
SCALED = TransformSpec(normalise="log1p_cp10k", scale="zscore")


def reference(seed: int = 0) -> tuple[sparse.csr_matrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = np.repeat([0, 1, 2], [60, 40, 20])
    profiles = rng.gamma(0.5, 4.0, size=(3, 40)) + 0.1
    return sparse.csr_matrix(rng.poisson(profiles[codes]).astype(np.float32)), codes


def planned(spec: DeconvolveSpec = RANDOMISED, transform: TransformSpec = SCALED, seed: int = 0):
    return prepare(*reference(), LABELS, GENES, spec, transform, seed=seed)


def test_training_and_test_mixtures_share_no_cell():
    plan = planned()
    train = set(plan.training().mixtures.cells) | set(plan.monitoring(0.5).mixtures.cells)
    test = set(plan.testing().mixtures.cells) | set(plan.calibration().mixtures.cells)
    assert not train & test
    assert (plan.n_train, plan.n_test) == (300, 100)


def test_the_test_mixtures_carry_no_gene_factors():
    plan = planned()
    held_out = plan.testing()
    cells = held_out.mixtures.cells_of(3)
    np.testing.assert_allclose(held_out.values[3], np.asarray(plan.simulation.counts[cells].sum(axis=0)).ravel())
    assert not np.allclose(plan.calibration().values % 1, 0)


def test_fresh_mixtures_differ_by_epoch_and_member_and_return_for_a_resumed_run():
    plan = planned()

    def inputs(member, epoch):
        return np.concatenate([batch.x.numpy() for batch in plan.fresh(member).epoch(epoch, 64, None)])

    np.testing.assert_array_equal(inputs(0, 5), inputs(0, 5))
    assert not np.allclose(inputs(0, 5), inputs(0, 6))
    assert not np.allclose(inputs(0, 5), inputs(1, 5))
    assert inputs(0, 0).shape == (300, 40) and inputs(0, 0).dtype == np.float32


def test_fresh_batches_hold_true_proportions_and_leave_no_single_mixture():
    plan = planned(RANDOMISED.model_copy(update={"mixtures": 172}))  # 129 = 2 x 64 + 1 in training
    batches = list(plan.fresh(0).epoch(0, 64, None))
    assert [batch.n for batch in batches] == [64, 65]
    for batch in batches:
        assert batch.proportions is not None
        np.testing.assert_allclose(batch.proportions.sum(dim=1), 1, rtol=1e-6)


def test_long_epochs_come_in_chunks_of_the_same_mixtures(monkeypatch):
    monkeypatch.setattr("core.composition.stream.CHUNK_VALUES", 40 * 100)
    batches = list(planned().fresh(0).epoch(0, 50, None))
    assert [batch.n for batch in batches] == [50] * 6


def test_lost_genes_take_the_training_mean():
    plan = planned(RANDOMISED.model_copy(update={"gene_drop": 0.5}))
    x = np.concatenate([batch.x.numpy() for batch in plan.fresh(0).epoch(0, 64, None)])
    assert 0.1 < (np.abs(x) < 1e-6).mean() < 0.4


@pytest.mark.parametrize("pseudobulk", ["add_raw_count", "add_cpm", "mean_cpm"])
def test_each_pseudobulk_reaches_the_same_scale_as_bulk(pseudobulk):
    spec = DeconvolveSpec(mixtures=400, pseudobulk=pseudobulk)
    plan = planned(spec, TransformSpec(normalise="log2_cpm", scale="zscore"))
    inputs = plan.to_input(plan.training().values)
    assert np.abs(inputs.mean(axis=0)).max() < 0.3
    assert (plan.linear_values(plan.testing().values) >= 0).all()


def test_one_sample_alone_gets_the_same_input_as_in_its_cohort():
    plan = planned()
    bulk = np.random.default_rng(0).gamma(1.0, 30.0, size=(6, 40)).astype(np.float32)

    def aligned(rows, missing=()):
        return Aligned(sparse.csr_matrix(rows), rows.sum(axis=1), "tpm", GENES, missing)

    cohort = bulk_input(aligned(bulk), plan.transform)
    np.testing.assert_allclose(bulk_input(aligned(bulk[2:3]), plan.transform)[0], cohort[2], rtol=1e-5, atol=1e-6)
    bulk[:, 5] = 0
    assert np.abs(bulk_input(aligned(bulk, ("gene5",)), plan.transform)[:, 5]).max() < 1e-6
    assert np.isnan(bulk_values(aligned(bulk, ("gene5",)))[:, 5]).all()
    own = bulk_input(aligned(bulk), plan.transform, cohort=True)
    np.testing.assert_allclose(own.mean(axis=0), 0, atol=1e-5)


def test_one_type_is_no_composition():
    with pytest.raises(DataError, match="at least two cell types"):
        prepare(sparse.csr_matrix(np.ones((4, 2))), np.zeros(4, int), ["T"], ["a", "b"], RANDOMISED, SCALED, seed=0)


def test_both_members_together():
    plan = planned()
    held_out = plan.calibration()
    rng = np.random.default_rng(0)
    members = np.stack([rng.dirichlet(np.ones(3), len(held_out.values)) for _ in range(2)])
    calibration = calibrate(
        members, held_out.values, held_out.proportions, plan.plain().values, plan.signature, linear=True, level=0.9
    )
    again = Calibration.from_dict(calibration.to_dict())
    found = compose(members[:, :5], held_out.values[:5], plan.signature, again, linear=True)
    np.testing.assert_allclose(found.proportions.sum(axis=1), 1)
    assert ((found.low <= found.proportions) & (found.proportions <= found.high)).all()
    weight = found.linear_weight[:, None]
    linear = weighted_least_squares(held_out.values[:5], plan.signature)
    np.testing.assert_allclose(found.proportions, (1 - weight) * members[:, :5].mean(axis=0) + weight * linear)
    assert found.out_of_reference.min() >= 0 and found.out_of_reference.max() <= 1
    alone = compose(members[:, 3:4], held_out.values[3:4], plan.signature, again, linear=True)
    np.testing.assert_allclose(alone.proportions[0], found.proportions[3])
    table = found.interval_table(list("abcde"), LABELS, 0.9)
    assert table.columns.tolist() == ["sample", "cell_type", "proportion", "low", "high", "level", "spread"]
    assert found.table(list("abcde"), LABELS).shape == (5, 3)


def test_intervals_by_fit_are_wider_where_a_sample_is_rebuilt_worse_and_survive_the_model_file():
    plan = planned()
    held_out, graded = plan.calibration(), plan.graded()

    def members(samples):
        return weighted_least_squares(samples.values, plan.signature)[None]

    plain = calibrate(
        members(held_out),
        held_out.values,
        held_out.proportions,
        plan.plain().values,
        plan.signature,
        linear=False,
        level=0.9,
    )
    sized = sized_by_fit(plain, members(graded), graded.values, graded.proportions, plan.signature, linear=False)
    again = Calibration.from_dict(sized.to_dict())
    found = {}
    for name, samples in (("plain", plan.even()), ("randomised", held_out)):
        first = compose(members(samples), samples.values, plan.signature, again, linear=False)
        before = compose(members(samples), samples.values, plan.signature, plain, linear=False)
        np.testing.assert_array_equal(first.proportions, before.proportions)
        inside = coverage(first.low, first.high, samples.proportions).mean()
        found[name] = (inside, (first.high - first.low).mean(), (before.high - before.low).mean())
    assert 0.86 < found["plain"][0] < 0.94 and 0.84 < found["randomised"][0] < 0.96
    assert found["plain"][1] < found["plain"][2] and found["plain"][1] < found["randomised"][1]


def test_every_other_graded_mixture_is_plain():
    graded = planned().graded()
    whole = (graded.values % 1 == 0).all(axis=1)
    assert whole[1::2].all() and not whole[::2].any()


def test_the_linear_member_loses_its_say_where_it_rebuilds_badly():
    np.testing.assert_allclose(linear_weight(np.array([0.0, 0.5, 1.0]), 0.5), [1, 1, 0.5])


def test_the_linear_member_speaks_alone_of_about_half_of_the_plain_mixtures():
    plan = planned()
    even, graded = plan.even().values, plan.calibration()
    members = np.full((1, len(graded.values), 3), 1 / 3)
    found = calibrate(
        members, graded.values, graded.proportions, plan.plain().values, plan.signature, linear=True, level=0.9
    )
    weight = compose(members, even, plan.signature, found, linear=True).linear_weight
    assert 0.4 < (weight == 1).mean() < 0.6
    assert compose(members, graded.values, plan.signature, found, linear=True).linear_weight.mean() < weight.mean()


def test_a_calibration_without_the_fit_of_plain_mixtures_is_refused():
    with pytest.raises(DataError, match="how well plain mixtures are rebuilt"):
        Calibration.from_dict({"sizes": np.ones(3), "level": np.array([0.9]), "residuals": np.ones(1001)})


def test_a_sample_unlike_the_reference_is_flagged():
    plan = planned(DeconvolveSpec(mixtures=400, gene_factor_sd=0.3, jitter_sd=0.1))
    held_out = plan.calibration()
    truth = held_out.proportions
    calibration = calibrate(
        truth[None], held_out.values, truth, plan.plain().values, plan.signature, linear=False, level=0.9
    )
    strange = np.random.default_rng(0).permuted(held_out.values[:3], axis=1)
    flagged = compose(truth[None, :3], strange, plan.signature, calibration, linear=False)
    assert flagged.sample_table(list("abc"))["flagged"].all()
    usual = compose(truth[None, :50], held_out.values[:50], plan.signature, calibration, linear=False)
    assert usual.sample_table(list(map(str, range(50))))["flagged"].mean() < 0.1


def test_missing_genes_are_not_zero():
    values = as_measured(np.ones((2, 3), np.float32), np.array([True, False, True]))
    assert np.isnan(values[:, 1]).all() and np.nansum(values) == 4


def test_real_cells_are_taken_apart_by_the_linear_member():
    data = anndata.read_h5ad(real("pbmc3k.h5ad"))
    labels = data.obs["cell_type"].cat.categories
    codes = data.obs["cell_type"].cat.codes.to_numpy().astype(int)
    counts = sparse.csr_matrix(data.X)
    seen = np.flatnonzero(np.asarray((counts > 0).mean(axis=0)).ravel() > 0.2)
    genes = [str(gene) for gene in data.var_names[seen]]
    plan = prepare(counts[:, seen], codes, labels, genes, DeconvolveSpec(mixtures=400), SCALED, seed=0)
    held_out = plan.testing()
    found = weighted_least_squares(plan.linear_values(held_out.values), plan.signature)
    assert np.abs(found - held_out.proportions).mean() < 0.07
