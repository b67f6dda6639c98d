"""The programme as sound: every sample where the edit list says, and any stretch alone the same as in the whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio.edits import SPOT, TALK, cut_out, insert, lay, length
from pipeline.audio.render import render
from pipeline.audio.streams import Block, windows
from pipeline.model import Clip, EditList, Overlay, Source

SECOND = 48_000


def sine(hz: float, seconds: float, channels: int = 1) -> Block:
    wave = 0.5 * np.sin(2 * np.pi * hz / SECOND * np.arange(round(seconds * SECOND)))
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


class Shelf:
    """Sources in memory, read in blocks of an awkward size."""

    def __init__(self, **sources: Block) -> None:
        self.sources = {name.replace("_", ": "): block for name, block in sources.items()}

    def open(self, name: str, start: int, stop: int) -> Iterator[Block]:
        block = self.sources[name]
        for low in range(start, min(stop, len(block)), 9_973):
            yield block[low : min(low + 9_973, stop)]

    def plan(self, *clips: Clip, channels: int = 1) -> EditList:
        return EditList(tuple(Source(name, name, "") for name in self.sources), clips, channels=channels)

    def heard(self, plan: EditList, start: int = 0, stop: int | None = None) -> Block:
        return np.concatenate(list(render(plan, self.open, start=start, stop=stop)))


def frequency(samples: Block) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(spectrum.argmax() * SECOND / len(samples))


def test_tones_on_both_sides_of_a_splice_prove_the_sample() -> None:
    shelf = Shelf(talk=sine(1000, 30), spot_a=sine(3000, 3))
    plan = insert(shelf.plan(Clip(TALK, 0, 30 * SECOND)), 12_345 * 48, [Clip(SPOT + "a", 0, 3 * SECOND)])
    heard = shelf.heard(plan)
    cut = 12_345 * 48
    assert len(heard) == 33 * SECOND
    alone = shelf.heard(shelf.plan(Clip(TALK, 0, 30 * SECOND)))
    assert np.array_equal(heard[:cut], alone[:cut])
    assert np.array_equal(heard[cut + 3 * SECOND :], alone[cut:])
    assert np.array_equal(heard[cut : cut + 3 * SECOND], shelf.heard(shelf.plan(Clip(SPOT + "a", 0, 3 * SECOND))))
    assert frequency(heard[cut - 4800 : cut]) == pytest.approx(1000, abs=10)
    assert frequency(heard[cut : cut + 4800]) == pytest.approx(3000, abs=10)
    assert frequency(heard[cut + 3 * SECOND : cut + 3 * SECOND + 4800]) == pytest.approx(1000, abs=10)


def test_fades_gains_and_overlays_add() -> None:
    shelf = Shelf(talk=sine(1000, 4), music=sine(1000, 4))
    plan = shelf.plan(Clip(TALK, 0, 4 * SECOND, fade_in=SECOND, gain=-6.0206))
    plan = lay(plan, [Overlay(Clip("music", 0, SECOND, fade_out=SECOND), 2 * SECOND)])
    heard = np.abs(shelf.heard(plan)[:, 0])
    assert heard[:48].max() < 0.001
    assert heard[SECOND // 2 - 48 : SECOND // 2 + 48].max() == pytest.approx(0.125, rel=0.02)
    assert heard[SECOND + 4800 : 2 * SECOND - 48].max() == pytest.approx(0.25, rel=0.02)
    assert heard[2 * SECOND : 2 * SECOND + 480].max() == pytest.approx(0.75, rel=0.03)
    assert heard[3 * SECOND - 480 : 3 * SECOND].max() == pytest.approx(0.25, rel=0.03)


def test_voices_lose_rumble_and_spots_lose_dc_but_keep_their_bass() -> None:
    offset = np.full((4 * SECOND, 1), 0.3, np.float32)
    shelf = Shelf(talk=sine(30, 4), spot_a=sine(60, 4) + offset)
    talk = shelf.heard(shelf.plan(Clip(TALK, 2 * SECOND, 4 * SECOND)))
    spot = shelf.heard(shelf.plan(Clip(SPOT + "a", 2 * SECOND, 4 * SECOND)))
    assert np.abs(talk).max() < 0.08
    assert abs(spot.mean()) < 0.001
    assert np.abs(spot).max() > 0.48


def test_a_source_that_ends_early_leaves_silence() -> None:
    heard = Shelf(talk=sine(1000, 1)).plan(Clip(TALK, 0, 2 * SECOND))
    assert not np.abs(Shelf(talk=sine(1000, 1)).heard(heard)[SECOND + 4800 :]).max() > 1e-3


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_stretch_alone_is_as_in_the_whole(data: st.DataObject) -> None:
    random = np.random.default_rng(5)
    shelf = Shelf(talk=0.1 * random.standard_normal((25 * SECOND, 2)).astype(np.float32), spot_a=sine(300, 2, 2))
    plan = shelf.plan(Clip(TALK, 0, 25 * SECOND), channels=2)
    plan = cut_out(plan, [(1000, data.draw(st.integers(1000, 20 * SECOND)))], fade=240)
    at = data.draw(st.integers(0, length(plan.clips)))
    plan = insert(plan, at, [Clip(SPOT + "a", 100, 2 * SECOND, 240, 240)], fade=99)
    plan = lay(plan, [Overlay(Clip(SPOT + "a", 0, SECOND, gain=-9), data.draw(st.integers(0, SECOND)))])
    whole = shelf.heard(plan)
    start = data.draw(st.integers(0, length(plan.clips) - 1))
    stop = data.draw(st.integers(start + 1, length(plan.clips)))
    assert np.array_equal(shelf.heard(plan, start, stop), whole[start:stop])


@given(st.lists(st.integers(0, 50), max_size=12), st.integers(1, 40), st.integers(0, 30), st.integers(0, 30))
def test_windows_tile_the_stream_and_bring_their_surroundings(
    sizes: list[int], size: int, before: int, after: int
) -> None:
    stream = np.arange(sum(sizes), dtype=np.float32)[:, None]
    blocks = np.split(stream, np.cumsum(sizes)[:-1]) if sizes else []
    made = list(windows(blocks, size, before, after))
    assert [window.start for window in made] == list(range(0, len(stream), size))
    for window in made:
        end = min(window.start + size, len(stream))
        assert np.array_equal(window.inner, stream[window.start : end])
        low, high = max(window.start - before, 0), min(end + after, len(stream))
        assert np.array_equal(window.samples, stream[low:high])


@given(st.integers(1, 99), st.integers(0, 98), st.integers(0, 120), st.integers(1, 40), st.integers(0, 30))
def test_a_part_of_a_stream_has_the_rest_for_surroundings(
    count: int, start: int, stop: int, size: int, around: int
) -> None:
    stream = np.arange(count, dtype=np.float32)[:, None]
    made = list(windows(np.array_split(stream, 7), size, around, around, start=start, stop=stop))
    assert [one.start for one in made] == list(range(start, min(stop, count), size))
    assert [value for one in made for value in one.inner[:, 0]] == list(range(start, min(stop, count)))
    for one in made:
        low, high = one.start - one.before, one.start + len(one.inner) + one.after
        assert low == max(one.start - around, 0)
        assert high == min(one.start + len(one.inner) + around, count)
        assert np.array_equal(one.samples, stream[low:high])
