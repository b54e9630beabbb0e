"""Activations by name, each a module of its own so that saliency can hook it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from core.specs import Activation


def activation(name: Activation) -> nn.Module:
    """A fresh module for the activation ``name``; ``linear`` passes values on unchanged."""
    match name:
        case "relu":
            return nn.ReLU()
        case "leaky_relu":
            return nn.LeakyReLU()
        case "elu":
            return nn.ELU()
        case "gelu":
            return nn.GELU()
        case "selu":
            return nn.SELU()
        case "sigmoid":
            return nn.Sigmoid()
        case "logsigmoid":
            return nn.LogSigmoid()
        case "tanh":
            return nn.Tanh()
        case "softplus":
            return nn.Softplus()
        case "softshrink":
            return nn.Softshrink()
        case "softmax":
            return nn.Softmax(dim=-1)
        case "linear":
            return nn.Identity()


def bounds(name: Activation) -> tuple[float, float] | None:
    """The two values between which a unit can get stuck, or ``None`` where there are none.

    The softmax counts as unbounded here: most of its units are near zero in most cells by design.
    """
    return {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(name)
