"""Gene-set libraries fetched from their makers' servers by gseapy, kept as GMT files with source and date."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import DataError, RunError
from core.files import write_text
from core.interpretation.gene_sets import GeneSets, as_gene_sets, gmt_text
from core.project import Project
from core.tasks.set_files import FETCHED, folder

SOURCES = ("MSigDB, human", "MSigDB, mouse", "Enrichr, human symbols", "Enrichr, fly", "Enrichr, worm", "Enrichr, fish")
"""Where libraries come from. Enrichr writes genes of mouse studies as human symbols too, so it has no mouse here."""
SECONDS = 20
"""Within which a server must begin to answer."""
_RELEASE = re.compile(r'href="(\d{4})\.(\d+)\.(Hs|Mm)/?"')
_LIBRARY = re.compile(r'href="([\w.]+?)\.v\d{4}\.\d+\.(?:Hs|Mm)\.symbols\.gmt"')
_SUFFIX = {"human": "Hs", "mouse": "Mm"}


def libraries(source: str) -> list[str]:
    """Names of the libraries of ``source``, one of ``SOURCES``; of MSigDB those of its newest release.

    Raises
    ------
    DataError
        If the source is unknown.
    RunError
        If the server cannot be reached or answers otherwise than expected.
    """
    maker, species = _parts(source)
    with _asking(source):
        if maker == "Enrichr":
            return sorted(_enrichr(species).get_libraries())
        release = _release(species)
        listed = _LIBRARY.findall(_page(f"{_msigdb().url}{release}/"))
        return [f"{name}, {release}" for name in sorted(set(listed))]


def fetch(project_root: str, source: str, library: str) -> dict[str, Any]:
    """Fetch one library and keep it in the project.

    Parameters
    ----------
    project_root
        The project.
    source
        One of ``SOURCES``.
    library
        A name that `libraries` gave.

    Returns
    -------
    ``path`` of the GMT file, whose descriptions say source and date, and ``sets``.

    Raises
    ------
    DataError
        If the source is unknown, or the library is empty or not there.
    RunError
        If the server cannot be reached or answers otherwise than expected.
    """
    maker, species = _parts(source)
    with _asking(source):
        found = _fetched(maker, species, library)
    kept = {name: tuple(genes) for name, genes in (found or {}).items() if genes}
    if not kept:
        raise DataError("The server has no such library, or it is empty", library, "Choose another from the list")
    said = f"{library}, {source}{FETCHED}{time.strftime('%Y-%m-%d')}"
    sets = as_gene_sets(kept)
    name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in f"{library}_{source}")
    path = folder(Project(Path(project_root))) / f"{re.sub('_+', '_', name)}.gmt"
    write_text(path, gmt_text(GeneSets(sets.genes_of, dict.fromkeys(sets, said))))
    return {"path": str(path), "sets": len(sets)}


def _fetched(maker: str, species: str, library: str) -> dict[str, list[str]] | None:
    if maker == "Enrichr":
        server = _enrichr(species)
        return server.download_libraries(library) if library in server.get_libraries() else None
    name, _, release = library.rpartition(", ")
    return _msigdb().get_gmt(category=name, dbver=release)


def _parts(source: str) -> tuple[str, str]:
    if source not in SOURCES:
        raise DataError("There is no such source of gene sets", source, f"Choose one of: {'; '.join(SOURCES)}")
    maker, species = source.split(", ")
    return maker, species.split()[0]


def _enrichr(species: str) -> Any:
    from gseapy.enrichr import EnrichrAPI

    api = EnrichrAPI(species)
    _page(f"{api.base_url}/datasetStatistics")  # gseapy asks five times over half a minute before it says no
    return api


def _msigdb() -> Any:
    from gseapy.msigdb import Msigdb

    return Msigdb


def _release(species: str) -> str:
    """The newest release of a species, such as 2024.1.Hs."""
    found = _RELEASE.findall(_page(_msigdb().url))
    listed = [(int(year), int(part)) for year, part, of in found if of == _SUFFIX[species]]
    if not listed:
        raise ValueError(f"no release of {species}")
    year, part = max(listed)
    return f"{year}.{part}.{_SUFFIX[species]}"


def _page(address: str) -> str:
    import requests

    answer = requests.get(address, timeout=SECONDS)
    answer.raise_for_status()
    return answer.text


@contextmanager
def _asking(source: str) -> Iterator[None]:
    """Turn what goes wrong on the way to a server into a message in three parts."""
    import requests

    remedy = "Go online, or fetch the file elsewhere and bring it as a GMT file"
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"The server of {source} answered otherwise than expected", str(error)[:200], remedy) from None
    except requests.RequestException as error:
        kind = "refused" if isinstance(error, requests.HTTPError) else "cannot be reached"
        raise RunError(f"The server of {source} {kind}", _reason(error), remedy) from None
    except OSError as error:
        remedy = "Free some space, or bring a GMT file"
        raise RunError("The fetched gene sets cannot be kept", str(error)[:200], remedy) from None


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"{response.status_code} {response.reason}"
    named = re.search(r"host='([^']+)'", str(error))
    return named.group(1) if named else type(error).__name__
