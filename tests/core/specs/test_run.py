import pytest

from core.errors import SpecError
from core.recipes import recipe
from core.specs import replaced


@pytest.mark.parametrize(
    ("name", "path", "value", "message"),
    [
        ("pathway_autoencoder", "network.code.units", 129, "More code units than inputs"),
        ("pathway_autoencoder", "data.transform.scale", "zscore", "needs counts, never negative"),
        ("pathway_autoencoder", "network.output_activation", "linear", "needs positive output"),
        ("deepscore", "training.batch_size", 1, "Batch norm needs more than one cell"),
        ("deepscore", "objective.classes", None, "nothing to learn"),
        ("mixer", "data.on_disk", "always", "needs all cells in memory"),
        ("deepscore", "data.on_disk", "sometimes", "not one of the choices"),
        ("cell_identity_code", "objective.proportions", {}, "Proportions are learned from mixtures"),
        ("deepscore", "objective.variational", {}, "learned by rebuilding the genes"),
        ("cell_identity_code", "network.library_size", True, "needs a loss of counts"),
        ("deepscore", "network.library_size", True, "needs a loss of counts"),
        ("deepscore", "network.input_log", True, "is for raw counts"),
        ("funnel_autoencoder", "network.gene_sets", {}, "needs genes, not principal components"),
        ("pathway_autoencoder", "training.momentum", 1.0, "out of range"),
        ("pathway_autoencoder", "objective.variational.warm_up", -1, "out of range"),
        ("pathway_autoencoder", "network.gene_sets.min_genes", 0, "out of range"),
    ],
)
def test_settings_that_cannot_go_together_are_refused_with_the_reason(name, path, value, message):
    with pytest.raises(SpecError, match=message):
        replaced(recipe(name).spec, path, value)


SETS = replaced(recipe("pathway_autoencoder").spec, "network.gene_sets", {})
OFFSET = replaced(recipe("pathway_autoencoder").spec, "network.library_size", True)


@pytest.mark.parametrize(
    ("spec", "path", "value", "message"),
    [
        (SETS, "network.encoder.0.init", "identity", "cannot start as identity"),
        (SETS, "network.encoder.0.init", "pca", "cannot start as identity or principal components"),
        (SETS, "network.linear_path", True, "lead every gene past the gene sets"),
        (OFFSET, "objective.reconstruction.loss", "mse", "needs a loss of counts"),
        (OFFSET, "data.transform.normalise", "log1p_cp10k", "needs raw counts"),
        (OFFSET, "data.transform.scale", "minmax", "needs raw counts"),
        (OFFSET, "network.output_activation", "sigmoid", "needs positive output"),
    ],
)
def test_parts_of_a_count_network_are_refused_where_they_cannot_be(spec, path, value, message):
    with pytest.raises(SpecError, match=message) as caught:
        replaced(spec, path, value)
    assert caught.value.remedy


def test_a_zero_inflated_loss_is_a_loss_of_counts():
    with pytest.raises(SpecError, match="never negative"):
        zscored = replaced(recipe("pathway_autoencoder").spec, "objective.reconstruction", {"loss": "mse"})
        zscored = replaced(zscored, "data.transform.scale", "zscore")
        replaced(zscored, "objective.reconstruction.loss", "zero_inflated_negative_binomial")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("network.gene_sets", {}, "there are none"),
        ("data.transform.normalise", "log1p_cp10k", "raw counts"),
        ("training.monitor", "accuracy", "does not report"),
    ],
)
def test_what_a_draft_may_hold_but_no_run_can_train_is_refused_before_one(path, value, message):
    draft = replaced(recipe("pathway_autoencoder").spec, path, value)
    with pytest.raises(SpecError, match=message) as caught:
        draft.require_runnable()
    assert caught.value.remedy
    recipe("pathway_autoencoder").spec.require_runnable()


def test_gene_sets_are_opened_where_a_layer_is_made_of_them():
    annotate = recipe("deepscore").for_task("annotate")
    assert "gene_sets" in annotate.unopened
    assert "gene_sets" not in replaced(annotate, "network.gene_sets", {}).unopened


def test_the_divergence_is_a_term_that_can_be_watched():
    spec = replaced(recipe("pathway_autoencoder").spec, "objective.variational", {"weight": 0.5})
    assert spec.objective.terms["kl"] == 0.5 and "kl" in spec.objective.watched
    replaced(spec, "training.monitor", "kl").require_runnable()


def test_several_references_are_joined_in_memory():
    spec = replaced(recipe("annotator").spec, "data.more_references", [{"path": "b.h5ad"}])
    with pytest.raises(SpecError, match=r"joined in memory.*auto"):
        replaced(spec, "data.on_disk", "always")
