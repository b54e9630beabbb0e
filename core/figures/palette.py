"""Which colour a cell type has: the file's own, else the fixed one of its name, else the next that is free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from types import MappingProxyType

from core.figures.tokens import LIGHT, OKABE_ITO, Theme

NOT_ASSIGNED = "not assigned"

_SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CD4 T": ("cd4", "cd4t", "cd4tcell", "cd4positivetcell", "helpert", "thelper"),
        "CD8 T": ("cd8", "cd8t", "cd8tcell", "cytotoxict", "cytotoxictcell", "cd8positivetcell"),
        "NK": ("nk", "nkcell", "naturalkiller", "naturalkillercell"),
        "B": ("b", "bcell", "blymphocyte"),
        "CD14 Mono": ("cd14mono", "cd14monocyte", "classicalmonocyte", "monocyte", "mono"),
        "CD16 Mono": ("cd16mono", "cd16monocyte", "fcgr3amono", "fcgr3amonocyte", "nonclassicalmonocyte"),
        "DC": ("dc", "dendritic", "dendriticcell"),
        "Platelet": ("platelet", "mk", "megakaryocyte"),
        NOT_ASSIGNED: ("notassigned", "unassigned", "unclassified", "unknown"),
    }
)


def label_colours(
    labels: Iterable[object],
    own: Mapping[str, str] | None = None,
    theme: Theme = LIGHT,
    *,
    first: Iterable[object] = (),
) -> dict[str, str]:
    """One colour for each label, the same whatever the order in which labels come.

    Parameters
    ----------
    labels
        Cell types; repeats are allowed.
    own
        Colours stored in the data file, which win over all others.
    theme
        Light or dark.
    first
        Labels that have their colours before the others, whether they are among ``labels`` or not.

    Returns
    -------
    Hex colours by label, in order of first appearance.
    """
    names = list(dict.fromkeys(str(label) for label in labels))
    settled = label_colours(first, own, theme) if first else {}
    known = {**settled, **(own or {})}
    chosen = {name: known[name] for name in names if name in known}
    taken = {*chosen.values(), *settled.values()}
    for name in sorted(names):  # of two spellings of one type, the first by name has its colour, whatever the order
        fixed = theme.cell_types.get(canonical(name) or "")
        if name not in chosen and fixed and fixed not in taken:
            chosen[name] = fixed
            taken.add(fixed)
    free = _free(taken, theme)
    for name in sorted(name for name in names if name not in chosen):
        chosen[name] = next(free)
    return {name: chosen[name] for name in names}


def canonical(label: str) -> str | None:
    """The fixed name that ``label`` is a common spelling of; ``None`` where it is none of them."""
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    singular = plain.removesuffix("s")
    for name, spellings in _SPELLINGS.items():
        if plain in spellings or singular in spellings:
            return name
    return None


def rim(colour: str, theme: Theme = LIGHT) -> str:
    """The outline of a mark of this colour: a darker one where the colour is too pale for the panel."""
    return theme.rims.get(colour.upper(), colour)


def _free(taken: Iterable[str], theme: Theme) -> Iterator[str]:
    """Colours not in ``taken``; once all are used, glasbey again from its start."""
    from colorcet import palette

    shown = dict(zip(LIGHT.cell_types.values(), theme.cell_types.values(), strict=True))
    okabe_ito = [theme.text if colour == "#000000" else shown.get(colour, colour) for colour in OKABE_ITO]
    glasbey = [colour.upper() for colour in palette["glasbey_category10"]]
    used = {colour.upper() for colour in taken}
    yield from (colour for colour in okabe_ito if colour.upper() not in used)
    used.update(colour.upper() for colour in okabe_ito)
    yield from (colour for colour in glasbey if colour not in used)
    yield from cycle(glasbey)
