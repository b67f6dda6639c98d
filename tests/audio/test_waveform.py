"""What is drawn is what is heard."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.waveform import HOP, look


def talk(seconds: int) -> np.ndarray:
    """Noise that stops for a second every ten."""
    time = np.arange(seconds * 48_000)
    noise = np.random.default_rng(1).normal(0, 0.1, len(time)).astype(np.float32)
    noise[(time % 480_000) < 48_000] *= 0.001
    return noise[:, None]


def test_every_level_holds_the_same_outline() -> None:
    sound = talk(65)
    drawn = look(np.array_split(sound, 31))
    assert [len(level) for level in drawn.levels] == [13_000, 1_625, 204, 26]
    for level in drawn.levels:
        assert level[:, 1].max() == round(float(np.clip(sound.max(), -1, 1)) * 127)
    column = sound[777 * HOP : 778 * HOP]
    assert drawn.levels[0][777].tolist() == [round(float(column.min()) * 127), round(float(column.max()) * 127)]


def test_pauses_are_found_once_even_where_a_window_ends() -> None:
    found = look([talk(65)]).pauses
    assert [round(span.start / 1000) for span in found] == [0, 10, 20, 30, 40, 50, 60]
    assert all(span.end - span.start == pytest.approx(1000, abs=40) for span in found)


def test_nothing_draws_nothing() -> None:
    drawn = look([])
    assert [len(level) for level in drawn.levels] == [0, 0, 0, 0]
    assert drawn.pauses == ()
