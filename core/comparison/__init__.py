"""Other annotators on the cells of a run: what each is, how it is run, and how its calls compare with the run's own."""
