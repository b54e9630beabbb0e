"""Label transfer from RNA to peaks over a bridge of multiome cells."""

from core.recipes.annotator import ANNOTATOR
from core.recipes.recipe import Recipe
from core.specs import AnnotateSpec, BridgeSpec, replaced_all

BRIDGE_ANNOTATOR = Recipe(
    name="bridge_annotator",
    title="Label ATAC cells over a bridge",
    system="CellDesk",
    sentence="Multiome cells take their label from their RNA and hand it to the peaks; the query is labelled by peaks.",
    citation="CellDesk. TF-IDF and components as in Signac (Stuart et al. 2021); peaks of several sets joined as in "
    "DeepSCore.",
    needs=("reference", "bridge", "query"),
    spec=replaced_all(
        ANNOTATOR.spec,
        {
            "recipe": "bridge_annotator",
            # latent semantic indexing, components 2 to 50 (Signac: dims = 2:50)
            "data.transform": {"normalise": "tfidf", "components": 50},
            # find_common_top_peaks, with a target that leaves most peaks of a usual data set in
            "features": {"rule": "common_variable", "peak_score": "top", "target": 25_000},
            # noise is measured in standard deviations, and components lose more by it than single genes
            "network.input_noise": 0.1,
            "network.input_dropout": 0.1,
            "analysis": AnnotateSpec(
                query_scaling="both", linear_member=True, linear_weight=0.5, bridge=BridgeSpec()
            ).model_dump(),
        },
    ),
)
