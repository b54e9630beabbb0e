"""All recipes by name."""

from __future__ import annotations

from core.errors import SpecError
from core.recipes.annotator import ANNOTATOR
from core.recipes.annotator_large import ANNOTATOR_LARGE
from core.recipes.bridge_annotator import BRIDGE_ANNOTATOR
from core.recipes.cell_identity_code import CELL_IDENTITY_CODE
from core.recipes.deepscore import DEEPSCORE
from core.recipes.digital_sorter import DIGITAL_SORTER
from core.recipes.funnel_autoencoder import FUNNEL_AUTOENCODER
from core.recipes.gene_activity_annotator import GENE_ACTIVITY_ANNOTATOR
from core.recipes.mixer import MIXER
from core.recipes.pathway_autoencoder import PATHWAY_AUTOENCODER
from core.recipes.pathway_autoencoder_masked import PATHWAY_AUTOENCODER_MASKED
from core.recipes.pathway_autoencoder_offset import PATHWAY_AUTOENCODER_OFFSET
from core.recipes.recipe import Recipe
from core.recipes.scaden import SCADEN

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        DEEPSCORE,
        DIGITAL_SORTER,
        PATHWAY_AUTOENCODER,
        FUNNEL_AUTOENCODER,
        CELL_IDENTITY_CODE,
        ANNOTATOR,
        ANNOTATOR_LARGE,
        GENE_ACTIVITY_ANNOTATOR,
        BRIDGE_ANNOTATOR,
        MIXER,
        SCADEN,
        PATHWAY_AUTOENCODER_OFFSET,
        PATHWAY_AUTOENCODER_MASKED,
    )
}

DEFAULTS = {
    "represent": "pathway_autoencoder",
    "annotate": "annotator",
    "deconvolve": "mixer",
    "evaluate": "cell_identity_code",
}
"""The recipe of each task where none is chosen."""
OVER_A_BRIDGE = "bridge_annotator"
"""The recipe of annotate where a bridge is given and no recipe is chosen."""


PAPER_EXPERIMENTS: dict[str, tuple[str, ...]] = {
    "cell_identity_code": ("reconstruction", "rank", "classification", "left_out"),
    "pathway_autoencoder": ("clusters",),
}


def recipe(name: str) -> Recipe:
    """The recipe called ``name``.

    Raises
    ------
    SpecError
        If there is none.
    """
    if name not in RECIPES:
        raise SpecError("There is no such recipe", name, f"Use one of: {', '.join(RECIPES)}")
    return RECIPES[name]


def experiments_of(name: str) -> tuple[str, ...]:
    """The experiments of ``evaluate`` that the paper of recipe ``name`` reports.

    Raises
    ------
    SpecError
        If its numbers come from another verb.
    """
    if recipe(name).name not in PAPER_EXPERIMENTS:
        known = ", ".join(PAPER_EXPERIMENTS)
        raise SpecError(
            "The numbers of this paper come from another verb", name, f"Use annotate or deconvolve, or {known}"
        )
    return PAPER_EXPERIMENTS[name]
