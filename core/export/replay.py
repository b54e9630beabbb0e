"""How the picture formed, as a file of its own that plays in any browser, and what the player needs on a page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from core.figures.shades import label_shades, ramp_shades

ASSETS = Path(__file__).parents[2] / "assets"
SCRIPTS = ("gl", "view", "save", "plot", "pointer", "parts")
"""Files of ``assets/scatter`` that the player is built on."""
UNKNOWN = "unknown"
"""What cells without a known type are called; it has the grey of cells that are not assigned."""
OUTLYING = 0.002
"""Share of positions at each side that may lie outside the window, which all moments share."""
STEPS = 32_000
"""Positions are sent as whole numbers from minus to plus this, a finer grid than any screen's."""


def player(
    positions: np.ndarray,
    epochs: Sequence[int],
    *,
    labels: Sequence[str],
    part: Sequence[str],
    classes: Sequence[str] = (),
    called: np.ndarray | None = None,
    probability: np.ndarray | None = None,
    kept: int | None = None,
    colours: Mapping[str, str] | None = None,
    caption: str = "",
) -> dict[str, Any]:
    """What the player in the browser needs, as JSON; arrays as base64.

    Parameters
    ----------
    positions
        (n_frames, n_cells, 2).
    epochs
        (n_frames,), the last finished epoch of each frame.
    labels, part
        (n_cells,), known type (empty for none), and the set each cell comes from.
    classes
        Types that the network calls.
    called, probability
        (n_frames, n_cells), number of the called class and its probability; None where the network calls none.
    kept
        Epoch of the network that the run ended with.
    colours
        The file's own colours by label.
    caption
        What the two axes are.
    """
    names = sorted({*classes, *(label for label in labels if label)})
    shown = [*names, UNKNOWN] if any(not label for label in labels) else names
    numbers = {name: number for number, name in enumerate(names)} | {"": len(names)}
    parts = list(dict.fromkeys(part))
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6)
    window = (np.quantile(positions, [OUTLYING, 1 - OUTLYING], axis=(0, 1)) - middle) / half
    grid = np.round((positions - middle) / half * STEPS).astype("<i2")
    data: dict[str, Any] = {
        "cells": positions.shape[1],
        "epochs": [int(epoch) for epoch in epochs],
        "kept": kept,
        "x": _packed(grid[..., 0]),
        "y": _packed(grid[..., 1]),
        "steps": STEPS,
        "window": window.T.round(4).ravel().tolist(),
        "labels": shown,
        "kind": "called" if called is not None and 2 * sum(map(bool, labels)) < len(labels) else None,
        "known": _packed(np.array([numbers[label] for label in labels], dtype="<u2")) if any(labels) else None,
        "colours": label_shades(shown, colours, first=classes),
        "ramp": ramp_shades(),
        "parts": parts,
        "part": _packed(np.array([parts.index(name) for name in part], dtype=np.uint8)),
        "caption": caption,
    }
    if called is not None and probability is not None:
        place = np.array([numbers[name] for name in classes], dtype="<u2")
        data["called"] = _packed(place[called])
        data["probability"] = _packed(np.round(255 * np.clip(probability, 0, 1)).astype(np.uint8))
    return data


def replay_page(data: Mapping[str, Any], title: str) -> str:
    """A whole HTML page that plays ``data`` without a network, in the reader's light or dark theme.

    Parameters
    ----------
    data
        As ``player`` makes it.
    title
        Shown above the picture.
    """
    scripts = [ASSETS / "scatter" / f"{name}.js" for name in SCRIPTS] + [ASSETS / "replay" / "player.js"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    style = (ASSETS / "replay" / "page.css").read_text(encoding="utf-8") + _parts_of_style("Scatter", "Replay")
    content = json.dumps(dict(data)).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head>\n"
        f'<body><h1>{escape(title)}</h1><div id="replay"></div>\n'
        f'<script id="data" type="application/json">{content}</script>\n'
        f'<script type="module">{code}\n'
        'const dark = matchMedia("(prefers-color-scheme: dark)").matches;\n'
        'document.documentElement.style.colorScheme = dark ? "dark" : "light";\n'
        'const replay = new Replay(document.getElementById("replay"));\n'
        'replay.show({ ...JSON.parse(document.getElementById("data").textContent), name: "replay", height: 560 });\n'
        "</script></body></html>\n"
    )


def _parts_of_style(*headings: str) -> str:
    """The parts of the app's style sheet under ``headings``."""
    parts = (ASSETS / "style.css").read_text(encoding="utf-8").split("\n/* ")
    return "\n".join(part.partition("*/")[2] for part in parts if part.partition(" */")[0] in headings)


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
