"""Where cells lie: components, neighbours, layouts, clusters, and what a selection of cells has in common."""
