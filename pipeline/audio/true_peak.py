"""True peak to BS.1770-4 Annex 2: the largest value at four times the rate, interpolated only where it can matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.streams import Block

OVERSAMPLING = 4
REACH = 12
"""Samples to either side that one value between samples depends on."""

_PLACES = np.arange(-REACH * OVERSAMPLING, REACH * OVERSAMPLING + 1)
_LOWPASS = np.sinc(_PLACES / OVERSAMPLING) * np.kaiser(len(_PLACES), 5.0)
_TAPS = (_LOWPASS * OVERSAMPLING / _LOWPASS.sum()).astype(np.float32)
_INTERPOLATOR = _TAPS[1:].reshape(2 * REACH, OVERSAMPLING)[:, -2::-1].T
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
    around = np.lib.stride_tricks.sliding_window_view(samples, CELL + 2 * REACH, axis=0)[CELL - REACH :: CELL]
    loud = np.flatnonzero(near * _WORST > above)
    high = [batch[_highest(_columns(around, batch)) > above] for batch in _batches(loud)]
    for batch in _batches(np.concatenate([loud[:0], *high])):
        peaks[batch + 1] = np.maximum(peaks[batch + 1], _between(_columns(around, batch)))
    return peaks


def _batches(cells: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (cells[start : start + _BATCH] for start in range(0, len(cells), _BATCH))


def _columns(around: Block, cells: NDArray[np.int64]) -> NDArray[np.float32]:
    """Cells and their surroundings, shape (samples, channels, cells)."""
    return np.ascontiguousarray(around[cells].T)


def _sample_peaks(samples: Block) -> NDArray[np.float32]:
    """The larger of two neighbours, then of two pairs, and so on: a cell is a power of two."""
    cells = len(samples) // CELL
    peaks: NDArray[np.float32] = np.abs(samples[: cells * CELL]).reshape(-1)
    while len(peaks) > cells:
        peaks = np.maximum(peaks[0::2], peaks[1::2])
    return peaks


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
