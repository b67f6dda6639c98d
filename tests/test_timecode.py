"""Milliseconds there and back again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timecode import (
    SAMPLE_RATE,
    from_samples,
    from_seconds,
    parse_clock,
    sample_clock,
    to_clock,
    to_list_clock,
    to_samples,
    to_seconds,
    to_short_clock,
    to_whole_seconds,
)

DAYS = st.integers(min_value=0, max_value=7 * 24 * 3_600_000)


@given(ms=DAYS)
def test_seconds_come_back(ms: int) -> None:
    assert from_seconds(to_seconds(ms)) == ms


@given(ms=DAYS)
def test_samples_come_back(ms: int) -> None:
    assert from_samples(to_samples(ms)) == ms


def test_a_second_is_as_many_samples_as_the_rate_says() -> None:
    assert to_samples(1000) == SAMPLE_RATE


@given(samples=st.integers(min_value=0, max_value=7 * 24 * 3600 * 48_000))
def test_samples_lie_within_half_a_millisecond(samples: int) -> None:
    assert abs(samples - to_samples(from_samples(samples))) <= 24


def test_samples_are_told_to_the_second() -> None:
    assert [sample_clock(samples) for samples in (0, 47_975, 47_976, 3661 * 48_000)] == [
        "0:00",
        "0:00",
        "0:01",
        "1:01:01",
    ]


@given(first=DAYS, second=DAYS)
def test_nothing_changes_order(first: int, second: int) -> None:
    if first <= second:
        assert from_samples(first) <= from_samples(second)
        assert to_seconds(first) <= to_seconds(second)
        assert parse_clock(to_list_clock(first)) <= parse_clock(to_list_clock(second))


@given(ms=DAYS)
def test_clocks_are_read_back(ms: int) -> None:
    assert parse_clock(to_clock(ms)) == parse_clock(to_clock(ms, decimal=",")) == ms
    assert parse_clock(to_list_clock(ms)) == ms - ms % 1000
    assert parse_clock(to_short_clock(ms)) == to_whole_seconds(ms) * 1000 == ms - ms % 1000


@given(ms=DAYS)
def test_seconds_as_text_are_read_exactly(ms: int) -> None:
    assert parse_clock(f"{ms // 1000}.{ms % 1000:03d}") == parse_clock(f" {ms // 1000}.{ms % 1000:03d} s ") == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1:07.8", 67_800),
        ("67.8", 67_800),
        ("0:00", 0),
        ("1:2:3", 3_723_000),
        ("100:00:00,5", 360_000_500),
        ("90s", 90_000),
    ],
)
def test_what_people_write(text: str, ms: int) -> None:
    assert parse_clock(text) == ms


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "1:60", "1:00:60", "1:2:3:4", "1.2345", "1e3", "1:07.", "nan", "1h", "١:٠٧:xx"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_clock(text)


@given(text=st.text(alphabet="0123456789:.,s -", max_size=12) | st.text(max_size=8))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        assert parse_clock(text) >= 0
    except ValueError as error:
        assert repr(text.strip()) in str(error)


@pytest.mark.parametrize(
    ("ms", "clock", "listed", "short"),
    [
        (0, "00:00:00.000", "00:00:00", "0:00"),
        (59_999, "00:00:59.999", "00:00:59", "0:59"),
        (3_599_500, "00:59:59.500", "00:59:59", "59:59"),
        (86_400_000, "24:00:00.000", "24:00:00", "24:00:00"),
    ],
)
def test_how_times_are_written(ms: int, clock: str, listed: str, short: str) -> None:
    assert (to_clock(ms), to_list_clock(ms), to_short_clock(ms)) == (clock, listed, short)


def test_halves_of_a_millisecond_go_upwards() -> None:
    assert [from_samples(samples) for samples in (23, 24, 71, 72)] == [0, 1, 1, 2]
