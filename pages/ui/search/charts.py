"""The charts of a search: trials across their settings, the best so far, and which settings mattered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.figures.search import Upright, best_so_far, importance_bars, parallel_coordinates
from core.runs.differences import said, setting_title
from core.search import report
from core.search.folder import Search
from core.search.sampling import FEWEST_FOR_IMPORTANCE, present_settings
from core.search.trial import Trial, best, is_judged
from core.specs import Dimension, SearchSpec
from pages.ui import session, show, theme
from pages.ui.search.plan import metric_words

HEIGHT = 262
VIEW, VIEWS = "search.view", ("Best so far", "What mattered")


def across(spec: SearchSpec, trials: Sequence[Trial], chosen: Trial | None) -> None:
    """Each trial as a line over its settings."""
    help = "A line for each trial. Strong lines have good values, dotted ones were stopped early; orange is the chosen."
    with show.card("Trials across their settings", help=help):
        complete = [trial.value for trial in trials if is_judged(trial)]
        # trials that were stopped early are poor, and would press the others together at the axis' better end
        values = [each for each in complete or [trial.value for trial in trials] if each is not None]
        if not values:
            _waiting("The first trial has no epoch yet.")
            return
        table = report.trial_table(spec, trials)
        drawn = table.copy()
        for each in spec.dimensions:
            if each.kind == "choices":
                drawn[each.path] = [_word(each, trial.settings[each.path]) for trial in trials]
        uprights = [_upright(each) for each in spec.dimensions]
        value = Upright("value", metric_words(spec.metric), min(values), max(values))
        figure = parallel_coordinates(
            drawn,
            uprights,
            value,
            theme.current(),
            higher_is_better=spec.higher_is_better,
            chosen=chosen.number if chosen else None,
        )
        show.figure(figure, "trials", table=table, height=HEIGHT, alt="Settings and value of each trial")


def beside(search: Search, spec: SearchSpec, trials: Sequence[Trial]) -> None:
    """The best so far, or which settings mattered."""
    st.session_state.setdefault(VIEW, session.kept(VIEW, VIEWS[0]))
    with show.card(key="search-beside"):
        view = st.segmented_control(
            "Show",
            VIEWS,
            key=VIEW,
            label_visibility="collapsed",
            required=True,
            on_change=lambda: session.keep(VIEW, st.session_state[VIEW]),
        )
        if view == VIEWS[1]:
            _importance(search, spec, trials)
        else:
            _best(search, spec, trials)


def _best(search: Search, spec: SearchSpec, trials: Sequence[Trial]) -> None:
    table = report.best_so_far(spec, trials)
    if table.empty:
        _waiting("No trial has completed.")
        return
    found = best(trials, spec)
    again = report.spread(trials, found.number) if found else {"mean": None}
    now = present_settings(spec, search.base)
    present = next((each.value for each in trials if is_judged(each) and each.settings == now), None)
    figure = best_so_far(
        table,
        theme.current(),
        y_title=metric_words(spec.metric),
        present=present,
        repeats=None if again["mean"] is None else (again["mean"], again["sd"] or 0.0),
    )
    show.figure(figure, "best-so-far", table=table, height=HEIGHT, alt="The best value after each trial")


def _importance(search: Search, spec: SearchSpec, trials: Sequence[Trial]) -> None:
    shares = search.importance.get("shares")
    if not shares:
        done = sum(is_judged(trial) for trial in trials)
        if len(spec.dimensions) < 2:
            _waiting("One setting varies, so there is nothing to compare it with.")
        elif done < FEWEST_FOR_IMPORTANCE:
            _waiting(f"This needs {FEWEST_FOR_IMPORTANCE} complete trials; there are {done}.")
        else:
            _waiting("Not computed yet, or all trials have the same value.")
        return
    titled = {setting_title(path): share for path, share in shares.items()}
    figure = importance_bars(titled, theme.current())
    show.figure(figure, "importance", height=HEIGHT - 20, alt="Share of the differences that each setting explains")
    show.text(f"fANOVA over {search.importance['trials']} complete trials.", muted=True)


def _upright(dimension: Dimension) -> Upright:
    title = setting_title(dimension.path)
    if dimension.kind == "choices":
        return Upright(dimension.path, title, choices=tuple(_word(dimension, each) for each in dimension.choices))
    low, high = dimension.ends
    return Upright(dimension.path, title, low, high, dimension.log)


def _word(dimension: Dimension, value: object) -> str:
    return said(dimension.path, value).removeprefix(setting_title(dimension.path)).strip()


def _waiting(words: str) -> None:
    with st.container(height=HEIGHT, border=False):
        show.text(words, muted=True)
