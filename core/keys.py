"""Every AnnData key that CellDesk writes; no other module spells one out."""

COUNTS = "counts"
"""``layers``: raw counts."""

LABEL = "celldesk_label"
"""``obs``: best cell type, categorical."""
PROBABILITY = "celldesk_probability"
"""``obs``: calibrated probability of the best cell type."""
ASSIGNED = "celldesk_assigned"
"""``obs``: False where the reference gives no safe answer."""
OPEN_SET_SCORE = "celldesk_open_set_score"
"""``obs``: higher is less like the reference."""
LABEL_SET_90 = "celldesk_label_set_90"
"""``obs``: conformal label set at 90 %."""
LABEL_SET_95 = "celldesk_label_set_95"
"""``obs``: conformal label set at 95 %."""
SAFE_LABEL = "celldesk_safe_label"
"""``obs``: where labels have levels, the deepest label that is safe, categorical."""
SAFE_LEVEL = "celldesk_safe_level"
"""``obs``: the level of the safe label, categorical; none where no label is safe."""
VOTE_FRACTION = "celldesk_vote_fraction"
"""``obs``: where cells vote, the share of the voters for the label given."""
OWN_LABEL = "celldesk_label_before_vote"
"""``obs``: the cell's own best type, before the vote, categorical."""
VOTE_CLUSTER = "celldesk_vote_cluster"
"""``obs``: the cluster that voted, categorical."""
COHORT = "celldesk_cohort"
"""``obs``: the bulk file that a sample came from, where there are several, categorical."""
SOURCE = "celldesk_source"
"""``obs``: reference or query, where both lie in one file."""

PROBABILITIES = "celldesk_probabilities"
"""``obsm``: probability of each cell type, a DataFrame."""
TYPES = "celldesk_types"
"""``uns``: names of the columns of the probabilities, as they are in the reference."""
LEVELS = "celldesk_levels"
"""``uns``: names of the levels of labels, the coarsest first; the keys below number them from 1."""
CODE = "X_celldesk_code"
"""``obsm``: code, cells x units."""
CODE_UMAP = "X_umap_celldesk"
"""``obsm``: UMAP of the code."""
INPUT_UMAP = "X_umap_celldesk_input"
"""``obsm``: UMAP of the principal components of the network's input."""
COMPOSITION = "celldesk_composition"
"""``obsm``: proportion of each cell type in a bulk sample, a DataFrame."""

IMPACT = "celldesk_impact"
"""``uns``: gene set x code unit impact, a DataFrame."""
ABOUT = "celldesk"
"""``uns``: settings, versions and fingerprints, as JSON text."""


def colours(column: str) -> str:
    """The ``uns`` key under which the colours of ``obs[column]`` lie."""
    return f"{column}_colors"


def is_own(key: str) -> bool:
    """Whether CellDesk wrote this column of ``obs``."""
    return key.startswith("celldesk_")


def level_label(number: int) -> str:
    """``obs``: label at a level, categorical; the coarsest is number 1."""
    return f"celldesk_level_{number}"


def level_probability(number: int) -> str:
    """``obs``: calibrated probability of the label at a level."""
    return f"{level_label(number)}_probability"


def level_set(number: int, share: int) -> str:
    """``obs``: conformal label set at a level, at ``share`` per cent."""
    return f"{level_label(number)}_set_{share}"


def level_probabilities(number: int) -> str:
    """``obsm``: probability of each label of a level, a DataFrame."""
    return f"{level_label(number)}_probabilities"


def level_types(number: int) -> str:
    """``uns``: names of the columns of a level's probabilities."""
    return f"{level_label(number)}_types"
