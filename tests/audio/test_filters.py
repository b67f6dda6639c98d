"""Rumble goes, the voice stays, and where reading began does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.edits import INTRO, SPOT, TALK, TONE
from pipeline.audio.filters import RUN_UP, highpassed

RATE = 48_000


def passed(frequency: float, source: str) -> float:
    """Decibels of a sine that are left."""
    sine = np.sin(2 * np.pi * frequency * np.arange(4 * RATE) / RATE).astype(np.float32)[:, None]
    heard = highpassed(sine, source, 2 * RATE)
    return float(20 * np.log10(np.sqrt(2 * np.mean(heard.astype(np.float64) ** 2)) + 1e-9))


@pytest.mark.parametrize("source", [TALK, TONE])
def test_a_voice_loses_what_is_under_80_hz(source: str) -> None:
    assert passed(80, source) == pytest.approx(-3, abs=0.1)
    assert passed(40, source) < -12
    assert passed(20, source) < -24
    assert passed(160, source) > -0.3
    assert passed(300, source) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("source", [SPOT + "spring", INTRO])
def test_music_keeps_its_bass_and_loses_its_dc(source: str) -> None:
    assert passed(40, source) == pytest.approx(0, abs=0.3)
    level = highpassed(np.full((2 * RATE, 2), 0.5, np.float32), source, RATE)
    assert np.abs(level).max() < 1e-6


@pytest.mark.parametrize("source", [TALK, INTRO])
def test_after_the_run_up_nothing_is_left_of_where_reading_began(source: str) -> None:
    rng = np.random.default_rng(6)
    sound = (0.1 * rng.normal(size=(6 * RATE, 2)) + 0.3).astype(np.float32)
    early = highpassed(sound, source, 3 * RATE)
    late = highpassed(sound[3 * RATE - RUN_UP :], source, RUN_UP)
    assert early.shape == late.shape == (3 * RATE, 2)
    assert np.abs(early - late).max() < 1e-6


def test_nothing_is_late() -> None:
    impulse = np.zeros((RATE, 1), np.float32)
    impulse[RATE // 2] = 1
    heard = highpassed(impulse, TALK, 0)
    assert np.argmax(np.abs(heard)) == RATE // 2
    assert not heard[: RATE // 2].any()
