"""Gene sets: GMT files and their genes in the data."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import DataError

GZIP = b"\x1f\x8b"
WEIGHT = re.compile(r",[-+]?[0-9.]+(e[-+]?[0-9]+)?$", re.IGNORECASE)
"""Enrichr libraries write ``GENE,1.0``."""
BETWEEN = re.compile(r"[\s,;]+")
"""What stands between genes that are typed or pasted."""
FORM = "Use a GMT file: on each line the set's name, a description and its genes, with tabs between"


@dataclass(frozen=True)
class GeneSets(Mapping[str, tuple[str, ...]]):
    """Gene sets by name, in the file's order.

    Attributes
    ----------
    genes_of
        Name to genes, none twice.
    descriptions
        Name to description, often a link.
    notes
        What was put right while reading, in plain sentences.
    """

    genes_of: Mapping[str, tuple[str, ...]]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.genes_of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.genes_of)

    def __len__(self) -> int:
        return len(self.genes_of)

    @property
    def genes(self) -> tuple[str, ...]:
        """All genes of all sets, each once, in order of appearance."""
        return tuple(dict.fromkeys(gene for genes in self.genes_of.values() for gene in genes))


def read_gmt(path: Path) -> GeneSets:
    """Gene sets of a GMT file, plain or gzipped, with line ends of any system.

    Parameters
    ----------
    path
        One set a line: name, description, genes, with tabs between. Descriptions may hold spaces or be empty.

    Raises
    ------
    DataError
        If the file cannot be found or read, is empty, is no GMT file or holds no set with genes.
    """
    path = Path(path)
    return parse_gmt(_text(path), path.name)


def parse_gmt(text: str, name: str = "the text") -> GeneSets:
    """Gene sets of a GMT file's ``text``; ``name`` stands in messages.

    Raises
    ------
    DataError
        If the text is empty, is no GMT text or holds no set with genes.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    lines = [(number, line) for number, line in lines if not line.startswith("#")]
    if not lines:
        raise DataError("The gene-set file is empty", name, FORM)
    genes_of: dict[str, tuple[str, ...]] = {}
    descriptions: dict[str, str] = {}
    notes: list[str] = []
    repeated = 0
    for number, line in lines:
        fields = [part.strip() for part in line.split("\t")]
        if len(fields) < 2 or not fields[0]:
            raise DataError(f"Line {number} of {name} is not a gene set", line[:80], FORM)
        listed = [WEIGHT.sub("", gene) for gene in fields[2:] if gene]
        genes = tuple(dict.fromkeys(listed))
        repeated += len(listed) - len(genes)
        if not genes:
            notes.append(f"{fields[0]} has no genes and was left out.")
        elif genes_of.get(fields[0]) == genes:
            notes.append(f"{fields[0]} is listed twice with the same genes and was read once.")
        else:
            title = _free(fields[0], genes_of)
            if title != fields[0]:
                notes.append(f"{fields[0]} is listed again with other genes and was named {title}.")
            genes_of[title], descriptions[title] = genes, fields[1]
    if not genes_of:
        raise DataError("No line of the gene-set file names a gene", name, FORM)
    if repeated:
        notes.append(f"{repeated:,} genes were listed more than once in their set and counted once.")
    return GeneSets(genes_of, descriptions, tuple(notes))


def gmt_text(sets: GeneSets) -> str:
    """``sets`` as the text of a GMT file."""
    rows = ([name, sets.descriptions.get(name, ""), *genes] for name, genes in sets.items())
    return "".join("\t".join(row) + "\n" for row in rows)


def typed_genes(text: str) -> tuple[str, ...]:
    """Genes as typed, with commas, semicolons, spaces or line ends between: each once, their letters as they are."""
    return tuple(dict.fromkeys(gene.strip("\"'") for gene in BETWEEN.split(text) if gene.strip("\"'")))


def as_gene_sets(sets: Mapping[str, Sequence[str]]) -> GeneSets:
    """``sets`` with every gene counted once."""
    if isinstance(sets, GeneSets):
        return sets
    return GeneSets({name: tuple(dict.fromkeys(genes)) for name, genes in sets.items()})


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if data.startswith(GZIP) else data
    except FileNotFoundError:
        raise DataError("The gene-set file was not found", str(path), "Check its name and folder") from None
    except (OSError, EOFError) as error:
        raise DataError("The gene-set file cannot be opened", f"{path}: {error}", "Fetch or copy it again") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("The gene-set file is not a text file", path.name, FORM) from None
    if "\0" in text:
        raise DataError("The gene-set file is not a text file", path.name, FORM)
    return text


def _free(name: str, taken: Mapping[str, object]) -> str:
    """``name``, or ``name (2)`` and so on where it is taken."""
    title, number = name, 1
    while title in taken:
        number += 1
        title = f"{name} ({number})"
    return title
