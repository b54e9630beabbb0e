"""The trials of a search: how far it is, the table, and the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import RunError, SpecError
from core.project import Project
from core.runs.differences import said, setting_title
from core.search.folder import Search
from core.search.report import OPTIMISTIC, spread, with_trial
from core.search.trial import OPEN, Trial, best, judged
from core.specs import RunSpec, SearchSpec
from core.steps import staleness
from pages.ui import session, show
from pages.ui.runs.progress import duration
from pages.ui.search import head
from pages.ui.search.plan import metric_words

STATES = {
    "waiting": ("queued", "Waiting"),
    "running": ("running", "Training"),
    "complete": ("finished", "Complete"),
    "pruned": ("stopped", "Pruned"),
    "stopped": ("stopped", "Stopped"),
    "failed": ("failed", "Failed"),
    "refused": ("missing", "Refused"),
}
CARD, HEIGHT = 428, 374
"""Pixels of the card of trials, which ends at the window's lower edge, and of its table at most."""
SEEDS = 3


def chosen(search: Search, trials: Sequence[Trial], spec: SearchSpec) -> Trial | None:
    """The trial whose row was clicked, else the best."""
    number = session.kept(f"{search.directory}.trial")
    return next((each for each in trials if each.number == number), best(trials, spec))


def as_they_stand(search: Search, spec: SearchSpec) -> list[Trial]:
    """The trials, those in training with what their epochs say so far."""
    found = []
    for trial in search.trials():
        run = search.run_of(trial) if trial.state in OPEN else None
        if run is not None:
            now = judged(run.epochs(), spec.metric, restore_best=run.spec.training.restore_best)
            trial = trial.changed(value=now.value, epochs=now.epochs, seconds=now.seconds, values=now.values)
        found.append(trial)
    return found


def progress(search: Search, spec: SearchSpec, trials: Sequence[Trial]) -> None:
    """How many trials have ended, the best so far, and what went wrong where something did."""
    status = search.status
    ended = sum(trial.state not in OPEN for trial in trials)
    planned = max(spec.planned + spec.repeats, 1)
    counted = f"{ended} of {planned} trials"
    words = {"queued": "Starting", "running": counted}.get(status.state, f"{status.state.capitalize()}: {counted}")
    found = best(trials, spec)
    remark = f"best {metric_words(spec.metric)} {found.value:.4g} in trial {found.number}" if found else ""
    with show.card(key="search-progress", height="content"):
        show.progress(words, ended / planned, remark)
    if status.state == "failed" and status.error:
        show.error(RunError(status.error["what"], status.error.get("value"), status.error.get("remedy", "")))
    elif status.state == "lost":
        text = "The process of this search ended without a word. Its trials are kept; it can go on with what is left."
        if show.note(text, "failed", actions=("Resume",), key="search-lost"):
            head.resume(search)


def table_card(search: Search, spec: SearchSpec, trials: Sequence[Trial]) -> None:
    """One row for each trial; a click chooses it, a link opens its run."""
    shown = chosen(search, trials, spec)
    with show.card("Trials", subtitle="A click chooses one. Its number opens its run.", height=CARD):
        rows = [_row(trial, spec) for trial in trials]
        numbers = [trial.number for trial in trials]
        leader = best(trials, spec)
        event = show.table(
            rows,
            _columns(spec, trials),
            key=f"trials-{search.directory.name}-{len(trials)}",
            select="row",
            selected=[numbers.index(shown.number)] if shown else [],
            height=HEIGHT,
            empty="The first trial is about to start.",
            best={"value": numbers.index(leader.number)} if leader else None,
        )
    if event.clicked is not None:
        open_run(search, trials[event.clicked.row])
    picked = numbers[event.selected[0]] if event.selected else None
    if picked is not None and shown is not None and picked != shown.number:
        session.keep(f"{search.directory}.trial", picked)
        st.rerun()


def chosen_card(project: Project, draft: RunSpec, search: Search) -> None:
    """The chosen trial: its value, its settings, what its value is worth, and the button that takes it over."""
    spec, trials = search.spec, search.trials()
    trial = chosen(search, trials, spec)
    if trial is None:
        return
    leader = best(trials, spec)
    is_best = leader is not None and leader.number == trial.number
    subtitle = "the best so far" if is_best else STATES[trial.state][1].lower()
    with show.card(f"Trial {trial.number}", subtitle=subtitle, height="content", key="chosen-trial"):
        facts = {_capital(metric_words(spec.metric)): "none" if trial.value is None else f"**{trial.value:.4g}**"}
        facts |= {_capital(setting_title(path)): _value(path, trial) for path in spec.paths}
        if is_best:
            facts |= _repeated(trials, trial)
        show.key_values(facts)
        if trial.reason:
            show.text(trial.reason, muted=True)
        with st.container(horizontal=True, gap=8):
            use = st.button("Use this one", icon=":material/check:", key="search-use", disabled=_used(draft, trial))
            opened = st.button("Open run", key="search-open", disabled=not trial.run)
        if is_best:
            _repeat(search, trials, trial)
            show.text(OPTIMISTIC, muted=True)
        _changed_since(draft, search, trial)
    if use:
        words = f"The draft has the settings of trial {trial.number}."
        if session.attempt(lambda: project.edit(lambda now: with_trial(now, trial)), done=words) is not None:
            st.rerun()
    if opened:
        open_run(search, trial)


def open_run(search: Search, trial: Trial) -> None:
    """Show the run of ``trial`` on the Runs page."""
    run = search.run_of(trial)
    if run is None:
        st.toast("This trial has no run.")
        return
    session.choose_run(run)
    session.go("runs")


def _repeat(search: Search, trials: Sequence[Trial], trial: Trial) -> None:
    """A button for runs of the best trial with other seeds, once the search is over."""
    done = sum(each.repeats == trial.number for each in trials)
    words = f"Repeat with {SEEDS} {'more' if done else 'other'} seeds"
    if search.status.active or not st.button(words, icon=":material/repeat:", key="search-repeat"):
        return

    def again() -> bool:
        search.repeat(sum(bool(each.repeats) for each in trials) + SEEDS)
        return True

    if session.attempt(again):
        head.resume(search)


def _repeated(trials: Sequence[Trial], trial: Trial) -> dict[str, str]:
    again = spread(trials, trial.number)
    if again["mean"] is None:
        return {"With other seeds": "not tried"}
    sd = "" if again["sd"] is None else f" ± {again['sd']:.2g}"
    return {f"With {len(again['values'])} other seeds": f"**{again['mean']:.4g}{sd}**"}


def _used(draft: RunSpec, trial: Trial) -> bool:
    """Whether the draft has the trial's settings."""
    try:
        return with_trial(draft, trial) == draft
    except SpecError:
        return False


def _changed_since(draft: RunSpec, search: Search, trial: Trial) -> None:
    """Say what else has changed in the draft since the search."""
    try:
        because = staleness(with_trial(search.base, trial), with_trial(draft, trial))
    except SpecError as problem:
        because = problem.what
    if because:
        show.note(f"The draft has changed since this search: {because}.", "attention", key="search-stale")


def _columns(spec: SearchSpec, trials: Sequence[Trial]) -> dict[str, show.Column | str]:
    columns: dict[str, show.Column | str] = {
        "trial": show.Column("Trial", "link"),
        "state": show.Column("State", "chip"),
        "value": show.Column(_capital(metric_words(spec.metric)), "number", ".4f"),
        "epochs": show.Column("Epochs", "number"),
        "time": show.Column("Time", "number", help="Of its epochs; reading the files comes on top."),
        **{path: show.Column(_capital(setting_title(path)), "number") for path in spec.paths},
    }
    if any(trial.repeats for trial in trials):
        columns["seed"] = show.Column("Seed", "number")
    return columns


def _row(trial: Trial, spec: SearchSpec) -> dict[str, Any]:
    name = f"{trial.number}, repeats {trial.repeats}" if trial.repeats else str(trial.number)
    return {
        "trial": name if trial.run else {"text": name},
        "state": STATES[trial.state],
        "value": trial.value,
        "epochs": trial.epochs or None,
        "time": {"text": duration(trial.seconds), "sort": trial.seconds} if trial.epochs else None,
        **{path: _cell(path, trial) for path in spec.paths},
        "seed": trial.seed,
    }


def _cell(path: str, trial: Trial) -> Any:
    value = trial.settings[path]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if number else _value(path, trial)


def _value(path: str, trial: Trial) -> str:
    return said(path, trial.settings[path]).removeprefix(setting_title(path)).strip()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
