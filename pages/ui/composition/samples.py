"""What each bulk sample is made of, and the chosen sample in detail."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.composition import composition_bars, composition_heatmap
from core.figures.palette import label_colours
from core.project import Project
from core.results import Results
from core.tasks.colours import run_colours
from pages.ui import session, show, theme
from pages.ui.composition import merge

MOST_GROUPS = 12
MOST_BARS = 60
PLOT_WIDTH = 560
"""Pixels that the bars are likely to have."""
HEAD, ROW, MOST_TYPES, FACT = 30, 28, 8, 22
"""Pixels of the head and of a row of the table of intervals, rows before it scrolls, pixels of a fact below it."""


def every(project: Project, results: Results) -> str:
    """The card of all samples; the name of the sample that is chosen."""
    proportions = merge.merged(project, results.table("composition"))
    names = [str(name) for name in proportions.index]
    kept = f"sample/{results.run.directory.name}"
    chosen = session.kept(kept, names[0])
    chosen = chosen if chosen in names else names[0]
    n = len(names)
    with show.card("Composition of each sample", subtitle=f"{n:,} bulk {'sample' if n == 1 else 'samples'}") as card:
        with card.actions:
            way = st.segmented_control(
                "Show",
                ["Bars", "Heatmap", "Table"],
                default="Bars" if n <= MOST_BARS else "Heatmap",
                required=True,
                label_visibility="collapsed",
                key="composition-shown",
            )
            group = _group(results)
        if way == "Table":
            picked = _table(proportions, names.index(chosen), results)
        else:
            picked = _chart(results, proportions, chosen, group if way == "Bars" else None, bars=way == "Bars")
    if picked is not None and picked != chosen:
        session.keep(kept, picked)
        st.rerun()
    return chosen


def one(project: Project, results: Results, sample: str) -> None:
    """Proportions of one sample with their intervals, and how far the sample can be trusted."""
    intervals = results.table("intervals")
    rows = intervals.loc[intervals.index == sample, :]
    level = float(rows["level"].iloc[0])
    facts = results.table("samples").loc[sample]
    with show.card(
        f"Sample {sample}",
        help="The intervals were learned on simulated mixtures, of which they hold the share they name. A real sample "
        "from another laboratory may lie outside more often.",
        subtitle=f"{100 * level:.0f} % intervals",
    ):
        proportions = merge.merged(project, results.table("composition"))
        _intervals(proportions.loc[sample], rows, level, colours(results, proportions))
        show.key_values(_facts(results, sample))
        if bool(facts["flagged"]):
            show.note("Read this sample with care: no mixture of the reference looks like it.", "attention")


def height(results: Results, types: int) -> int:
    """Pixels of the chart of all samples, as high as the table of ``types`` and the facts of one sample beside it."""
    facts = len(_facts(results, str(results.table("samples").index[0])))
    return _table_height(types) + 8 + FACT * facts


def _table_height(types: int) -> int:
    return HEAD + ROW * min(types, MOST_TYPES)


def colours(results: Results, proportions: pd.DataFrame) -> dict[str, str]:
    """One colour for each column; a type keeps its own whatever was merged."""
    every_type = run_colours(results, theme.current())
    return label_colours(proportions.columns, every_type, theme.current(), first=every_type)


def _chart(
    results: Results, proportions: pd.DataFrame, chosen: str, group: pd.Series | None, *, bars: bool
) -> str | None:
    if bars:
        groups = None if group is None else group.astype(str).tolist()
        shades = colours(results, proportions)
        fig = composition_bars(
            proportions, theme.current(), groups=groups, selected=chosen, colours=shades, width=PLOT_WIDTH
        )
    else:
        fig = composition_heatmap(proportions, theme.current())
    points = show.figure(
        fig,
        "composition",
        table=proportions.reset_index(),
        height=height(results, len(proportions.columns)) if bars else None,
        select=bars,
        alt="Proportions of the cell types in each sample",
    )
    if not points:
        return None
    data = points[0].get("customdata")
    return str(data["0"] if isinstance(data, dict) else data[0]) if data else None


def _table(proportions: pd.DataFrame, chosen: int, results: Results) -> str | None:
    columns = {
        "sample": show.Column("Sample", strong=True),
        **{str(name): show.Column(str(name), "number", ".1f%") for name in proportions.columns},
    }
    key = f"composition-{results.run.directory.name}"
    event = show.table(
        proportions.reset_index(),
        columns,
        key=key,
        select="row",
        selected=(chosen,),
        height=height(results, len(proportions.columns)),
    )
    return str(proportions.index[event.selected[0]]) if event.selected else None


def _group(results: Results) -> pd.Series | None:
    obs = results.obs
    options = [str(name) for name in obs if 1 < obs[name].nunique() <= min(MOST_GROUPS, len(obs) - 1)]
    if not options:
        return None
    name = st.selectbox(
        "Group",
        options,
        index=None,
        placeholder="Group: none",
        label_visibility="collapsed",
        width=140,
        key=f"composition-group-{results.run.directory.name}",
    )
    return None if name is None else results.column(str(name))


def _intervals(shares: pd.Series, rows: pd.DataFrame, level: float, shades: dict[str, str]) -> None:
    """Types of ``shares`` in order; merged ones have no interval of their own."""
    known = rows.set_index("cell_type")
    table = pd.DataFrame({"cell_type": shares.index.astype(str), "proportion": shares.to_numpy(float)})
    single = [
        name in known.index and abs(known.loc[name, "proportion"] - share) < 1e-9
        for name, share in zip(table["cell_type"], table["proportion"], strict=True)
    ]
    ends = [
        (float(known.loc[name, "low"]), share, float(known.loc[name, "high"])) if alone else None
        for name, share, alone in zip(table["cell_type"], table["proportion"], single, strict=True)
    ]
    table["words"] = [f"{100 * end[0]:.1f} to {100 * end[2]:.1f}" if end else "merged" for end in ends]
    table["interval"] = ends
    top = max([share for share in table["proportion"]] + [end[2] for end in ends if end])
    columns = {
        "cell_type": show.Column("Cell type", "swatch", colours=shades),
        "proportion": show.Column("Share", "number", ".1f%", strong=True),
        "words": show.Column(f"{100 * level:.0f} % interval"),
        "interval": show.Column(" ", "range", limits=(0.0, top), colours=shades, colour_by="cell_type"),
    }
    show.table(table, columns, key="sample-intervals", height=_table_height(len(table)))


def _facts(results: Results, sample: str) -> dict[str, str]:
    facts, summary = results.table("samples").loc[sample], results.run.summary
    better = 100 * float(facts["out_of_reference"])
    fit = "as good as simulated mixtures" if better <= 50 else f"worse than {better:.0f} % of simulated mixtures"
    members = int(summary.get("networks", 1))
    missing, genes = int(summary["missing_genes"]), int(summary["genes"])
    words = {
        "Fit of the rebuilt sample": f"{fit} (log ratio {float(facts['residual']):.2f})",
        "Looks like nothing in the reference": "**Yes**" if bool(facts["flagged"]) else "No",
        "Genes missing from the bulk file": f"{missing:,} of {genes:,}" + (", the mean stands in" if missing else ""),
    }
    if members > 1:
        spread = results.table("spread").loc[[sample], "spread"]
        words[f"{members} networks agree within"] = f"{100 * float(spread.max()):.1f} %"
    if float(facts["linear_weight"]) > 0:
        words["Share of the linear model"] = f"{100 * float(facts['linear_weight']):.0f} %"
    return words
