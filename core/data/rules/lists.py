"""Rules that take genes by name: all shared ones, those of gene sets, the user's own."""

from __future__ import annotations

from core.data.rules.evidence import Evidence, Found, require_overlap
from core.errors import DataError, SpecError

FEWEST = 10


def all_shared(evidence: Evidence) -> Found:
    """Genes that all the sets given have, in the reference's order."""
    genes = evidence.shared(evidence.query, evidence.bulk)
    require_overlap(genes, evidence.reference, evidence.target_set)
    return Found(dict.fromkeys(genes, "In every set"), [(1, len(evidence.reference_genes), len(genes))])


def of_gene_sets(evidence: Evidence) -> Found:
    """Genes of any gene set that the data have, in the reference's order.

    Source: Kinalis et al. 2019: the network sees the union of the gene sets.
    """
    if not evidence.gene_sets:
        raise SpecError("This rule takes the genes of a gene-set file, and none is given", None, "Choose a GMT file")
    members = {gene for names in evidence.gene_sets.values() for gene in names}
    shared = evidence.shared(evidence.target_set)
    genes = [str(gene) for gene in shared if gene in members]
    if len(genes) < FEWEST:
        sizes = {name: int(shared.isin(list(names)).sum()) for name, names in evidence.gene_sets.items()}
        best = max(sizes, key=lambda name: sizes[name])
        raise DataError(
            f"Only {len(genes)} genes of the gene sets are in the data; the best, {best}, has {sizes[best]}",
            value=[*map(str, evidence.reference.genes[:3])],
            remedy="Check that data and gene sets use the same species and identifier (symbols, not Ensembl)",
        )
    return Found(dict.fromkeys(genes, "Gene set"), [(1, len(members), len(genes))])


def own_list(evidence: Evidence) -> Found:
    """The user's genes that the data have, in the user's order. No filter applies to them."""
    wanted = list(dict.fromkeys(name.strip() for name in evidence.spec.own_list if name.strip()))
    if not wanted:
        raise SpecError("The gene list is empty", None, "Write one gene symbol per line")
    known = set(evidence.reference.genes)
    if evidence.target_set is not None:
        known &= set(evidence.target_set.genes)
    absent = [gene for gene in wanted if gene not in known]
    if len(wanted) - len(absent) < FEWEST:
        examples = list(map(str, evidence.reference.genes[:3]))
        raise DataError(
            f"Only {len(wanted) - len(absent)} of the {len(wanted)} genes listed are in the data; "
            f"{len(absent)} were not found",
            value=", ".join(absent) if absent else ", ".join(wanted),
            remedy=f"List at least {FEWEST} genes, spelt as in the data, e.g. {', '.join(examples)}",
        )
    genes = [gene for gene in wanted if gene in known]
    return Found(dict.fromkeys(genes, "Own list"), [(1, len(wanted), len(genes))], {"not in the data": len(absent)})
