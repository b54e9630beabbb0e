from __future__ import annotations

import numpy as np
import pytest

from core.errors import SpecError
from core.evaluation.code_clusters import summary
from core.project import Project
from core.specs import CheckSpec
from core.tasks import check_words, checks
from core.tasks.export_codes import code_files
from core.tasks.finished import finished as again
from core.tasks.finished import model_of

QUICK = CheckSpec(runs=3)


def test_a_code_is_checked_and_kept_under_its_settings(finished: Project):
    run = finished.run("run-0001")
    told: list[str] = []
    facts = checks.write(run, QUICK, told.append)
    kept = checks.stored(run, QUICK)
    assert kept is not None and checks.found(run) is not None
    assert checks.stored(run, QUICK.model_copy(update={"runs": 4})) is None
    assert checks.stored(run, QUICK.model_copy(update={"epochs": 3})) is not None  # a setting of the sweep alone
    assert told[0] == "Reading the cells" and "k-means, run 3 of 3" in told
    code = again(run).code()
    assert facts["norm"] == pytest.approx(np.linalg.norm(code), rel=1e-5)
    assert facts["cells"] == len(code) and facts["groups"] == facts["labels"] > 1
    weight = model_of(run).networks[0].code_weight.detach().numpy()
    assert facts["off_orthonormal"] == pytest.approx(np.linalg.norm(np.eye(64) - weight @ weight.T), rel=1e-4)
    assert set(kept.likeness) == {"codes", "changes", "saliency"}
    np.testing.assert_allclose(np.diag(kept.likeness["codes"]), 1)
    assert set(kept.clusters["scale"]) == {"", "as_it_is", "z_scored", "per_cell"}
    assert {"code_clusters.csv", "code_likeness_saliency.csv"} <= set(code_files(run))


def test_checks_do_not_outlive_their_run(finished: Project):
    run = finished.run("run-0001")
    checks.write(run, QUICK)
    run.model_path.touch()
    assert checks.stored(run, QUICK) is None and checks.found(run) is None and not code_files(run)


def test_a_run_without_a_code_is_refused(finished: Project):
    with pytest.raises(SpecError, match="no code to check"):
        checks.compute(str(finished.run("run-0002").directory))


def test_words_say_what_is_better_and_what_is_not(finished: Project):
    run = finished.run("run-0001")
    checks.write(run, QUICK)
    kept = checks.stored(run, QUICK)
    assert kept is not None
    table = summary(kept.clusters)
    assert "NMI" in check_words.cluster_words(table, 3)
    turned = table.assign(nmi=[0.4 if scale == "as_it_is" else 0.7 for scale in table["scale"]])
    words = check_words.cluster_words(turned, 3)
    assert "library size" in words and "without a network, do as well" in words
    assert "Without labels" in check_words.cluster_words(table[table["pair"] == "genes_and_code"], 3)
    orthonormal = {"off_orthonormal": 0.01, "mean_likeness": 0.25}
    assert "do not make independent units" in check_words.orthogonal_words(orthonormal)
    assert "not orthonormal" in check_words.orthogonal_words({"off_orthonormal": 9.6, "mean_likeness": 0.25})
    assert "values over cells" in check_words.clean_words(kept.facts)
