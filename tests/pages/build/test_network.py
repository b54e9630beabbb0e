"""Network, as a person uses it: every change is on disk at once, and what does not fit is refused where it stands."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import RECIPES, recipe
from core.recipes.adopt import adopted
from core.specs import AnnotateSpec, ClassSpec, GeneSetLayerSpec, RunSpec, VariationalSpec
from pages.ui import registry
from pages.ui.session import KEPT

SHELL = str(registry.PAGES / "shell.py")
PAGE = "build/network.py"


@pytest.fixture
def project() -> Project:
    return Project.create("Mine", recipe("cell_identity_code").for_task("represent"))


def opened() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=60).run().switch_page(str(registry.PAGES / PAGE)).run()


def with_more_settings() -> AppTest:
    return opened().button(key="network-more").click().run()


def words(test: AppTest) -> str:
    return " ".join(block.proto.body for block in test.get("html"))


def key(path: str, name: str = "cell_identity_code") -> str:
    before, _, last = path.rpartition(".")
    return f"{before}.{name}.{last}"


def test_a_layer_s_setting_is_on_disk_at_once(project: Project):
    page = opened()
    assert not page.exception
    page.number_input(key=key("network.code.units")).set_value(12).run()
    assert not page.exception and project.draft.network.code_units == 12
    assert "12" in words(page)


def test_rarer_settings_of_a_layer_are_shown_when_asked_for_and_a_limit_is_taken_away_by_emptying_it(project: Project):
    limited = project.draft.network.code.model_copy(update={"max_norm": 2.0})  # pyright: ignore[reportOptionalMemberAccess]
    project.change("network.code", limited)
    page = opened()
    assert not [each for each in page.number_input if each.key == key("network.code.max_norm")]
    page.button(key="layer-more").click().run()
    page.number_input(key=key("network.code.max_norm")).set_value(None).run()
    page.segmented_control(key=key("network.code.init")).set_value("he").run()
    code = project.draft.network.code
    assert not page.exception and code and (code.max_norm, code.init) == (None, "he")


def test_penalties_are_set_and_the_rarer_ones_when_asked_for(project: Project):
    page = opened()
    page.select_slider(key=key("objective.orthogonality")).set_value(0.01).run()
    page.select_slider(key=key("training.weight_decay")).set_value(0.001).run()
    page.button(key="objective-more").click().run()
    page.select_slider(key=key("objective.l1")).set_value(0.1).run()
    objective = project.draft.objective
    assert (objective.orthogonality, objective.l1, project.draft.training.weight_decay) == (0.01, 0.1, 0.001)
    page.button(key="objective-more").click().run()
    assert project.draft.objective == objective


def test_what_does_not_fit_is_refused_with_its_reason_and_changes_nothing(project: Project):
    before = project.draft
    page = opened()
    page.selectbox(key=key("objective.reconstruction.loss")).set_value("poisson").run()
    assert project.draft == before
    assert "A poisson loss needs" in words(page) and "Set scale to none" in words(page)
    page.number_input(key=key("objective.reconstruction.weight")).set_value(2.0).run()
    kept = project.draft.objective.reconstruction
    assert kept and kept.weight == 2.0 and kept.loss == "mse"


@pytest.fixture
def counting(project: Project) -> Project:
    """A draft whose loss is one of counts."""
    project.edit(lambda draft: adopted(draft, recipe("pathway_autoencoder")))
    return project


def test_a_variational_code_is_switched_on_with_its_weight_and_warm_up(counting: Project):
    page = opened()
    name = "pathway_autoencoder"
    page.button(key="objective-more").click().run()
    page.toggle(key=f"objective.variational.{name}#on").set_value(True).run()
    assert counting.draft.objective.variational == VariationalSpec()
    page.number_input(key=key("objective.variational.warm_up", name)).set_value(5).run()
    page.number_input(key=key("objective.variational.weight", name)).set_value(0.5).run()
    assert counting.draft.objective.variational == VariationalSpec(weight=0.5, warm_up=5)
    assert "softplus gives only one of them" in words(page)
    page.toggle(key=f"objective.variational.{name}#on").set_value(False).run()
    assert not page.exception and counting.draft.objective.variational is None


def test_a_library_size_offset_is_switched_on_and_refused_beside_its_switch_without_counts(project: Project):
    page = with_more_settings()
    page.toggle(key=key("network.more.library_size")).set_value(True).run()
    assert not project.draft.network.library_size and "needs a loss of counts" in words(page)
    project.edit(lambda draft: adopted(draft, recipe("pathway_autoencoder")))
    page = with_more_settings()
    page.toggle(key=key("network.more.library_size", "pathway_autoencoder")).set_value(True).run()
    assert not page.exception and project.draft.network.library_size


def test_the_first_layer_is_made_of_gene_sets_and_says_what_it_needs(counting: Project):
    page = with_more_settings()
    page.toggle(key="network.more.pathway_autoencoder.gene_sets#on").set_value(True).run()
    assert not page.exception and counting.draft.network.gene_sets == GeneSetLayerSpec()
    assert "made of gene sets, and there are none" in words(page)
    page.number_input(key="network.more.pathway_autoencoder.gene_sets.min_genes").set_value(3).run()
    assert counting.draft.network.gene_sets == GeneSetLayerSpec(min_genes=3)
    page.session_state[KEPT] = {**page.session_state[KEPT], "network.chosen": "encoder.0"}
    page.run()
    assert "bring a gene-set file on the Data page" in words(page)
    assert not [each for each in page.number_input if each.key == "network.encoder.0.pathway_autoencoder.units"]
    page.button(key="layer-more").click().run()
    page.toggle(key="network.first.pathway_autoencoder.gene_sets#on").set_value(False).run()
    assert not page.exception and counting.draft.network.gene_sets is None


def test_a_zero_inflated_loss_is_chosen(counting: Project):
    page = opened()
    loss = page.selectbox(key=key("objective.reconstruction.loss", "pathway_autoencoder"))
    loss.set_value("zero_inflated_negative_binomial").run()
    kept = counting.draft.objective.reconstruction
    assert not page.exception and kept and kept.zero_inflated


def test_the_last_head_cannot_be_switched_off(project: Project):
    project.change("objective.classes", None)
    page = opened()
    page.toggle(key=f"{'objective.reconstruction.cell_identity_code'}#on").set_value(False).run()
    assert project.draft.objective.reconstruction
    assert "nothing to learn" in words(page)


def test_a_head_is_switched_on_with_its_settings(project: Project):
    project.change("objective.classes", None)
    page = opened()
    page.toggle(key="objective.classes.cell_identity_code#on").set_value(True).run()
    assert project.draft.objective.classes == ClassSpec()
    page.slider(key=key("objective.classes.label_smoothing")).set_value(0.1).run()
    assert project.draft.objective.classes == ClassSpec(label_smoothing=0.1)


def test_layers_are_added_duplicated_and_removed(project: Project):
    page = opened()
    page.button(key="network-add").click().run()
    assert [layer.units for layer in project.draft.network.hidden] == [300, 30, 30]
    page.button(key="layer-remove").click().run()
    assert project.draft.network.code is None
    page.button(key="layer-duplicate").click().run()
    assert [layer.units for layer in project.draft.network.hidden] == [300, 30, 30]


def test_a_recipe_is_taken_over_and_gone_back_to(project: Project):
    page = opened()
    page.selectbox(key="network.recipe").set_value("deepscore").run()
    assert project.draft == adopted(project.draft, recipe("deepscore")) and project.draft.recipe == "deepscore"
    page.slider(key=key("network.encoder.2.dropout", "deepscore")).set_value(0.5).run()
    assert project.draft.network.encoder[2].dropout == 0.5
    page.button(key="network-reset").click().run()
    assert project.draft.network == recipe("deepscore").spec.network


def test_every_part_of_the_run_can_be_changed_here(project: Project):
    page = with_more_settings()
    page.number_input(key=key("training.epochs")).set_value(7).run()
    page.number_input(key="run.cell_identity_code.seed").set_value(3).run()
    page.selectbox(key=key("training.monitor")).set_value("macro_f1").run()
    page.toggle(key="network.more.cell_identity_code.linear_path").set_value(True).run()
    page.toggle(key="network.own_code.cell_identity_code").set_value(False).run()
    page.number_input(key="data.transform.cell_identity_code.clip").set_value(10.0).run()
    page.number_input(key="analysis.represent.cell_identity_code.embedding.neighbours").set_value(30).run()
    assert not page.exception
    draft = project.draft
    assert (draft.training.epochs, draft.seed, draft.training.monitor) == (7, 3, "macro_f1")
    assert draft.network.linear_path and draft.network.code is None
    assert draft.data.transform.clip == 10
    assert draft.analysis.embedding.neighbours == 30  # pyright: ignore[reportAttributeAccessIssue]


def test_every_setting_has_a_widget(project: Project):
    """All leaves of network options, transform, training and analysis have a widget with their path."""
    page = with_more_settings()
    keys = " ".join(str(each.key) for each in page.main if getattr(each, "key", None))
    for group, model in (("training", "training"), ("data.transform", "data.transform")):
        spec = project.draft.training if model == "training" else project.draft.data.transform
        for name in type(spec).model_fields:
            assert key(f"{group}.{name}") in keys, name


@pytest.mark.parametrize("task", ["annotate", "deconvolve", "evaluate", "represent"])
def test_the_task_is_changed_with_the_heads_it_needs(project: Project, task: str):
    page = with_more_settings()
    page.segmented_control(key="analysis.task.cell_identity_code").set_value(task).run()
    assert not page.exception and project.draft.task == task
    assert bool(project.draft.objective.proportions) == (task == "deconvolve")


def test_the_decoder_is_written_out_and_mirrored_again(project: Project):
    page = opened()
    page.segmented_control(key="network.part").set_value("Decoder").run()
    page.toggle(key="network.mirror").set_value(False).run()
    assert [layer.units for layer in project.draft.network.decoder] == [300]  # pyright: ignore[reportAttributeAccessIssue]
    page.toggle(key="network.mirror").set_value(True).run()
    assert project.draft.network.decoder == "mirror"


def test_training_is_refused_without_data_and_says_where_to_bring_it(project: Project):
    page = opened()
    assert "This task needs a reference" in words(page)
    page.button(key="network-train").click().run()
    assert not page.exception and not project.runs()


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_drawn(name: str):
    Project.create("Mine", RunSpec.model_validate(recipe(name).spec.model_dump()))
    page = opened()
    assert not page.exception


def test_a_labelling_shows_the_settings_that_count_and_leaves_out_the_others():
    project = Project.create("Mine", recipe("annotator").spec)
    page = with_more_settings()
    assert not page.exception

    def shown(name: str) -> bool:
        return any(
            widget.key == key(f"analysis.annotate.{name}", "annotator") for widget in (*page.slider, *page.number_input)
        )

    learned = {
        name: shown(name) for name in ("linear_weight", "boosted_weight", "calibration_folds", "false_label_rate")
    }
    assert learned == {
        "linear_weight": False,
        "boosted_weight": False,
        "calibration_folds": True,
        "false_label_rate": False,
    }
    page = page.segmented_control(key=key("analysis.annotate.member_shares", "annotator")).set_value("set").run()
    analysis = project.draft.analysis
    assert not page.exception and isinstance(analysis, AnnotateSpec) and analysis.member_shares == "set"
    assert shown("linear_weight") and shown("boosted_weight")
    page = page.toggle(key=key("analysis.annotate.boosted_member", "annotator")).set_value(False).run()
    assert shown("linear_weight") and not shown("boosted_weight")
