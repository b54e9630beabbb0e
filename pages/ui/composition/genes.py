"""The genes that the networks look at for each type, and whether they mean anything."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.figures.gene_gradients import gradient_heatmaps
from core.interpretation.top_genes import Sign
from core.model_header import ModelHeader
from core.specs import DeconvolveSpec, GradientSpec, content_key
from core.tasks import composition_genes as genes
from core.tasks import composition_top as top
from core.tasks import composition_words as words
from core.tasks.composition_genes import Gradients
from core.tasks.gene_steps import TABLE as STEPS
from pages.ui import background, cache, forms, session, show, theme
from pages.ui.composition.desk import Desk
from pages.ui.explore import finished
from pages.ui.network import write

ALL = "All three"
COLUMNS, PANELS = 44, 3
"""Genes whose names fit side by side, and panels below each other."""
MAPS, TABLE, CONTROL = 620, 254, 254
"""Pixels of the heat maps, of the table of genes and of that of the controls."""
FEW = 9
"""Types of which three heat maps fit on one screen."""
WIDEST = 3.0
"""Standard deviations of the strongest colour, at most."""
HELP = (
    "The mean over samples and networks of how much the answer for a type changes with a gene. Each map holds the "
    "genes that are among the strongest of any type: by size, those that raise the answer, and those that lower it."
)
GENES_HELP = (
    "Gradient with its standard error over the samples. In type and Others: mean ln(1 + CP10K) in cells of the type "
    "and in all other cells. Marker: place among the type's markers, a dash for none. Agree: networks whose gradient "
    "has the same sign."
)
CONTROL_HELP = (
    "Markers are the genes that are highest in a type against all other cells, found without a network. Adjusted p: "
    "that as many random genes of the network would be markers (hypergeometric, Benjamini and Hochberg over the "
    "types). In all: genes that every network of the run has among its strongest."
)
SCALED_HELP = "Less its mean over the types, over its standard deviation, so that colours compare types and not genes."
GENE_COLUMNS = {
    "gene": show.Column("Gene", "gene"),
    "gradient": show.Column("Gradient", "number"),
    "mean": show.Column("In type", "number", ".2f"),
    "mean_others": show.Column("Others", "number", ".2f"),
    "marker": show.Column("Marker", "number"),
    "agree": show.Column("Agree", "number"),
}


def view(desk: Desk) -> None:
    """Draw the view."""
    run = desk.results.run
    spec = _spec(desk)
    kept = cache.shared(
        finished.key(run, "gradients", genes.key(run, spec), _written(desk)), lambda: genes.stored(run, spec)
    )
    if kept is None:
        _missing(desk, spec)
        return
    left, right = st.columns([724, 448], gap=12)
    with left:
        answer, spec = _maps(desk, kept, spec)
    with right:
        _strongest(desk, kept, answer, spec)
        _control(kept, answer, spec)
    show.note(words.reading_words(kept, answer))


def _spec(desk: Desk) -> GradientSpec:
    """The draft's settings where it takes bulk apart, else the run's own."""
    draft, run = desk.project.draft.analysis, desk.results.run
    spec = draft.gradients if isinstance(draft, DeconvolveSpec) else genes.settings(run.spec)
    return spec.model_copy(update={"reference": min(spec.reference, _references(desk))})


def _references(desk: Desk) -> int:
    """References that the run's model was learned from, each by itself."""
    path = desk.results.run.model_path
    key = content_key("references", str(path), path.stat().st_mtime_ns)
    return cache.table(key, lambda: ModelHeader.read(path).references)


def _missing(desk: Desk, spec: GradientSpec) -> None:
    text = "Follow every gene to the share of every type through the networks of this run; it takes some seconds"
    show.empty("Not computed yet", text, icon="genetics")
    with st.container(horizontal=True, horizontal_alignment="center"):
        asked = st.button("Follow the genes", icon=":material/play_arrow:", key="gradients-compute")
    if asked:
        arguments = {"run": str(desk.results.run.directory), "settings": spec.model_dump()}
        with st.spinner("Following every gene to the share of each type"):
            done = session.attempt(lambda: background.call("core.tasks.composition_genes:compute", **arguments))
        if done is not None:
            st.rerun()


def _maps(desk: Desk, kept: Gradients, spec: GradientSpec) -> tuple[str, GradientSpec]:
    """The heat maps with their controls; which answer is looked at, and with which settings."""
    with show.card("Genes behind each type", help=HELP, key="gene-gradients") as card:
        with card.actions:
            answer, shown = _chosen(desk, kept)
            spec, scaled = _settings(desk, spec)
            _steps(desk)
        signs = top.SIGNS if shown == ALL else (_sign(shown),)
        most = COLUMNS if shown == ALL else COLUMNS * PANELS
        n = top.drawable(kept, answer, signs, spec.top, most)
        tables = {sign: top.heat(kept, answer, sign, n, scaled=scaled) for sign in signs}
        panels = [part for sign, table in tables.items() for part in _folded(words.SIGN_WORDS[sign], table)]
        show.figure(
            gradient_heatmaps(
                panels,
                theme.current(),
                title="Standard deviations of the gene over types" if scaled else "Gradient",
                limit=_limit(list(tables.values()), WIDEST if scaled else math.inf),
                height=MAPS,
            ),
            "gene_gradients",
            table=pd.concat(tables, names=["genes"]).reset_index(),
            alt="Gradients of the strongest genes of every type",
        )
        fewer = f" Drawn: the {n} strongest of each type, so that names can be read." if n < spec.top else ""
        show.text(f"{words.reference_words(kept)}{fewer}", muted=True)
    return answer, spec


def _chosen(desk: Desk, kept: Gradients) -> tuple[str, str]:
    """Which gradient, and which heat maps."""
    hidden = "collapsed"
    answer = st.selectbox(
        "Gradient of",
        genes.ANSWERS,
        format_func=words.ANSWER_WORDS.__getitem__,
        label_visibility=hidden,
        width=236,
        key=f"gradients-of-{desk.name}",
    )
    choices, first = [ALL, *words.SIGN_WORDS.values()], 0 if len(kept.types) <= FEW else 2
    shown = st.selectbox(
        "Heat maps", choices, index=first, label_visibility=hidden, width=108, key=f"gradients-maps-{desk.name}"
    )
    return str(answer), str(shown)


def _settings(desk: Desk, spec: GradientSpec) -> tuple[GradientSpec, bool]:
    """The settings as they are now, and whether genes are scaled; settings are kept where the draft has them."""
    draft = desk.project.draft
    with st.popover("", icon=":material/tune:", key="gradients-settings", help="Settings of the gradients"):
        fields = ("top", "markers", "profiles", *(("reference",) if _references(desk) > 1 else ()))
        made = forms.edit(spec, f"analysis.gradients.{draft.recipe}", fields, folded=True)
        if isinstance(draft.analysis, DeconvolveSpec):
            write.settings(desk.project, "analysis.gradients", spec, made)
        scaled = st.toggle("Scale each gene", value=True, key="gradients-scaled", help=SCALED_HELP)
    return made, bool(scaled)


def _steps(desk: Desk) -> None:
    """How the genes were chosen; nothing for runs that did not count the steps."""
    if not desk.results.has(STEPS):
        return
    table = desk.results.table(STEPS)
    with st.popover("", icon=":material/filter_alt:", key="gradients-steps", help="How these genes were chosen"):
        columns = {"step": "What was asked of a gene", "genes": show.Column("Genes left", "number", ",.0f")}
        if table["reference"].nunique() > 1:
            columns = {"reference": "Reference", **columns}
        show.table(table, columns, key=f"gene-steps-{desk.name}", height=360)


def _strongest(desk: Desk, kept: Gradients, answer: str, spec: GradientSpec) -> None:
    with show.card("Strongest genes", help=GENES_HELP, key="strongest-of-type") as card:
        with card.actions:
            signs = [words.SIGN_WORDS[sign] for sign in ("positive", "negative", "absolute")]
            sign = st.selectbox(
                "Sign",
                signs,
                index=signs.index(words.SIGN_WORDS[top.FOR[answer]]),
                label_visibility="collapsed",
                width=108,
                key=f"gradients-sign-{answer}",
            )
            name = st.selectbox(
                "Type", kept.types, label_visibility="collapsed", width=136, key=f"gradients-type-{desk.name}"
            )
        rows = top.strongest(kept, answer, str(name), _sign(str(sign)), spec.top, spec.markers)
        shown = [
            {
                **row,
                "gradient": {"text": f"{row['gradient']:+.2g} ± {row['se']:.1g}", "sort": row["gradient"]},
                "agree": f"{row['agree'] * int(kept.facts['networks']):.0f} of {kept.facts['networks']}",
                "marker": f"{row['marker_rank']:.0f}" if row["marker"] else "–",
            }
            for row in rows.to_dict("records")
        ]
        columns = {key: column for key, column in GENE_COLUMNS.items() if key != "agree" or _several(kept)}
        key = f"gradients-{desk.name}-{answer}-{name}-{sign}"
        show.table(shown, columns, key=key, height=TABLE, empty="No gene has this sign.")


def _control(kept: Gradients, answer: str, spec: GradientSpec) -> None:
    table = top.control(kept, answer, spec.top, spec.markers)
    rows = [
        {
            "cell_type": row["cell_type"],
            "markers": f"{row['found']:.0f} of {row['genes']:.0f}",
            "expected": row["expected"],
            "p": "< 0.001" if row["adjusted_p"] < 0.001 else f"{row['adjusted_p']:.3f}",
            "common": row["common"],
            "in_all": f"{row['in_all']:.0f} of {spec.top}",
        }
        for row in table.to_dict("records")
    ]
    columns = {
        "cell_type": show.Column("Type", strong=True),
        "markers": show.Column("Markers", "number"),
        "expected": show.Column("By chance", "number", ".1f"),
        "p": show.Column("Adjusted p", "number"),
    }
    if _several(kept):
        columns["in_all"] = show.Column("In all", "number")
    with show.card("Do they mean anything?", help=CONTROL_HELP, key="gradients-control"):
        show.table(rows, columns, key=f"gradients-control-{answer}", height=CONTROL)
        show.text(f"{words.markers_words(table, answer)} {words.networks_words(kept, table)}")


def _folded(name: str, table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """A table as panels of as many genes as can be named side by side."""
    parts = [table.iloc[:, start : start + COLUMNS] for start in range(0, max(len(table.columns), 1), COLUMNS)]
    return [(name if number == 0 else f"{name}, continued", part) for number, part in enumerate(parts)]


def _several(kept: Gradients) -> bool:
    return int(kept.facts["networks"]) > 1


def _limit(tables: list[pd.DataFrame], most: float) -> float:
    """The strongest value of any table, at most ``most``; 1 where all are 0."""
    strongest = max((float(table.abs().to_numpy().max()) for table in tables if table.size), default=0.0)
    return min(strongest, most) or 1.0


def _sign(word: str) -> Sign:
    return next(sign for sign, own in words.SIGN_WORDS.items() if own == word)  # type: ignore[return-value]  the keys are signs


def _written(desk: Desk) -> int:
    path = genes.folder(desk.results.run) / genes.FACTS
    return path.stat().st_mtime_ns if path.exists() else 0
