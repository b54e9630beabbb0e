"""Figures as PNG, SVG and PDF files, drawn by a Chromium that is on this machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from core.errors import MissingExtraError, RunError, SpecError
from core.files import write_bytes

if TYPE_CHECKING:
    import plotly.graph_objects as go

Format = Literal["png", "svg", "pdf"]
SINGLE_COLUMN_MM = 85.0
DOUBLE_COLUMN_MM = 178.0
_CSS_DPI = 96.0
_MM_PER_INCH = 25.4
_ASPECT = 0.75
_TYPICAL = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def write_images(
    figures: Mapping[str, go.Figure],
    folder: Path,
    *,
    formats: Sequence[Format] = ("png", "svg"),
    width_mm: float = SINGLE_COLUMN_MM,
    height_mm: float | None = None,
    dpi: int = 300,
    browser: str | None = None,
) -> list[Path]:
    """Write each figure as ``folder/NAME.FORMAT``; sizes as for ``render``."""
    drawn = render(figures, formats=formats, width_mm=width_mm, height_mm=height_mm, dpi=dpi, browser=browser)
    return [write_bytes(folder / name, content) for name, content in drawn.items()]


def render(
    figures: Mapping[str, go.Figure],
    *,
    formats: Sequence[Format] = ("png",),
    width_mm: float = SINGLE_COLUMN_MM,
    height_mm: float | None = None,
    dpi: int = 300,
    browser: str | None = None,
) -> dict[str, bytes]:
    """Draw all figures with one start of the browser.

    Parameters
    ----------
    figures
        By file name without its ending.
    formats
        png, svg, pdf.
    width_mm
        Width on paper, millimetres; text keeps its size of 9 points.
    height_mm
        Height on paper; None: the figure's own proportions, else 3 : 4.
    dpi
        Dots per inch of a PNG.
    browser
        Path of a Chromium; None: look for one.

    Returns
    -------
    File contents by name with ending.

    Raises
    ------
    MissingExtraError
        If no browser is found.
    RunError
        If the browser does not draw.
    """
    _check(formats, width_mm, dpi)
    path = browser or find_browser()
    if path is None or not Path(path).exists():
        raise MissingExtraError(
            "Figures cannot be written as pictures, because no browser was found",
            path,
            "Install Chromium or Chrome, or set BROWSER_PATH to its program, and export again",
        )
    jobs = []
    for name, figure in figures.items():
        for kind in formats:
            width, height = size_px(figure, width_mm, height_mm)
            scale = dpi / _CSS_DPI if kind == "png" else 1.0
            jobs.append((f"{name}.{kind}", figure, {"format": kind, "width": width, "height": height, "scale": scale}))
    with ThreadPoolExecutor(1) as pool:  # a page may hold a running event loop in its own thread
        drawn = pool.submit(asyncio.run, _draw(jobs, path)).result()
    return {name: _in_mm(content) if name.endswith(".svg") else content for name, content in drawn.items()}


def size_px(figure: go.Figure, width_mm: float, height_mm: float | None = None) -> tuple[int, int]:
    """Width and height in CSS pixels of a figure that is ``width_mm`` wide."""
    width = round(width_mm / _MM_PER_INCH * _CSS_DPI)
    if height_mm is not None:
        return width, round(height_mm / _MM_PER_INCH * _CSS_DPI)
    own = figure.to_dict().get("layout", {}).get("height")
    return width, round(own) if own else round(_ASPECT * width)


def find_browser() -> str | None:
    """Path of a Chromium or Chrome: BROWSER_PATH first, then the usual places."""
    from choreographer.browsers.chromium import Chromium

    found = Chromium.find_browser(skip_local=False)
    return found or next((path for path in _TYPICAL if Path(path).exists()), None)


async def _draw(jobs: list[tuple[str, Any, Any]], browser: str) -> dict[str, bytes]:
    from choreographer.errors import BrowserClosedError, BrowserFailedError, ChannelClosedError
    from kaleido import Kaleido
    from kaleido.errors import KaleidoError

    try:
        # without mathjax=False the page asks a server for it
        async with Kaleido(n=1, mathjax=False, path=browser) as drawer:
            return {name: await drawer.calc_fig(figure, opts=options) for name, figure, options in jobs}
    except (BrowserClosedError, BrowserFailedError, ChannelClosedError, KaleidoError, TimeoutError) as error:
        raise RunError(
            "The browser did not draw the figures",
            f"{browser}: {error}",
            "Try again, or set BROWSER_PATH to another one",
        ) from error


def _check(formats: Sequence[str], width_mm: float, dpi: int) -> None:
    for kind in formats:
        if kind not in get_args(Format):
            raise SpecError("A figure cannot be written in this format", kind, f"Use {', '.join(get_args(Format))}")
    if not 20 <= width_mm <= 1000:
        raise SpecError("The figure's width is out of range", width_mm, "Use a value from 20 to 1000 mm")
    if not 50 <= dpi <= 1200:
        raise SpecError("The resolution is out of range", dpi, "Use a value from 50 to 1200 dpi")


def _in_mm(svg: bytes) -> bytes:
    """The SVG with its size in millimetres, as a page layout program wants it; its coordinates stay."""

    def millimetres(match: re.Match[str]) -> str:
        return f'{match[1]}="{float(match[2]) / _CSS_DPI * _MM_PER_INCH:.2f}mm"'

    head, rest = svg.decode().split(">", 1)
    return (re.sub(r'\b(width|height)="([\d.]+)(?:px)?"', millimetres, head) + ">" + rest).encode()
