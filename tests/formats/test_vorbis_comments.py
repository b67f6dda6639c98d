"""Chapters and cover as Vorbis comments: every millisecond as it was."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.tags import Tag
from pipeline.formats.vorbis_comments import comments
from pipeline.model import Chapter
from pipeline.timecode import parse_clock


def tag(*chapters: Chapter) -> Tag:
    return Tag("T", "A", "P", date(2023, 4, 12), "es", "x", chapters=chapters)


@given(st.lists(st.integers(0, 99 * 3_600_000), min_size=1, max_size=20, unique=True).map(sorted))
def test_times_come_back_as_they_were(starts: list[int]) -> None:
    """2.834 s among them, which FFmpeg would have written as 3.834."""
    said = dict(comments(tag(*(Chapter(f"N.º {n}", start, start + 1, 0) for n, start in enumerate(starts)))))
    times = [said[f"CHAPTER{n:03d}"] for n in range(len(starts))]
    assert [parse_clock(time) for time in times] == starts
    assert all(len(time) == len("00:00:00.000") for time in times)
    assert [said[f"CHAPTER{n:03d}NAME"] for n in range(len(starts))] == [f"N.º {n}" for n in range(len(starts))]


def test_what_is_written_in_full() -> None:
    chapters = (
        Chapter("Uno", 0, 2834, 0, url="javascript:alert(1)"),
        Chapter("Dos\ny medio", 2834, 5000, 0, url="https://e.org/a+b"),
    )
    assert list(comments(tag(*chapters))) == [
        ("CHAPTER000", "00:00:00.000"),
        ("CHAPTER000NAME", "Uno"),
        ("CHAPTER001", "00:00:02.834"),
        ("CHAPTER001NAME", "Dos y medio"),
        ("CHAPTER001URL", "https://e.org/a%2Bb"),
    ]
    assert list(comments(tag())) == []


def test_more_than_three_digits_number() -> None:
    with pytest.raises(InputError, match="1001 chapters"):
        list(comments(tag(*(Chapter(str(n), n, n + 1, 0) for n in range(1001)))))
