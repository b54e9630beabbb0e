from __future__ import annotations

import json
import threading

import numpy as np
import pytest
from scipy import sparse

from core.data import cache_file
from core.data.cache_file import COLUMNS, HEADER, STARTS, VALUES, opened, write
from core.errors import DataError
from tests.core.data.test_blocks import counts, same, stored


def types(folder) -> tuple[str, str]:
    header = json.loads((folder / HEADER).read_text())
    return header["types"][COLUMNS], header["types"][VALUES]


def test_counts_take_four_bytes_each(tmp_path):
    values = counts()
    file = stored(values, tmp_path)
    assert types(tmp_path) == ("uint16", "uint16")
    assert file.n_values == values.nnz
    assert (tmp_path / VALUES).stat().st_size == (tmp_path / COLUMNS).stat().st_size == 2 * values.nnz
    assert (file.facts.lowest, file.facts.highest, file.facts.whole) == (0, values.data.max(), True)


@pytest.mark.parametrize(("value", "kind"), [
    (65_535, "uint16"),
    (65_536, "uint32"),
    (2**24, "uint32"),
    (2.0**33, "float32"),
    (0.5, "float32"),
    (-3, "float32"),
])  # fmt: skip
def test_a_value_that_does_not_fit_widens_what_is_already_written(tmp_path, monkeypatch, value, kind):
    monkeypatch.setattr(cache_file, "AT_ONCE", 512)  # many steps of rewriting
    values = counts()
    values[290, 7] = value
    file = stored(values, tmp_path)
    assert types(tmp_path)[1] == kind
    same(file.read(), values)


def test_two_widenings_in_a_row(tmp_path):
    values = counts()
    values[100, 7], values[290, 7] = 70_000, 0.25
    same(stored(values, tmp_path).read(), values)
    assert types(tmp_path)[1] == "float32"


@pytest.mark.parametrize(("genes", "kind"), [(65_536, "uint16"), (65_537, "uint32")])
def test_more_genes_than_two_bytes_can_number(tmp_path, genes, kind):
    values = sparse.csr_matrix(([1.0, 2.0, 3.0], ([0, 1, 3], [0, genes - 1, 65_535])), shape=(4, genes))
    same(stored(values.astype(np.float32), tmp_path).read(), values)
    assert types(tmp_path)[0] == kind


def test_cells_without_counts_alone(tmp_path):
    file = stored(sparse.csr_matrix((7, 5), dtype=np.float32), tmp_path)
    assert file.read(np.array([3, 0])).nnz == 0
    assert file.shape == (7, 5)


@pytest.mark.parametrize("name", [STARTS, COLUMNS, VALUES, HEADER])
def test_a_file_that_was_cut_or_changed_is_not_opened(tmp_path, name):
    stored(counts(), tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    (tmp_path / name).write_bytes(content[:-3])
    assert opened(tmp_path, "key") is None
    content[len(content) // 2] ^= 0x55
    (tmp_path / name).write_bytes(content)
    assert opened(tmp_path, "key") is None
    (tmp_path / name).unlink()
    assert opened(tmp_path, "key") is None


def test_another_key_or_version_is_not_opened(tmp_path, monkeypatch):
    stored(counts(), tmp_path)
    assert opened(tmp_path, "other") is None
    monkeypatch.setattr(cache_file, "VERSION", 2)
    assert opened(tmp_path, "key") is None


def test_damage_after_opening_is_an_error_in_three_parts(tmp_path):
    file = stored(counts(genes=40), tmp_path)
    (tmp_path / COLUMNS).write_bytes(b"\xff" * (tmp_path / COLUMNS).stat().st_size)
    with pytest.raises(DataError, match=r"damaged.*Delete this folder"):
        file.read()
    (tmp_path / COLUMNS).write_bytes(b"")
    with pytest.raises(DataError, match="damaged"):
        file.read()


def test_two_threads_read_at_once(tmp_path):
    values = counts(2000, seed=3)
    file, found = stored(values, tmp_path), {}

    def look(name: int) -> None:
        rng = np.random.default_rng(name)
        rows = [rng.permutation(2000)[:300] for _ in range(30)]
        found[name] = all((file.read(some) != values[some]).nnz == 0 for some in rows)

    threads = [threading.Thread(target=look, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), True)


def test_nothing_is_readable_before_the_header(tmp_path):
    def parts():
        yield counts()
        assert not (tmp_path / HEADER).exists()

    write(parts(), tmp_path, 40, "key")
    assert opened(tmp_path, "key") is not None
