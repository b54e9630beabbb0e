"""Figures: tables in, plotly out."""
