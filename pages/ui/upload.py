"""Receiving files of any size: a streaming PUT route that holds no more than a few megabytes in memory."""

from __future__ import annotations

import shutil
import time
import unicodedata
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from core.errors import AppError, DataError
from core.workspace import workspace

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

ADDRESS = "/celldesk/upload/{name:path}"
LARGEST_BYTES = 50 * 2**30
NAME_BYTES = 200
BUFFER_BYTES = 4 * 2**20
PARTIAL = ".partial-"
STALE_SECONDS = 24 * 3600
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Refusal(Exception):
    """Why a request was not answered: an HTTP status and three parts for the user."""

    def __init__(self, status: int, problem: AppError) -> None:
        super().__init__(status, problem)
        self.status = status
        self.problem = problem


def upload_route(largest: int = LARGEST_BYTES) -> Route:
    """The route that takes ``PUT /celldesk/upload/NAME`` and answers ``{path, name, size}``.

    Parameters
    ----------
    largest
        Size limit in bytes.
    """
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def receive(request: Request) -> Response:
        try:
            check_sender(request)
            name = safe_name(request.path_params["name"])
            path, size = await _stream(request, workspace().uploads, name, largest)
        except Refusal as refusal:
            problem = refusal.problem
            parts = {"what": problem.what, "value": problem.value and str(problem.value), "remedy": problem.remedy}
            return JSONResponse(parts, refusal.status, headers={"Connection": "close"})
        return JSONResponse({"path": str(path), "name": path.name, "size": size}, 201)

    return Route(ADDRESS, receive, methods=["PUT"])


def check_sender(request: Request) -> None:
    """Refuse what does not come from our own page: another origin, another host, or no token.

    The token is Streamlit's own: its cookie is readable by our page alone, which repeats it in a header.
    """
    from streamlit import get_option
    from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
    from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise _forbidden("The file was sent by another web site", origin)
    # a foreign name that was made to point at this machine would otherwise count as our own origin
    if get_option("server.address") in LOOPBACK and urlsplit(f"//{host}").hostname not in LOOPBACK:
        raise _forbidden("The file was sent under another name of this machine", host)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise _forbidden("The file was sent by another web site", request.headers["sec-fetch-site"])
    if not validate_xsrf_token(request.headers.get("x-xsrftoken"), request.cookies.get(XSRF_COOKIE_NAME)):
        raise _forbidden("The upload carries no valid token", None)


def safe_name(name: str) -> str:
    """``name`` if it is a plain file name.

    Raises
    ------
    Refusal
        If it names a folder, is hidden, empty or too long, or holds signs that no file name should.
    """
    plain = unicodedata.normalize("NFC", name)
    unprintable = any(unicodedata.category(sign).startswith("C") for sign in plain)
    if not plain.strip() or plain.startswith(".") or unprintable or any(sign in plain for sign in '/\\:*?"<>|'):
        raise Refusal(400, DataError("This is no plain file name", name, "Rename the file: letters, digits, - _ ."))
    if len(plain.encode()) > NAME_BYTES:
        raise Refusal(400, DataError("The file name is too long", name, f"Use at most {NAME_BYTES} characters"))
    return plain


def free_path(folder: Path, name: str) -> Path:
    """A path in ``folder`` that was free and is now reserved: ``cells.h5ad``, else ``cells-2.h5ad`` and so on."""
    stem, *endings = name.split(".")
    ending = "".join(f".{part}" for part in endings)
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem}-{number}{ending}")
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return path


async def _stream(request: Request, folder: Path, name: str, largest: int) -> tuple[Path, int]:
    from starlette.concurrency import run_in_threadpool

    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    _check_size(_announced(request), folder, largest)
    partial = folder / f"{PARTIAL}{uuid4().hex}"
    try:
        with partial.open("wb") as file:
            size = await _receive(request, file, largest)
        path = free_path(folder, name)
        await run_in_threadpool(partial.replace, path)
    finally:
        # what is left behind here was aborted or refused
        partial.unlink(missing_ok=True)
    return path, size


async def _receive(request: Request, file: IO[bytes], largest: int) -> int:
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect

    size, buffer = 0, bytearray()
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > largest:
                raise _too_large(size, largest)
            buffer += chunk
            if len(buffer) >= BUFFER_BYTES:
                await run_in_threadpool(file.write, bytes(buffer))
                buffer.clear()
        await run_in_threadpool(file.write, bytes(buffer))
    except ClientDisconnect:
        raise Refusal(400, DataError("The upload was broken off", size, "Send the file again")) from None
    except OSError as error:
        raise Refusal(507, DataError("The file cannot be written", error.strerror, "Make room on the disk")) from None
    return size


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    if not length.isdigit():
        raise Refusal(400, DataError("The request has no readable length", length, "Send the file again"))
    return int(length)


def _check_size(size: int, folder: Path, largest: int) -> None:
    if size > largest:
        raise _too_large(size, largest)
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Refusal(
            507,
            DataError(
                "The disk has no room for this file", f"{size:,} bytes, {free:,} free", "Make room, or open it by path"
            ),
        )


def _sweep(folder: Path) -> None:
    """Remove what a server that was ended left behind."""
    for partial in folder.glob(f"{PARTIAL}*"):
        if time.time() - partial.stat().st_mtime > STALE_SECONDS:
            partial.unlink(missing_ok=True)


def _too_large(size: int, largest: int) -> Refusal:
    return Refusal(
        413, DataError("The file is too large", f"{size:,} bytes", f"The limit is {largest:,} bytes; open it by path")
    )


def _forbidden(what: str, value: object) -> Refusal:
    return Refusal(403, DataError(what, value, "Reload the page and send the file again"))
