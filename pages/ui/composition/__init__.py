"""The parts of the Composition page."""
