"""Ranges of proportions."""

import numpy as np
import pytest

from core.composition.priors import guessed_ranges, prior_ranges
from core.errors import SpecError


def test_guessed_ranges_run_from_half_to_twice_the_share():
    assert guessed_ranges(np.array([0.6, 0.1, 0.001])).tolist() == [[30, 100], [5, 20], [0, 1]]


def test_prior_ranges_replace_the_guess_where_given():
    ranges = prior_ranges(["T: CD4: 20-40"], ["T: CD4", "B"], np.array([0.5, 0.1]))
    assert ranges.tolist() == [[20, 40], [5, 20]]


@pytest.mark.parametrize("line", ["NK: 1-5", "B 1-5", "B: 5", "B: 9-5", "B: 0-0", "B: 5-200", "B: -5-10"])
def test_ranges_that_do_not_fit_are_refused(line):
    with pytest.raises(SpecError):
        prior_ranges([line], ["B", "T"], np.array([0.5, 0.5]))
