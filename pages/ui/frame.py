"""What stands around every page: window, style, sidebar with sections and the three boxes at its foot."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from html import escape

import psutil
import streamlit as st

from core.search.folder import Search, searches
from pages.ui import session
from pages.ui.registry import ASSETS, Page
from pages.ui.show import page_header
from pages.ui.theme import load_style
from pages.ui.watch import watch

SIDEBAR_WIDTH = 208
POLL_SECONDS = 2.0
WORDS = {
    "queued": "is waiting",
    "running": "is at work",
    "finished": "finished",
    "stopped": "was stopped",
    "failed": "failed",
    "lost": "was lost",
}


def show(pages: Sequence[Page]) -> None:
    """Set the window up, draw the sidebar with ``pages``, and run the page that was asked for."""
    st.set_page_config(
        page_title="CellDesk",
        page_icon=str(ASSETS / "icon.png"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
        menu_items={},
    )
    load_style()
    st.logo(str(ASSETS / "logo.svg"), size="small")
    sections: dict[str, list] = {}
    for number, page in enumerate(pages):
        entry = st.Page(
            page.file, title=page.title, icon=f":material/{page.icon}:", url_path=page.name, default=number == 0
        )
        sections.setdefault(page.section, []).append(entry)
    chosen = st.navigation(sections, expanded=True)
    with st.sidebar:
        watch(_boxes, _training, every=POLL_SECONDS)
    home, name = pages[0].name, chosen.url_path or pages[0].name
    if name != home and session.project() is None:
        page_header(name)
        session.stop("project")
    chosen.run()


def _boxes() -> None:
    """Project, job and device."""
    boxes = (_project_box(), _job_box(), _device_box())
    st.html("".join(f'<div class="cd-box">{box}</div>' for box in boxes))


def _training() -> bool:
    run, search = _last_run(), _last_search()
    return (run is not None and run.status.active) or (search is not None and search.status.active)


def _last_run():
    return next(iter(session.runs()), None)


def _last_search() -> Search | None:
    opened = session.project()
    return next(iter(searches(opened)), None) if opened else None


def _project_box() -> str:
    opened = session.project()
    if opened is None:
        return "<div><b>No project</b></div><div>Open one on the Home page</div>"
    data = opened.draft.data
    files = sum(source is not None for source in (data.reference, data.query, data.bulk))
    runs = len(session.runs())
    return (
        f"<div><b>{escape(opened.name)}</b></div>"
        f"<div>{files} data {'set' if files == 1 else 'sets'}, {runs} {'run' if runs == 1 else 'runs'}</div>"
    )


def _job_box() -> str:
    search, run = _last_search(), _last_run()
    of_search = search is not None and run is not None and run.name.startswith(f"{search.name}, ")
    if search is not None and (search.status.active or of_search):
        return _search_box(search)
    if run is None:
        return "<div>No job</div><div>Nothing has been trained yet</div>"
    status = run.status
    head = f"<div><b>{escape(run.name)}</b> {WORDS[status.state]}</div>"
    if not status.active:
        return f"{head}<div>{_moment(status.finished or status.started or status.created)}, no other jobs</div>"
    share = 100 * status.epoch / status.epochs if status.epochs else 0
    left = f", {status.seconds_left:,.0f} s left" if status.seconds_left else ""
    words = f"Epoch {status.epoch} of {status.epochs}{left}" if status.epochs else status.phase or "Starting"
    bar = f'<div class="cd-track"><div style="width:{share:.0f}%"></div></div>'
    return f"{head}{bar}<div>{escape(words)}</div>"


def _search_box(search: Search) -> str:
    status = search.status
    if not status.active:
        head = f"<div><b>{escape(search.name)}</b> {WORDS[status.state]}</div>"
        return f"{head}<div>{_moment(status.finished or status.created)}, no other jobs</div>"
    share = 100 * status.epoch / status.epochs if status.epochs else 0
    words = f"{status.epoch} of {status.epochs} trials" if status.epochs else "Starting"
    bar = f'<div class="cd-track"><div style="width:{share:.0f}%"></div></div>'
    return f"<div><b>{escape(search.name)}</b> is at work</div>{bar}<div>{words}</div>"


def _device_box() -> str:
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = psutil.virtual_memory()
    run = _last_run()
    device = run.status.device if run and run.status.device else "CPU"
    return (
        f"<div>{escape(device.upper() if device == 'cpu' else device)}, {threads} threads</div>"
        f"<div>{memory.available / 2**30:.0f} of {memory.total / 2**30:.0f} GB memory free</div>"
    )


def _moment(seconds: float) -> str:
    """When something happened: the time today, else the day."""
    then = time.localtime(seconds)
    today = time.localtime()
    same_day = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M today", then) if same_day else time.strftime("%-d %b", then)
