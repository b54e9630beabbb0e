"""Loss while training: the total, with its best epoch, and each term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import names_in, numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, chart, end_names, end_room, faded, legend_of, round_ticks

TERM_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "reconstruction": "Rebuild the genes",
        "classes": "Cell types",
        "proportions": "Proportions",
        "kl": "Divergence of the code",
        "orthogonality": "Orthogonal code",
        "decorrelation": "Decorrelated code",
        "l1": "L1",
        "l2": "L2",
    }
)
FEWEST_EPOCHS = 20
"""Epochs that an axis has room for from the beginning."""
BETWEEN = 0.09
"""Room between two plots side by side, in shares of the width."""
_SPLIT_TITLES = {"training": "Training", "validation": "Validation"}


def loss_curves(
    metrics: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    log: bool = False,
    smoothing: float = 0.0,
    epochs: int | None = None,
    best: int | None = None,
    value: str = "loss",
    y_title: str = "Loss per cell",
    level: tuple[float, str] | None = None,
) -> go.Figure:
    """Total loss per epoch, one line per split; several runs are overlaid, their training lines dotted.

    Parameters
    ----------
    metrics
        Columns epoch, split (training or validation), the one named by ``value``, and run where there are several.
    theme
        Light or dark.
    log
        Logarithmic loss axis.
    smoothing
        0 for none to below 1 for much; the values as they are stay visible behind.
    epochs
        Planned epochs of a run that still trains: the axis leaves room for those to come. None: it ends with the
        table.
    best
        Epoch marked with a dashed line.
    value
        Column that is drawn: any value of an epoch.
    y_title
        What the values are.
    level
        A reference line and what it is, such as the machine's peak.
    """
    runs = names_in(metrics, "run") if "run" in metrics else [None]
    last_epoch = float(metrics["epoch"].max()) if len(metrics) else 1.0
    end = last_epoch if epochs is None else _right_end(last_epoch, epochs)
    inside = last_epoch < 0.7 * end
    traces, ends, shown = [], [], []
    for run, split, part in _lines(metrics):
        colour, raw = _colour(runs, run, split, theme), numbers(part, value)
        values, x = smoothed(raw, smoothing), numbers(part, "epoch")
        if smoothing:
            traces.append(_line(x, raw, {"color": faded(colour, 0.25), "width": 1}, hoverinfo="skip"))
        name = _SPLIT_TITLES.get(split, split) if run is None else str(run)
        dash = "dot" if run is not None and split == "training" else "solid"
        whole = f"{name} {split}" if run is not None else name
        line = {"color": colour, "width": 2, "dash": dash}
        traces.append(_line(x, values, line, name=whole, hovertemplate="%{y:.4g}"))
        shown.append(values)
        if (run is None or split == "validation" or not _has_validation(metrics, run)) and len(part):
            last = float(np.log10(max(values[-1], 1e-300)) if log else values[-1])
            ends.append((float(x[-1]), last, f"{name}{' ' if inside else '<br>'}{_short(values[-1])}", colour))
    low, high = _limits([*shown, np.array([level[0]])] if level and shown else shown, log)
    ticks = round_ticks(0, end, steps=[size * 10**power for power in range(7) for size in (1, 2, 5)])
    marks, words = end_names(ends, low, high), theme.muted
    lines = []
    if level is not None:
        lines.append(_across("y", level[0], words))
        place = float(np.log10(level[0])) if log else level[0]
        marks.append(_remark(level[1], x=0, xref="paper", y=place, yanchor="bottom"))
    if best is not None:
        lines.append(_across("x", best, words))
        marks.append(_remark("best so far" if epochs else "best", x=best, y=1, yref="paper", yanchor="top"))
    return chart(
        traces,
        theme,
        xaxis=axis("Epoch", range=[0, end]) | {"tickvals": ticks},
        yaxis=axis(y_title, range=[low, high], type="log" if log else "linear"),
        hovermode="x unified",
        shapes=lines,
        annotations=marks,
        **({"margin_r": end_room(ends)} if ends and not inside else {}),
    )


def loss_terms(
    metrics: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    weights: Mapping[str, float] | None = None,
    log: bool = False,
    smoothing: float = 0.0,
) -> go.Figure:
    """Each term of the loss beside the others, unweighted.

    Parameters
    ----------
    metrics
        Columns epoch, split, term, value.
    theme
        Light or dark.
    weights
        Weight of each term in the total.
    log, smoothing
        As in ``loss_curves``.
    """
    terms = names_in(metrics, "term")
    traces, titles, axes = [], [], {}
    for column, term in enumerate(terms):
        number = str(column + 1) if column else ""
        for _, split, part in _lines(where(metrics, "term", term)):
            colour = theme.training if split == "training" else theme.validation
            traces.append(
                _line(
                    numbers(part, "epoch"),
                    smoothed(numbers(part, "value"), smoothing),
                    {"color": colour, "width": 2},
                    name=_SPLIT_TITLES.get(split, split),
                    legendgroup=split,
                    showlegend=column == 0,
                    hovertemplate="%{y:.4g}",
                    xaxis=f"x{number}",
                    yaxis=f"y{number}",
                )
            )
        under = f"weight {weights[term]:g}" if weights and term in weights else ""
        title = f"<b>{TERM_TITLES.get(term, term)}</b>"
        titles.append(
            {
                "text": f'{title}<br><span style="color:{theme.muted}">{under}</span>',
                "font": {"color": theme.text},
                **{"x": 0, "y": 1, "xref": f"x{number} domain", "yref": "paper"},
                **{"xanchor": "left", "yanchor": "bottom", "yshift": 6, "xshift": -24, "align": "left"},
            }
        )
        width = (1 - BETWEEN * (len(terms) - 1)) / len(terms)
        left = column * (width + BETWEEN)
        axes[f"xaxis{number}"] = axis(
            "Epoch", rangemode="tozero", nticks=4, domain=[left, left + width], anchor=f"y{number}"
        )
        scale: dict[str, Any] = {"type": "log"} if log else {"rangemode": "tozero"}
        axes[f"yaxis{number}"] = axis("" if column else "Loss per cell", nticks=5, anchor=f"x{number}", **scale)
    legend, below = legend_of([trace["name"] for trace in traces if trace["showlegend"]], constant=False)
    layout = {"margin": {"t": 44, "b": below}, "showlegend": True, "legend": legend, "annotations": titles}
    return chart(traces, theme, **layout, **axes)


def _line(x: np.ndarray, y: np.ndarray, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, **more}


def _across(direction: str, place: float, colour: str) -> dict[str, Any]:
    """A dashed line through the whole plot at ``place`` of the axis ``direction``."""
    other = "y" if direction == "x" else "x"
    ends = {f"{direction}0": place, f"{direction}1": place, f"{other}0": 0, f"{other}1": 1, f"{other}ref": "paper"}
    return {"type": "line", "line": {"color": colour, "width": 1, "dash": DASHED}, **ends}


def _remark(text: str, **place: Any) -> dict[str, Any]:
    return {"text": text, "xanchor": "left", "xshift": 5, **place}


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential mean of (n,) values, free of the pull towards its start; ``weight`` 0 leaves them as they are."""
    if not weight:
        return values
    total, norm, result = 0.0, 0.0, np.empty_like(values, dtype=float)
    for position, value in enumerate(values):
        total = weight * total + (1 - weight) * value
        norm = weight * norm + (1 - weight)
        result[position] = total / norm
    return result


def _short(value: float) -> str:
    """Three decimals, fewer of large values, and two digits of small ones."""
    size = abs(value)
    form = ",.0f" if size >= 1000 else ".3f" if size >= 0.01 or size == 0 else ".2g"
    return f"{value:{form}}".replace("-", "−") if "e" not in f"{value:{form}}" else f"{value:{form}}"


def _lines(metrics: pd.DataFrame) -> Iterator[tuple[str | None, str, pd.DataFrame]]:
    """Run, split and rows of each line."""
    for run in names_in(metrics, "run") if "run" in metrics else [None]:
        of_run = metrics if run is None else where(metrics, "run", run)
        for split in names_in(of_run, "split"):
            yield run, split, where(of_run, "split", split, by="epoch")


def _colour(runs: list, run: object, split: str, theme: Theme) -> str:
    if run is not None:
        return theme.lines[runs.index(run) % len(theme.lines)]
    return theme.training if split == "training" else theme.validation


def _has_validation(metrics: pd.DataFrame, run: object) -> bool:
    return bool((where(metrics, "run", run)["split"] == "validation").any())


def _right_end(last: float, planned: int) -> float:
    """Where the axis ends while epochs are still added: in steps, so that it seldom moves."""
    end = FEWEST_EPOCHS
    while end < 2 * last:
        end *= 2
    return float(min(end, planned))


def _limits(shown: list[np.ndarray], log: bool) -> tuple[float, float]:
    values = np.concatenate(shown) if shown else np.array([0.0, 1.0])
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(values):
        return (0.0, 1.0)
    values = np.log10(values) if log else values
    low, high = float(values.min()), float(values.max())
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - room, high + room
