"""Loudness to ITU-R BS.1770-4 and EBU R 128 (Tech 3341, Tech 3342), streamed.

One K-weighted energy is kept every 100 ms, 36 000 an hour; gating needs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.biquads import Biquads
from pipeline.audio.streams import METER_HOP, Block, Window, windows
from pipeline.audio.true_peak import BEHIND, CELL, LOUD, cell_peaks
from pipeline.model import Loudness
from pipeline.timecode import SAMPLE_RATE

Energies = NDArray[np.float64]
"""K-weighted mean squares of 100 ms each, summed over channels (left and right weigh 1.0)."""

SILENCE = float("-inf")

PIECE = 9 * 57_600
"""Samples that are measured or encoded at a time, 10.8 s: 450 MP3 frames, 108 steps of the meter."""
RUN_UP = SAMPLE_RATE // 2
"""Samples after which the K-weighting has forgotten where it began."""

_ABSOLUTE_GATE = -70.0
_K_WEIGHTING = Biquads(
    (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621),
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
    return Levels(_energies(window), _hop_peaks(window))


def _energies(window: Window) -> Energies:
    """What comes before the window is whole steps of 100 ms."""
    samples = window.samples[: len(window.samples) - window.after]
    whole = samples[: len(samples) // METER_HOP * METER_HOP]
    hops = (heard.reshape(len(heard), -1, METER_HOP) for heard in _K_WEIGHTING.seconds(whole))
    energies = [np.einsum("chs,chs->h", second, second) / METER_HOP for second in hops]
    return np.concatenate([np.zeros(0), *energies])[window.before // METER_HOP :]


def _hop_peaks(window: Window) -> Energies:
    before, after = min(window.before, BEHIND), min(window.after, BEHIND)
    samples = window.samples[window.before - before : len(window.samples) - window.after + after]
    short = -len(window.inner) % METER_HOP
    if any(edges := (BEHIND - before, BEHIND - after + short)):
        samples = np.pad(samples, (edges, (0, 0)))
    peaks = cell_peaks(samples, min(max(float(samples.max()), -float(samples.min())), LOUD))
    hops = peaks[BEHIND // CELL : -(BEHIND // CELL)].reshape(-1, METER_HOP // CELL)
    largest: Energies = hops.max(axis=1).astype(np.float64)
    return largest


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
    loud = blocks[lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return SILENCE
    relative = lufs(loud.mean()) - 10.0
    return float(lufs(loud[lufs(loud) > relative].mean()))


def loudness_range(energies: Energies) -> float:
    """LRA in LU: 10th to 95th percentile of gated short-term loudness (Tech 3342); 0 for 3 s and less."""
    blocks = _sliding(energies, 30)
    loud = blocks[lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return 0.0
    shorts = lufs(loud)
    low, high = np.percentile(shorts[shorts > lufs(loud.mean()) - 20.0], [10, 95])
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


def lufs(energy: Energies) -> Energies:
    """Loudness of K-weighted energies (BS.1770-4, equation 2); −∞ for none."""
    with np.errstate(divide="ignore"):
        loudness: Energies = -0.691 + 10 * np.log10(np.maximum(energy, 0.0))
    return loudness


def report(heard: Levels) -> Loudness:
    """Figures to a hundredth, as they are told to people."""
    energies = heard.energies
    return Loudness(round(integrated(energies), 2), round(heard.true_peak, 2), round(loudness_range(energies), 2))
