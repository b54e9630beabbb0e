"""The Pathways page's tables: the strongest findings, and how clean the units are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.figures.set_names import plain_names
from core.project import Project
from core.runs.run import Run
from core.tasks.impact_step import Impact
from core.tasks.impact_words import FINDS_TOO
from pages.ui import show

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

STRONGEST = 5
TABLE_HEIGHT = 114
NEW = "selected"
"""State whose colour marks what only the network finds."""
FINDINGS = {
    "unit": show.Column("Unit", strong=True),
    "gene_set": show.Column("Gene set"),
    "impact": show.Column("Impact", "number", ".2f"),
    "z": show.Column("Above null (z)", "number", ".1f", help="Standard deviations above shuffled genes."),
    "p_adjusted": show.Column("Adjusted p", "number", ".1g", help="Benjamini and Hochberg over all sets and units."),
    "label": show.Column("Cells", help="Cell type in whose cells the unit is highest on average."),
    "no_network": show.Column(
        "No network",
        "chip",
        help="Whether a plain difference finds the set too: its rank when the means of this type and of all other "
        "cells are simply compared.",
    ),
    "other_runs": show.Column("Other runs", help="Other runs of this project where some unit answers to the set."),
}


def findings(found: Impact, other_runs: dict[str, set[str]], name: str) -> tuple[str, str] | None:
    """The strongest findings; returns gene set and column of the chosen row."""
    strongest = found.findings.head(STRONGEST)
    empty = not len(strongest)
    with show.card("Strongest findings", subtitle="None beyond chance; the highest z" if empty else "") as panel:
        _download(panel.actions, found, name)
        rows = _highest(found) if empty else strongest
        table = _shown(rows, found, other_runs)
        columns = {field: column for field, column in FINDINGS.items() if field in table}
        if found.facts.get("target", "code") != "code":
            columns["unit"] = show.Column("Answer for", strong=True)
        event = show.table(table, columns, key=f"findings-{name}", select="row")
    if not event.selected:
        return None
    row = rows.iloc[event.selected[0]]
    return str(row["gene_set"]), str(row["unit"] if found.units is None else row["label"])


def _highest(found: Impact) -> pd.DataFrame:
    """The pairs with the highest z, of differences with the largest, whether or not they are beyond chance."""
    long = found.z.reset_index().melt("gene_set", var_name="unit", value_name="z")
    both_sides = found.around_zero and found.units is None
    rows = long.assign(size=long["z"].abs() if both_sides else long["z"]).nlargest(STRONGEST, "size")
    rows = rows.drop(columns="size").reset_index(drop=True)
    pairs = list(zip(rows["gene_set"], rows["unit"], strict=True))
    rows["impact"] = [found.impact.at[pair] for pair in pairs]
    rows["p_adjusted"] = [found.p.at[pair] for pair in pairs]
    if found.units is not None:
        rows = rows.assign(label=rows["unit"], unit=[found.units.at[pair] for pair in pairs])
    return rows


def _shown(rows: pd.DataFrame, found: Impact, other_runs: dict[str, set[str]]) -> pd.DataFrame:
    names = plain_names(map(str, found.impact.index))
    table = rows.assign(
        unit=rows["unit"].str.removeprefix("unit_"), gene_set=[names[name] for name in rows["gene_set"]]
    )
    if "control_rank" in rows and not bool(rows["control_rank"].isna().to_numpy().all()):
        table["no_network"] = [_chip(rank) for rank in rows["control_rank"]]
    if other_runs and len(found.findings):
        held = [sum(name in sets for sets in other_runs.values()) for name in rows["gene_set"]]
        table["other_runs"] = [f"{count} of {len(other_runs)}" for count in held]
    if "label" in table and bool(table["label"].isna().to_numpy().all()):
        table = table.drop(columns="label")
    return table


def _chip(rank: object) -> tuple[str, str] | None:
    if pd.isna(rank):  # type: ignore[arg-type]  an integer or pandas' NA
        return None
    number = int(rank)  # type: ignore[call-overload]  an integer
    return ("missing", f"Yes, rank {number}") if number <= FINDS_TOO else (NEW, f"No, rank {number}")


def _download(slot: DeltaGenerator, found: Impact, name: str) -> None:
    number = len(found.findings)
    slot.download_button(
        f"All {number:,} as CSV" if number > 1 else "The finding as CSV" if number else "The whole table as CSV",
        data=(found.findings if number else found.impact.reset_index()).to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        type="tertiary",
        key="findings-csv",
        on_click="ignore",
    )


def cleanliness(found: Impact, project: Project, run: Run) -> None:
    """How far units stand for different things, beside the other runs of the project."""
    facts = found.facts
    with show.card("How clean the units are", help=CLEAN_HELP):
        show.facts(
            [
                show.Number(f"winning sets, {facts['units']} {_columns_of(found)}", str(facts["winners"])),
                show.Number("likeness, median r", f"{facts['likeness']:.2f}"),
                show.Number(f"{_columns_of(found)} beyond chance", str(facts["beyond_chance"])),
            ]
        )
        rows = [{"run": f"{run.name}, shown", **_cleanness(facts)}]
        if "untrained" in facts:
            rows.append({"run": "Untrained network", **_cleanness(facts["untrained"])})
        others = [each for each in project.runs() if each.summary.get("impact") and each.directory != run.directory]
        rows += [{"run": each.name, **_cleanness(each.summary["impact"])} for each in others]
        if len(rows) > 1:
            show.table(rows, OTHER_RUNS, key="clean-runs", height=TABLE_HEIGHT)
        else:
            show.table(winners(found.impact), WINNERS, key="clean-winners", height=TABLE_HEIGHT)


def _cleanness(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {field: facts.get(field) for field in ("winners", "winners_by_z", "likeness", "beyond_chance")}


def _columns_of(found: Impact) -> str:
    """What the columns are."""
    return "units" if found.units is None and found.facts.get("target", "code") == "code" else "types"


def winners(impact: pd.DataFrame) -> pd.DataFrame:
    """Gene sets by the number of units in which they have the largest impact."""
    names = plain_names(map(str, impact.index))
    count = impact.idxmax().astype(str).value_counts()
    return pd.DataFrame({"gene_set": [names[str(name)] for name in count.index], "units": count.to_numpy()})


OTHER_RUNS = {
    "run": "Run",
    "winners": show.Column("Sets", "number"),
    "winners_by_z": show.Column("By z", "number"),
    "likeness": show.Column("Likeness", "number", ".2f"),
    "beyond_chance": show.Column("Beyond", "number"),
}
WINNERS = {"gene_set": "Winning set", "units": show.Column("Units", "number")}
CLEAN_HELP = (
    "In a clean code every unit answers to a set of its own: many different sets win, and two units are little alike "
    "(r near 0). Impact profiles near r = 1 mean that the units repeat each other. By z: sets that win by their "
    "distance from shuffled genes, since small sets win more often by chance. Beyond: units with a set beyond chance. "
    "**An untrained network** may score as well: then these numbers tell nothing of what was learned."
)


def other_runs(project: Project, run: Run) -> dict[str, set[str]]:
    """Gene sets beyond chance in the project's other runs, by run."""
    found = {}
    for each in project.runs():
        path = each.directory / "impact_findings.csv"
        if each.directory != run.directory and path.exists():
            found[each.name] = set(map(str, pd.read_csv(path)["gene_set"]))
    return found
