"""Simulated cells: count models fitted to real cells, and how like them the drawn ones are."""
