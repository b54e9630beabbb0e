from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from pages.ui.upload import PARTIAL, Refusal, free_path, safe_name
from tests.browser.conftest import ROOT, Server, serve  # noqa: F401  a fixture

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def server(serve: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Server:  # noqa: F811
    script = tmp_path_factory.mktemp("app") / "app.py"
    shell = script.with_name("shell.py")
    shell.write_text("import streamlit as st\nst.text('here')\n")
    script.write_text(
        "import streamlit as st\nfrom pages.ui.upload import upload_route\n"
        f"app = st.App({str(shell)!r}, routes=[upload_route(largest={400 * MEBIBYTE})])\n"
    )
    return serve(script)


def token(server: Server) -> str:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("GET", "/_stcore/health")
    cookies = connection.getresponse().headers.get_all("Set-Cookie") or []
    found = next(re.search(r"_streamlit_xsrf=([^;]+)", cookie) for cookie in cookies)
    assert found
    return found[1]


def put(server: Server, name: str, body: Any, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=120)
    own = token(server)
    sent = {"Cookie": f"_streamlit_xsrf={own}", "X-Xsrftoken": own, **headers}
    connection.request("PUT", f"/celldesk/upload/{quote(name, safe='')}", body=body, headers=sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_file_arrives_whole_and_a_second_of_the_same_name_stands_beside_it(server):
    status, answer = put(server, "cells.csv.gz", b"one")
    assert status == 201 and b'"size":3' in answer
    assert put(server, "cells.csv.gz", b"two")[0] == 201
    uploads = server.workspace / "uploads"
    assert (uploads / "cells.csv.gz").read_bytes() == b"one"
    assert (uploads / "cells-2.csv.gz").read_bytes() == b"two"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Xsrftoken": ""},
        {"X-Xsrftoken": "2|00000000|1122334455667788990011223344556677|1700000000"},
        {"Cookie": ""},
        {"Origin": "http://evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_stranger_is_refused(server, headers):
    status, answer = put(server, "stranger.csv", b"x", **headers)
    assert status == 403 and b"Reload the page" in answer
    assert not (server.workspace / "uploads" / "stranger.csv").exists()


@pytest.mark.parametrize("name", ["../up.csv", ".hidden", "a/b.csv", "a\\b.csv", "x" * 300, "a\tb.csv", "C:cells.csv"])
def test_a_name_that_is_no_plain_file_name_is_refused(server, name):
    assert put(server, name, b"x")[0] == 400


def test_a_file_over_the_limit_is_refused_before_and_while_it_is_read(server):
    assert put(server, "big.h5ad", b"", **{"Content-Length": str(401 * MEBIBYTE)})[0] == 413
    assert not list((server.workspace / "uploads").glob(f"{PARTIAL}*"))


def test_an_upload_that_is_broken_off_leaves_nothing(server):
    own = token(server)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.putrequest("PUT", "/celldesk/upload/half.h5ad")
    for name, value in {
        "Cookie": f"_streamlit_xsrf={own}",
        "X-Xsrftoken": own,
        "Content-Length": str(8 * MEBIBYTE),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"x" * MEBIBYTE)
    connection.close()
    uploads = server.workspace / "uploads"
    assert put(server, "next.csv", b"x")[0] == 201
    for _ in range(100):
        if not list(uploads.glob(f"{PARTIAL}*")):
            break
        psutil.Process(server.pid).cpu_percent(0.05)
    assert not list(uploads.glob(f"{PARTIAL}*")) and not (uploads / "half.h5ad").exists()


@pytest.mark.slow
def test_the_server_holds_no_file_in_memory(server):
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    chunk = b"\0" * MEBIBYTE
    highest = before

    def body():
        nonlocal highest
        for _ in range(300):
            highest = max(highest, process.memory_info().rss)
            yield chunk

    status, _ = put(server, "large.h5ad", body(), **{"Content-Length": str(300 * MEBIBYTE)})
    assert status == 201
    assert (server.workspace / "uploads" / "large.h5ad").stat().st_size == 300 * MEBIBYTE
    assert highest - before < 60 * MEBIBYTE


def test_a_safe_name_is_kept_as_it_is():
    assert safe_name("PBMC 3k (filtered).h5ad") == "PBMC 3k (filtered).h5ad"
    with pytest.raises(Refusal):
        safe_name("  ")


def test_a_free_path_is_reserved(tmp_path):
    assert [free_path(tmp_path, "a.b.c").name for _ in range(3)] == ["a.b.c", "a-2.b.c", "a-3.b.c"]
