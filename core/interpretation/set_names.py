"""Do gene sets and data name genes alike? Species and kind of identifier, and what translates one into the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.genes import GeneNames, gene_names, without_version
from core.data.wording import counted
from core.errors import DataError
from core.interpretation.gene_sets import GeneSets

LEAST = 0.05
"""Share of the sets' genes that the data must have: fewer are chance hits, such as names without a small letter."""
FEW = 0.3
"""Below this share of the sets' genes a reader is told."""


@dataclass(frozen=True)
class Fit:
    """How gene sets fit the data.

    Attributes
    ----------
    sets
        The sets with genes named as in the data.
    of_sets, of_data
        What the names are, of which species, as the sets and the data write them.
    listed, found
        Genes of all sets, each once, and how many of them the data have.
    by
        What translated the names; empty where nothing had to.
    """

    sets: GeneSets
    of_sets: GeneNames
    of_data: GeneNames
    listed: int
    found: int
    by: str = ""

    @property
    def share(self) -> float:
        """Found over listed, 0 to 1."""
        return self.found / max(self.listed, 1)

    @property
    def alike(self) -> bool:
        """Whether both name genes in one way, as far as names tell."""
        return not _other_species(self.of_sets, self.of_data) and (
            self.of_sets.kind == self.of_data.kind or bool(self.by)
        )

    @property
    def words(self) -> str:
        """A sentence or two for the person at the desk."""
        share = f"{self.found:,} of {counted(self.listed, 'gene')} of the sets are in the data."
        if not self.alike:
            return f"The sets hold {self.of_sets.spoken}, the data {self.of_data.spoken}. {share} {self.remedy}."
        said = f"Sets and data hold {self.of_sets.spoken}."
        if self.by:
            said = f"The sets hold {self.of_sets.spoken}, the data {self.of_data.spoken}; {self.by} names both."
        return f"{said} {share}"

    @property
    def remedy(self) -> str:
        """What to do where sets and data do not name genes alike; empty where they do."""
        if _other_species(self.of_sets, self.of_data):
            return (
                f"Bring {self.of_data.species} gene sets. Orthologs are missing here: they are not guessed by "
                "changing letters"
            )
        if self.of_sets.kind != self.of_data.kind and not self.by:
            return (
                f"Bring sets that hold {self.of_data.spoken}, or cells with a column that names their genes in both "
                "ways, or a table of both (gene_table) on the Data page"
            )
        return ""

    def refuse(self) -> None:
        """Raise where the sets cannot be looked up in the data.

        Raises
        ------
        DataError
            If they are of another species or another kind of identifier, and no more genes agree than by chance.
        """
        if self.alike or self.share >= LEAST:
            return
        examples = f"{', '.join(self.sets.genes[:3])} in the sets; {self.found:,} of {self.listed:,} are in the data"
        raise DataError(
            f"The gene sets do not fit the data: they hold {self.of_sets.spoken}, the data {self.of_data.spoken}",
            examples,
            self.remedy,
        )


def fit(sets: GeneSets, genes: Sequence[str], others: Mapping[str, Mapping[str, str]] | None = None) -> Fit:
    """Look the sets up in the data.

    Parameters
    ----------
    sets
        Gene sets.
    genes
        Names of the data's genes.
    others
        What names the data's genes in another way: a few words such as ``the column `symbol` `` to name -> other name.
        Asked only where names differ in kind; letters are never changed.
    """
    listed = sets.genes
    of_sets, of_data = gene_names(listed), gene_names(genes)
    known = set(genes)
    direct = sum(gene in known for gene in listed)
    plain = Fit(sets, of_sets, of_data, len(listed), direct)
    if of_sets.kind == of_data.kind == "ensembl" and plain.share < FEW:
        bare = _renamed(sets, {gene: [name] for gene, name in zip(listed, without_version(listed), strict=True)})
        found = sum(gene in known for gene in bare.genes)
        return Fit(bare, of_sets, of_data, len(bare.genes), found) if found > direct else plain
    if of_sets.kind == of_data.kind:
        return plain
    for words, names in (others or {}).items():
        translated = _translated(sets, known, names)
        found = sum(gene in translated for gene in listed)
        if found > direct and found >= LEAST * len(listed) and not _other_species(of_sets, gene_names(names.values())):
            return Fit(_renamed(sets, translated), of_sets, of_data, len(listed), found, words)
    return plain


def looked_up(genes: Sequence[str], known: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Which of ``genes`` are among ``known``, and the others with what they may have meant.

    Returns
    -------
    The genes found, and each other gene -> a known name that differs by capital letters alone; empty where none does.
    """
    named = set(known)
    found = [gene for gene in genes if gene in named]
    missing = [gene for gene in genes if gene not in named]
    lower = {name.lower(): name for name in known} if missing else {}
    return found, {gene: lower.get(gene.lower(), "") for gene in missing}


def _translated(sets: GeneSets, known: set[str], names: Mapping[str, str]) -> dict[str, list[str]]:
    """Gene of the sets -> the data's genes that ``names`` calls so; one symbol may stand for several identifiers."""
    wanted: dict[str, list[str]] = {}
    for gene, other in names.items():
        if gene in known:
            wanted.setdefault(without_version([other])[0], []).append(gene)
    listed = sets.genes
    bare = without_version(listed)
    return {gene: wanted[name] for gene, name in zip(listed, bare, strict=True) if name in wanted}


def _renamed(sets: GeneSets, names: Mapping[str, Sequence[str]]) -> GeneSets:
    """``sets`` under the data's names; genes without one keep theirs."""
    genes = {
        name: tuple(dict.fromkeys(own for gene in of for own in names.get(gene, (gene,)))) for name, of in sets.items()
    }
    return GeneSets(genes, sets.descriptions, sets.notes)


def _other_species(left: GeneNames, right: GeneNames) -> bool:
    return bool(left.species and right.species and left.species != right.species)
