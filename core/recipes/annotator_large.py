"""CellDesk's own label transfer for references of tens of thousands of cells and more."""

from core.recipes.annotator import ANNOTATOR
from core.recipes.recipe import Recipe
from core.specs import AnnotateSpec, replaced_all

ANNOTATOR_LARGE = Recipe(
    name="annotator_large",
    title="Label new cells from a large reference",
    system="CellDesk",
    sentence="One network in few passes and a linear model on a sample; calibrated on the validation cells.",
    citation="CellDesk. As its annotator, with what many cells make unnecessary left out.",
    needs=("reference", "query"),
    notes=(
        "Differences between batches of the reference do not enter the calibration: the validation cells come from all "
        "batches.",
    ),
    spec=replaced_all(
        ANNOTATOR.spec,
        {
            "recipe": "annotator_large",
            # in few passes over many cells these cost a third of the time and gain nothing
            "network.input_dropout": 0.0,
            "network.input_noise": 0.0,
            "training.batch_size": 512,
            "training.epochs": 3,
            "training.members": 1,
            "training.precision": "medium",
            "analysis": AnnotateSpec(
                query_scaling="both", linear_member=True, member_shares="learned", calibration="validation"
            ).model_dump(),
        },
    ),
)
