from __future__ import annotations

import io

import pytest

from core.errors import MissingExtraError, SpecError
from core.export.images import DOUBLE_COLUMN_MM, render, size_px, write_images
from core.figures.style import DARK, axis, chart

FIGURE = chart([{"type": "scatter", "x": [0, 1], "y": [0, 1]}], xaxis=axis("Epoch"), yaxis=axis("Loss"))


def test_a_column_of_a_journal_in_pixels():
    assert size_px(FIGURE, 85.0) == (321, 241)
    assert size_px(FIGURE, DOUBLE_COLUMN_MM, 50.8) == (673, 192)
    assert size_px(chart(height=500), 25.4) == (96, 500)


def test_no_browser_is_said_with_a_remedy(tmp_path):
    with pytest.raises(MissingExtraError) as error:
        render({"a": FIGURE}, browser=str(tmp_path / "none"))
    assert "BROWSER_PATH" in error.value.remedy


@pytest.mark.parametrize("wrong", [{"formats": ("gif",)}, {"width_mm": 3}, {"dpi": 10_000}])
def test_settings_out_of_range_are_refused_before_a_browser_starts(wrong):
    with pytest.raises(SpecError):
        render({"a": FIGURE}, **wrong)


@pytest.mark.slow
@pytest.mark.browser
def test_one_browser_draws_png_svg_and_pdf(tmp_path):
    from PIL import Image

    dark = chart(FIGURE.data, DARK)
    paths = write_images({"loss": FIGURE, "dark": dark}, tmp_path, formats=("png", "svg", "pdf"), dpi=192)
    assert sorted(path.name for path in paths) == [
        "dark.pdf",
        "dark.png",
        "dark.svg",
        "loss.pdf",
        "loss.png",
        "loss.svg",
    ]
    image = Image.open(io.BytesIO((tmp_path / "loss.png").read_bytes())).convert("RGB")
    assert image.size == (642, 482)
    assert image.getpixel((1, 1)) == (255, 255, 255)
    assert Image.open(tmp_path / "dark.png").convert("RGB").getpixel((1, 1)) == (0x17, 0x20, 0x2A)
    svg = (tmp_path / "loss.svg").read_text()
    assert 'width="84.93mm"' in svg
    assert "Epoch" in svg
    assert (tmp_path / "loss.pdf").read_bytes().startswith(b"%PDF")
