"""Precision of matrix products: full, medium or bf16; and a probe of what each gains and costs here."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

PRECISIONS = ("fp32", "medium", "bf16")


@contextmanager
def matrix_precision(precision: str) -> Iterator[None]:
    """Matrix products of float32 inside may be rounded if ``precision`` is medium."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium" if precision == "medium" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def autocast(precision: str, device: torch.device) -> AbstractContextManager:
    """A context in which layers compute in bf16 if ``precision`` says so; weights stay float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()


def probe(device: torch.device | None = None, repeats: int = 5) -> list[dict[str, Any]]:
    """Speed and error of a typical matrix product, for each precision on this machine.

    The product is a batch of 512 cells through a layer of 2,000 genes x 128 units.

    Returns
    -------
    Rows with precision, gigaflops (10^9 operations per second, the best of ``repeats``), error (root mean square
    difference from float64, relative to the root mean square of the product), speed (relative to fp32).
    """
    device = device or torch.device("cpu")
    generator = torch.Generator().manual_seed(0)
    cells = torch.randn(512, 2000, generator=generator)
    weights = torch.randn(2000, 128, generator=generator)
    exact = cells.double() @ weights.double()
    cells, weights = cells.to(device), weights.to(device)
    rows: list[dict[str, Any]] = []
    for precision in PRECISIONS:
        with matrix_precision(precision), autocast(precision, device), torch.no_grad():
            product, seconds = _timed(cells, weights, repeats)
        difference = product.cpu().double() - exact
        rows.append(
            {
                "precision": precision,
                "gigaflops": 2 * cells.numel() * weights.shape[1] / seconds / 1e9,
                "error": float(difference.square().mean().sqrt() / exact.square().mean().sqrt()),
            }
        )
    for row in rows:
        row["speed"] = row["gigaflops"] / rows[0]["gigaflops"]
    return rows


def _timed(cells: torch.Tensor, weights: torch.Tensor, repeats: int) -> tuple[torch.Tensor, float]:
    product, best = cells @ weights, float("inf")  # the first one sets the library up
    for _ in range(repeats):
        wait(cells.device)
        began = time.perf_counter()
        product = cells @ weights
        wait(cells.device)
        best = min(best, time.perf_counter() - began)
    return product, best


def wait(device: torch.device) -> None:
    """Return once everything asked of ``device`` is done; a GPU works on while the CPU goes ahead."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
