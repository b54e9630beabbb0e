from __future__ import annotations

from core.data.families import mitochondrial, ribosomal


def test_mitochondrial_genes_of_human_mouse_and_of_tables_written_by_r():
    assert mitochondrial(["MT-CO1", "mt-Nd1", "MT.ND3", "MTOR", "MT1X"]).tolist() == [True, True, True, False, False]


def test_ribosomal_genes_without_the_kinases_named_alike():
    genes = ["RPS6", "RPL13A", "RPLP0", "RPSA", "Rps27l", "RPS6KA1", "RPS6KB2", "RPN1"]
    assert ribosomal(genes).tolist() == [True] * 5 + [False] * 3
