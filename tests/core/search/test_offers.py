from __future__ import annotations

import pytest

from core.errors import SpecError
from core.recipes import RECIPES, recipe
from core.search.offers import offers, proposed
from core.specs import SearchSpec, at, parse, replaced


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_offer_can_be_proposed_searched_and_holds_the_present_value(name: str):
    base = recipe(name).spec
    if base.task == "evaluate":
        base = recipe(name).for_task("represent")
    base = replaced(base, "training.validation_share", 0.1)
    metric = base.training.monitor
    found = offers(base, metric)
    assert len({each.title for each in found}) == len(found) > 20
    for each in found:
        dimension = proposed(base, each.path)
        parse(SearchSpec, {"dimensions": [dimension.model_dump()], "metric": metric}).check(base)
        value = at(base, each.path)
        assert value in (None, 0) or dimension.holds(value), each


def test_what_a_metric_cannot_compare_is_not_offered():
    base = recipe("annotator").spec
    by_loss, by_score = ({each.path for each in offers(base, metric)} for metric in ("loss", "macro_f1"))
    assert "objective.classes.label_smoothing" in by_score - by_loss
    assert not {"seed", "training.validation_share", "training.device", "training.monitor"} & by_score
    assert not any(path.startswith(("analysis", "data.quality", "data.reference")) for path in by_score)


def test_proposals_lie_around_the_present_value():
    base = recipe("annotator").spec
    rate = proposed(base, "training.learning_rate")
    assert (rate.low, rate.high, rate.log) == (3e-4, 0.03, True)
    units = proposed(base, "network.encoder.0.units")
    assert (units.low, units.high, units.log) == (64, 1024, True)
    assert proposed(base, "training.schedule").choices[0] == "constant"
    off = proposed(base, "objective.l1")
    assert (off.low, off.high, off.log) == (1e-6, 1e-2, True)
    with pytest.raises(SpecError):
        proposed(base, "seed")
