"""Microphones that were recorded apart: how their clocks differ, and who speaks when.

What the others say bleeds into every microphone, a few milliseconds late and some 25 dB down. That is enough to find
each clock's offset and drift (generalised cross-correlation with phase transform, Knapp and Carter 1976), and the
late bleed cancels out because it goes both ways: all pairs are solved together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, sosfilt

from pipeline.audio.speech import RATE

Sound = NDArray[np.float32]
Envelope = NDArray[np.float32]
"""Level in dB full scale, one a frame of 10 ms."""

FRAME_RATE = 100
WINDOW = 20 * RATE
"""Samples at 16 kHz that one delay is measured in."""

_FRAME = RATE // FRAME_RATE
_NEARBY, _HELD = FRAME_RATE // 10, FRAME_RATE // 5
"""Frames to either side over which levels are compared, and speech is held."""
_BAND = butter(4, (200, 3500), "bandpass", fs=RATE, output="sos")
_SPOKEN, _LOUDER, _AUDIBLE = -25.0, 12.0, -30.0
_NOTHING = -80.0
_FARTHEST = RATE // 20
_CLEAR = 15.0
_ENOUGH = 150
_RISE = 5
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


@dataclass(frozen=True, slots=True)
class Delay:
    """At `moment` s, `speaker`'s voice was heard by `listener` so many seconds later than by the speaker's own."""

    speaker: int
    listener: int
    moment: float
    seconds: float


def voice_band(blocks: Iterable[Sound]) -> Iterator[Sound]:
    """A stream at 16 kHz, 200 to 3500 Hz of it, in as many blocks."""
    state = np.zeros((len(_BAND), 2))
    for block in blocks:
        filtered, state = sosfilt(_BAND, block, zi=state)
        yield filtered.astype(np.float32)


def envelope(blocks: Iterable[Sound]) -> Envelope:
    """The level of a stream at 16 kHz."""
    powers, rest = [], np.zeros(0, np.float32)
    for block in blocks:
        whole = np.concatenate([rest, block])
        frames = len(whole) // _FRAME
        powers.append(np.square(whole[: frames * _FRAME].reshape(frames, _FRAME)).mean(axis=1))
        rest = whole[frames * _FRAME :]
    return np.asarray(10 * np.log10(np.concatenate([*powers, np.zeros(0)]) + 1e-9), np.float32)


def coarse_offset(reference: Envelope, other: Envelope) -> tuple[float, float]:
    """When the other began, in seconds after the reference, to 10 ms; and how alike they are while both run, 0 to 1:
    0 where they may be as alike by chance, as short stretches are at one of all places."""
    if min(len(reference), len(other)) <= _RISE:
        return 0.0, 0.0
    one, two = _changes(reference), _changes(other)
    size = fft.next_fast_len(len(one) + len(two), real=True)
    likeness = fft.irfft(fft.rfft(one, size) * np.conj(fft.rfft(two, size)), size)
    best = int(np.argmax(likeness))
    late = best if best < len(one) else best - size
    both = slice(max(late, 0), min(late + len(two), len(one)))
    norm = float(np.linalg.norm(one[both]) * np.linalg.norm(two[both.start - late : both.stop - late]))
    alike = float(likeness[best]) / norm if norm else 0.0
    return late / FRAME_RATE, alike if alike > _CHANCE / (both.stop - both.start) ** 0.5 else 0.0


def belong_together(likeness: float) -> bool:
    """Whether two tracks so alike are of one conversation."""
    return likeness >= _BELONGS


def _changes(levels: Envelope) -> NDArray[np.float64]:
    """By how much it got louder within 50 ms. Syllables rise and fall alike in all microphones, near or far."""
    raised = np.maximum(levels, np.percentile(levels, 20)).astype(np.float64)
    changes = np.clip(raised[_RISE:] - raised[:-_RISE], -12, 12)
    return np.asarray(changes - changes.mean())


def speech_level(levels: Envelope) -> float:
    """How loud a microphone's own speaker is at most, even one who says little: what 1 % of the time exceeds."""
    return float(np.percentile(levels, 99))


def is_silent(levels: Envelope) -> bool:
    """Whether nothing is heard in a track, not even a room: it was muted, or its cable was out."""
    return not len(levels) or speech_level(levels) < _NOTHING


def speech_levels(levels: NDArray[np.float32], first: Sequence[float]) -> list[float]:
    """The same for aligned envelopes, one a row, from the moments alone at which its owner is the loudest."""
    own = np.asarray(first, np.float32)
    for _ in range(3):
        relative = levels - own[:, None]
        leads = (relative == relative.max(axis=0)) & (relative > _SPOKEN)
        own = np.array(
            [
                np.percentile(row[lead], 90) if lead.any() else was
                for row, lead, was in zip(levels, leads, own, strict=True)
            ]
        )
    return [float(level) for level in own]


def delays(window: Mapping[int, Sound], moment: float, own: Sequence[float]) -> Iterator[Delay]:
    """What one stretch of all tracks tells, laid side by side to 10 ms.

    window: by track, the same 20 s of each, filtered by `voice_band`. own: every track's `speech_level`.
    """
    levels = {track: envelope([sound]) - own[track] for track, sound in window.items()}
    for speaker, listener in permutations(window, 2):
        others = np.max([levels[track] for track in window if track != speaker], axis=0)
        alone = (levels[speaker] > _SPOKEN) & (levels[speaker] - others > _LOUDER)
        if alone.sum() < _ENOUGH:
            continue
        mask = np.repeat(np.convolve(alone, np.ones(5), "same") > 0, _FRAME)
        lag, clearness = _lag(window[listener] * mask, window[speaker] * mask)
        if clearness >= _CLEAR:
            yield Delay(speaker, listener, moment, lag)


def _lag(late: Sound, early: Sound) -> tuple[float, float]:
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


def fit(measured: Sequence[Delay], coarse: Sequence[float]) -> tuple[Clock, ...]:
    """Every track's clock, the first one's being the time of all.

    coarse: every track's `coarse_offset`; the delays were measured after shifting by them.
    A track that no delay speaks of keeps its coarse offset.
    Solves for offset and drift of every other track and one mean bleed, least squares that forgive outliers.
    """
    if not measured:
        return tuple(Clock(begins) for begins in coarse)
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
        Clock(float((begins - extra + slope * middle) / (1 + slope)), float(slope))
        for begins, extra, slope in zip(coarse, late, drift, strict=True)
    )


def speaking(levels: NDArray[np.float32], own: Sequence[float]) -> NDArray[np.bool_]:
    """Who speaks in each frame, one row a track: whoever is loud for their own microphone, and no bleed of another.

    levels: one envelope a row, aligned. Speech is held for 200 ms, so that no word loses its ends.
    """
    relative = levels - np.asarray(own, np.float32)[:, None]
    loud = maximum_filter1d(relative, 2 * _NEARBY + 1, axis=1, mode="nearest")
    speaks = (loud > _AUDIBLE) & (loud > loud.max(axis=0) - _LOUDER)
    held: NDArray[np.bool_] = maximum_filter1d(speaks, 2 * _HELD + 1, axis=1, mode="nearest")
    return held
