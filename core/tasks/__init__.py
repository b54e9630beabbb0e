"""One file for each verb, and the worker, the only writer of a run directory."""
