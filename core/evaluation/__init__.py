"""The experiments of the papers, repeated on the data at hand."""
