from __future__ import annotations

from core.data.fingerprint import WHOLE, fingerprint


def test_content_counts_and_the_name_does_not(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_bytes(b"cell,A\n")
    second.write_bytes(b"cell,A\n")
    assert fingerprint(first) == fingerprint(second) and len(fingerprint(first)) == 16
    second.write_bytes(b"cell,B\n")
    assert fingerprint(first) != fingerprint(second)


def test_a_folder_counts_names_and_contents(tmp_path):
    (tmp_path / "matrix.mtx").write_bytes(b"1")
    before = fingerprint(tmp_path)
    (tmp_path / "matrix.mtx").rename(tmp_path / "other.mtx")
    assert fingerprint(tmp_path) != before


def test_large_files_are_sampled_to_their_ends(tmp_path):
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        stream.truncate(WHOLE + 100)
    empty = fingerprint(path)
    for place in (0, WHOLE // 2, WHOLE + 99):
        with path.open("r+b") as stream:
            stream.seek(place)
            stream.write(b"\x01")
        changed = fingerprint(path)
        assert changed != empty or place == WHOLE // 2
        empty = changed
