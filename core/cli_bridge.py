"""The bridge on the command line: its file, and which of the file's parts are genes and peaks."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from core.errors import SpecError
from core.specs import BridgeSourceSpec

PARTS = {"bridge_rna": "expression", "bridge_atac": "accessibility"}
"""Field of the bridge's spec that each option sets."""


def add_bridge_options(verb: argparse.ArgumentParser) -> None:
    """Add ``--bridge`` and the names of its parts to a verb."""
    verb.add_argument("--bridge", metavar="FILE", help="multiome cells, where the query holds peaks and no genes")
    verb.add_argument("--bridge-rna", metavar="NAME", help="part of the bridge with genes; default: the one found")
    verb.add_argument("--bridge-atac", metavar="NAME", help="part of the bridge with peaks; default: the one found")


def bridge_of(options: argparse.Namespace, existing: Callable[[str], Path]) -> BridgeSourceSpec | None:
    """The bridge that the options name, if any.

    Parameters
    ----------
    options
        The parsed command line.
    existing
        The full path of a file that must be there.

    Raises
    ------
    SpecError
        If a part is named without a file.
    """
    named = {field: getattr(options, option) for option, field in PARTS.items() if getattr(options, option)}
    if options.bridge:
        return BridgeSourceSpec(path=str(existing(options.bridge)), **named)
    if named:
        raise SpecError("A part of a bridge is named, and no bridge", ", ".join(named.values()), "Give --bridge FILE")
    return None
