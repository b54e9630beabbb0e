"""Fetching from servers, which a small one on this machine stands for: requests to any host are led there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests.adapters

from core.errors import DataError, RunError
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.recipes import recipe
from core.tasks import set_fetch

RELEASES = '<a href="../">up</a> <a href="7.5/">7.5/</a> <a href="2023.2.Hs/">x</a> <a href="2024.1.Hs/">y</a>'
RELEASES += '<a href="2024.1.Mm/">z</a>'
FILES = '<a href="h.all.v2024.1.Hs.symbols.gmt">a</a> <a href="h.all.v2024.1.Hs.entrez.gmt">b</a>'
FILES += '<a href="c5.go.bp.v2024.1.Hs.symbols.gmt">c</a>'
PAGES = {
    "/gsea-msigdb/msigdb/release/": RELEASES,
    "/gsea-msigdb/msigdb/release/2024.1.Hs/": FILES,
    "/gsea-msigdb/msigdb/release/2024.1.Hs/h.all.v2024.1.Hs.symbols.gmt": "HYPOXIA\tlink\tVEGFA\tCA9\nEMT\tlink\tVIM\n",
    "/Enrichr/datasetStatistics": json.dumps({"statistics": [{"libraryName": "Blood"}, {"libraryName": "Azimuth"}]}),
    "/Enrichr/geneSetLibrary?mode=text&libraryName=Blood": "T cell\t\tCD3D,1.0\tCD3E,1.0\nB cell\t\tMS4A1,1.0\n",
    "/FlyEnrichr/datasetStatistics": "<html>closed</html>",
}


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = PAGES.get(self.path) or PAGES.get(self.path.replace("//", "/"))
        self.send_response(200 if text else 404)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = requests.adapters.HTTPAdapter.send

    def led(self, request, *arguments, **more):
        parts = urlsplit(request.url)
        request.url = f"http://127.0.0.1:{server.server_port}{parts.path}{'?' + parts.query if parts.query else ''}"
        return own(self, request, *arguments, **more)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", led)
    # the package shows a function under this module's name
    monkeypatch.setattr(import_module("gseapy.enrichr"), "DEFAULT_CACHE_PATH", str(tmp_path / "cache"))
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self, request, *_, **__):
        raise requests.ConnectionError(f"HTTPSConnectionPool(host='{urlsplit(request.url).hostname}', port=443): no")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", refuse)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create("Fetched", recipe("mixer").for_task("deconvolve"), tmp_path / "project")


def test_libraries_are_those_of_the_newest_release_of_the_species(online):
    assert set_fetch.libraries("MSigDB, human") == ["c5.go.bp, 2024.1.Hs", "h.all, 2024.1.Hs"]
    assert set_fetch.libraries("Enrichr, human symbols") == ["Azimuth", "Blood"]


@pytest.mark.parametrize(
    ("source", "library", "sets"),
    [
        ("MSigDB, human", "h.all, 2024.1.Hs", {"HYPOXIA": ("VEGFA", "CA9"), "EMT": ("VIM",)}),
        ("Enrichr, human symbols", "Blood", {"T cell": ("CD3D", "CD3E"), "B cell": ("MS4A1",)}),
    ],
)
def test_a_fetched_library_is_a_file_of_the_project_that_says_source_and_date(online, project, source, library, sets):
    answer = set_fetch.fetch(str(project.root), source, library)
    path = Path(answer["path"])
    assert path.is_relative_to(project.root) and answer["sets"] == 2
    found = read_gmt(path)
    assert dict(found) == sets
    said = f"{library}, {source}, fetched {time.strftime('%Y-%m-%d')}"
    assert set(found.descriptions.values()) == {said}


def test_an_unknown_library_or_source_is_refused(online, project):
    for source, library in (("MSigDB, human", "c9, 2024.1.Hs"), ("Enrichr, human symbols", "Nothing")):
        with pytest.raises(DataError, match="no such library"):
            set_fetch.fetch(str(project.root), source, library)
    with pytest.raises(DataError, match="no such source"):
        set_fetch.libraries("KEGG, human")


def test_an_answer_that_is_no_list_or_refused_is_said(online):
    with pytest.raises(RunError, match="otherwise than expected"):
        set_fetch.libraries("Enrichr, fly")
    with pytest.raises(RunError, match="404"):
        set_fetch.libraries("Enrichr, worm")


@pytest.mark.parametrize("source", set_fetch.SOURCES)
def test_offline_the_message_names_the_server_and_what_to_do_at_once(offline, source, project):
    begun = time.perf_counter()
    with pytest.raises(RunError) as told:
        set_fetch.libraries(source)
    assert time.perf_counter() - begun < 15
    assert "cannot be reached" in told.value.what and "GMT file" in told.value.remedy
    assert str(told.value.value) in ("data.broadinstitute.org", "maayanlab.cloud")
    with pytest.raises(RunError, match="cannot be reached"):
        set_fetch.fetch(str(project.root), source, "h.all, 2024.1.Hs")
