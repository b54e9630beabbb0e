"""Colours of a picture that the browser paints itself: fill and rim of each label, and a ramp, in both themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.figures.palette import label_colours, rim
from core.figures.tokens import THEMES, Theme

COLOURS_OF_A_RAMP = 256


def label_shades(
    labels: Sequence[str], own: Mapping[str, str] | None, *, first: Sequence[str] = ()
) -> dict[str, dict[str, list[str]]]:
    """Fill and rim of each label, in the light and the dark theme; ``first`` as `label_colours` has it."""
    shades = {}
    for name, theme in THEMES.items():
        colours = label_colours(labels, own, theme, first=first)
        fill = [_six_digits(colours[label]) for label in labels]
        shades[name] = {"fill": fill, "rim": [rim(colour, theme) for colour in fill]}
    return shades


def ramp_shades() -> dict[str, dict[str, list[str]]]:
    """The sequential scale of both themes, 256 colours from none to much."""
    return {name: {"fill": made, "rim": made} for name, theme in THEMES.items() for made in [_ramp(theme)]}


def _ramp(theme: Theme) -> list[str]:
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in theme.sequential], dtype=float)
    where = np.linspace(0, len(stops) - 1, COLOURS_OF_A_RAMP)
    channels = [np.interp(where, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return ["#{:02X}{:02X}{:02X}".format(*(round(value) for value in colour)) for colour in zip(*channels, strict=True)]


def _six_digits(colour: str) -> str:
    """A file's own colour as ``#RRGGBB``; other notations are read by plotly's table of names."""
    if colour.startswith("#") and len(colour) in (4, 7, 9):
        return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour[:7]
    from PIL import ImageColor

    return "#{:02X}{:02X}{:02X}".format(*ImageColor.getrgb(colour)[:3])
