"""A network as one SVG: encoder and code on the left, decoder above, heads below, what is minimised at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pages.ui.diagram.shapes import BAR, COLOURS, Bar, bar_height, bar_svg, described, named, ribbon_svg, text

WIDTH = 840
LEFT, RIGHT = 70, 64
ENCODER_ROOM, BRANCH_ROOM = 180.0, 120.0
MIDDLE = 176.0
DECODER_MIDDLE, HEAD_MIDDLE = 100.0, 318.0
HEAD_ROOM, HEAD_BELOW = 100.0, 110.0
LOSSES_LEFT, LOSSES_STEP = WIDTH - 190.0, 20
HEAD_STEP, HEAD_WORDS = 118.0, 110.0
USUAL_HEIGHT, FLATTEST = 404.0, 0.85

Row = Mapping[str, Any]


def diagram_svg(
    layers: Sequence[Row],
    *,
    chosen: int | None = None,
    inputs: str = "genes",
    input_words: str = "log1p",
    minimised: Sequence[tuple[str, float, str]] = (),
    height: float = USUAL_HEIGHT,
) -> str:
    """Draw ``layers``.

    Parameters
    ----------
    layers
        Rows of ``core.networks.shape.layer_table``.
    chosen
        Index of the row that is outlined.
    inputs, input_words
        What goes in, and how it is scaled.
    minimised
        Kind of the layer, weight and sentence of each loss: ``("decoder", 1.0, "rebuild the genes")``.
    height
        Height to fill, where the drawing is 840 wide; a drawing that needs more takes more.

    Returns
    -------
    One ``<svg>`` element whose colours are the style sheet's variables.
    """
    trunk, branches = placed(layers, inputs, input_words, stretch=max(FLATTEST, height / USUAL_HEIGHT))
    parts = [text(LEFT - BAR / 2, 14, "Encoder", "cd-quiet")]
    parts += [ribbon_svg(a, b, layers[b.row]["weights"]) for a, b in _steps(trunk) if b.row is not None]
    for number, branch in enumerate(branches):
        begin = trunk[-1]
        share = (number / len(branches), (number + 1) / len(branches))
        parts.append(ribbon_svg(begin, branch[0], layers[branch[0].row or 0]["weights"], share=share))
        parts += [ribbon_svg(a, b, layers[b.row]["weights"]) for a, b in _steps(branch) if b.row is not None]
        parts.append(_heading(branch))
    bars = [*trunk, *(bar for branch in branches for bar in branch)]
    lowest = max(bar.bottom + (34 if bar.beside else 76) for bar in bars)
    height = max(lowest + 34, 84 + LOSSES_STEP * len(minimised), height)
    parts += [bar_svg(bar, chosen=chosen is not None and bar.row == chosen) for bar in bars]
    parts.append(_minimised(minimised, _losses_left(branches), height - 42))
    parts.append(_legend(height - 8, bars))
    return (
        f'<svg class="cd-diagram" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img"'
        f' aria-label="Network with {len(layers)} layers">{"".join(parts)}</svg>'
    )


def placed(
    layers: Sequence[Row], inputs: str = "genes", input_words: str = "", *, stretch: float = 1.0
) -> tuple[list[Bar], list[list[Bar]]]:
    """Where every bar lies: the trunk from the input to the code, and the branches behind it (decoder, heads).

    The longest way through the network fills the width; ``stretch`` multiplies all heights.
    """
    trunk_rows = [(at, row) for at, row in enumerate(layers) if row["kind"] in ("encoder", "code")]
    groups = [
        [(at, row) for at, row in enumerate(layers) if row["kind"] in kinds]
        for kinds in (("decoder", "output"), ("class",), ("proportion",))
    ]
    branches = [group for group in groups if group]
    columns = len(trunk_rows) + max((len(group) for group in branches), default=0)
    step = (WIDTH - LEFT - RIGHT) / max(columns, 1)
    beside = len(branches) > 1
    if beside:
        # the words of a head, and what is minimised behind them, need their room below the decoder
        step = min(step, (LOSSES_LEFT - HEAD_WORDS - HEAD_STEP - LEFT) / len(trunk_rows))
    n_inputs = int(layers[0]["inputs"]) if layers else 1
    largest = max([n_inputs, *(int(row["units"]) for row in layers)])
    middle, room = MIDDLE * stretch, ENCODER_ROOM * stretch
    trunk = [
        Bar(LEFT, middle, bar_height(n_inputs, largest, room), "input", n_inputs, inputs, input_words, room=step),
        *_bars(trunk_rows, LEFT + step, step, middle, largest, room),
    ]
    code = trunk[-1].x
    made, lowered = [], HEAD_MIDDLE * stretch
    for group in branches:
        step = (WIDTH - RIGHT - code) / len(group)
        if group[0][1]["kind"] in ("decoder", "output"):
            # hidden layers are counted through, from the input to the output
            hidden = sum(row["kind"] == "encoder" for _, row in trunk_rows)
            upper, room = DECODER_MIDDLE * stretch, BRANCH_ROOM * stretch
            made.append(_bars(group, code + step, step, upper, largest, room, before=hidden))
        elif not beside:
            made.append(_bars(group, code + step, step, middle, largest, HEAD_ROOM * stretch))
        else:
            step = min(step, (LOSSES_LEFT - HEAD_WORDS - code) / len(group), HEAD_STEP)
            bars = _bars(group, code + step, step, lowered, largest, HEAD_ROOM)
            made.append([replace(bar, beside=bar is bars[-1]) for bar in bars])
            lowered += HEAD_BELOW
    return trunk, made


def _bars(
    rows: Sequence[tuple[int, Row]],
    start: float,
    step: float,
    middle: float,
    largest: int,
    room: float,
    *,
    before: int = 0,
) -> list[Bar]:
    return [
        Bar(
            start + number * step,
            middle,
            bar_height(int(row["units"]), largest, room),
            row["kind"],
            int(row["units"]),
            named(row, before + number + 1),
            described(row),
            float(row.get("dropout", 0.0)),
            row.get("norm", "none"),
            at,
            room=step,
        )
        for number, (at, row) in enumerate(rows)
    ]


def _steps(bars: Sequence[Bar]) -> list[tuple[Bar, Bar]]:
    return list(pairwise(bars))


def _heading(branch: Sequence[Bar]) -> str:
    first, heads = branch[0], {"class": "Class head", "proportion": "Proportion head"}
    if first.kind not in heads:
        return text(first.x - BAR / 2, 14, "Decoder", "cd-quiet")
    above = min(first.top, first.y - 24) - 8
    if first.beside:
        return text(first.x - BAR / 2, above, heads[first.kind], "cd-quiet")
    return text(first.x, above, heads[first.kind], "cd-quiet", anchor="middle")


def _losses_left(branches: Sequence[Sequence[Bar]]) -> float:
    below = [bar.x for branch in branches for bar in branch if bar.beside]
    return min(max(below, default=LOSSES_LEFT) + HEAD_WORDS, LOSSES_LEFT)


def _minimised(losses: Sequence[tuple[str, float, str]], left: float, bottom: float) -> str:
    if not losses:
        return ""
    top = bottom - LOSSES_STEP * len(losses) - 2
    parts = [text(left, top, "Minimised together", "cd-head")]
    for at, (kind, weight, sentence) in enumerate(losses):
        y = top + 22 + LOSSES_STEP * at
        parts.append(f'<rect x="{left}" y="{y - 9}" width="10" height="10" rx="2" fill="{COLOURS[kind]}"/>')
        parts.append(text(left + 56, y, f"{weight:g}" if weight != 1 else "1.0", "cd-head", anchor="end"))
        parts.append(text(left + 64, y, sentence, "cd-name"))
    return "".join(parts)


def _legend(y: float, bars: Sequence[Bar]) -> str:
    x = LEFT - BAR / 2
    parts = []
    if any(bar.dropout for bar in bars):
        parts.append(f'<rect x="{x}" y="{y - 10}" width="11" height="11" rx="2" fill="var(--cd-hidden)"/>')
        parts.append(
            f'<rect x="{x}" y="{y - 4}" width="11" height="5" rx="1" fill="var(--cd-panel)" fill-opacity="0.42"/>'
        )
        parts.append(text(x + 17, y, "shaded end: dropout", "cd-quiet"))
        x += 140
    if any(bar.norm != "none" for bar in bars):
        parts.append(f'<rect x="{x}" y="{y - 11}" width="4" height="13" fill="var(--cd-norm)"/>')
        parts.append(text(x + 10, y, "thin bar: norm", "cd-quiet"))
        x += 118
    parts.append(text(x, y, "bar height: number of units, log scale", "cd-quiet"))
    parts.append(text(x + 236, y, "between bars: number of weights", "cd-quiet"))
    return "".join(parts)
