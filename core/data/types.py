"""Names for types that scipy, which ships no stubs, cannot express."""

from __future__ import annotations

from typing import Any, TypeAlias

CSR: TypeAlias = Any
"""A ``scipy.sparse.csr_matrix``."""
