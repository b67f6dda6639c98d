"""What is no feed is said to be none, and never waited for; what is wrong with a feed is in `stages/test_check.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.checking import check_feed
from pipeline.errors import InputError


def test_what_may_never_end_is_no_feed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(InputError, match="is no file"):
            check_feed(str(path))
    for name in ("none.xml", "a" * 300):
        with pytest.raises(InputError, match="cannot be read"):
            check_feed(str(tmp_path / name))


def test_a_file_without_end_is_not_read_to_it(tmp_path: Path) -> None:
    with (tmp_path / "long.xml").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="bytes is no feed"):
        check_feed(str(tmp_path / "long.xml"))
