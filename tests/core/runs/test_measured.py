from __future__ import annotations

import json
from dataclasses import asdict

from core.runs.measured import FILE, Measured, measured

FP32 = {"precision": "fp32", "seconds": 0.1, "speed": 1.0, "peak": 1000.0, "error": 0.0}
FOUND = Measured("auto", "fp32", (FP32, {**FP32, "precision": "bf16", "peak": 0.0}), 0.02, 64, "cpu", 1, "here")


def test_what_was_measured_is_read_back(tmp_path):
    assert measured(tmp_path) is None
    (tmp_path / FILE).write_text(json.dumps(asdict(FOUND)))
    assert measured(tmp_path) == FOUND


def test_speed_is_told_as_a_part_of_the_peak_where_both_are_known():
    assert FOUND.peak == 1000.0
    assert FOUND.share_of_peak(250.0) == 0.25
    assert FOUND.share_of_peak(None) is None
    without = Measured("bf16", "bf16", FOUND.modes, 0.02, 64, "cpu", 1, "here")
    assert without.peak is None and without.share_of_peak(250.0) is None
