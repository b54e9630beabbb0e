from __future__ import annotations

import pytest
import torch

from core.errors import RunError
from core.specs import TrainSpec
from core.training.device import available, choose, cores, count, device_summary, threads


def test_auto_takes_the_first_device_there_is():
    assert choose("auto").type == available()[0]
    assert choose("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_an_absent_device_is_refused_with_the_ones_there_are(name):
    if name in available():
        assert choose(name).type == name
        return
    with pytest.raises(RunError, match=f"no {name} device") as caught:
        choose(name)
    assert "cpu" in caught.value.remedy


def test_summary_describes_the_choice_of_auto():
    summary = device_summary()
    assert summary["device"] == choose("auto").type
    assert summary["cores"] >= 1
    assert summary["memory"] > 1e8


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with threads(2):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == before


def test_processes_on_the_cpu_are_as_many_as_asked_for_or_as_the_cores_allow():
    cpu = torch.device("cpu")
    assert count(TrainSpec(), cpu) == 1
    assert count(TrainSpec(devices=3), cpu) == 3
    assert count(TrainSpec(devices="all"), cpu) == cores() >= 1
    assert count(TrainSpec(devices=None, threads=256), cpu) == 1


def test_devices_that_are_not_there_are_refused():
    with pytest.raises(RunError, match=r"has \d+ graphics card.*Got 64.*at most"):
        count(TrainSpec(devices=64), torch.device("cuda"))
    with pytest.raises(RunError, match="cannot be joined"):
        count(TrainSpec(devices=2), torch.device("mps"))
    assert count(TrainSpec(devices=None), torch.device("mps")) == 1
