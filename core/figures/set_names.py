"""Names of gene sets as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

COLLECTIONS = (
    "HALLMARK_",
    "REACTOME_",
    "KEGG_MEDICUS_",
    "KEGG_",
    "BIOCARTA_",
    "WP_",
    "PID_",
    "GOBP_",
    "GOCC_",
    "GOMF_",
)
UPPER = "AKT AMPK ATP B BMP CD CDC DC DNA EGFR ER ERK FGF GPCR GTP HIF HLA IFN IGF IL JAK KRAS MAPK MHC MTOR MYC NK "
UPPER += "PDGF PPAR RHO RNA ROS SRC T TCR TGF TLR TNF TNFA UV VEGF WNT II III IV MRNA RRNA TRNA"
"""Words that are never written in small letters; words with a digit count as such."""
MOST_LETTERS = 46


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Each name without its collection and in small letters: ``HALLMARK_MYC_TARGETS_V1`` is MYC targets V1.

    Names that would become the same stay as they are, shortened in the middle where they are long.
    """
    listed = list(names)
    made = {name: plain_name(name) for name in listed}
    count = Counter(made.values())
    return {name: short if count[short] == 1 else name for name, short in made.items()}


def plain_name(name: str) -> str:
    """One name as `plain_names` makes it."""
    rest = next((name.removeprefix(collection) for collection in COLLECTIONS if name.startswith(collection)), name)
    words = rest.replace("_", " ").split()
    if rest.isupper():
        words = [word if word in UPPER.split() or any(map(str.isdigit, word)) else word.lower() for word in words]
    text = " ".join(words) or name
    text = text[0].upper() + text[1:]
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 12].rstrip()} … {text[-9:].lstrip()}"
