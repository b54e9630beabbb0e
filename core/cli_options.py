"""What the command line takes: its parser, the options that all learning verbs share, and the files of each verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, get_args

from core.cli_bridge import add_bridge_options
from core.errors import SpecError
from core.recipes import DEFAULTS
from core.runs.launch import Where

USER_MISTAKE = 2
"""What the command ends with after a mistake of the user."""


class Parser(argparse.ArgumentParser):
    """argparse with errors in three parts."""

    def error(self, message: str) -> None:  # type: ignore[override]
        what, _, value = message.removeprefix("argument ").partition(": ")
        if what == "the following arguments are required":
            what, value = "The command lacks what it needs", f"no {value}"
        elif message.startswith("argument "):
            reason, _, value = value.partition(": ")
            what, value = f"{what} cannot be used: {reason}", value or f"none for {what}"
        else:
            what = f"The command cannot be read: {what}"
        error = SpecError(what, value or None, f"See {self.prog} --help")
        sys.stderr.write(f"{error}\n")
        raise SystemExit(USER_MISTAKE)


def add_verb(
    verbs: Any, name: str, act: Callable, help_text: str, with_recipe: bool = True, with_where: bool = True
) -> argparse.ArgumentParser:
    """Add a verb with the options that all learning verbs share.

    Parameters
    ----------
    verbs
        What ``add_subparsers`` gave.
    name, act, help_text
        The verb, what performs it, and its line in the help.
    with_recipe, with_where
        Whether a recipe and a place to run can be chosen.
    """
    verb = verbs.add_parser(name, help=help_text)
    verb.set_defaults(verb=act)
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the results")
    if with_recipe:
        verb.add_argument("--recipe", help=f"a name, or a recipe file; default {DEFAULTS[name]}")
    verb.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help="any setting")
    verb.add_argument("--seed", type=int, help="the same seed repeats the same numbers")
    verb.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], help="default auto")
    verb.add_argument("--threads", type=int, help="CPU threads")
    if not with_where:
        return verb
    verb.add_argument("--where", choices=get_args(Where), default="here", help="this machine, or a SLURM cluster")
    verb.add_argument("--partition", metavar="P", help="part of the cluster; its default if none is named")
    return verb


def represent_files(represent: argparse.ArgumentParser) -> None:
    """The cells of represent, and their gene sets."""
    represent.add_argument("--data", required=True, metavar="FILE", help="cells")
    represent.add_argument("--gene-sets", metavar="GMT", help="gene sets; without them 2,000 variable genes")


def annotate_files(annotate: argparse.ArgumentParser) -> None:
    """The reference, the query and the bridge of annotate."""
    annotate.add_argument("--reference", metavar="FILE", help="cells with known labels")
    annotate.add_argument("--labels", metavar="COLUMN", help="column of the reference that holds them")
    annotate.add_argument("--query", required=True, metavar="FILE", help="cells to be labelled")
    add_bridge_options(annotate)


def deconvolve_files(deconvolve: argparse.ArgumentParser) -> None:
    """The references, the bulk samples and what is known of them."""
    deconvolve.add_argument("--reference", nargs="+", metavar="FILE", help="cells with known labels")
    deconvolve.add_argument("--labels", nargs="+", metavar="COLUMN", help="column that holds them")
    deconvolve.add_argument("--types", metavar="CSV", help="reference,label,cell_type: common names of the labels")
    bulk_help = "bulk samples, genes in rows or columns; each file is a cohort of its own"
    deconvolve.add_argument("--bulk", required=True, nargs="+", metavar="FILE", help=bulk_help)
    deconvolve.add_argument("--truth", metavar="CSV", help="measured proportions, samples x types, to compare with")
    deconvolve.add_argument("--samples", metavar="CSV", help="sample sheet: samples x group, age, batch and so on")


def evaluate_files(evaluate: argparse.ArgumentParser) -> None:
    """The labelled cells of evaluate."""
    evaluate.add_argument("--data", required=True, metavar="FILE", help="cells or samples")
    evaluate.add_argument("--labels", required=True, metavar="COLUMN", help="column that holds their types")
    evaluate.add_argument("--paper", metavar="RECIPE", help="the experiments of that recipe's own paper")
