"""A hand on each voice's fader: it follows how a person drifts from the microphone, and nothing quicker.

Only what its owner says counts, second by second of *speech*, so that the fader rests while they are silent and a
remark after ten minutes of listening starts where the last one ended. Levels are averaged in dB, in which a laugh
weighs little. The whole voice is known before it is mixed, so the fader looks ahead as far as back and lags nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from pipeline.audio.loudness import Energies, integrated, lufs
from pipeline.audio.streams import METER_HOP, SECOND

MOST = 6.0
"""Decibels that a fader goes up or down at most."""

_UNHEARD = 0.5
"""Decibels by which a voice may stray before anybody reaches for the fader: sentences differ by as much."""
_SPREAD = 10 * 10
"""Hops of 100 ms, the Gaussian's standard deviation: it weighs speech as a window of 35 s would."""
_GATE = 20.0
"""Decibels under a voice's own loudness that it still speaks at (the gate of EBU Tech 3342)."""


Fader = NDArray[np.float32]
"""Gain in dB, one for every 100 ms."""


def levelled(energies: Energies, wanted: float) -> Fader:
    """The fader that brings a voice to `wanted` LUFS, and its parts nearer to each other.

    energies: of the voice alone, silence where its owner is silent. As many gains; 0 for one who never speaks.
    """
    if not np.isfinite(loudness := integrated(energies)):
        return np.zeros(len(energies), np.float32)
    spoken = np.flatnonzero(lufs(energies) > loudness - _GATE)
    ridden = np.interp(np.arange(len(energies)), spoken, _ridden(lufs(energies[spoken])))
    return np.asarray(wanted - integrated(energies * 10 ** (ridden / 10)) + ridden, np.float32)


def _ridden(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    strayed = gaussian_filter1d(levels, _SPREAD) - levels.mean()
    heard = np.clip(strayed, -_UNHEARD, _UNHEARD) - strayed
    return np.asarray(np.clip(heard, -MOST, MOST))


def factors(fader: Fader, second: int) -> NDArray[np.float32]:
    """What to multiply the samples of a second by; before its first gain and after its last a fader stays."""
    if not len(fader):
        return np.ones(SECOND, np.float32)
    count = SECOND // METER_HOP
    hops = np.clip(np.arange(second * count - 1, (second + 1) * count + 1), 0, len(fader) - 1)
    return by_the_sample(np.asarray(10 ** (fader[hops] / 20), np.float32))


def by_the_sample(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """A second's values, one a sample, on straight lines between the middles of its frames.

    frames: the second's, and one more at either end.
    """
    samples = SECOND // (len(frames) - 2)
    middles = np.arange(len(frames)) * samples - samples // 2
    return np.asarray(np.interp(np.arange(SECOND), middles, frames), np.float32)
