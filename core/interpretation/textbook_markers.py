"""Textbook marker genes of common cell types of human and mouse, as gene sets.

Written for CellDesk from general knowledge as found in textbooks (Janeway's Immunobiology; Kandel, Principles of Neural
Science; Ross and Pawlina, Histology); no published collection is reproduced. The mouse's list was written by itself: a
mouse gene is not a human gene in other letters.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.data.genes import Species
from core.errors import DataError
from core.interpretation.gene_sets import GeneSets

_HUMAN: Mapping[str, str] = {
    # blood: receptors, co-receptors, granule contents, lineage factors
    "T cell": "CD3D CD3E CD3G CD2 CD5 CD247 LCK LAT TRAC",
    "CD4 T cell": "CD4 IL7R CD40LG CCR7 LEF1 TCF7 CD28 MAL",
    "CD8 T cell": "CD8A CD8B GZMK GZMH CCL5 CRTAM CST7 EOMES",
    "Regulatory T cell": "FOXP3 IL2RA CTLA4 IKZF2 TIGIT TNFRSF18 RTKN2 ENTPD1",
    "NK cell": "NCAM1 NKG7 GNLY KLRD1 KLRF1 NCR1 PRF1 FCGR3A KLRB1 XCL2",
    "B cell": "CD19 MS4A1 CD79A CD79B PAX5 BANK1 CD22 BLK TCL1A",
    "Plasma cell": "JCHAIN MZB1 SDC1 XBP1 TNFRSF17 PRDM1 DERL3 IRF4",
    "Classical monocyte": "CD14 LYZ S100A8 S100A9 S100A12 FCN1 VCAN CD36 CSF3R",
    "Non-classical monocyte": "FCGR3A MS4A7 CDKN1C LST1 CX3CR1 RHOC LYN SIGLEC10",
    "Macrophage": "CD68 CD163 MRC1 MSR1 C1QA C1QB C1QC MARCO APOE",
    "Conventional dendritic cell": "FCER1A CD1C CLEC10A CLEC9A XCR1 BATF3 FLT3 HLA-DQA1",
    "Plasmacytoid dendritic cell": "CLEC4C IL3RA LILRA4 IRF7 TCF4 GZMB PLD4 NRP1",
    "Neutrophil": "FCGR3B CXCR2 CSF3R CXCR1 MMP9 ELANE MPO AZU1 CEACAM8",
    "Mast cell": "KIT TPSAB1 TPSB2 CPA3 MS4A2 HDC FCER1A GATA2",
    "Platelet": "PPBP PF4 ITGA2B GP9 GP1BB TUBB1 ITGB3 TREML1",
    "Erythroid cell": "HBA1 HBA2 HBB GYPA ALAS2 KLF1 SLC4A1 AHSP EPOR",
    "Haematopoietic progenitor": "CD34 PROM1 SPINK2 AVP GATA2 KIT CRHBP MEIS1",
    # brain
    "Neuron": "RBFOX3 SNAP25 SYT1 STMN2 MAP2 TUBB3 NEFL NEFM ELAVL3",
    "Excitatory neuron": "SLC17A7 SLC17A6 CAMK2A SATB2 NRGN TBR1 NEUROD6 GRIN1",
    "Inhibitory neuron": "GAD1 GAD2 SLC32A1 SLC6A1 PVALB SST VIP DLX1 DLX2",
    "Astrocyte": "GFAP AQP4 SLC1A2 SLC1A3 ALDH1L1 GJA1 S100B SOX9",
    "Oligodendrocyte": "MBP MOG MAG PLP1 MOBP OLIG1 OLIG2 CNP",
    "Oligodendrocyte precursor": "PDGFRA CSPG4 OLIG1 OLIG2 SOX10 VCAN GPR17 PTPRZ1",
    "Microglia": "P2RY12 TMEM119 CX3CR1 CSF1R AIF1 C1QA TREM2 SALL1",
    # pancreas
    "Pancreatic alpha cell": "GCG ARX IRX2 TTR LOXL4 GC DPP4 PCSK2",
    "Pancreatic beta cell": "INS IAPP MAFA PDX1 NKX6-1 G6PC2 SLC30A8 PCSK1 ADCYAP1",
    "Pancreatic delta cell": "SST HHEX LEPR RBP4 PCSK1 CASR GHSR",
    "Pancreatic acinar cell": "PRSS1 CPA1 CPA2 CELA3A CELA3B CTRB1 PNLIP AMY2A REG1A",
    "Duct cell": "KRT19 KRT7 CFTR SOX9 SLC4A4 MUC1 SPP1 ANXA4",
    # epithelia of lung and liver
    "Epithelial cell": "EPCAM CDH1 KRT8 KRT18 KRT19 CLDN4 CLDN7 ELF3",
    "Alveolar type 1 cell": "AGER PDPN HOPX CAV1 AQP5 CLIC5 EMP2 RTKN2",
    "Alveolar type 2 cell": "SFTPC SFTPB SFTPA1 SFTPA2 ABCA3 LAMP3 NAPSA SLC34A2",
    "Ciliated cell": "FOXJ1 TPPP3 CAPS PIFO DNAH5 RSPH1 TEKT1 CCDC78",
    "Secretory airway cell": "SCGB1A1 SCGB3A1 SCGB3A2 MUC5B MUC5AC BPIFB1 LTF CYP2F1",
    "Hepatocyte": "ALB APOA1 APOB TTR TF SERPINA1 CYP3A4 HNF4A FGB",
    # stroma
    "Endothelial cell": "PECAM1 VWF CDH5 KDR CLDN5 TEK FLT1 EMCN ESAM",
    "Fibroblast": "COL1A1 COL1A2 COL3A1 DCN LUM PDGFRA FAP DPT THY1",
    "Pericyte": "RGS5 PDGFRB CSPG4 KCNJ8 ABCC9 MCAM NOTCH3 HIGD1B",
    "Smooth muscle cell": "ACTA2 MYH11 TAGLN CNN1 DES LMOD1 MYLK SMTN",
    # states that many kinds of cells pass through
    "Dividing cell": "MKI67 TOP2A PCNA CCNB1 CDK1 TYMS MCM5 BIRC5 UBE2C",
}
_MOUSE: Mapping[str, str] = {
    "T cell": "Cd3d Cd3e Cd3g Cd2 Cd5 Cd247 Lck Lat Trac",
    "CD8 T cell": "Cd8a Cd8b1 Gzmk Ccl5 Eomes Cst7 Nkg7 Ly6c2",
    "NK cell": "Ncr1 Klrb1c Klre1 Klrd1 Gzma Prf1 Nkg7 Eomes Itga2",
    "B cell": "Cd19 Ms4a1 Cd79a Cd79b Pax5 Ighm Ighd Blk Fcmr",
    "Plasma cell": "Jchain Mzb1 Sdc1 Xbp1 Tnfrsf17 Prdm1 Derl3 Irf4",
    "Monocyte": "Ly6c2 Ccr2 Csf1r Fcgr1 Lyz2 F13a1 Itgam Chil3",
    "Macrophage": "Adgre1 Cd68 Mrc1 C1qa C1qb C1qc Csf1r Fcgr1 Mertk",
    "Dendritic cell": "Itgax Flt3 Zbtb46 Xcr1 Clec9a Batf3 H2-Ab1 Cd209a",
    "Neutrophil": "S100a8 S100a9 Ly6g Elane Mpo Ngp Camp Retnlg Cxcr2",
    "Basophil or mast cell": "Mcpt8 Cpa3 Ms4a2 Fcer1a Kit Prss34 Hdc Gata2",
    "Megakaryocyte": "Pf4 Itga2b Gp9 Gp1bb Ppbp Vwf Tubb1 Mpl",
    "Erythroid cell": "Hbb-bt Hba-a1 Hba-a2 Gypa Klf1 Alas2 Car1 Car2 Epor",
    "Haematopoietic progenitor": "Cd34 Kit Ly6a Gata2 Meis1 Flt3 Procr Mecom",
    "Neuron": "Rbfox3 Snap25 Syt1 Stmn2 Map2 Tubb3 Nefl Elavl3",
    "Astrocyte": "Gfap Aqp4 Slc1a2 Slc1a3 Aldh1l1 Gja1 S100b Sox9",
    "Oligodendrocyte": "Mbp Mog Mag Plp1 Mobp Olig1 Olig2 Cnp",
    "Microglia": "P2ry12 Tmem119 Cx3cr1 Csf1r Aif1 Hexb Trem2 Sall1",
    "Pancreatic alpha cell": "Gcg Arx Irx2 Ttr Pcsk2 Mafb Gc Slc7a2",
    "Pancreatic beta cell": "Ins1 Ins2 Iapp Mafa Pdx1 Nkx6-1 G6pc2 Slc30a8",
    "Epithelial cell": "Epcam Cdh1 Krt8 Krt18 Krt19 Cldn4 Cldn7 Elf3",
    "Hepatocyte": "Alb Apoa1 Apob Ttr Trf Serpina1c Cyp3a11 Hnf4a Fgb",
    "Endothelial cell": "Pecam1 Vwf Cdh5 Kdr Cldn5 Tek Flt1 Emcn Esam",
    "Fibroblast": "Col1a1 Col1a2 Col3a1 Dcn Lum Pdgfra Dpt Thy1",
    "Smooth muscle cell": "Acta2 Myh11 Tagln Cnn1 Des Lmod1 Mylk Smtn",
    "Dividing cell": "Mki67 Top2a Pcna Ccnb1 Cdk1 Tyms Mcm5 Birc5 Ube2c",
}
_BY_SPECIES: Mapping[str, Mapping[str, str]] = {"human": _HUMAN, "mouse": _MOUSE}
SOURCE = "Textbook markers written for CellDesk, {species}"
"""Description of every set."""


def textbook_markers(species: Species) -> GeneSets:
    """The list of ``species``, by cell type.

    Raises
    ------
    DataError
        If there is no list of this species.
    """
    if species not in _BY_SPECIES:
        remedy = f"Choose {' or '.join(_BY_SPECIES)}, or bring a GMT file"
        raise DataError("There are no textbook markers of this species", species, remedy)
    genes = {name: tuple(text.split()) for name, text in _BY_SPECIES[species].items()}
    return GeneSets(genes, dict.fromkeys(genes, SOURCE.format(species=species)))
