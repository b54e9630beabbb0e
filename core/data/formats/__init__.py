"""One module for each family of file formats; each turns a path into an ``Opened``."""
