"""Milliseconds, the unit of every time in Escaleta, to and from what others write."""

from __future__ import annotations

import re

SAMPLE_RATE = 48_000
"""Samples a second of every master: an exact 48 samples a millisecond."""

SAMPLES_PER_MS = SAMPLE_RATE // 1000

_CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?")
_SECONDS = re.compile(r"(\d+)(?:\.(\d{1,3}))?\s*s?")


def from_seconds(seconds: float) -> int:
    """Seconds to the nearest millisecond."""
    return round(seconds * 1000)


def to_seconds(ms: int) -> float:
    """Milliseconds to seconds."""
    return ms / 1000


def from_samples(samples: int) -> int:
    """Samples at 48 kHz to the nearest millisecond, halves upwards."""
    return (samples + SAMPLES_PER_MS // 2) // SAMPLES_PER_MS


def to_samples(ms: int) -> int:
    """Milliseconds to samples at 48 kHz, exactly."""
    return ms * SAMPLES_PER_MS


def _split(ms: int) -> tuple[int, int, int, int]:
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, seconds, rest


def to_clock(ms: int, *, decimal: str = ".") -> str:
    """`HH:MM:SS.mmm`, as WebVTT and PSC want it; `decimal=","` for SubRip."""
    hours, minutes, seconds, rest = _split(ms)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{decimal}{rest:03d}"


def to_whole_seconds(ms: int) -> int:
    """Seconds that have passed: whole seconds are cut, as players cut them, so that no two places differ."""
    return ms // 1000


def to_list_clock(ms: int) -> str:
    """`HH:MM:SS`, cut to whole seconds, as podcast apps read chapter lists in descriptions."""
    hours, minutes, seconds, _ = _split(ms)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def to_short_clock(ms: int) -> str:
    """`M:SS` or `H:MM:SS`, cut to whole seconds, for people."""
    hours, minutes, seconds, _ = _split(ms)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def sample_clock(samples: int) -> str:
    """A place or a length in samples at 48 kHz, as `to_short_clock` writes it."""
    return to_short_clock(from_samples(samples))


def parse_clock(text: str) -> int:
    """`[H:]M:SS[.mmm]`, or seconds such as `68.5` or `68.5s`, to milliseconds. Raises ValueError for anything else."""
    text = text.strip()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds, rest = match.groups()
        whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    elif match := _SECONDS.fullmatch(text):
        whole, rest = int(match[1]), match[2]
    else:
        raise ValueError(f"{text!r} is not a time; write H:MM:SS.mmm or seconds, as in 1:07.8 or 67.8")
    return whole * 1000 + int((rest or "").ljust(3, "0"))
