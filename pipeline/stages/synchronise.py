"""Recorders that were started apart, and whose clocks differ: how to lay their tracks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from pipeline.audio.bleed import FRAME_RATE, Envelope, Room, is_silent, loudest, room, voice_band
from pipeline.audio.speech import RATE
from pipeline.audio.streams import Ears, Mono, Tape
from pipeline.audio.tracks import (
    WINDOW,
    Clock,
    Delay,
    belong_together,
    coarse_clock,
    delays,
    ends,
    fit,
    side_by_side,
)
from pipeline.errors import InputError
from pipeline.timecode import SAMPLE_RATE

_WINDOWS = 24
_SAME_LENGTH = 0.02
_SHARP = 5e-6
"""Of drift, a tenth of a millisecond in a window."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """A person's own recording."""

    name: str
    path: Path


def synchronise(microphones: Sequence[Microphone], levels: Sequence[Envelope], ears: Ears) -> tuple[Clock, ...]:
    """Every track's clock, the first one's being the time of all.

    levels: of each, in the band of voices. Raises InputError for tracks that do not belong together, or that cannot be
    decoded.
    """
    coarse = _coarse(microphones, levels)
    heard = room(side_by_side(levels, coarse), loudest(levels))
    once = fit(_delays(microphones, levels, coarse, heard, ears), coarse)
    # Clocks that part within a window blur its delays: what was found to is set right, and looked at again.
    if all(abs(found.drift - rough.drift) < _SHARP for found, rough in zip(once, coarse, strict=True)):
        return once
    return fit(_delays(microphones, levels, once, heard, ears), once)


def _delays(
    microphones: Sequence[Microphone], levels: Sequence[Envelope], clocks: Sequence[Clock], heard: Room, ears: Ears
) -> list[Delay]:
    begins, finish = sorted(clock.offset for clock in clocks), sorted(ends(levels, clocks))
    tapes = [Tape(block[:, 0] for block in ears.blocks(one.path, channels=1)) for one in microphones]
    measured: list[Delay] = []
    for middle in _middles(max(begins[1], 0.0), finish[-2]).tolist():
        read = ((track, _window(tape, clocks[track], middle)) for track, tape in enumerate(tapes))
        measured += delays({track: sound for track, sound in read if len(sound)}, middle, heard)
    return measured


def _window(tape: Tape, clock: Clock, middle: float) -> Mono:
    """What a track holds around a moment, at 16 kHz by the time of all; nothing where it did not run all the while."""
    half = WINDOW / RATE / 2
    first, last = (round(clock.place(middle + side) * SAMPLE_RATE) for side in (-half, half))
    if first < 0 or len(sound := tape.read(first, last)) < last - first:
        return np.zeros(0, np.float32)
    low = soxr.resample(sound, SAMPLE_RATE * (1 + clock.drift), RATE, "HQ")
    return next(voice_band([np.pad(low[:WINDOW], (0, max(WINDOW - len(low), 0)))]))


def _middles(first: float, end: float) -> NDArray[np.float64]:
    """Of windows, in seconds, spread over a stretch. By no clock do they overlap, since tapes do not go back, or reach
    beyond."""
    long = WINDOW / RATE + 1 / FRAME_RATE
    count = min(int((end - first) / long), _WINDOWS)
    return np.linspace(first + long / 2, end - long / 2, count) if count > 0 else np.zeros(0)


def _coarse(microphones: Sequence[Microphone], levels: Sequence[Envelope]) -> list[Clock]:
    """Clocks to 10 ms, the first being the time of all. Tracks of one length come from one recorder, whether or not
    they hear each other; a silent one begins anywhere."""
    lengths = [len(one) / FRAME_RATE for one in levels]
    if max(lengths) - min(lengths) <= _SAME_LENGTH:
        return [Clock(0.0)] * len(levels)
    # Whoever came late or left early was there with whoever was there for longest.
    longest = max(range(len(levels)), key=lambda track: (not is_silent(levels[track]), len(levels[track])))
    found = [(Clock(0.0), 1.0) if is_silent(one) else coarse_clock(levels[longest], one) for one in levels]
    strangers = [m for m, (_, likeness) in zip(microphones, found, strict=True) if not belong_together(likeness)]
    if strangers:
        raise InputError(
            f"the track of {' and of '.join(m.name for m in strangers)} does not belong to that of"
            f" {microphones[longest].name}: neither is heard in the other",
            where=", ".join(str(m.path) for m in strangers),
            todo="take away what is of another day, or cut the tracks to one length, starting together",
        )
    return [clock.seen_from(found[0][0]) for clock, _ in found]
