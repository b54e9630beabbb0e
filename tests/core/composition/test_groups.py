"""Differences between groups of samples: what was put in is found, and nothing else."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.composition.arrangement import arrange
from core.composition.groups import compare
from core.composition.log_ratios import centred_log_ratios
from core.composition.share_draws import share_draws
from core.specs.groups import GroupSpec

TYPES = pd.Index(["B", "NK", "T", "Mono"])


def samples(n: int = 24, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares of ``n`` samples, and what is known of them: B falls by half in the sick."""
    rng = np.random.default_rng(seed)
    sick = np.arange(n) % 2 == 1
    shares = rng.dirichlet([12, 10, 40, 20], n)
    shares[sick, 0] *= 0.4
    shares /= shares.sum(axis=1, keepdims=True)
    names = pd.Index([f"s{i}" for i in range(n)], name="sample")
    known = pd.DataFrame(
        {
            "status": np.where(sick, "sick", "healthy"),
            "site": np.array(["x", "y", "z"])[np.arange(n) % 3],
            "age": rng.uniform(20, 80, n),
            "person": [f"p{i // 2}" for i in range(n)],
        },
        index=names,
    )
    return pd.DataFrame(shares, index=names, columns=TYPES), known


def test_two_groups_are_tested_as_scipy_tests_them():
    shares, known = samples()
    found = compare(shares, arrange(known, GroupSpec(column="status")), GroupSpec(column="status"))
    sick = (known["status"] == "sick").to_numpy()
    theirs = [stats.mannwhitneyu(shares.loc[sick, name], shares.loc[~sick, name]).pvalue for name in TYPES]
    tests = found.tests.set_index("cell_type")
    np.testing.assert_allclose(tests["p"], theirs)
    np.testing.assert_allclose(tests["adjusted_p"], multipletests(theirs, method="fdr_bh")[1])
    assert tests.loc["B", "adjusted_p"] < 0.01 and tests.loc["B", "effect"] < -0.8
    row = tests.loc["B"]
    assert row["low"] < row["difference"] < row["high"] < 0
    assert found.kind == "two" and found.tested and tests["holds"].isna().all()


def test_groups_are_told_by_their_quartiles():
    shares, known = samples()
    summary = compare(shares, arrange(known, GroupSpec(column="status")), GroupSpec(column="status")).summary
    row = summary.set_index(["cell_type", "group"]).loc[("B", "sick")]
    values = shares.loc[known["status"] == "sick", "B"]
    assert row["n"] == 12 and bool(row["tested"])
    np.testing.assert_allclose(
        [row["lower_quartile"], row["median"], row["upper_quartile"]], np.quantile(values, [0.25, 0.5, 0.75])
    )


def test_three_groups_have_a_test_of_all_and_of_each_pair():
    shares, known = samples()
    found = compare(shares, arrange(known, GroupSpec(column="site")), GroupSpec(column="site"))
    groups = [shares.loc[known["site"] == site, "T"] for site in "xyz"]
    row = found.tests.set_index("cell_type").loc["T"]
    assert row["p"] == pytest.approx(stats.kruskal(*groups).pvalue)
    assert row["effect"] == pytest.approx(stats.kruskal(*groups).statistic / 23)
    pairs = found.pairs[found.pairs["cell_type"] == "T"]
    assert pairs[["first", "second"]].to_numpy().tolist() == [["x", "y"], ["x", "z"], ["y", "z"]]
    np.testing.assert_allclose(pairs["adjusted_p"], multipletests(pairs["p"], method="holm")[1])


def test_pairs_are_the_differences_within_each_subject():
    shares, known = samples()
    spec = GroupSpec(column="status", paired_by="person")
    found = compare(shares, arrange(known, spec), spec)
    sick = (known["status"] == "sick").to_numpy()
    difference = shares.loc[sick].to_numpy() - shares.loc[~sick].to_numpy()
    theirs = [stats.wilcoxon(column).pvalue for column in difference.T]
    np.testing.assert_allclose(found.tests["p"], theirs)
    assert found.kind == "paired"


def test_samples_of_one_subject_in_one_group_are_averaged():
    shares, known = samples(6)
    known["status"] = ["healthy", "healthy", "sick"] * 2
    known["person"] = ["a", "a", "a", "b", "b", "b"]
    shares, known = (
        pd.concat([shares, shares.rename(lambda name: f"{name}+")]),
        pd.concat([known, known.assign(person="c")]),
    )
    known.index = shares.index
    spec = GroupSpec(column="status", paired_by="person")
    first, second = arrange(known, spec).parts(shares["B"].to_numpy())
    np.testing.assert_allclose(
        first, [shares["B"].iloc[:2].mean(), shares["B"].iloc[3:5].mean(), shares["B"].iloc[[6, 7, 9, 10]].mean()]
    )
    np.testing.assert_allclose(second[:2], shares["B"].iloc[[2, 5]])


def test_a_number_is_correlated():
    shares, known = samples()
    spec = GroupSpec(column="age")
    found = compare(shares, arrange(known, spec), spec)
    for name, row in found.tests.set_index("cell_type").iterrows():
        theirs = stats.spearmanr(known["age"], shares[name])
        assert (row["effect"], row["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))
        assert row["low"] < row["effect"] < row["high"]
    assert found.kind == "number" and found.summary.empty


def test_log_ratios_are_tested_in_place_of_shares():
    shares, known = samples()
    spec = GroupSpec(column="status", scale="log_ratios")
    found = compare(shares, arrange(known, spec), spec)
    ratios = centred_log_ratios(shares.to_numpy())
    sick = (known["status"] == "sick").to_numpy()
    np.testing.assert_allclose(found.tests["p"], stats.mannwhitneyu(ratios[sick], ratios[~sick], axis=0).pvalue)
    np.testing.assert_allclose(found.values, ratios)


def test_what_is_sure_holds_in_all_draws_and_what_is_not_in_few():
    shares, known = samples()
    spec = GroupSpec(column="status")
    holds = {}
    for width in (0.002, 0.5):
        low, high = (np.clip(shares.to_numpy() + side * width, 0, 1) for side in (-1, 1))
        draws = share_draws(shares.to_numpy(), low, high, 0.9, 100, np.random.default_rng(0))
        found = compare(shares, arrange(known, spec), spec, draws)
        assert (found.tests["draws"] == 100).all()
        holds[width] = found.tests.set_index("cell_type").loc["B", "holds"]
    assert holds[0.002] == 1 and holds[0.5] < 0.5


def test_a_draw_equal_to_the_shares_finds_the_same():
    shares, known = samples()
    for spec in (GroupSpec(column="status"), GroupSpec(column="site"), GroupSpec(column="age")):
        found = compare(shares, arrange(known, spec), spec, [shares.to_numpy()[None]])
        np.testing.assert_array_equal(found.tests["holds"], found.tests["adjusted_p"] < 0.05)


def test_nothing_is_found_where_nothing_is_more_often_than_it_may_be():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        shares, known = samples(16, seed)
        shares = pd.DataFrame(rng.dirichlet([2, 2, 2, 2], 16), index=shares.index, columns=TYPES)
        spec = GroupSpec(column="status")
        found.append((compare(shares, arrange(known, spec), spec).tests["adjusted_p"] < 0.05).any())
    assert np.mean(found) < 0.09


def test_a_type_that_never_varies_is_not_tested():
    shares, known = samples()
    shares["Platelet"] = 0.0
    spec = GroupSpec(column="status")
    found = compare(shares, arrange(known, spec), spec, [shares.to_numpy()[None]]).tests.set_index("cell_type")
    assert np.isnan(found.loc["Platelet", ["p", "adjusted_p", "holds"]].astype(float)).all()
    assert found.loc["B", "adjusted_p"] == pytest.approx(stats.false_discovery_control(found["p"].dropna())[0])


def test_groups_below_three_are_shown_and_not_tested():
    shares, known = samples()
    known.loc[["s0", "s1"], "site"] = "rare"
    spec = GroupSpec(column="site")
    found = compare(shares, arrange(known, spec), spec)
    assert found.arrangement.groups == ("rare", "x", "y", "z") and found.arrangement.large == ("x", "y", "z")
    assert not found.summary.loc[found.summary["group"] == "rare", "tested"].any()
    few, known = samples(5)
    found = compare(few, arrange(known, GroupSpec(column="status")), GroupSpec(column="status"))
    assert not found.tested and len(found.tests) == 4 and len(found.summary) == 8
