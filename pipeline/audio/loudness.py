"""Loudness to ITU-R BS.1770-4 and EBU R 128 (Tech 3341, Tech 3342), streamed; true peak to BS.1770-4 Annex 2.

One K-weighted energy is kept every 100 ms, 36 000 an hour; gating needs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from pipeline.audio.streams import METER_HOP, Block, Window, windows
from pipeline.model import Loudness
from pipeline.timecode import SAMPLE_RATE

Energies = NDArray[np.float64]
"""K-weighted mean squares of 100 ms each, summed over channels (left and right weigh 1.0)."""

SILENCE = float("-inf")

PIECE = 6 * 57_600
"""Samples that are measured or encoded at a time, 7.2 s: 300 MP3 frames, 72 steps of the meter."""
RUN_UP = SAMPLE_RATE // 2
"""Samples after which the K-weighting has forgotten where it began."""

_ABSOLUTE_GATE = -70.0
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
"""BS.1770-4, tables 1 and 2: coefficients at 48 kHz."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A stream by the 100 ms: energies of the whole ones; peaks as magnitudes, of a last part too."""

    energies: Energies
    peaks: Energies

    @property
    def true_peak(self) -> float:
        """dB; −inf for digital silence."""
        top = float(self.peaks.max(initial=0.0))
        return 20 * float(np.log10(top)) if top else SILENCE


def levels(window: Window) -> Levels:
    """Levels of a window's inner samples; it brings `RUN_UP` samples before and `BEHIND` after, where there are any.

    Peaks above −4 dB, and the window's largest, are true peaks; below, where nobody asks, sample peaks.
    """
    heard = signal.sosfilt(_K_WEIGHTING, window.samples[: len(window.samples) - window.after], axis=0)[window.before :]
    whole = len(heard) // METER_HOP
    squares = np.einsum("sc,sc->s", heard, heard)[: whole * METER_HOP]
    return Levels(squares.reshape(whole, METER_HOP).mean(axis=1), _hop_peaks(window))


def _hop_peaks(window: Window) -> Energies:
    context = min(window.before, BEHIND)
    samples = np.pad(window.samples[window.before - context :], ((BEHIND, BEHIND + CELL), (0, 0)))
    above = min(float(np.abs(samples).max()), _LOUD)
    first = (BEHIND + context) // CELL
    peaks = cell_peaks(samples, above)[first : first + -(-len(window.inner) // CELL)]
    hops = -(-len(peaks) * CELL // METER_HOP)
    padded: Energies = np.pad(peaks, (0, hops * METER_HOP // CELL - len(peaks)))
    return np.asarray(padded.reshape(hops, -1).max(axis=1))


def without(heard: Levels, spans: Iterable[tuple[int, int]]) -> Levels:
    """Levels but for every 100 ms that touches one of `spans`, in samples."""
    left = np.ones(len(heard.peaks), bool)
    for start, end in spans:
        left[start // METER_HOP : -(-end // METER_HOP)] = False
    return Levels(heard.energies[left[: len(heard.energies)]], heard.peaks[left])


def joined(parts: Iterable[Levels]) -> Levels:
    """Levels of stretches that follow one another, all but the last of whole 100 ms."""
    held = list(parts)
    return Levels(
        np.concatenate([np.zeros(0), *(part.energies for part in held)]),
        np.concatenate([np.zeros(0), *(part.peaks for part in held)]),
    )


def measure(blocks: Iterable[Block]) -> Levels:
    """Levels of a whole stream."""
    return joined(levels(window) for window in windows(blocks, PIECE, RUN_UP, BEHIND))


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


def gain_to(wanted: float, heard: Levels, ceiling: float) -> float:
    """The gain in dB that brings a stream to `wanted` LUFS through a limiter at `ceiling` dBTP; −inf for silence.

    What the limiter takes is foreseen for each 100 ms from its peak, as if it held for half of them.
    """
    energies, peaks = heard.energies, heard.peaks[: len(heard.energies)]
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

_LOUD = 10 ** (-4 / 20)

CELL = 32
"""Samples that one peak stands for."""
BEHIND = 2 * CELL
"""Samples of surroundings that a true peak at a window's edge needs."""


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


def report(heard: Levels) -> Loudness:
    """Figures to a hundredth, as they are told to people."""
    energies = heard.energies
    return Loudness(round(integrated(energies), 2), round(heard.true_peak, 2), round(loudness_range(energies), 2))
