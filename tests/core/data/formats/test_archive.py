from __future__ import annotations

import zipfile

import pytest

from core.data.formats.archive import unpack
from core.errors import DataError


def test_harmless_archives_are_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        archive.writestr("folder/cells.csv", "cell,A\nc1,1\n")
        archive.writestr("folder/name with..dots.csv", "x")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "cells.zip", tmp_path / "out")
    assert (tmp_path / "out/folder/cells.csv").read_text() == "cell,A\nc1,1\n"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "\\x", "C:\\x", "a\\..\\..\\x"])
def test_nothing_leaves_the_folder(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        archive.writestr("fine.csv", "x")
        archive.writestr(zipfile.ZipInfo(name), "x")
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match="outside its folder"):
        unpack(tmp_path / "cells.zip", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_empty_archives_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(DataError, match="empty"):
        unpack(tmp_path / "empty.zip", tmp_path)
