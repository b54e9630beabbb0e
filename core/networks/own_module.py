"""Networks of the user's own: what they must provide, and the check that they do."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from core.errors import SpecError
from core.networks.batch import Batch, outputs_of


@runtime_checkable
class CodingModule(Protocol):
    """What training asks of a network: a module whose forward gives named outputs, and an ``encode``.

    ``forward`` maps (n, n_inputs) to a dict with "code" and, for each head in use, "reconstruction",
    "class_logits" or "proportions". ``code_weight`` and ``log_dispersion`` are needed only by the orthogonality
    penalty and the negative binomial losses.

    A variational code also gives "code_deviation" (n, code_units), positive, "code" being the mean; the zero-inflated
    loss needs "zero_logits" (n, n_inputs). A module whose ``takes_library`` is true gets the library sizes (n,) as the
    second argument of ``forward``.
    """

    def forward(self, x: Tensor) -> dict[str, Tensor]: ...

    def encode(self, x: Tensor) -> Tensor: ...


def check_sizes(module: torch.nn.Module, n_inputs: int, n_classes: int) -> dict[str, tuple[int, ...]]:
    """Run two empty cells through ``module`` and look at what comes out.

    Returns
    -------
    Shape of each output, without the cells.

    Raises
    ------
    SpecError
        If ``encode`` or "code" is missing, or an output has a size that does not fit ``n_inputs`` or ``n_classes``.
    """
    if not isinstance(module, CodingModule):
        raise SpecError("The network has no encode", type(module).__name__, "Add encode(x), which returns the code")
    parameter = next(module.parameters(), None)
    cells = torch.zeros(2, n_inputs, device=None if parameter is None else parameter.device)
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            outputs = outputs_of(module, Batch(cells))
            code = module.encode(cells)
    except RuntimeError as error:  # torch's only word for sizes that do not meet
        raise SpecError(
            f"The network does not take {n_inputs} genes", str(error), "Give its first layer that many inputs"
        ) from error
    finally:
        module.train(was_training)
    if not isinstance(outputs, dict) or "code" not in outputs:
        found = sorted(outputs) if isinstance(outputs, dict) else type(outputs).__name__
        raise SpecError("The network's forward gives no code", found, 'Return a dict with "code" and the heads')
    expected = {"reconstruction": n_inputs, "zero_logits": n_inputs, "code_deviation": code.shape[-1]}
    expected |= {"class_logits": n_classes, "proportions": n_classes}
    for name, value in outputs.items():
        width = expected.get(name, value.shape[-1])
        if tuple(value.shape) != (2, width):
            raise SpecError(f"The network's {name} has the wrong size", tuple(value.shape), f"Make it (n, {width})")
    if code.shape != outputs["code"].shape:
        raise SpecError("encode and forward give different codes", tuple(code.shape), "Return the same code from both")
    return {name: tuple(value.shape[1:]) for name, value in outputs.items()}
