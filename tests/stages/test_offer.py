"""The clapper's faults are offered, from a pause to a pause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.streams import Block
from pipeline.model import CutMark, Recording
from pipeline.stages.offer import offer

RATE = 48_000


@dataclass
class Ears:
    samples: np.ndarray

    def probe(self, path: Path) -> object:
        raise NotImplementedError

    def digest(self, path: Path) -> str:
        raise NotImplementedError

    def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        assert channels == 1
        yield from np.array_split(self.samples[start:stop].astype(np.float32)[:, None], 9)


def session(seconds: int, spoken: list[tuple[float, float]], knocks: list[float], loud: float = 0.3) -> np.ndarray:
    """Noise as of voices in the given spans, syllable by syllable; a room; and a clapper."""
    rng = np.random.default_rng(2)
    samples = 0.0005 * rng.normal(size=seconds * RATE)
    for start, end in spoken:
        low, high = int(start * RATE), int(end * RATE)
        syllables = 0.55 - 0.45 * np.cos(np.arange(high - low) * 2 * np.pi * 4 / RATE)
        samples[low:high] += np.convolve(loud * syllables * rng.normal(size=high - low), np.ones(12) / 12, "same")
    t = np.arange(RATE // 4) / RATE
    for knock in knocks:
        place = samples[int(knock * RATE) :][: len(t)]
        place += (0.7 * np.sin(2 * np.pi * 2300 * t) * np.exp(-t / 0.008))[: len(place)]
    return samples


def offered(samples: np.ndarray) -> tuple[CutMark, ...]:
    recording = Recording("talk.wav", "", len(samples) // 48, RATE, 1, len(samples))
    return offer(recording, workspace=Path(), ears=Ears(samples))


def test_from_the_pause_before_to_the_pause_behind() -> None:
    spoken = [(0.5, 10.0), (12.0, 16.0), (18.0, 29.0)]
    (mark,) = offered(session(30, spoken, [10.8, 11.2, 16.5, 16.9]))
    assert mark.why == "two knocks at 0:10 and two knocks at 0:16, around a fault"
    assert mark.start == pytest.approx(10_390, abs=30), "in the middle of the pause of 0.8 s before the knock"
    assert mark.end == pytest.approx(17_500, abs=60), "half a second is left of the second one"


def test_no_word_is_offered_with_a_knock_that_was_given_into_the_talk() -> None:
    (mark,) = offered(session(30, [(0.0, 30.0)], [8.0, 8.4, 15.0, 15.4], loud=0.1))
    assert (mark.start, mark.end) == (pytest.approx(7_980, abs=5), pytest.approx(15_700, abs=5))


def test_a_pair_alone_is_cut_alone_and_said_to_be() -> None:
    (mark,) = offered(session(30, [(0.5, 10.0), (12.0, 29.0)], [10.8, 11.2]))
    assert mark.why == "two knocks at 0:10 and none within 3 min: the fault may lie before or behind"
    assert 10_000 < mark.start < 10_800
    assert 11_200 < mark.end < 12_000


def test_two_faults_that_share_a_pause_do_not_overlap() -> None:
    spoken = [(0.5, 6.0), (8.0, 10.0), (16.0, 18.0), (20.0, 29.0)]
    first, second = offered(session(30, spoken, [6.8, 7.1, 10.5, 10.8, 14.9, 15.3, 18.5, 18.9]))
    assert first.start < first.end <= second.start < second.end
    assert first.end > 10_800
    assert second.start < 14_900


def test_the_knocks_that_set_clocks_are_no_fault() -> None:
    spoken = [(6.0, 22.0)]
    assert offered(session(30, spoken, [2.6, 3.3, 4.0, 25.0, 25.7, 26.4])) == ()


def test_at_the_very_edges_of_the_recording() -> None:
    (mark,) = offered(session(12, [(1.5, 10.0)], [0.05, 0.4, 11.3, 11.8]))
    assert mark.start == pytest.approx(25, abs=25)
    assert 11_800 < mark.end <= 12_000
