"""True peaks are found wherever they matter, whatever the signal: the shortcuts are proven, not hoped for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from pipeline.audio import true_peak
from pipeline.audio.streams import Block
from pipeline.audio.true_peak import CELL, cell_peaks

TAPS = true_peak._INTERPOLATOR.astype(np.float64)
PLACES = np.arange(TAPS.shape[1]) - 11
"""Where each tap's sample lies, from the one before the value."""


def dense_peaks(samples: Block) -> Block:
    """Every cell at four times the rate, by scipy."""
    prototype = 4 * signal.firwin(97, 1 / 4, window=("kaiser", 5.0))
    dense = signal.upfirdn(prototype, samples.astype(np.float64), up=4, axis=0)[48 : 48 + 4 * len(samples)]
    return np.abs(dense).max(axis=1).reshape(-1, 4 * CELL).max(axis=1)


def nasty(seed: int, kind: str, cells: int = 40) -> Block:
    random = np.random.default_rng(seed)
    noise = random.standard_normal((cells * CELL, 2))
    made = {
        "noise": noise / 4,
        "clipped": np.clip(noise * 50, -0.7, 0.7),
        "worst": 0.5 * np.sign(np.resize(TAPS[1], (cells * CELL, 2))),
        "steps": np.cumsum(random.random((cells * CELL, 2)) > 0.99, axis=0) % 2 - 0.5,
        "low": 0.9 * np.sin(np.arange(cells * CELL)[:, None] * random.uniform(0.01, 0.4, 2)),
    }
    return made[kind].astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["noise", "clipped", "worst", "steps", "low"]), st.floats(0.05, 1.5))
def test_every_peak_above_the_threshold_is_the_interpolated_one(seed: int, kind: str, above: float) -> None:
    samples = nasty(seed, kind)
    found, dense = cell_peaks(samples, above)[1:-1], dense_peaks(samples)[1:-1]
    matters = dense > above * 1.001
    assert found[matters] == pytest.approx(dense[matters], rel=1e-3)
    assert (found <= dense * 1.001).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 20), st.integers(3, 20))
def test_a_cell_is_the_same_wherever_it_lies(seed: int, first: int, count: int) -> None:
    samples = nasty(seed, "noise")
    part = cell_peaks(samples[first * CELL : (first + count) * CELL], 0.3)
    assert np.array_equal(part[1:-1], cell_peaks(samples, 0.3)[first + 1 : first + count - 1])


def test_no_signal_can_rise_further_than_the_worst() -> None:
    assert np.abs(TAPS).sum(axis=1).max() < true_peak._WORST


def test_a_value_between_samples_is_a_straight_line_and_second_differences() -> None:
    for taps in TAPS:
        at_one = taps @ PLACES
        line = np.where(PLACES == 0, taps.sum() - at_one, np.where(PLACES == 1, at_one, 0))
        curve = np.cumsum(np.cumsum(taps - line))[:-2]
        assert np.convolve(curve, [1, -2, 1]) == pytest.approx(taps - line, abs=1e-6)
        assert np.abs(line).sum() < true_peak._STRAIGHT
        assert np.abs(curve).sum() < true_peak._CURVED
