"""One file for each way of choosing genes; all take an ``Evidence`` and give a ``Found``."""
