"""One self-contained page about a run: data, settings, figures, methods, versions. It asks no server for anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

from core.export.settings_text import Setting
from core.figures.style import CODE_FONT, FONT, LIGHT
from core.files import write_text


@dataclass(frozen=True)
class Picture:
    """A figure as SVG with its caption."""

    svg: str
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    text: str = ""
    pictures: Sequence[Picture] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()


@dataclass(frozen=True)
class Report:
    """Everything that the page shows.

    ``data``: rows of (what, value); ``versions`` and ``fingerprints`` by name; ``command`` repeats the run.
    """

    title: str
    subtitle: str = ""
    data: Sequence[tuple[str, object]] = ()
    sections: Sequence[Section] = ()
    settings: Sequence[Setting] = ()
    methods: str = ""
    citations: Sequence[str] = ()
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)


def write_report(report: Report, path: Path) -> Path:
    """Write ``report`` as one HTML file."""
    return write_text(path, html(report))


def html(report: Report) -> str:
    """``report`` as HTML; every text is escaped, the pictures lie inside it."""
    title = escape(report.title)
    body = [f"<h1>{title}</h1>", f"<p class='muted'>{escape(report.subtitle)}</p>" if report.subtitle else ""]
    if report.data:
        body += ["<h2>Data</h2>", _table((), report.data)]
    for number, section in enumerate(report.sections):
        body.append(_section(section, number))
    if report.methods:
        references = "".join(f"<li>{escape(citation)}</li>" for citation in report.citations)
        body += ["<h2>Methods</h2>", f"<p>{escape(report.methods)}</p>", f"<ol>{references}</ol>"]
    if report.settings:
        body.append("<h2>Settings</h2>")
        for part, group in groupby(report.settings, key=lambda setting: setting.part):
            body += [f"<h3>{escape(part)}</h3>", _table((), [(setting.title, setting.value) for setting in group])]
    if report.command:
        body += ["<h2>The same without a browser</h2>", f"<pre>{escape(report.command)}</pre>"]
    named = [*report.versions.items(), *((f"{role} fingerprint", mark) for role, mark in report.fingerprints.items())]
    if named:
        body += ["<h2>Versions and fingerprints</h2>", _table((), named)]
    meta = "<meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
    head = f"{meta}<title>{title}</title><style>{_STYLE}</style>"
    return f"<!DOCTYPE html>\n<html lang='en-GB'><head>{head}</head><body><main>{''.join(body)}</main></body></html>\n"


def _section(section: Section, number: int) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>", f"<p>{escape(section.text)}</p>" if section.text else ""]
    for place, picture in enumerate(section.pictures):
        caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
        parts.append(f"<figure>{_inline(picture.svg, f's{number}p{place}')}{caption}</figure>")
    if section.rows:
        parts.append(_table(section.columns, section.rows))
    return f"<section>{''.join(parts)}</section>"


def _inline(svg: str, prefix: str) -> str:
    """The SVG without its XML head, its ids made unique on the page."""
    svg = svg[svg.index("<svg") :]
    names = set(re.findall(r'\bid="([^"]+)"', svg))
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return re.sub(r"#([\w-]+)", lambda match: f"#{prefix}-{match[1]}" if match[1] in names else match[0], svg)


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f"<td class='number'>{f'{value:,}' if isinstance(value, int) else f'{value:,.4g}'}</td>"
    return f"<td>{escape(str(value))}</td>"


_STYLE = f"""
body {{ margin: 0; background: {LIGHT.page}; color: {LIGHT.text}; font: 14px/20px {FONT};
  font-variant-numeric: tabular-nums; }}
main {{ max-width: 840px; margin: 24px auto; padding: 24px 32px; background: {LIGHT.panel};
  border: 1px solid {LIGHT.border}; border-radius: 6px; }}
h1 {{ font-size: 20px; line-height: 24px; font-weight: 600; margin: 0 0 4px; }}
h2 {{ font-size: 15px; line-height: 20px; font-weight: 600; margin: 24px 0 8px; }}
h3 {{ font-size: 13px; line-height: 18px; font-weight: 600; margin: 12px 0 4px; color: {LIGHT.muted}; }}
.muted, figcaption {{ color: {LIGHT.muted}; font-size: 13px; line-height: 18px; }}
figure {{ margin: 12px 0; }} svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-size: 13px; line-height: 18px; width: 100%; }}
th {{ text-align: left; font-size: 12px; background: {LIGHT.page}; }}
td, th {{ padding: 5px 8px; border-bottom: 1px solid {LIGHT.grid}; vertical-align: top; overflow-wrap: anywhere; }}
.number {{ text-align: right; }}
pre {{ font: 12px/16px {CODE_FONT}; background: {LIGHT.page}; border: 1px solid {LIGHT.border}; border-radius: 4px;
  padding: 12px; white-space: pre-wrap; }}
"""
