"""The ceiling holds, nothing is delayed, and a piece is what it is in the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio.limiter import CONTEXT, limited
from pipeline.audio.loudness import measure
from pipeline.audio.streams import Block


def bursts(seed: int, seconds: int = 4, channels: int = 1) -> Block:
    """Noise with short peaks well above it."""
    random = np.random.default_rng(seed)
    samples = 0.05 * random.standard_normal((seconds * 48_000, channels))
    for at in random.integers(2_000, len(samples) - 2_000, 12):
        samples[at : at + random.integers(1, 900)] *= random.uniform(2, 30)
    return samples.astype(np.float32)


def true_peak(samples: Block) -> float:
    return measure([samples]).true_peak


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(-3, 12), st.floats(-9, -0.5))
def test_the_ceiling_holds(seed: int, gain: float, ceiling: float) -> None:
    assert true_peak(limited(bursts(seed), gain, ceiling)) <= ceiling + 0.05


def test_what_is_quiet_enough_is_only_multiplied() -> None:
    samples = bursts(1)
    assert np.array_equal(limited(samples, -40.0, -1.0), samples * np.float32(0.01))


def test_a_peak_turns_down_its_surroundings_only_and_delays_nothing() -> None:
    samples = np.full((48_000, 2), 0.1, np.float32)
    samples[24_000, 1] = 2.0
    heard = limited(samples, 0.0, -1.0)
    assert np.abs(heard[:, 1]).argmax() == 24_000
    assert heard[24_000, 1] / 2.0 == pytest.approx(heard[24_000, 0] / 0.1)
    far = np.r_[0 : 24_000 - CONTEXT, 24_000 + CONTEXT : 48_000]
    assert np.array_equal(heard[far], samples[far])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50), st.integers(0, 100), st.integers(1, 60), st.sampled_from([1, 2]))
def test_a_window_gives_what_the_whole_gives(seed: int, first: int, frames: int, channels: int) -> None:
    samples = bursts(seed, channels=channels)
    whole = limited(samples, 9.0, -2.0)
    low, high = first * 1152, (first + frames) * 1152
    before, after = max(low - CONTEXT, 0), min(high + CONTEXT, len(samples))
    piece = limited(samples[before:after], 9.0, -2.0)
    assert np.array_equal(piece[low - before : high - before], whole[low:high])
