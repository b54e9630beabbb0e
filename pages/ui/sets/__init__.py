"""Gene sets of a project: which there are, where more come from, and what they share."""
