"""Filters by matrices are the filters that scipy runs sample by sample."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from pipeline.audio.biquads import Biquads, Section, highpass

SHELF: Section = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)


@pytest.mark.parametrize("hz", [10, 80, 100, 5000])
def test_a_high_pass_is_butterworths(hz: float) -> None:
    b0, b1, b2, _, a1, a2 = signal.butter(2, hz, "highpass", fs=48_000, output="sos")[0]
    assert highpass(hz) == pytest.approx((b0, b1, b2, a1, a2), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 110_000), st.sampled_from([1, 2]), st.sampled_from([10, 80, 9000]))
def test_every_length_and_channel_is_what_scipy_gives(seed: int, count: int, channels: int, hz: float) -> None:
    samples = (np.random.default_rng(seed).normal(size=(count, channels)) + 0.5).astype(np.float32)
    sections = (SHELF, highpass(hz))
    table = [(*section[:3], 1.0, *section[3:]) for section in sections]
    wanted = signal.sosfilt(table, samples.astype(np.float64), axis=0)
    heard = [*Biquads(*sections).seconds(samples)]
    assert sum(second.shape[1] for second in heard) == count
    assert np.concatenate(heard, axis=1) == pytest.approx(wanted.T, abs=1e-7)


def test_mastering_does_without_what_scipy_holds_in_memory() -> None:
    said = "import sys, pipeline.stages.edit, pipeline.stages.respot; print({'scipy', 'scipy.signal'} & {*sys.modules})"
    told = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "set()"
