"""What code units stand for: saliency, impact of gene sets, perturbation, enrichment."""
