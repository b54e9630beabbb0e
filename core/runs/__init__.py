"""Runs: a directory, its status, and how its worker is started."""
