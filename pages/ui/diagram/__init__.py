"""The drawing of a network: bars for layers, ribbons for weights; a click on a bar chooses its layer."""

from pages.ui.diagram.component import diagram, thumbnail
from pages.ui.diagram.drawing import diagram_svg
from pages.ui.diagram.thumbnail import diagram_thumbnail

__all__ = ["diagram", "diagram_svg", "diagram_thumbnail", "thumbnail"]
