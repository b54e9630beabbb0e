"""Cell types for query cells: transfer, calibration, refusal, voting and agreement with known labels."""
