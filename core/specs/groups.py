"""Settings of a comparison of samples by what is known of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec


class GroupSpec(Spec):
    """Which samples are compared, on which scale, and how often with other draws of their shares."""

    column: str = Field(title="Compare by", description="Column of the sample sheet: groups, or a number such as age.")
    read_as: Literal["auto", "groups", "number"] = Field(
        default="auto",
        title="Read as",
        description="auto: a number where the column holds numbers with more than five values, else groups.",
    )
    groups: tuple[str, ...] = Field(
        default=(), title="Groups", description="Those to compare, in this order; empty for all of the column."
    )
    paired_by: str | None = Field(
        default=None,
        title="Paired by",
        description="Column that names the subject, where two samples of one subject are compared with each other.",
    )
    scale: Literal["shares", "log_ratios"] = Field(
        default="shares",
        title="Scale",
        description="shares: as they are. log_ratios: the logarithm of each share over the geometric mean of its "
        "sample's shares, so that one type does not fall just because another rises; those below 0.1 % count as 0.1 %.",
    )
    draws: int = Field(
        default=200,
        ge=0,
        le=2000,
        title="Draws",
        description="How often the tests are repeated on shares drawn within their intervals; 0: never.",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="The same seed repeats the same draws.")
