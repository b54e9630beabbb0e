"""Pieces of the Prepare pages: files and their meaning, quality, and the gene search."""
