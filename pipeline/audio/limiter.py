"""A look-ahead limiter without latency, on true peaks.

One gain every 32 samples: what each cell's true peak needs, held over the reach of a smoothing window, smoothed by it,
and joined by straight lines. A smoothed value is a mean of values that are each low enough, so the ceiling holds, and
every gain depends on less than a twentieth of a second around it: any piece can be rendered alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.streams import MP3_FRAME, Block
from pipeline.audio.true_peak import CELL, cell_peaks

_REACH = 24
"""Cells to either side that a gain is smoothed over: it falls in 32 ms and rises in as many."""

CONTEXT = 2 * MP3_FRAME
"""Samples of surroundings that a window must bring for its inner samples to be exact: 72 cells; 52 are needed."""

_WEIGHTS = np.hanning(2 * _REACH + 3)[1:-1] / np.hanning(2 * _REACH + 3).sum()


def limited(samples: Block, gain: float, ceiling: float) -> Block:
    """`samples` times `gain` dB, turned down where a true peak would pass `ceiling` dBTP.

    The first sample must lie on the programme's grid of 32 samples, so that a window gives the same as the whole.
    """
    short = -len(samples) % CELL
    padded = np.zeros((CELL + len(samples) + short + CELL, samples.shape[1]), np.float32)
    loud = np.multiply(samples, np.float32(10 ** (gain / 20)), out=padded[CELL : CELL + len(samples)])
    top = 10 ** (ceiling / 20)
    peaks = cell_peaks(padded, top)[1:-1]
    if len(peaks) and peaks.max() > top:
        turned, curve = _curve(top / np.maximum(peaks, top, dtype=np.float64))
        padded[CELL:-CELL].reshape(len(peaks), CELL, -1)[turned] *= curve[:, :, None]
    return loud


def _curve(needed: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """From the gain that each cell needs: the cells turned down, and the gain of their samples, never above."""
    held = _lowest(np.pad(needed, 2 * _REACH + 1, "edge"), 2 * (_REACH + 1) + 1)
    smooth = np.convolve(held, _WEIGHTS, "valid")
    before, after = np.concatenate([smooth[:1], smooth[:-1]]), np.concatenate([smooth[1:], smooth[-1:]])
    turned = np.flatnonzero(np.minimum(smooth, np.minimum(before, after)) < 1 - 1e-9)
    within = (np.arange(CELL) + 0.5) / CELL - 0.5
    here = smooth[turned, None]
    slope = np.where(within < 0, here - before[turned, None], after[turned, None] - here)
    curve: NDArray[np.float32] = (here + slope * within).astype(np.float32)
    return turned, curve


def _lowest(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The lowest of every `count` values in a row: of 2, 4, 8 …, and what is left by two rows that overlap."""
    width = 1
    while width < count:
        step = min(width, count - width)
        values, width = np.minimum(values[:-step], values[step:]), width + step
    return values
