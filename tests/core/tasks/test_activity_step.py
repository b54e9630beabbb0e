from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError, SpecError
from core.project import Project
from core.results import Results
from core.specs import ActivitySpec
from core.tasks import activity_step
from core.tasks.set_files import keep_textbook

SPEC = ActivitySpec()


def test_scores_of_all_cells_are_kept_and_read_back(finished: Project, own_sets: Path):
    run = finished.run("run-0001")
    assert activity_step.stored(finished, run, own_sets, SPEC) is None
    facts = activity_step.compute(str(finished.root), run.directory.name, str(own_sets), SPEC.model_dump())
    found = activity_step.stored(finished, run, own_sets, SPEC)
    assert found is not None and found.z is not None and found.means is not None
    results = Results(run)
    scores = found.scores()
    assert list(scores.index) == list(results.obs.index) and list(scores) == found.sets
    assert facts["sets"] == len(found.sets) and facts["cells"] == len(scores) and facts["method"] == "ulm"
    np.testing.assert_array_equal(found.of_set(found.sets[0]), scores[found.sets[0]])
    label = results.column(results.label_column).astype(str).to_numpy()
    np.testing.assert_allclose(found.means, scores.groupby(label).mean().T, rtol=1e-5)
    assert found.ranks.min().eq(1).all() and set(found.ordered()) == set(found.sets)
    assert len(found.strongest(3)) == 3


def test_each_type_of_the_demonstration_has_its_own_markers_on_top(finished: Project, own_sets: Path):
    activity_step.compute(str(finished.root), "run-0001", str(own_sets), SPEC.model_dump())
    found = activity_step.stored(finished, finished.run("run-0001"), own_sets, SPEC)
    assert found is not None
    for label, expected in (("CD19+ B", "B_CELL"), ("CD56+ NK", "NK_CELL"), ("CD14+ Monocyte", "CD14_MONOCYTE")):
        assert found.ranks.loc[expected, label] <= 3, found.ranks[label].nsmallest(4)


def test_settings_and_files_have_results_of_their_own(finished: Project, own_sets: Path):
    run = finished.run("run-0001")
    activity_step.compute(str(finished.root), "run-0001", str(own_sets), {"method": "aucell"})
    assert activity_step.stored(finished, run, own_sets, SPEC) is None
    found = activity_step.stored(finished, run, own_sets, ActivitySpec(method="aucell"))
    assert found is not None and 0 <= found.scores().min(axis=None) <= found.scores().max(axis=None) <= 1


def test_sets_of_the_mouse_are_refused_in_human_cells(finished: Project):
    path = keep_textbook(finished, "mouse")
    with pytest.raises(DataError, match="hold mouse symbols, the data human symbols"):
        activity_step.compute(str(finished.root), "run-0001", str(path), SPEC.model_dump())
    assert activity_step.stored(finished, finished.run("run-0001"), path, SPEC) is None


def test_a_run_without_cells_of_its_own_is_refused(finished: Project, own_sets: Path):
    with pytest.raises(SpecError, match="no activity"):
        activity_step.compute(str(finished.root), "run-0002", str(own_sets), SPEC.model_dump())


def test_linear_values_of_a_file_without_counts_are_logged(finished: Project, tmp_path: Path):
    import anndata

    values = np.array([[0, 100.0], [5, 0]], dtype=np.float32)
    path = tmp_path / "linear.h5ad"
    anndata.AnnData(values, pd.DataFrame(index=["a", "b"]), pd.DataFrame(index=["G1", "G2"])).write_h5ad(path)
    np.testing.assert_allclose(np.concatenate(list(activity_step.expression(path))), np.log1p(values))
