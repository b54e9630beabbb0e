"""A search over settings: what varies, how settings are chosen, and by what trials are judged."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.analysis import DeconvolveSpec
from core.specs.base import Spec
from core.specs.dimension import Dimension
from core.specs.objective import HIGHER_IS_BETTER
from core.specs.run import RunSpec

MOST_TRIALS = 1000
SCORES = HIGHER_IS_BETTER | {"proportion_mae"}
"""Values that mean the same whatever is minimised; every other one is a term of the loss."""
TRAINING_ALONE = ("analysis.mixtures", "analysis.fresh", "analysis.gene_drop")
"""Settings of a composition that change what is learned from, not the mixtures that trials are judged by."""


class PruningSpec(Spec):
    """Stop a trial whose value is worse than the median of earlier trials at the same epoch."""

    startup_trials: int = Field(
        default=5,
        ge=1,
        le=MOST_TRIALS,
        title="Whole trials first",
        description="Trials that are trained to their end before any is cut short.",
    )
    warmup_epochs: int = Field(
        default=5, ge=0, le=100_000, title="Epochs first", description="Epochs that every trial is given."
    )


class SearchSpec(Spec):
    """Which settings vary, how they are chosen, how many trials there are and what judges them."""

    dimensions: tuple[Dimension, ...] = Field(
        default=(), title="Settings", description="What varies between trials; at least one."
    )
    sampler: Literal["tpe", "random", "grid"] = Field(
        default="tpe",
        title="Choose by",
        description="tpe: learns from earlier trials where good values lie. random: anywhere. grid: every combination.",
    )
    trials: int = Field(
        default=20,
        ge=1,
        le=MOST_TRIALS,
        title="Trials",
        description="How many settings are tried; a grid tries every combination instead.",
    )
    random_first: int = Field(
        default=10, ge=1, le=MOST_TRIALS, title="Random trials first", description="Before tpe learns from them."
    )
    present_first: bool = Field(
        default=True,
        title="Begin with the present settings",
        description="The first trial is the network as it is, where the ranges hold it; not in a grid.",
    )
    metric: str = Field(
        default="loss",
        title="Judge by",
        description="A value on the validation cells, in the epoch that a trial keeps. Cells, samples and measured "
        "proportions held out for a test are never looked at.",
    )
    pruning: PruningSpec | None = Field(
        default_factory=PruningSpec,
        title="Stop poor trials early",
        description="A trial worse than the median of the others at the same epoch is stopped.",
    )
    epochs: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        title="Epochs, at most",
        description="A limit for trials alone; empty: the draft's own. Schedules over all epochs are shortened alike.",
    )
    parallel: int = Field(
        default=1,
        ge=1,
        le=64,
        title="At the same time",
        description="Trials that train beside each other. With one, the same seed repeats the same trials.",
    )
    repeats: int = Field(
        default=0,
        ge=0,
        le=50,
        title="Repeat the best",
        description="Runs of the best trial with other seeds and other validation cells, for its mean and spread.",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="Of the choice of settings.")

    @model_validator(mode="after")
    def _dimensions_agree(self) -> SearchSpec:
        paths = [each.path for each in self.dimensions]
        for path in paths:
            twice = [other for other in paths if other == path or other.startswith(f"{path}.")]
            if len(twice) > 1:
                raise SpecError("A setting is searched twice", twice[1], "Keep one of the two")
        if self.epochs is not None and "training.epochs" in paths:
            raise SpecError("Epochs are searched, so they have no other limit", self.epochs, "Leave the limit empty")
        if self.sampler == "grid":
            self._check_grid()
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(each.path for each in self.dimensions)

    @property
    def combinations(self) -> int | None:
        """How many different trials there are; ``None`` where a range holds any number."""
        sizes = [each.values for each in self.dimensions]
        return None if None in sizes else math.prod(len(each) for each in sizes if each is not None)

    @property
    def planned(self) -> int:
        """Trials that this search makes."""
        most = self.combinations
        if self.sampler == "grid":
            assert most is not None
            return most
        return self.trials if most is None else min(self.trials, most)

    @property
    def higher_is_better(self) -> bool:
        return self.metric in HIGHER_IS_BETTER

    def check(self, base: RunSpec) -> None:
        """See that this search can vary ``base`` and compare what comes of it.

        Raises
        ------
        SpecError
            If nothing varies, the metric is not there, no cells are kept for validation, a setting does not exist, or
            a dimension changes what the metric means.
        """
        if not self.dimensions:
            raise SpecError("A search needs a setting to vary", None, "Choose at least one")
        if base.task == "evaluate":
            raise SpecError(
                "The papers' experiments train many networks, so no single value judges them",
                base.task,
                "Search with represent or annotate",
            )
        known = base.objective.watched
        if self.metric not in known:
            raise SpecError(
                "The network has no such value to be judged by", self.metric, f"Use one of: {', '.join(known)}"
            )
        if base.training.validation_share == 0:
            raise SpecError(
                "Trials are judged by cells kept for validation, and none are kept",
                0,
                "Set training.validation_share above 0",
            )
        for path in self.paths:
            require_path(base, path)
            reason = incomparable(self.metric, path, base)
            if reason:
                what = f"{path} cannot be searched by {self.metric}: {reason}"
                raise SpecError(what, None, _remedy(path, known))

    def _check_grid(self) -> None:
        for each in self.dimensions:
            if each.values is None:
                raise SpecError(
                    "A grid needs steps, and this range holds any number",
                    each.path,
                    "Give it a step or a list of choices, or choose by tpe or random",
                )
        size = self.combinations
        assert size is not None
        if size > MOST_TRIALS:
            raise SpecError("The grid has too many combinations", size, f"Leave at most {MOST_TRIALS:,}, or use tpe")


def incomparable(metric: str, path: str, base: RunSpec) -> str:
    """Why values of ``metric`` in trials that differ in ``path`` say nothing about each other; empty where they do."""
    if path.startswith("analysis."):
        return _analysis(path, base)
    if metric in SCORES:
        return ""
    if metric == "loss" and path.startswith("objective."):
        return "it changes what the loss is made of"
    part, _, rest = path.removeprefix("objective.").partition(".")
    if metric == part and rest and rest.split(".")[0] not in ("weight", "hidden"):
        return "it changes how this term is computed"
    rebuilt = metric in ("loss", "reconstruction") and base.objective.reconstruction is not None
    if rebuilt and (path.startswith(("data.transform", "features."))):
        return "it changes the values that are rebuilt"
    return ""


def require_path(base: RunSpec, path: str) -> None:
    """See that ``base`` has the setting at ``path``; an optional part that is off counts as there.

    Raises
    ------
    SpecError
        If it has not, such as a layer that is not there.
    """
    found: Any = base.model_dump()
    for step in path.split("."):
        if found is None:
            return
        if isinstance(found, list | tuple):
            if int(step) >= len(found):
                raise SpecError(f"There is no setting {path}", step, f"Use a number from 0 to {len(found) - 1}")
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            raise SpecError(f"There is no setting {path} in this network", found, "Choose another setting")


def _analysis(path: str, base: RunSpec) -> str:
    if isinstance(base.analysis, DeconvolveSpec):
        return "" if path in TRAINING_ALONE else "it changes the mixtures that trials are judged by"
    return "it is used after training alone"


def _remedy(path: str, known: tuple[str, ...]) -> str:
    scores = [name for name in known if name in SCORES and not path.startswith("analysis.")]
    return f"Judge by {' or '.join(scores)}, or leave this setting out" if scores else "Leave this setting out"
