"""Loudness to ITU-R BS.1770-4 and EBU R 128 (Tech 3341, Tech 3342), streamed; true peak to BS.1770-4 Annex 2.

A meter keeps one K-weighted energy every 100 ms, 36 000 an hour; gating needs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from pipeline.audio.streams import METER_HOP, Block
from pipeline.model import Loudness

Energies = NDArray[np.float64]
"""K-weighted mean squares of 100 ms each, summed over channels (left and right weigh 1.0)."""

SILENCE = float("-inf")

_ABSOLUTE_GATE = -70.0
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
"""BS.1770-4, tables 1 and 2: coefficients at 48 kHz."""


class Meter:
    """Feed it blocks of one stream in order, then ask for `energies`, and for `peaks` as they were sampled."""

    def __init__(self, channels: int) -> None:
        self._state = np.zeros((2, 2, channels))
        self._held = np.zeros((2, 0))
        self._hops: list[Energies] = []

    def feed(self, block: Block) -> None:
        """Take any number of samples."""
        heard, self._state = signal.sosfilt(_K_WEIGHTING, block, axis=0, zi=self._state)
        fresh = np.stack([np.einsum("sc,sc->s", heard, heard), np.abs(block).max(axis=1)])
        samples = np.concatenate([self._held, fresh], axis=1)
        whole = samples.shape[1] // METER_HOP * METER_HOP
        squares, peaks = samples[:, :whole].reshape(2, -1, METER_HOP)
        self._hops.append(np.stack([squares.mean(axis=1), peaks.max(axis=1)]))
        self._held = samples[:, whole:].copy()

    @property
    def energies(self) -> Energies:
        """Energies of every whole 100 ms so far."""
        return np.concatenate([np.zeros(0), *(hops[0] for hops in self._hops)])

    @property
    def peaks(self) -> Energies:
        """The largest magnitude in every whole 100 ms so far."""
        return np.concatenate([np.zeros(0), *(hops[1] for hops in self._hops)])


def measure(blocks: Iterable[Block], channels: int) -> Energies:
    """Energies of a whole stream."""
    meter = Meter(channels)
    for block in blocks:
        meter.feed(block)
    return meter.energies


def integrated(energies: Energies) -> float:
    """Gated loudness in LUFS (BS.1770-4 section 5.1); −inf for silence. Less than 400 ms counts as one block."""
    blocks = _sliding(energies, 4)
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return SILENCE
    relative = _lufs(loud.mean()) - 10.0
    return float(_lufs(loud[_lufs(loud) > relative].mean()))


def loudness_range(energies: Energies) -> float:
    """LRA in LU: 10th to 95th percentile of gated short-term loudness (Tech 3342); 0 for 3 s and less."""
    blocks = _sliding(energies, 30)
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return 0.0
    shorts = _lufs(loud)
    low, high = np.percentile(shorts[shorts > _lufs(loud.mean()) - 20.0], [10, 95])
    return float(high - low)


def gain_to(wanted: float, energies: Energies, peaks: Energies, ceiling: float) -> float:
    """The gain in dB that brings a stream to `wanted` LUFS through a limiter at `ceiling` dBTP; −inf for silence.

    What the limiter takes is foreseen for each 100 ms from its peak, as if it held for half of them.
    energies, peaks: a `Meter`'s.
    """
    gain = wanted - integrated(energies)
    for _ in range(4):
        if not np.isfinite(gain):
            return SILENCE
        turned_down = np.minimum(1.0, 10 ** ((ceiling - gain) / 20) / np.maximum(peaks, 1e-9))
        gain = wanted - integrated(energies * turned_down)
    return round(gain, 2)


def _sliding(energies: Energies, hops: int) -> Energies:
    hops = min(hops, len(energies))
    return np.convolve(energies, np.full(hops, 1 / hops), "valid") if hops else energies


def _lufs(energy: Energies) -> Energies:
    with np.errstate(divide="ignore"):
        loudness: Energies = -0.691 + 10 * np.log10(np.maximum(energy, 0.0))
    return loudness


# ── true peak ───────────────────────────────────────────────────────────────────────────────────────────────────────

OVERSAMPLING = 4
REACH = 12
"""Samples to either side that one value between samples depends on."""

_INTERPOLATOR = (
    OVERSAMPLING * signal.firwin(2 * REACH * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
).astype(np.float32)
_OVERSHOOT = 1.5
"""Between samples a signal rises over the samples around by less than this (3.5 dB; a sine by 3.0 at most)."""

_JOIN = 12
"""Cells: to interpolate so many for nothing costs less than to begin anew."""

CELL = 32
"""Samples that one peak stands for."""


def cell_peaks(samples: Block, above: float) -> NDArray[np.float64]:
    """The largest magnitude, between samples too, in every whole cell of 32 samples, over all channels.

    Exact where it exceeds `above`; elsewhere the sample peak, which is cheap. The first and last cell lack their
    surroundings: give context and leave them out.
    """
    cells = len(samples) // CELL
    magnitudes: NDArray[np.float64] = np.abs(samples[: cells * CELL]).reshape(cells, -1).max(axis=1).astype(np.float64)
    near = np.maximum(magnitudes, np.maximum(np.roll(magnitudes, 1), np.roll(magnitudes, -1)))
    for low, high in _runs(near * _OVERSHOOT > above):
        magnitudes[low:high] = np.maximum(magnitudes[low:high], _between(samples, low, high))
    return magnitudes


def _runs(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """First and last + 1 of the flags that are up; runs closer than `_JOIN` are one."""
    up = np.flatnonzero(flags)
    gaps = np.flatnonzero(np.diff(up) > _JOIN)
    return np.stack([up[np.r_[0, gaps + 1]], up[np.r_[gaps, -1]] + 1], axis=1) if len(up) else np.zeros((0, 2), int)


def _between(samples: Block, low: int, high: int) -> NDArray[np.float64]:
    """Peaks of cells `low` to `high` at four times the rate."""
    start, stop = max(low * CELL - REACH, 0), min(high * CELL + REACH, len(samples))
    dense = signal.upfirdn(_INTERPOLATOR, samples[start:stop], up=OVERSAMPLING, axis=0)
    first = (low * CELL - start + REACH) * OVERSAMPLING
    inner = dense[first : first + (high - low) * CELL * OVERSAMPLING]
    peaks: NDArray[np.float64] = np.abs(inner).max(axis=1).reshape(high - low, -1).max(axis=1)
    return peaks


class PeakMeter:
    """Feed it blocks of one stream in order, then ask for `true_peak`."""

    def __init__(self) -> None:
        self._tail: Block | None = None
        self._peak = 0.0

    def feed(self, block: Block) -> None:
        """Take any number of samples."""
        samples = block if self._tail is None else np.concatenate([self._tail, block])
        if self._tail is None:
            samples = np.concatenate([np.zeros_like(samples[:1]).repeat(2 * CELL, axis=0), samples])
        self._look(samples)
        kept = len(samples) % CELL + 4 * CELL
        self._tail = samples[-kept:]

    def _look(self, samples: Block) -> None:
        peaks = cell_peaks(samples, self._peak)[1:-1]
        if len(peaks):
            self._peak = max(self._peak, float(peaks.max()))

    @property
    def true_peak(self) -> float:
        """dBTP; −inf for digital silence."""
        if self._tail is not None:
            self._look(np.concatenate([self._tail, np.zeros_like(self._tail[:1]).repeat(2 * CELL, axis=0)]))
        return 20 * float(np.log10(self._peak)) if self._peak else SILENCE


def report(energies: Energies, true_peak: float) -> Loudness:
    """Figures to a hundredth, as they are told to people."""
    return Loudness(round(integrated(energies), 2), round(true_peak, 2), round(loudness_range(energies), 2))
