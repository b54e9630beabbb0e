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
        ("cell_identity_code", "objective.proportions", {}, "Proportions are learned from mixtures"),
    ],
)
def test_settings_that_cannot_go_together_are_refused_with_the_reason(name, path, value, message):
    with pytest.raises(SpecError, match=message):
        replaced(recipe(name).spec, path, value)
