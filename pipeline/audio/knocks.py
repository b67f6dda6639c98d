"""Knocks of a clapper, and what people mean by them.

A knock is a blow that rises out of what is around it within 10 ms (several microphones hear it one after the other),
is gone after 80 ms, and is bright. All of that is judged on the energy of the differences between samples, which lifts
the treble by 6 dB an octave, so that vowels and table bumps sink and wood on wood stands out; the ratio of that energy
to the plain one tells the mean frequency (Hjorth 1970, mobility). A plosive is as sharp, but the vowel beside it is
louder than itself, and no knock's is.

What knocks mean is their number, for that is what can be heard however long the talk was before: *three* in a row set
clocks alike, at whatever end of a session, and mark no fault; *two* in a row, or one that is louder than all the talk,
are a signal, and two signals within `LONGEST_FAULT` have a fault between them, "around" which they were given. A third
signal begins another fault. Four and more in a row are a hand at a keyboard, or applause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from pipeline.audio.streams import Block, Window, windows
from pipeline.timecode import SAMPLE_RATE, SAMPLES_PER_MS

LONGEST_FAULT = 180_000
"""Milliseconds between two signals that belong together."""

Frames = NDArray[np.float32]
"""Shape (milliseconds, 2): mean squares of the differences between samples, and of the samples."""

_TOGETHER = 1000
"""Milliseconds between knocks of one signal, at most."""
_APART = 100
"""Milliseconds between two knocks at least; what is closer is one that bounces."""
_AS_LOUD = 9.0
"""Decibels under the loudest of a signal that the others still belong to it; what is fainter came by chance."""

_RISE = 20.0
_SHARP, _PROUD = 10.0, 0.0
"""Decibels by which a knock exceeds every other 10 ms around it: treble lifted, and plain."""
_SHARP_ALONE, _PROUD_ALONE, _LOUD_ALONE = 15.0, 6.0, 3.0
"""The same for a knock that is a signal without a second; and decibels over what 5 % of the talk exceed."""
_LOUD = -10.0
"""Decibels, likewise, that any knock has: keys and mice are fainter."""
_BRIGHT = 1500.0
"""Hz of mean frequency."""

_JUST_BEFORE, _BEFORE, _AFTER = (-40, -10), (-150, -10), (80, 140)
"""Milliseconds from a knock's loudest."""
_BLOW, _RING = (-2, 8), (-2, 20)
_SEEN = 200
_SIZE = 20_000
_FAINTEST = 1e-12


@dataclass(frozen=True, slots=True)
class Knock:
    """One blow, `at` ms.

    level: dB over what 5 % of the talk exceed, treble lifted.
    plain: it can be nothing else, and is a signal without a second.
    """

    at: int
    level: float
    plain: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """One to three knocks in a row, in order."""

    knocks: tuple[Knock, ...]

    @property
    def start(self) -> int:
        """Milliseconds."""
        return self.knocks[0].at

    @property
    def end(self) -> int:
        """The last knock's own time, ms."""
        return self.knocks[-1].at


@dataclass(frozen=True, slots=True)
class _Blows:
    """Candidates of one window: when (ms), how loud (mean square of 10 ms), and whether they could stand alone."""

    at: NDArray[np.int64]
    loud: NDArray[np.float32]
    plain: NDArray[np.bool_]


def knocks(blocks: Iterable[Block]) -> tuple[Knock, ...]:
    """Every knock of a mono stream at 48 kHz, in order. Holds 20 s of it, and a number for every 10 ms."""
    blows, loudness = [], []
    for window in windows(_frames(blocks), _SIZE, _SEEN, _SEEN):
        inner = window.inner[:, 0]
        loudness.append(inner[: len(inner) // 10 * 10].reshape(-1, 10).mean(axis=1))
        blows.append(_blows(window))
    if not blows or not sum(map(len, loudness)):
        return ()
    talk = _db(np.percentile(np.concatenate(loudness), 95))
    levels = [_db(found.loud) - talk for found in blows]
    return tuple(
        Knock(int(at), round(float(level), 1), bool(plain and level >= _LOUD_ALONE))
        for found, row in zip(blows, levels, strict=True)
        for at, level, plain in zip(found.at, row, found.plain, strict=True)
        if level >= _LOUD
    )


def _frames(blocks: Iterable[Block]) -> Iterator[Frames]:
    """A stream by the millisecond; what is left over at its end is no whole one."""
    rest = np.zeros(1, np.float32)
    for block in blocks:
        whole = np.concatenate([rest, block[:, 0]])
        count = (len(whole) - 1) // SAMPLES_PER_MS
        used = count * SAMPLES_PER_MS
        plain = whole[1 : used + 1].reshape(count, SAMPLES_PER_MS)
        lifted = np.diff(whole[: used + 1]).reshape(count, SAMPLES_PER_MS)
        yield np.stack([np.einsum("ms,ms->m", one, one) / SAMPLES_PER_MS for one in (lifted, plain)], axis=1)
        rest = whole[used:]


def _blows(window: Window) -> _Blows:
    frames, lifted = window.samples, window.samples[:, 0]
    edges = np.concatenate([[0.0], np.cumsum(lifted, dtype=np.float64)])
    low, high = np.clip(np.arange(len(lifted)) + np.array(_JUST_BEFORE)[:, None], 0, len(lifted))
    around = (edges[high] - edges[low]) / np.maximum(high - low, 1)
    rises = lifted > 10 ** (_RISE / 10) * np.maximum(around, _FAINTEST)
    top = rises & (lifted == maximum_filter1d(lifted, 2 * _APART + 1))
    top[: window.before] = top[len(top) - window.after :] = False
    at = np.flatnonzero(top)
    sharp, proud = _exceeds(frames, at).T
    bright = _mean_frequency(_taken(frames, at, _RING).mean(axis=1))
    knock = (sharp >= _SHARP) & (proud >= _PROUD) & (bright >= _BRIGHT)
    plain = (sharp >= _SHARP_ALONE) & (proud >= _PROUD_ALONE)
    loud = _taken(frames, at, _BLOW).mean(axis=1)[:, 0]
    return _Blows(at[knock] + window.start - window.before, loud[knock], plain[knock])


def _taken(frames: Frames, at: NDArray[np.int64], reach: tuple[int, int]) -> Frames:
    """What lies so many ms around each moment, shape (moments, ms, 2); silence where nothing does."""
    padded = np.pad(frames, ((_SEEN, _SEEN), (0, 0)))
    return np.asarray(padded[at[:, None] + _SEEN + np.arange(*reach)])


def _exceeds(frames: Frames, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """By how many dB a blow exceeds every 10 ms before and after it, shape (moments, 2): treble lifted, and plain."""
    others = np.concatenate([_taken(frames, at, _BEFORE), _taken(frames, at, _AFTER)], axis=1)
    loudest = others.reshape(len(at), others.shape[1] // 10, 10, 2).mean(axis=2).max(axis=1)
    return _db(_taken(frames, at, _BLOW).mean(axis=1)) - _db(loudest)


def _mean_frequency(energies: Frames) -> NDArray[np.float64]:
    """Hz, from (differences', samples') energies: a sine's samples differ by 2 sin(ω/2) of its amplitude."""
    ratio = np.sqrt(energies[:, 0] / np.maximum(energies[:, 1], _FAINTEST))
    return np.asarray(np.arcsin(np.clip(ratio / 2, 0, 1)) * SAMPLE_RATE / np.pi)


def _db(energy: NDArray[np.float32] | np.floating) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.maximum(energy, _FAINTEST)), np.float64)


def signals(found: Sequence[Knock]) -> tuple[Signal, ...]:
    """Knocks in rows that mean something: one that is plain, two, or three."""
    rows = [_of_one_hand(row) for row in _rows(found)]
    return tuple(Signal(row) for row in rows if 1 < len(row) <= 3 or (len(row) == 1 and row[0].plain))


def _rows(found: Sequence[Knock]) -> list[list[Knock]]:
    rows: list[list[Knock]] = []
    for knock in found:
        if rows and knock.at - rows[-1][-1].at <= _TOGETHER:
            rows[-1].append(knock)
        else:
            rows.append([knock])
    return rows


def _of_one_hand(row: Sequence[Knock]) -> tuple[Knock, ...]:
    loudest = max(knock.level for knock in row)
    return tuple(knock for knock in row if knock.level >= loudest - _AS_LOUD)


def faults(given: Iterable[Signal]) -> tuple[tuple[Signal, ...], ...]:
    """Signals in twos, with a fault between them; and by itself every pair of knocks that has no other near."""
    found: list[tuple[Signal, ...]] = []
    open_: Signal | None = None
    for signal in (one for one in given if len(one.knocks) < 3):
        if open_ is not None and signal.start - open_.end <= LONGEST_FAULT:
            found.append((open_, signal))
            open_ = None
        else:
            found += _unanswered(open_)
            open_ = signal
    return (*found, *_unanswered(open_))


def _unanswered(signal: Signal | None) -> list[tuple[Signal, ...]]:
    return [(signal,)] if signal is not None and len(signal.knocks) == 2 else []
