"""Recipes: one file for each published system and for CellDesk's own best."""

from core.recipes.catalogue import DEFAULTS, OVER_A_BRIDGE, RECIPES, experiments_of, recipe
from core.recipes.recipe import Recipe

__all__ = ["DEFAULTS", "OVER_A_BRIDGE", "RECIPES", "Recipe", "experiments_of", "recipe"]
