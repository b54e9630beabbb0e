"""The verbs as a user types them: in a process of its own, on small real cells."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.data.demo import write_demo
from tests.conftest import real
from tests.wrong_files import WRONG_FILES

HOME = Path(__file__).parents[2]
QUICK = ["--set", "training.epochs=2", "--set", "features.target=200", "--set", "training.members=1"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


def celldesk(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_represent_writes_code_embedding_and_impact(demo, tmp_path):
    out = tmp_path / "out"
    done = celldesk("represent", "--data", demo["reference"], "--gene-sets", demo["gene_sets"], "--out", out, *QUICK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(out)
    assert "epoch 2 of 2" in done.stderr
    for name in ("run.json", "metrics.jsonl", "model.safetensors", "summary.json", "results.h5ad"):
        assert (out / name).exists()
    code = pd.read_csv(out / "code.csv")
    assert list(code.columns) == ["cell", *(f"unit_{n}" for n in range(1, 65))]
    assert len(code) == 400
    assert list(pd.read_csv(out / "embedding.csv").columns) == ["cell", "x", "y"]
    impact = pd.read_csv(out / "impact.csv", index_col="gene_set")
    assert impact.shape[1] == 64
    assert (impact.min().min(), impact.max().max()) == (0, 1)


@pytest.mark.slow
def test_annotate_writes_labels_and_its_model_annotates_again_to_the_same_answer(demo, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    paths = ["--reference", demo["reference"], "--labels", "cell_type", "--query", demo["query"]]
    done = celldesk("annotate", *paths, "--recipe", "deepscore", "--out", first, *QUICK)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(first / "annotation.csv")
    assert list(table.columns) == [
        "cell",
        "cell_type",
        "probability",
        "assigned",
        "open_set_score",
        "label_set_90",
        "label_set_95",
    ]
    probabilities = pd.read_csv(first / "probabilities.csv", index_col="cell")
    assert probabilities.sum(axis=1).round(5).eq(1).all()
    assert probabilities.idxmax(axis=1).tolist() == table["cell_type"].tolist()
    done = celldesk("annotate", "--model", first / "model.safetensors", "--query", demo["query"], "--out", second)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(table, pd.read_csv(second / "annotation.csv"))


@pytest.mark.slow
def test_deconvolve_writes_rows_that_sum_to_one_and_scores_against_measured_proportions(demo, tmp_path):
    out = tmp_path / "out"
    paths = [
        "--reference",
        demo["reference"],
        "--labels",
        "cell_type",
        "--bulk",
        demo["bulk"],
        "--truth",
        demo["truth"],
    ]
    done = celldesk("deconvolve", *paths, "--out", out, *QUICK, "--set", "analysis.mixtures=400")
    assert done.returncode == 0, done.stderr
    composition = pd.read_csv(out / "composition.csv", index_col="sample")
    assert composition.sum(axis=1).round(6).eq(1).all()
    intervals = pd.read_csv(out / "intervals.csv")
    assert list(intervals.columns[:6]) == ["sample", "cell_type", "proportion", "low", "high", "level"]
    assert (out / "test_metrics.csv").exists()
    scores = pd.read_csv(out / "measured_scores.csv").set_index("method")
    assert scores.loc["mean_of_measured", "type_r"] == 0
    assert {"network", "reference_frequencies"} <= set(scores.index)


@pytest.mark.slow
def test_evaluate_writes_one_number_in_each_row(demo, tmp_path):
    out = tmp_path / "out"
    done = celldesk("evaluate", "--data", demo["reference"], "--labels", "cell_type", "--out", out, *QUICK)
    assert done.returncode == 0, done.stderr
    rows = pd.read_csv(out / "evaluation.csv")
    assert list(rows.columns) == ["experiment", "method", "metric", "fold", "seed", "value"]
    assert set(rows["experiment"]) == {"reconstruction", "rank", "classification"}


COUNTS_MODEL = [
    "network.library_size=true",  # before what it needs: the settings are checked together
    "objective.reconstruction.loss=zero_inflated_negative_binomial",
    "objective.variational={warm_up: 2}",
    "objective.orthogonality=0",
    "network.code={units: 8, activation: linear}",
    "network.gene_sets={min_genes: 3}",
    "training.batch_size=64",
]


@pytest.mark.slow
def test_a_variational_count_network_of_gene_sets_with_an_offset_runs_on_real_cells(tmp_path):
    from core.model import TrainedModel

    out = tmp_path / "out"
    data, sets = real("pancreas_xin.h5ad"), real("hallmark_human.gmt")
    settings = [f"--set={setting}" for setting in [*COUNTS_MODEL, "training.epochs=3", "features.target=500"]]
    done = celldesk("represent", "--data", data, "--gene-sets", sets, "--out", out, *settings)
    assert done.returncode == 0, done.stderr
    epochs = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert len(epochs) == 3
    for record in epochs:
        for split in ("train", "validation"):
            told = record[split]
            assert told["loss"] == pytest.approx(told["reconstruction"] + told["kl"], rel=1e-5)
    assert epochs[-1]["validation"]["loss"] < epochs[0]["validation"]["loss"]
    model = TrainedModel.load(out / "model.safetensors")
    listed = pd.read_csv(out / "gene_set_layer.csv")
    assert list(listed["gene_set"]) == list(model.unit_sets) and len(listed) == model.spec.network.hidden[0].units
    assert model.networks[0].typical_library > 1
    assert (pd.read_csv(out / "code.csv").iloc[:, 1:].std() > 0).all()


@pytest.mark.slow
def test_a_variational_count_network_labels_new_cells_to_the_same_answer_from_its_file(demo, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    paths = ["--reference", demo["reference"], "--labels", "cell_type", "--query", demo["query"]]
    settings = ["objective.reconstruction.loss=negative_binomial", *COUNTS_MODEL[0:1], *COUNTS_MODEL[2:]]
    settings += [
        f"data.gene_sets={demo['gene_sets']}",
        "data.transform={normalise: none}",
        "analysis.linear_member=false",
    ]
    settings += ["network.output_activation=softplus", "network.decoder=[{units: 8}]", "training.members=2"]
    settings += ["network.encoder=[{units: 9}]", "network.linear_path=false", "training.epochs=2"]
    sets = [f"--set={setting}" for setting in settings]
    done = celldesk("annotate", *paths, "--out", first, *sets)
    assert done.returncode == 0, done.stderr
    done = celldesk("annotate", "--model", first / "model.safetensors", "--query", demo["query"], "--out", second)
    assert done.returncode == 0, done.stderr
    for name in ("annotation", "code"):
        one, other = pd.read_csv(first / f"{name}.csv"), pd.read_csv(second / f"{name}.csv")
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.slow
def test_a_recipe_file_repeats_the_run_it_came_from(demo, tmp_path):
    from core.export.recipe_file import write_recipe
    from core.runs.run import Run

    first, second = tmp_path / "first", tmp_path / "second"
    quick = [*QUICK, "--recipe", "funnel_autoencoder"]
    assert celldesk("represent", "--data", demo["reference"], "--out", first, *quick).returncode == 0
    write_recipe(Run(first).spec, tmp_path / "recipe.yaml")
    done = celldesk("run", tmp_path / "recipe.yaml", "--out", second)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(pd.read_csv(first / "code.csv"), pd.read_csv(second / "code.csv"))


@pytest.mark.slow
def test_the_same_command_into_the_same_folder_is_made_again_and_another_is_refused(demo, tmp_path, capsys):
    out = tmp_path / "out"
    command = [
        "represent",
        "--data",
        str(demo["reference"]),
        "--out",
        str(out),
        *QUICK,
        "--recipe",
        "funnel_autoencoder",
    ]
    assert main(command) == 0
    assert main(command) == 0
    assert main([*command, "--seed", "1"]) == 2
    assert "already holds another run" in capsys.readouterr().err


@pytest.mark.parametrize("name", WRONG_FILES)
def test_every_wrong_file_is_a_message_of_three_parts_and_exit_code_2(name, tmp_path, capsys, demo):
    wrong = WRONG_FILES[name](tmp_path)
    if wrong.role == "bulk":
        command = ["deconvolve", "--reference", wrong.reference or demo["reference"], "--labels", "cell_type"]
        command += ["--bulk", wrong.path]
    elif wrong.role == "query":
        command = ["annotate", "--reference", wrong.reference or demo["reference"], "--labels", "cell_type"]
        command += ["--query", wrong.path]
    else:
        labels = wrong.settings.get("label_column") or "cell_type"
        command = ["annotate", "--reference", wrong.path, "--labels", labels, "--query", demo["query"]]
    more = [f"--set=data.{wrong.role}.{key}={value}" for key, value in wrong.settings.items() if key != "label_column"]
    assert main([*map(str, command), "--out", str(tmp_path / "out"), *more]) == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert "Traceback" not in message
    assert message.count(". ") >= 1, message
    assert message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["annotate", "--query", "q.h5ad", "--out", "o"], "Something to learn from is missing"),
        (["represent", "--data", "nowhere.h5ad", "--out", "o"], "The file is not there. Got nowhere.h5ad"),
        (["represent", "--data", __file__, "--recipe", "magic", "--out", "o"], "There is no such recipe. Got magic"),
        (
            ["represent", "--data", __file__, "--set", "training.epochs=0", "--out", "o"],
            "training.epochs is out of range",
        ),
        (["represent", "--data", __file__, "--set", "epochs=3", "--out", "o"], "A setting cannot be read"),
        (
            ["represent", "--data", __file__, "--set", "network.gene_sets={}", "--out", "o"],
            "The first layer is to be made of gene sets, and there are none",
        ),
        (
            ["represent", "--data", __file__, "--set", "data.transform.normalise=log1p_cp10k", "--out", "o"],
            "A poisson loss compares raw counts, not normalised values. Got log1p_cp10k",
        ),
        (
            ["represent", "--data", __file__, "--set", "training.monitor=accuracy", "--out", "o"],
            "Training watches a value that this network does not report. Got accuracy",
        ),
    ],
)
def test_mistakes_on_the_command_line_exit_with_2_and_say_what_to_do(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_flag_exits_with_2(capsys):
    with pytest.raises(SystemExit) as left:
        main(["represent", "--data", "x", "--out", "o", "--dta", "x"])
    assert left.value.code == 2
    assert "The command cannot be read: unrecognized arguments. Got --dta x." in capsys.readouterr().err


def test_missing_flags_are_named(capsys):
    with pytest.raises(SystemExit) as left:
        main(["represent"])
    assert left.value.code == 2
    assert "The command lacks what it needs. Got no --out, --data. See" in capsys.readouterr().err


@pytest.mark.slow
def test_the_summary_names_what_was_made_of_what(demo, tmp_path):
    out = tmp_path / "out"
    quick = [*QUICK, "--recipe", "funnel_autoencoder", "--seed", "3"]
    assert main(["represent", "--data", str(demo["reference"]), "--out", str(out), *quick]) == 0
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["task"], summary["recipe"], summary["seed"]) == ("represent", "funnel_autoencoder", 3)
    assert summary["fingerprints"]["reference"]
    assert summary["versions"]["torch"]
