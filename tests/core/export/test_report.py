from __future__ import annotations

import re
from html.parser import HTMLParser

from core.export.citations import UMAP, citations
from core.export.methods_text import Facts, methods_text
from core.export.report import Picture, Report, Section, html, write_report
from core.export.settings_text import in_words, settings
from core.recipes import recipe
from core.specs import replaced

SVG = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">'
    '<clipPath id="c1"></clipPath><g clip-path="url(#c1)" fill="#c1c1c1"></g></svg>'
)
SPEC = recipe("deepscore").for_task("annotate")
REPORT = Report(
    title="Labels <b>",
    subtitle="PBMC & more",
    data=[("Reference", "pbmc3k.h5ad"), ("Cells", 2638)],
    sections=[Section("Labels", "Text", [Picture(SVG, "One"), Picture(SVG)], ("Type", "F1"), [("B", 0.98765)])],
    settings=settings(SPEC),
    methods=methods_text(SPEC, citation="The paper."),
    citations=citations(SPEC, "The paper."),
    command="python -m core annotate",
    versions={"torch": "2.13.0"},
    fingerprints={"reference": "abc"},
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_loads_nothing():
    page = _Tags()
    page.feed(html(REPORT))
    assert page.open == []
    assert page.loads == []
    assert "<script" not in html(REPORT)
    assert set(re.findall(r"https?://[^\"' <)]+", html(REPORT))) <= {"http://www.w3.org/2000/svg"}


def test_text_is_escaped_and_numbers_are_readable():
    page = html(REPORT)
    assert "Labels &lt;b&gt;" in page
    assert "PBMC &amp; more" in page
    assert "<td class='number'>2,638</td>" in page
    assert "<td class='number'>0.9877</td>" in page


def test_ids_of_two_pictures_do_not_meet_and_colours_stay():
    page = html(REPORT)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 2
    assert 'url(#s0p0-c1)" fill="#c1c1c1"' in page


def test_it_is_one_file(tmp_path):
    write_report(REPORT, tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_methods_give_the_numbers_used():
    facts = Facts(cells=2638, genes=1712, types=8, query_cells=1200, epochs=[12], version="0.1.0")
    text = methods_text(SPEC, facts, "The paper.")
    assert "CellDesk 0.1.0, starting from its recipe for deepscore [1]" in text
    assert "2,638 reference cells, 8 cell types and 1,200 query cells" in text
    assert "512 units (relu, batch norm, dropout 0.2), 256 units (relu, batch norm, dropout 0.2) and 64 units" in text
    assert "learning rate 0.001, batches of 32" in text
    assert "(12 epochs were run)" in text
    numbers = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
    assert numbers == set(range(1, len(citations(SPEC, "The paper.")) + 1))


def test_every_task_has_a_paragraph_without_gaps():
    for name, task in (
        ("pathway_autoencoder", "represent"),
        ("digital_sorter", "deconvolve"),
        ("cell_identity_code", "evaluate"),
        ("deepscore", "annotate"),
    ):
        text = methods_text(recipe(name).for_task(task))
        assert "None" not in text
        assert "  " not in text
        assert " ." not in text
    assert UMAP in citations(SPEC)


def test_settings_read_as_titles_and_only_what_changed_where_asked():
    changed = replaced(SPEC, "seed", 5)
    rows = {setting.path: setting for setting in settings(changed)}
    assert rows["network.encoder.1.units"].title == "Encoder 2, units"
    assert rows["seed"].part == "Run"
    assert "training.momentum" in rows
    assert "training.momentum" not in {setting.path for setting in settings(changed, changed_only=True)}
    assert [in_words(value) for value in (True, 12000, 1e-05, ("a", "b"))] == ["yes", "12,000", "1e-05", "a, b"]
