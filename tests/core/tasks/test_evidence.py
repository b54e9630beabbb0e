"""Evidence of a small finished run: honest numbers, kept in its folder, made anew when what it is made of changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, write_demo
from core.errors import DataError, SpecError
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.specs import EvidenceSpec, SourceSpec, replaced
from core.tasks import evidence, evidence_cell
from core.tasks.evidence_kept import stored_expressed, stored_why
from core.tasks.evidence_names import CLUSTERS, NOT_ASSIGNED, PREDICTED
from core.tasks.export_evidence import evidence_figures, evidence_files
from core.tasks.worker import execute

SMALL = EvidenceSpec(markers=30, cells=8, steps=8, controls=2, pictured=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two networks and a linear member that labelled the demonstration's query."""
    folder = tmp_path_factory.mktemp("evidence")
    paths = write_demo(folder / "demo")
    spec = recipe("annotator").spec
    data = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column=HIDDEN_TRUTH),
    }
    spec = spec.model_copy(update={"data": spec.data.model_copy(update=data)})
    settings = {"training.epochs": 6, "training.members": 2, "training.threads": 1, "features.target": 200}
    for path, value in {**settings, "analysis.embedding.epochs": 10}.items():
        spec = replaced(spec, path, value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        run = Run.create(folder / "run", spec)
        execute(run)
        evidence.compute_all(run, evidence.PARTS, SMALL, lambda _: None)
    return run.directory


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(made, tmp_path / made.name)))


def part(made: Path, name: evidence.Part) -> evidence.Evidence:
    kept = evidence.found(Run(made), name)
    assert kept is not None
    return kept


def test_every_group_of_the_query_is_compared_with_every_type(made: Path):
    tables = part(made, "markers").tables
    annotation = pd.read_csv(made / "annotation.csv")
    overlap, summary = tables["match_score"], tables["match_summary"].set_index("grouping")
    assert summary.index.tolist()[:3] == [PREDICTED, CLUSTERS, HIDDEN_TRUTH]
    assert (
        summary.loc[[PREDICTED, HIDDEN_TRUTH], "score"] > 3 * summary.loc[[PREDICTED, HIDDEN_TRUTH], "chance"]
    ).all()
    predicted = overlap.loc[overlap["grouping"] == PREDICTED].drop_duplicates("query").set_index("query")["cells"]
    for name, cells in predicted.drop(NOT_ASSIGNED, errors="ignore").items():
        assert cells == int((annotation["assigned"] & (annotation["cell_type"] == name)).sum())
    assert len(tables["clusters"]) == len(annotation)
    assert tables["clusters"]["cell"].tolist() == annotation["cell"].tolist()


def test_dots_hold_both_files_on_the_same_genes(made: Path):
    dots = part(made, "markers").tables["marker_dots"]
    genes = {source: rows["gene"].drop_duplicates().tolist() for source, rows in dots.groupby("source")}
    assert genes["reference"] == genes["query"]
    facts = part(made, "markers").facts
    assert facts["share"] > facts["chance"]


def test_attributions_are_complete_and_stand_beside_untrained_networks(made: Path):
    kept = part(made, "genes")
    assert kept.facts["largest_gap"] <= 0.02 and kept.facts["networks"] == 2
    table, recall = kept.tables["attributions"], kept.tables["marker_recall"]
    assert {"attribution", "spread", "linear", "untrained", "marker_rank"} <= set(table.columns)
    assert table["spread"].notna().all()
    assert recall["recall"].mean() > recall["chance"].mean()
    assert recall["untrained_recall"].between(0, 1).all()


def test_both_files_lie_in_one_picture_and_the_sample_is_told(made: Path):
    kept = part(made, "both")
    joint = kept.tables["joint"]
    assert joint["source"].value_counts().to_dict() == {"reference": 120, "query": 120}
    assert (kept.facts["reference_of"], kept.facts["query_of"]) == (400, 200)
    assert joint.loc[joint["source"] == "reference", "probability"].isna().all()
    assert set(kept.tables["mixing"]["space"]) == {"code", "genes"}
    assert np.isfinite(joint[["code_x", "code_y", "genes_x", "genes_y"]]).all().all()


def test_a_part_is_found_again_until_a_setting_that_matters_or_the_labels_change(run: Run):
    evidence.compute(str(run.directory), "markers", SMALL.model_dump())
    assert evidence.stored(run, "markers", SMALL) is not None
    assert evidence.stored(run, "markers", SMALL.model_copy(update={"steps": 64})) is not None
    assert evidence.stored(run, "markers", SMALL.model_copy(update={"markers": 31})) is None
    kept = run.directory / "kept.csv"
    annotation = pd.read_csv(run.directory / "annotation.csv").assign(assigned=False)
    annotation.to_csv(kept, index=False)
    assert evidence.stored(run, "markers", SMALL, str(kept)) is None
    evidence.compute(str(run.directory), "markers", SMALL.model_dump(), str(kept))
    found = evidence.stored(run, "markers", SMALL, str(kept))
    assert found is not None
    overlap = found.tables["match_score"]
    assert set(overlap.loc[overlap["grouping"] == PREDICTED, "query"]) == {NOT_ASSIGNED}


def test_the_same_seed_gives_the_same_tables(run: Run, made: Path):
    again = Run(run.directory)
    evidence.compute(str(again.directory), "genes", SMALL.model_dump())
    for name, table in part(made, "genes").tables.items():
        pd.testing.assert_frame_equal(table, part(again.directory, "genes").tables[name])


def test_labels_of_other_cells_are_refused(run: Run):
    kept = run.directory / "kept.csv"
    pd.read_csv(run.directory / "annotation.csv").head(5).to_csv(kept, index=False)
    with pytest.raises(DataError, match="not those of this query"):
        evidence.compute(str(run.directory), "markers", {}, str(kept))


def test_a_run_without_a_reference_has_none(run: Run):
    spec = run.spec
    spec = spec.model_copy(update={"data": spec.data.model_copy(update={"reference": None})})
    assert "model file holds no reference" in evidence.refusal(spec)
    represented = recipe("pathway_autoencoder").spec
    assert evidence.refusal(represented)
    other = Run.create(run.directory.parent / "other", represented)
    with pytest.raises(SpecError, match="no evidence"):
        evidence.compute(str(other.directory), "markers", {})


def test_a_call_is_explained_and_adds_up(run: Run):
    cell = str(pd.read_csv(run.directory / "annotation.csv")["cell"].iloc[3])
    facts = evidence_cell.why(str(run.directory), cell)
    found = stored_why(run, cell)
    assert found is not None and dict(found.facts) == facts
    assert found.genes["for_label"].sum() == pytest.approx(facts["logit"], abs=0.05)
    assert facts["largest_gap"] <= 0.1
    margins = found.margins["margin"].to_numpy()
    assert margins[0] == pytest.approx(facts["lead"])
    if facts["genes_to_change"]:
        assert margins[facts["genes_to_change"]] < 0 <= margins[facts["genes_to_change"] - 1]
    probabilities = pd.read_csv(run.directory / "probabilities.csv").set_index("cell").loc[cell]
    assert facts["other"] == probabilities.drop(facts["cell_type"]).idxmax()


def test_the_lead_is_that_of_the_members_mean_logits(run: Run):
    from core.tasks.evidence_sets import sets_of

    sets = sets_of(run)
    cell = str(sets.annotation.index[0])
    facts = evidence_cell.why(str(run.directory), cell)
    votes, _ = sets.members.votes(sets.aligned(sets.query))
    logits = dict(zip(sets.model.classes, votes.logits[0], strict=True))
    assert facts["lead"] == pytest.approx(logits[facts["cell_type"]] - logits[facts["other"]], abs=1e-3)


def test_unknown_cells_and_types_are_refused(run: Run):
    with pytest.raises(DataError, match="no such cell"):
        evidence_cell.why(str(run.directory), "nobody")
    cell = str(pd.read_csv(run.directory / "annotation.csv")["cell"].iloc[0])
    with pytest.raises(DataError, match="cannot be compared"):
        evidence_cell.why(str(run.directory), cell, "Neuron")


def test_a_group_is_compared_with_the_query_s_own_cells_or_else_with_the_reference(run: Run):
    annotation = pd.read_csv(run.directory / "annotation.csv")
    labelled = annotation.loc[annotation["assigned"], "cell_type"].value_counts()
    common = str(labelled.index[0])
    cells = annotation.loc[annotation["cell_type"] != common, "cell"].head(5).tolist()
    assert evidence_cell.expressed(str(run.directory), cells, common) == "query"
    found = stored_expressed(run, cells, common)
    assert found is not None and found[1] == "query" and {"gene", "log2_fold", "p_adjusted"} <= set(found[0].columns)
    of_type = annotation.loc[annotation["cell_type"] == common, "cell"].tolist()
    assert evidence_cell.expressed(str(run.directory), of_type, common) == "reference"


def test_a_run_made_again_forgets_its_evidence(run: Run):
    run.forget()
    assert not (run.directory / evidence.FOLDER).exists()


def test_tables_and_figures_leave_with_the_run_as_long_as_they_are_of_it(run: Run, made: Path):
    files = evidence_files(Run(made))
    assert {"evidence_match_score.csv", "evidence_attributions.csv", "evidence_mixing.csv"} <= set(files)
    assert all(path.is_file() and what for what, path in files.values())
    drawn = evidence_figures(Results(Run(made)))
    assert {"match_score", "marker_dots", "clusters_to_labels", "marker_recall", "both_files_code"} <= set(drawn)
    run.model_path.touch()  # made again
    assert not evidence_files(run) and not evidence_figures(Results(run))


def test_every_part_says_what_it_found(made: Path):
    for name in evidence.PARTS:
        said = evidence.in_words(name, part(made, name))
        assert said and all(words.endswith(".") for words in said)
