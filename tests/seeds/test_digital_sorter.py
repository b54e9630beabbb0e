import numpy as np
import pandas as pd
import pytest

from tests.conftest import real


@pytest.mark.slow
def test_digital_sorter_reads_its_own_mixtures_well_and_real_blood_in_the_right_order(celldesk):
    """The original on held-out mixtures: CCC .926; within types on this cohort: r .828."""
    paths = ["--reference", real("pbmc3k.h5ad"), "--labels", "cell_type", "--bulk", real("hoek_expression.csv.gz")]
    out, summary = celldesk("deconvolve", *paths, "--recipe", "digital_sorter")
    assert summary["held_out"]["CCC"] > 0.85
    found = pd.read_csv(out / "composition.csv", index_col="sample")
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    truth = pd.read_csv(real("hoek_fractions.csv"), index_col=0).loc[found.index]
    monocytes = found["CD14 Mono"] + found["CD16 Mono"]
    assert np.corrcoef(monocytes, truth["Mono"])[0, 1] > 0.6
    assert np.corrcoef(found["B"], truth["B"])[0, 1] > 0.6
    intervals = pd.read_csv(out / "intervals.csv")
    assert ((intervals["low"] <= intervals["proportion"]) & (intervals["proportion"] <= intervals["high"])).all()
