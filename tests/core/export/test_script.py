from __future__ import annotations

import ast
import shlex

import pytest

from core.cli import _parser
from core.cli_spec import with_settings
from core.errors import SpecError
from core.export.recipe_file import from_yaml
from core.export.script import baseline, command, script
from core.recipes import recipe
from core.specs import DataSpec, RunSpec, SourceSpec, replaced


def _source(path: str, **more) -> SourceSpec:
    return SourceSpec(path=path, **more)


DEFAULT = recipe("deepscore").for_task("annotate")
SPEC = DEFAULT.model_copy(
    update={
        "data": DataSpec(
            reference=_source("ref 1.h5ad", label_column="cell type", batch_column="batch"),
            query=_source("query.h5ad", unit="counts"),
            transform=DEFAULT.data.transform,
        )
    }
)


def _repeated(text: str, spec: RunSpec, default: RunSpec) -> RunSpec:
    """The spec that the command line arrives at."""
    words = shlex.split(text.replace("\\\n", " "))
    assert words[:3] == ["python", "-m", "core"]
    return with_settings(baseline(spec, default), _parser().parse_args(words[3:]))


def test_the_plain_run_names_files_labels_recipe_and_folder():
    spec = replaced(replaced(SPEC, "data.reference.batch_column", None), "data.query.unit", "auto")
    assert command(spec, DEFAULT, "my results") == (
        "python -m core annotate \\\n  --reference 'ref 1.h5ad' --labels 'cell type' \\\n  --query query.h5ad"
        " \\\n  --recipe deepscore \\\n  --out 'my results'"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 7, "training.device": "cpu", "training.threads": 2},
        {"network.encoder.1.dropout": 0.35, "training.clip_norm": 1e-5, "training.patience": None},
        {
            "network.code": {"units": 9},
            "objective.reconstruction": {"weight": 0.5},
            "features.own_list": ["NO", "MT-ND1"],
        },
        {
            "network.output_activation": "softplus",
            "data.transform.normalise": "none",
            "objective.reconstruction": {"loss": "poisson"},
        },
    ],
    ids=["none", "flags", "numbers", "parts", "dependent"],
)
def test_the_command_repeats_the_run(changes):
    spec = SPEC
    for path, value in changes.items():
        spec = replaced(spec, path, value)
    assert _repeated(command(spec, DEFAULT, "out"), spec, DEFAULT) == spec


def test_a_fingerprint_is_no_setting():
    spec = replaced(SPEC, "data.reference.fingerprint", "abc")
    assert "abc" not in command(spec, DEFAULT, "out")


def test_represent_takes_data_and_gene_sets():
    default = recipe("pathway_autoencoder").for_task("represent")
    spec = default.model_copy(
        update={"data": default.data.model_copy(update={"reference": _source("d.h5ad"), "gene_sets": "h.gmt"})}
    )
    text = command(spec, default, "out")
    assert "--data d.h5ad" in text
    assert "--gene-sets h.gmt" in text
    assert _repeated(text, spec, default) == spec


def test_what_is_missing_is_said():
    with pytest.raises(SpecError, match="no file to learn from"):
        command(DEFAULT, DEFAULT, "out")
    with pytest.raises(SpecError, match="no query file"):
        command(replaced(SPEC, "data.query", None), DEFAULT, "out")
    with pytest.raises(SpecError, match="another task"):
        command(SPEC, recipe("pathway_autoencoder").for_task("represent"), "out")


def test_the_script_is_python_and_holds_the_whole_recipe():
    spec = SPEC.model_copy(update={"name": 'of "three" \\ parts'})
    tree = ast.parse(script(spec, "out", title="Labels"))
    recipe_text = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.targets[0].id == "RECIPE"
    )
    assert from_yaml(recipe_text) == spec


def test_a_bridge_has_a_flag_of_its_own():
    default = recipe("bridge_annotator").for_task("annotate")
    data = {
        "reference": {"path": "rna.h5ad", "label_column": "cell_type"},
        "query": {"path": "peaks.h5ad"},
        "bridge": {"path": "multi ome.h5mu", "fingerprint": "0" * 16, "accessibility": "chromatin"},
        "transform": default.data.transform,
    }
    spec = default.model_copy(update={"data": DataSpec.model_validate(data)})
    line = command(spec, default, "out")
    assert "--bridge 'multi ome.h5mu'" in line and "data.bridge.accessibility=chromatin" in line
    assert "fingerprint" not in line
    repeated = _repeated(line, spec, default)
    assert repeated.data.bridge is not None and repeated.data.bridge.accessibility == "chromatin"


def test_all_references_and_cohorts_of_a_composition_have_flags():
    default = recipe("mixer").for_task("deconvolve")
    data = default.data.model_copy(
        update={
            "reference": _source("a.h5ad", label_column="type", fingerprint="abc"),
            "more_references": (_source("b.h5ad", label_column="cell type", name="second", fingerprint="abc"),),
            "types": "types.csv",
            "bulk": _source("early.csv"),
            "more_bulk": (_source("late 2.csv", unit="tpm", fingerprint="abc"),),
        }
    )
    spec = default.model_copy(update={"data": data})
    text = command(spec, default, "out")
    assert "--reference a.h5ad b.h5ad --labels type 'cell type'" in text and "--types types.csv" in text
    assert "--bulk early.csv 'late 2.csv'" in text and "abc" not in text
    bare = replaced(
        replaced(replaced(spec, "data.reference.fingerprint", ""), "data.more_references.0.fingerprint", ""),
        "data.more_bulk.0.fingerprint",
        "",
    )
    assert _repeated(text, spec, default) == bare


def test_a_label_column_that_all_references_share_is_said_once():
    default = recipe("mixer").for_task("deconvolve")
    cells = [_source(name, label_column="type") for name in ("a.h5ad", "b.h5ad")]
    data = default.data.model_copy(
        update={"reference": cells[0], "more_references": (cells[1],), "bulk": _source("c.csv")}
    )
    assert "--labels type \\" in command(default.model_copy(update={"data": data}), default, "out")
