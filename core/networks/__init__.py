"""Networks and what they minimise: layers, heads, losses and penalties."""
