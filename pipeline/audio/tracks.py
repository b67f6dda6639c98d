"""Microphones that were recorded apart: how their clocks differ.

What the others say bleeds into every microphone, a few milliseconds late and 10 to 25 dB down. That is enough to find
each clock's offset and drift (generalised cross-correlation with phase transform, Knapp and Carter 1976), and the
late bleed cancels out because it goes both ways: all pairs are solved together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import oaconvolve
from scipy.stats import theilslopes

from pipeline.audio.bleed import FRAME_RATE, Envelope, Room, envelope
from pipeline.audio.speech import RATE
from pipeline.audio.streams import Mono

WINDOW = 20 * RATE
"""Samples at 16 kHz that one delay is measured in."""

_SPOKEN = -25.0
_OTHERS = 6.0
"""dB by which the others may be louder than a voice's bleed while it speaks alone."""
_FARTHEST = RATE // 20
_CLEAR = 15.0
_ENOUGH = 150
_RISE = 5
_PIECE = 300 * FRAME_RATE
"""Frames of a track, at most, that are found by themselves: two clocks do not part by a syllable meanwhile."""
_SLACK, _SKEW = 0.05, 500e-6
"""Seconds, and of each second so many, by which pieces of one track may disagree: ten times what bad quartzes do."""
_BELONGS = 0.2
_CHANCE = 18.0
"""Divided by the root of the frames in common: half as much again as strangers were alike at the likeliest of an hour's
places, 0.23 in 30 s, 0.08 in 5 minutes. Tracks of one talk were 0.8 and more.
"""


@dataclass(frozen=True, slots=True)
class Clock:
    """A recorder's clock: its file's time is (t − offset) · (1 + drift), t and offset in seconds."""

    offset: float
    drift: float = 0.0

    def place(self, moment: float) -> float:
        """Where in its file a moment is, in seconds."""
        return (moment - self.offset) * (1 + self.drift)

    def moment(self, place: float) -> float:
        """When a place in its file was, in seconds."""
        return self.offset + place / (1 + self.drift)

    def seen_from(self, other: Clock) -> Clock:
        """The same clock where the time is that of the other's file."""
        return Clock(other.place(self.offset), (1 + self.drift) / (1 + other.drift) - 1)


def ends(levels: Sequence[Envelope], clocks: Sequence[Clock]) -> list[float]:
    """When each recorder stopped, in seconds."""
    return [clock.moment(len(one) / FRAME_RATE) for clock, one in zip(clocks, levels, strict=True)]


def side_by_side(levels: Sequence[Envelope], clocks: Sequence[Clock]) -> Envelope:
    """One row a track, on the common time line, which begins where the first recorder does; silence where one did not
    run."""
    origin = min(clock.offset for clock in clocks)
    moments = origin + np.arange(int((max(ends(levels, clocks)) - origin) * FRAME_RATE)) / FRAME_RATE
    rows = np.full((len(levels), len(moments)), -90, np.float32)
    for row, clock, one in zip(rows, clocks, levels, strict=True):
        frames = np.rint((moments - clock.offset) * (1 + clock.drift) * FRAME_RATE).astype(np.int64)
        runs = (frames >= 0) & (frames < len(one))
        row[runs] = one[frames[runs]]
    return rows


@dataclass(frozen=True, slots=True)
class Delay:
    """At `moment` s, `speaker`'s voice was heard by `listener` so many seconds later than by the speaker's own."""

    speaker: int
    listener: int
    moment: float
    seconds: float


def coarse_clock(reference: Envelope, other: Envelope) -> tuple[Clock, float]:
    """The other's clock by the reference's, to 10 ms; and how alike they are where they are most, 0 to 1: 0 where they
    may be as alike by chance, as short stretches are at one of all places."""
    if min(len(reference), len(other)) <= _RISE:
        return Clock(0.0), 0.0
    one, two = _changes(reference), _changes(other)
    edges = np.linspace(0, len(two), -(-len(two) // _PIECE) + 1).astype(int)
    pieces = [_found(one, two, first, last) for first, last in pairwise(edges.tolist())]
    best = max(pieces, key=lambda piece: piece.alike)
    if not best.alike:
        return Clock(0.0), 0.0
    agreed = [piece for piece in pieces if belong_together(piece.alike) and piece.agrees(best)]
    if len(agreed) < 2:
        return Clock(best.begins), best.alike
    slope, begins, *_ = theilslopes([piece.begins for piece in agreed], [piece.place for piece in agreed])
    return Clock(float(begins), float(-slope / (1 + slope))), best.alike


@dataclass(frozen=True, slots=True)
class _Found:
    """Around `place` s of its file, a track is as if that began at `begins` s of the reference's."""

    place: float
    begins: float
    alike: float

    def agrees(self, other: _Found) -> bool:
        return abs(self.begins - other.begins) <= _SLACK + _SKEW * abs(self.place - other.place)


def _found(one: NDArray[np.float64], two: NDArray[np.float64], first: int, last: int) -> _Found:
    """Where in `one` frames `first` to `last` of `two` are."""
    piece = two[first:last]
    likeness = oaconvolve(one, piece[::-1])
    best = int(np.argmax(likeness))
    late = best - len(piece) + 1
    both = slice(max(late, 0), min(late + len(piece), len(one)))
    norm = float(np.linalg.norm(one[both]) * np.linalg.norm(piece[both.start - late : both.stop - late]))
    alike = float(likeness[best]) / norm if norm else 0.0
    place = first + (both.start + both.stop) / 2 - late
    chance = _CHANCE / (both.stop - both.start) ** 0.5
    return _Found(place / FRAME_RATE, (late - first) / FRAME_RATE, alike if alike > chance else 0.0)


def belong_together(likeness: float) -> bool:
    """Whether two tracks so alike are of one conversation."""
    return likeness >= _BELONGS


def _changes(levels: Envelope) -> NDArray[np.float64]:
    """By how much it got louder within 50 ms. Syllables rise and fall alike in all microphones, near or far."""
    raised = np.maximum(levels, np.percentile(levels, 20)).astype(np.float64)
    changes = np.clip(raised[_RISE:] - raised[:-_RISE], -12, 12)
    return np.asarray(changes - changes.mean())


def delays(window: Mapping[int, Mono], moment: float, heard: Room) -> Iterator[Delay]:
    """What one stretch of all tracks tells, laid side by side to 10 ms.

    window: by track, the same 20 s of each, filtered by `voice_band`.
    """
    levels = {track: envelope([sound]) - heard.own[track] for track, sound in window.items()}
    for speaker, listener in permutations(window, 2):
        others = np.max([levels[track] - heard.bleed[track, speaker] for track in window if track != speaker], axis=0)
        alone = (levels[speaker] > _SPOKEN) & (others - levels[speaker] < _OTHERS)
        if alone.sum() < _ENOUGH:
            continue
        mask = np.repeat(np.convolve(alone, np.ones(5), "same") > 0, RATE // FRAME_RATE)
        lag, clearness = _lag(window[listener] * mask, window[speaker] * mask)
        if clearness >= _CLEAR:
            yield Delay(speaker, listener, moment, lag)


def _lag(late: Mono, early: Mono) -> tuple[float, float]:
    """How much later, in seconds, and how far the peak stands out (GCC-PHAT, a parabola through the top)."""
    size = fft.next_fast_len(len(late) + _FARTHEST, real=True)
    cross = fft.rfft(late, size) * np.conj(fft.rfft(early, size))
    frequency = np.arange(len(cross)) * RATE / size
    cross = np.where((frequency > 300) & (frequency < 3400), cross / np.maximum(np.abs(cross), 1e-12), 0)
    around = np.roll(fft.irfft(cross, size), _FARTHEST)[: 2 * _FARTHEST + 1]
    top = int(np.clip(np.argmax(around), 1, len(around) - 2))
    before, peak, after = around[top - 1 : top + 2]
    bend = before - 2 * peak + after
    exact = top + (0.5 * (before - after) / bend if bend else 0.0)
    usual = float(np.median(np.abs(around)))
    return (exact - _FARTHEST) / RATE, float(peak) / usual if usual else 0.0


def fit(measured: Sequence[Delay], coarse: Sequence[Clock]) -> tuple[Clock, ...]:
    """Every track's clock, the first one's being the time of all.

    coarse: every track's `coarse_clock`; the delays were measured after setting it right by that.
    A track that no delay speaks of keeps its coarse clock.
    Solves for offset and drift of every other track and one mean bleed, least squares that forgive outliers.
    """
    if not measured:
        return tuple(coarse)
    middle = float(np.mean([delay.moment for delay in measured]))
    rows = np.zeros((len(measured), 2 * len(coarse) + 1))
    for row, delay in zip(rows, measured, strict=True):
        for track, sign in ((delay.listener, 1), (delay.speaker, -1)):
            row[2 * track : 2 * track + 2] += sign, sign * (delay.moment - middle)
        row[-1] = 1
    unknown = rows[:, 2:]
    lags = np.array([delay.seconds for delay in measured])
    weights = np.ones(len(measured))
    for _ in range(10):
        solved = np.linalg.lstsq(unknown * weights[:, None], lags * weights, rcond=None)[0]
        weights = 1 / np.sqrt(1 + ((lags - unknown @ solved) / 0.002) ** 2)
    late, drift = [0.0, *solved[:-1:2]], [0.0, *solved[1:-1:2]]
    return tuple(
        _corrected(clock, extra - slope * middle, slope)
        for clock, extra, slope in zip(coarse, late, drift, strict=True)
    )


def _corrected(clock: Clock, late: float, slope: float) -> Clock:
    """A clock in whose file everything is `late` s later than it says, and `slope` s more for each second."""
    speed = 1 + clock.drift + slope
    return Clock(float((clock.offset * (1 + clock.drift) - late) / speed), float(speed - 1))
