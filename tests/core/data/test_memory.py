from __future__ import annotations

import pytest

from core.data.memory import require_memory, size
from core.errors import DataError


def test_what_fits_passes_and_what_does_not_says_how_much():
    require_memory(1e9, "cells.h5ad", available=4 * 10**9)
    with pytest.raises(DataError, match=r"cells.h5ad is too large .* about 5.0 GB needed, 4.0 GB free"):
        require_memory(2e9, "cells.h5ad", available=4 * 10**9)


def test_sizes_as_read():
    assert [size(n) for n in (1500, 2.5e6, 3e9, 4e12)] == ["2 kB", "2.5 MB", "3.0 GB", "4.0 TB"]
