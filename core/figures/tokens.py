"""Colours of the interface, light and dark; the style sheet and the charts use the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000")
FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", Arial, sans-serif'
CODE_FONT = '"Source Code Pro", "Source Code", monospace'


@dataclass(frozen=True)
class Theme:
    """One set of colours; every figure function takes one."""

    name: str
    page: str
    panel: str
    border: str
    grid: str
    text: str
    muted: str
    primary: str
    primary_weak: str
    on_primary: str
    neutral: str
    good: str
    good_weak: str
    attention: str
    attention_weak: str
    failed: str
    failed_weak: str
    sidebar: str
    sidebar_active: str
    training: str
    validation: str
    bar: str
    working: str
    saturated: str
    silent: str
    network: Mapping[str, str] = field(repr=False)
    cell_types: Mapping[str, str] = field(repr=False)
    rims: Mapping[str, str] = field(repr=False)
    sequential: tuple[str, ...] = field(repr=False)
    diverging: tuple[str, ...] = field(repr=False)

    @property
    def lines(self) -> tuple[str, ...]:
        """Colours of unnamed lines and bars, in order; yellow is left out, since no thin line is seen in it."""
        return (
            self.training,
            self.validation,
            self.network["class_head"],
            self.network["code"],
            self.saturated,
            self.bar,
        )


LIGHT = Theme(
    name="light",
    page="#F5F7F9",
    panel="#FFFFFF",
    border="#D8DEE5",
    grid="#E6EAEE",
    text="#17222D",
    muted="#55636F",
    primary="#0B6FA4",
    primary_weak="#E2F0F8",
    on_primary="#FFFFFF",
    neutral="#EBEFF3",
    good="#00704F",
    good_weak="#E0F3EC",
    attention="#8A5200",
    attention_weak="#FDF1DC",
    failed="#AD3A00",
    failed_weak="#FBE8DF",
    sidebar="#17212B",
    sidebar_active="#2B3A48",
    training="#0072B2",
    validation="#D55E00",
    bar="#B4BEC7",
    working="#74B3D9",
    saturated="#E69F00",
    silent="#17222D",
    network=MappingProxyType(
        {
            "input": "#73808C",
            "hidden": "#0072B2",
            "code": "#CC79A7",
            "decoder": "#56B4E9",
            "class_head": "#009E73",
            "proportion_head": "#D55E00",
            "batch_norm": "#E69F00",
        }
    ),
    cell_types=MappingProxyType(
        {
            "CD4 T": "#E69F00",
            "CD8 T": "#009E73",
            "NK": "#CC79A7",
            "B": "#0072B2",
            "CD14 Mono": "#D55E00",
            "CD16 Mono": "#56B4E9",
            "DC": "#F0E442",
            "Platelet": "#3D4852",
            "not assigned": "#B4BEC7",
        }
    ),
    rims=MappingProxyType({"#F0E442": "#8F8400"}),
    sequential=("#EEF3F7", "#BBD8EB", "#74B3D9", "#2B82BA", "#0B5488", "#062F4F"),
    diverging=("#0B5FA0", "#6FAED6", "#F3F3F0", "#EBA06A", "#BF4A00"),
)

DARK = Theme(
    name="dark",
    page="#10161D",
    panel="#17202A",
    border="#2D3A47",
    grid="#283541",
    text="#E5EBF0",
    muted="#9DACB9",
    primary="#56B4E9",
    primary_weak="#16364A",
    on_primary="#06131D",
    neutral="#25313D",
    good="#4CC9A0",
    good_weak="#10352B",
    attention="#F0B54A",
    attention_weak="#3A2C10",
    failed="#F2905C",
    failed_weak="#402213",
    sidebar="#0C1218",
    sidebar_active="#22303D",
    training="#3E9BD6",
    validation="#E8702A",
    bar="#4A5763",
    working="#1F6C9E",
    saturated="#E69F00",
    silent="#E5EBF0",
    network=MappingProxyType(
        {
            "input": "#8492A0",
            "hidden": "#3388CC",
            "code": "#D68FB6",
            "decoder": "#56B4E9",
            "class_head": "#1DB78A",
            "proportion_head": "#E8702A",
            "batch_norm": "#E69F00",
        }
    ),
    cell_types=MappingProxyType(
        {
            "CD4 T": "#E69F00",
            "CD8 T": "#1DB78A",
            "NK": "#D68FB6",
            "B": "#3E9BD6",
            "CD14 Mono": "#E8702A",
            "CD16 Mono": "#7CC8F2",
            "DC": "#F0E442",
            "Platelet": "#C3CCD5",
            "not assigned": "#4A5763",
        }
    ),
    rims=MappingProxyType({}),
    sequential=("#1D2833", "#1C4463", "#1F6C9E", "#3F9BD3", "#8FCBF0", "#DDF1FD"),
    diverging=("#6FBDF0", "#2E76A8", "#222D38", "#B05E22", "#F2955A"),
)
THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})
