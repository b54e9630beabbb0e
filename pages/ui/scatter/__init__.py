"""Pictures of up to a million cells, drawn by the browser's graphics card; a lasso sends back its outline only."""

from pages.ui.scatter.component import legend, scatter, tools
from pages.ui.scatter.points import ScatterEvent
from pages.ui.scatter.select import inside

__all__ = ["ScatterEvent", "inside", "legend", "scatter", "tools"]
