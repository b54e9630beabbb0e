from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.data.cohorts import sample_names


def test_names_that_no_two_cohorts_share_stay():
    own = {"early": ["s1", "s2"], "late": ["s3"]}
    assert sample_names(own) == own


def test_shared_names_get_their_cohort_before_them_in_every_cohort():
    made = sample_names({"early": ["s1", "s2"], "late": ["s1"]})
    assert made == {"early": ["early:s1", "early:s2"], "late": ["late:s1"]}


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(["s1", "s2", "s3"]), unique=True)))
def test_no_two_samples_have_one_name(own):
    every = [name for names in sample_names(own).values() for name in names]
    assert len(set(every)) == len(every) == sum(map(len, own.values()))
