"""A fader that follows a drifting voice, rests while it is silent, and leaves a steady one alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.levelling import MOST, by_the_sample, factors, levelled
from pipeline.audio.loudness import integrated

MINUTE = 600
"""Hops."""


def voice(minutes: int, drift: np.ndarray | float = 0.0, seed: int = 1) -> np.ndarray:
    """Energies of somebody who speaks half of the time, a sentence each, with syllables that differ by 5 dB.

    drift: dB, one a hop.
    """
    rng = np.random.default_rng(seed)
    count = minutes * MINUTE
    sentences = np.repeat(rng.random(count) < 0.5, rng.integers(20, 60, size=count))[:count]
    syllables = rng.normal(scale=5, size=count)
    return np.asarray(np.where(sentences, 10 ** ((syllables + drift - 30) / 10), 0.0))


def by_the_minute(energies: np.ndarray) -> np.ndarray:
    """LUFS, the gated loudness of each."""
    return np.array([integrated(one) for one in energies.reshape(-1, MINUTE)])


def turned(energies: np.ndarray, fader: np.ndarray) -> np.ndarray:
    return energies * 10 ** (fader.astype(np.float64) / 10)


@pytest.mark.parametrize("decibels", [10.0, -10.0])
def test_a_voice_that_drifts_is_held_together(decibels: float) -> None:
    energies = voice(10, np.linspace(0, decibels, 10 * MINUTE))
    fader = levelled(energies, -23)
    before, after = by_the_minute(energies), by_the_minute(turned(energies, fader))
    assert np.ptp(before) > 8
    assert np.ptp(after) < 3
    assert integrated(turned(energies, fader)) == pytest.approx(-23, abs=0.01)


def test_a_steady_voice_is_left_alone() -> None:
    fader = levelled(voice(10), -23)
    assert np.ptp(fader) < 0.5


def test_a_laugh_turns_no_sentence_down() -> None:
    laughing = np.zeros(10 * MINUTE)
    laughing[2500:2530] = 12
    quiet, loud = levelled(voice(10), -23), levelled(voice(10, laughing), -23)
    assert np.abs((quiet - quiet[0]) - (loud - loud[0])).max() < 1


def test_the_fader_rests_in_silence_and_moves_slowly() -> None:
    energies = voice(10, np.where(np.arange(10 * MINUTE) < 3000, 0.0, -9.0))
    energies[2800:3400] = 0.0
    fader = levelled(energies, -23)
    assert np.ptp(fader) > 4
    assert np.ptp(fader[2800:3400]) < 0.15
    assert np.abs(np.diff(fader)).max() < 0.05, "half a decibel a second"


def test_no_more_than_six_decibels_from_the_balance() -> None:
    energies = voice(10, np.linspace(-15, 15, 10 * MINUTE))
    fader = levelled(energies, -23)
    assert np.ptp(fader) == pytest.approx(2 * MOST, abs=0.01)


def test_who_never_speaks_is_not_turned_up() -> None:
    assert levelled(np.zeros(50), -23).tolist() == [0.0] * 50
    assert len(levelled(np.zeros(0), -23)) == 0


def test_a_word_is_brought_to_the_level_like_an_hour() -> None:
    energies = np.where(np.arange(500) // 8 == 20, 1e-3, 0.0)
    assert integrated(turned(energies, levelled(energies, -23))) == pytest.approx(-23, abs=0.01)


def test_seconds_of_a_fader_join_without_a_step() -> None:
    fader = levelled(voice(2, np.linspace(0, 10, 2 * MINUTE)), -23)
    joined = np.concatenate([factors(fader, second) for second in range(125)])
    assert np.abs(np.diff(joined)).max() < 2e-5
    assert 20 * np.log10(joined[2400::4800][: len(fader)]) == pytest.approx(fader, abs=0.001)
    assert joined[121 * 48_000 :] == pytest.approx(joined[-1], abs=1e-6)
    assert factors(fader[:0], 3).tolist() == [1.0] * 48_000


@given(st.sampled_from([1, 10, 100]), st.lists(st.floats(-20, 20, width=32), min_size=102, max_size=102))
def test_straight_lines_stay_between_their_frames(frames: int, values: list[float]) -> None:
    around = np.array(values[: frames + 2], np.float32)
    samples = by_the_sample(around)
    assert len(samples) == 48_000
    assert around.min() <= samples.min() <= samples.max() <= around.max()
