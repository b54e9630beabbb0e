"""A search over settings: trials chosen one after another, each a run of its own."""
