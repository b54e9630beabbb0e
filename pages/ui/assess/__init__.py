"""Pieces of the pages in the section Assess."""
