"""Label transfer from RNA to gene activities: scores of genes made from ATAC data."""

from core.recipes.annotator import ANNOTATOR
from core.recipes.recipe import Recipe
from core.specs import AnnotateSpec, SmoothingSpec, replaced_all

GENE_ACTIVITY_ANNOTATOR = Recipe(
    name="gene_activity_annotator",
    title="Label ATAC cells by gene activity",
    system="CellDesk",
    sentence="For gene activities: query cells are mixed with their neighbours and scaled by themselves.",
    citation="CellDesk. Share, space and components chosen by cross-validation inside two references, whose held-out "
    "cells were read thinner or with a third of their genes shuffled.",
    needs=("reference", "query"),
    notes=(
        "Measured from real RNA to semi-synthetic activities, whose generator averages neighbours itself: the gain on "
        "real ATAC data may be smaller.",
        "Activities are unlike any RNA, so strangeness is counted from the query's own ordinary cells. The rate of "
        "known cells refused then holds if all types are shifted alike and most cells are of known types.",
    ),
    spec=replaced_all(
        ANNOTATOR.spec,
        {
            "recipe": "gene_activity_annotator",
            "objective.classes.class_weights": "balanced",  # the tissue's composition says little across modalities
            "analysis": AnnotateSpec(
                # a gene's activity has another mean and spread than its RNA, so that each set is scaled by itself
                query_scaling="query",
                strangeness_from="query",
                smoothing=SmoothingSpec(neighbours=30, share=0.5, space="lsi", components=20),
                linear_member=True,
                linear_weight=0.5,
            ).model_dump(),
        },
    ),
)
