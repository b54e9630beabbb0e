"""Composition of bulk samples from mixtures of single cells."""
