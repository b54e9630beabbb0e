"""Parts of the pages of the section Explore."""
