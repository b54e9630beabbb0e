from __future__ import annotations

import pytest

from core.errors import SpecError
from core.recipes import recipe
from core.specs import AnnotateSpec, RunSpec, SourceSpec, VotingSpec, parse, replaced, replaced_all

BASE = recipe("annotator").for_task("annotate")
REFERENCE = {"path": "r.h5ad", "label_column": "fine"}


def test_voting_is_off_and_labels_have_one_level_unless_asked():
    assert BASE.analysis.voting is None
    assert BASE.analysis.groups == ()
    assert SourceSpec(path="r.h5ad").coarser_columns == ()


def test_files_written_before_still_load():
    values = BASE.model_dump(mode="json")
    for name in ("groups", "false_label_rate", "voting"):
        del values["analysis"][name]
    assert parse(RunSpec, values) == BASE


def test_a_vote_is_switched_on_by_one_of_its_settings():
    made = replaced(BASE, "analysis.voting.over", "clusters")
    assert made.analysis.voting == VotingSpec(over="clusters")
    assert replaced(made, "analysis.voting", None).analysis.voting is None


@pytest.mark.parametrize("groups", [(8, 3), (3, 3)])
def test_each_level_has_more_groups_than_the_one_above(groups: tuple[int, ...]):
    with pytest.raises(SpecError, match="more groups"):
        parse(AnnotateSpec, {"groups": groups})


def test_levels_have_one_source():
    with pytest.raises(SpecError, match="not from both"):
        replaced_all(BASE, {"data.reference": {**REFERENCE, "coarser_columns": ["coarse"]}, "analysis.groups": [3]})


def test_levels_are_learned_from_the_reference():
    with pytest.raises(SpecError, match="learned from the reference"):
        replaced(BASE, "data.query", {**REFERENCE, "coarser_columns": ["coarse"]})


def test_a_column_is_one_level_only():
    with pytest.raises(SpecError, match="one level"):
        parse(SourceSpec, {**REFERENCE, "coarser_columns": ["fine"]})
    with pytest.raises(SpecError, match="labels below"):
        parse(SourceSpec, {"path": "r.h5ad", "coarser_columns": ["coarse"]})
