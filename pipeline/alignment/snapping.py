"""A start moved into the pause before its first sentence.

Players cut chapter times to whole seconds, so a start just behind a full second would play the end of the section
before. Recognisers' word times are about a tenth of a second early at their start and loose at their end.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model import Segment, Transcript

LEAD = 200
"""ms of pause that a start leaves before its first word where it can."""

SETTLE = 120
"""ms after the last word before in which it may still sound."""


def snap(start: int, transcript: Transcript) -> int:
    """The start of a section, in ms, inside the pause before its first sentence.

    start: of the sentence that begins the section. transcript: the whole talk, with words if there are any.

    Where the pause holds a whole second, the start cut to seconds falls inside it. Where it does not, the start is
    just before the first word: cut to a second it falls before the pause, which no choice could help. The result is
    never later than `start`, and never earlier than the end of the last word unless sentences overlap.
    """
    quiet = min(start, _silent_from(start, transcript.segments))
    usual = max(quiet, start - LEAD)
    second = _cut(start)
    return usual if _cut(usual) >= quiet + SETTLE or second < quiet else max(usual, second)


def _cut(ms: int) -> int:
    return ms // 1000 * 1000


def _silent_from(start: int, segments: Sequence[Segment]) -> int:
    """The end of the last word, or sentence without words, that began before `start`."""
    ends = (
        word.end
        for segment in segments
        if segment.start < start
        for word in (segment.words or (segment,))
        if word.start < start
    )
    return max(ends, default=0)
