"""True peak to BS.1770-4 Annex 2: the largest value at four times the rate, interpolated only where it can matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from pipeline.audio.streams import Block

OVERSAMPLING = 4
REACH = 12
"""Samples to either side that one value between samples depends on."""

_FILTER = OVERSAMPLING * signal.firwin(2 * REACH * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
_INTERPOLATOR = _FILTER.astype(np.float32)[1:].reshape(2 * REACH, OVERSAMPLING)[:, -2::-1].T
"""Shape (3, 24): taps for the values a quarter, a half and three quarters of the way to the next sample."""

_WORST = 2.36
"""The largest sum of the magnitudes of the taps for one value: no value between samples rises further over them."""

_STRAIGHT, _CURVED = 1.001, 0.436
"""The taps for one value are those of a straight line plus weighted second differences. So it is at most so many times
the largest magnitude around it, plus so many times the largest second difference; and speech is nearly straight."""

LOUD = 10 ** (-4 / 20)
"""The magnitude up to which nobody asks what lies between samples: −4 dB."""

CELL = 32
"""Samples that one peak stands for."""
BEHIND = 2 * CELL
"""Samples of surroundings that a true peak at a window's edge needs."""

_BATCH = 1024
"""Cells that are looked at together: 230 KB a channel."""


def cell_peaks(samples: Block, above: float) -> NDArray[np.float32]:
    """The largest magnitude, between samples too, in every whole cell of 32 samples, over all channels.

    Exact where it exceeds `above`; elsewhere the sample peak, which is cheap. The first and last cell lack their
    surroundings: give context and leave them out. No value hangs on where in `samples` its cell lies.
    """
    peaks = _sample_peaks(samples)
    near = np.maximum(np.maximum(peaks[:-2], peaks[2:]), peaks[1:-1])
    loud = np.flatnonzero(near * _WORST > above)
    around = np.lib.stride_tricks.sliding_window_view(samples, CELL + 2 * REACH, axis=0)[CELL - REACH :: CELL]
    for start in range(0, len(loud), _BATCH):
        batch = loud[start : start + _BATCH]
        columns = np.ascontiguousarray(around[batch].T)
        high = _highest(columns) > above
        batch = batch[high] + 1
        peaks[batch] = np.maximum(peaks[batch], _between(columns[..., high]))
    return peaks


def _sample_peaks(samples: Block) -> NDArray[np.float32]:
    cells = samples[: len(samples) // CELL * CELL].reshape(-1, CELL * samples.shape[1])
    batches = (np.abs(cells[start : start + _BATCH]).max(axis=1) for start in range(0, len(cells), _BATCH))
    return np.concatenate([np.zeros(0, np.float32), *batches])


def _highest(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """What no value between samples exceeds, for each cell of `columns` (samples, channels, cells)."""
    magnitude, curvature = (np.abs(one).max(axis=(0, 1)) for one in (columns, np.diff(columns, 2, axis=0)))
    highest: NDArray[np.float32] = _STRAIGHT * magnitude + _CURVED * curvature
    return highest


def _between(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest magnitude between samples of the cell in the middle of each of `columns`."""
    peaks = np.zeros(columns.shape[2], np.float32)
    for taps in _INTERPOLATOR:
        values = np.zeros((CELL, *columns.shape[1:]), np.float32)
        for place, tap in enumerate(taps):
            values += tap * columns[place + 1 : place + 1 + CELL]
        peaks = np.maximum(peaks, np.abs(values).max(axis=(0, 1)))
    return peaks
