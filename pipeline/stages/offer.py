"""Cuts that the people at the table asked for with a clapper: offered to the editor, never made unasked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.audio.knocks import LONGEST_FAULT, Signal, faults, knocks, signals
from pipeline.audio.pauses import REACH, pauses
from pipeline.audio.streams import Ears, gather
from pipeline.model import CutMark, Recording, Span
from pipeline.timecode import to_samples, to_short_clock

_NEAR = 1000
"""Milliseconds from a knock to the pause that the cut goes into; without one the cut is made at the knock."""
_LEFT = 500
"""Milliseconds of each pause that stay, at most: together, a breath."""
_ATTACK, _DECAY = 20, 300
"""Milliseconds that belong to a knock."""

_NUMBER = {1: "a knock", 2: "two knocks"}


def offer(recording: Recording, *, workspace: Path, ears: Ears) -> tuple[CutMark, ...]:
    """What lies between the clapper's signals (`pipeline.audio.knocks` says which), in recording time, ms, in order.

    From the pause before the first signal to the pause after the second, knocks included; of a pair of knocks that
    has no other near, the knocks alone. None touches another. Raises InputError for a file that cannot be read.
    """
    path = workspace / recording.path
    marks: list[CutMark] = []
    for fault in faults(signals(knocks(ears.blocks(path, channels=1)))):
        first, last = fault[0].start - _ATTACK, fault[-1].end + _DECAY
        start = _out(_pauses(path, first, ears), first)
        start = max(start, marks[-1].end if marks else 0)
        end = min(_in(_pauses(path, last, ears), last), recording.duration)
        marks.append(CutMark(start, end, _why(fault)))
    return tuple(marks)


def _pauses(path: Path, around: int, ears: Ears) -> tuple[Span, ...]:
    low = max(around - REACH, 0)
    window = ears.blocks(path, channels=1, start=to_samples(low), stop=to_samples(around + REACH))
    return pauses(gather(window, 1), low)


def _out(found: Sequence[Span], knock: int) -> int:
    """Where the talk stops before a knock."""
    near = [one for one in found if one.start < knock <= one.end + _NEAR]
    return min(near[-1].start + min(_length(near[-1]) // 2, _LEFT), knock) if near else knock


def _in(found: Sequence[Span], knock: int) -> int:
    """Where it goes on behind one."""
    near = [one for one in found if one.start - _NEAR <= knock < one.end]
    return max(near[0].end - min(_length(near[0]) // 2, _LEFT), knock) if near else knock


def _length(span: Span) -> int:
    return span.end - span.start


def _why(fault: Sequence[Signal]) -> str:
    told = [f"{_NUMBER[len(signal.knocks)]} at {to_short_clock(signal.start)}" for signal in fault]
    if len(told) == 2:
        return f"{told[0]} and {told[1]}, around a fault"
    return f"{told[0]} and none within {LONGEST_FAULT // 60_000} min: the fault may lie before or behind"
