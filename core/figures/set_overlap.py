"""Genes that gene sets share, as a heat map."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.figures.heatmaps import BAR, heatmap
from core.figures.style import LIGHT, Theme


def overlap_heatmap(jaccard: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Set x set, 0 to 1; the rows alone are named, since the columns are the same sets in the same order.

    Parameters
    ----------
    jaccard
        Symmetric; index and columns are the names.
    theme
        Light or dark.
    """
    figure = heatmap(jaccard, theme, title="Jaccard index, 0 to 1", low=0, high=1)
    figure.update_xaxes(showticklabels=False)
    figure.update_layout(margin_b=BAR)
    return figure
