"""Training: a plain loop as a generator of epochs, with exact resume."""
