"""Where speech is, and how it is cut."""

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.speech import (
    FRAME_MS,
    TAKE,
    Plan,
    Take,
    at_16k,
    cut_out,
    deal,
    duration,
    excerpt,
    find_speech,
    plan,
)
from pipeline.model import Span


@st.composite
def talks(draw: st.DrawFn) -> tuple[tuple[Span, ...], int]:
    """Speech and pauses of all lengths, and the recording's length."""
    steps = draw(st.lists(st.tuples(st.integers(300, 9000), st.integers(32, 90_000)), max_size=60))
    spans, now = [], 0
    for pause, speech in steps:
        spans.append(Span(now + pause, now + pause + speech))
        now += pause + speech
    return tuple(spans), now + draw(st.integers(0, 5000))


def probabilities(*runs: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(frames, value, np.float32) for value, frames in runs])


def test_speech_starts_above_one_threshold_and_ends_below_the_other() -> None:
    heard = probabilities((0.1, 10), (0.4, 5), (0.9, 20), (0.4, 20), (0.1, 30))
    assert find_speech(heard, 85 * FRAME_MS) == (Span(15 * FRAME_MS, 55 * FRAME_MS),)


def test_a_short_silence_stays_in_and_a_long_one_parts() -> None:
    heard = probabilities((0.9, 10), (0.1, 9), (0.9, 10), (0.1, 11), (0.9, 10))
    assert find_speech(heard, 1590) == (Span(0, 29 * FRAME_MS), Span(40 * FRAME_MS, 1590))


def test_what_is_too_short_for_a_word_is_no_speech() -> None:
    """Two frames by themselves tore the first word from a sentence; close to speech they are part of it."""
    heard = probabilities(
        (0.9, 40), (0.1, 20), (0.9, 2), (0.1, 200), (0.9, 10), (0.1, 5), (0.9, 2), (0.1, 20), (0.9, 3)
    )
    assert find_speech(heard, 302 * FRAME_MS) == (Span(0, 40 * FRAME_MS), Span(262 * FRAME_MS, 279 * FRAME_MS))


def test_unbroken_speech_is_parted_where_it_is_the_least_probable() -> None:
    """Fast talk, or talk over music: pauses too short for silence, one shallow dip in the last fifth of a take."""
    heard = probabilities((0.99, 740), (0.7, 3), (0.99, 600), (0.95, 3), (0.99, 30))
    cut = 741 * FRAME_MS + FRAME_MS // 2
    assert find_speech(heard, 1376 * FRAME_MS) == (Span(0, cut), Span(cut, 1376 * FRAME_MS))
    assert plan(find_speech(heard, 1376 * FRAME_MS), 1376 * FRAME_MS)[0].kept == (Span(0, cut),)


def test_unbroken_noise_of_any_length_is_parted_into_what_fits() -> None:
    for frames in (879, 885, 1100, 1763, 40_000):
        parts = find_speech(probabilities((0.9, frames)), frames * FRAME_MS)
        assert parts[0].start == 0 and parts[-1].end == frames * FRAME_MS
        assert all(a.end == b.start for a, b in pairwise(parts))
        assert all(5000 < part.end - part.start <= TAKE - 800 for part in parts)


def test_a_short_word_by_itself_is_speech() -> None:
    assert find_speech(probabilities((0.1, 50), (0.9, 4), (0.1, 50)), 104 * FRAME_MS) == (Span(1600, 1728),)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.9]), st.integers(1, 15)), min_size=1, max_size=40))
def test_speech_holds_whatever_lasts_as_long_as_a_word(runs: list[tuple[float, int]]) -> None:
    found = find_speech(probabilities(*runs), FRAME_MS * sum(frames for _, frames in runs))
    assert all(span.end - span.start >= 100 for span in found)
    assert all(before.end + 300 <= after.start for before, after in pairwise(found))
    for (probability, frames), end in zip(runs, accumulate(frames for _, frames in runs), strict=True):
        if probability > 0.5 and frames * FRAME_MS >= 100:
            assert any(span.start <= (end - frames) * FRAME_MS and end * FRAME_MS <= span.end for span in found)


def test_silence_holds_no_speech_and_makes_no_piece() -> None:
    assert find_speech(probabilities((0.2, 100)), 3200) == ()
    assert plan((), 3200) == ()


def test_agrees_with_the_detector_s_own_reading() -> None:
    vad = pytest.importorskip("faster_whisper.vad")
    rng = np.random.default_rng(7)
    envelope = np.repeat((rng.random(60) > 0.4).astype(np.float32), 8000)
    sound = envelope * rng.normal(0, 0.1, len(envelope)).astype(np.float32)
    theirs = vad.get_speech_timestamps(
        sound, min_silence_duration_ms=300, min_speech_duration_ms=100, speech_pad_ms=0, threshold=0.02
    )
    assert theirs, "the detector must hear something in modulated noise at this threshold"
    heard = vad.get_vad_model()(np.pad(sound, (0, 512 - len(sound) % 512))).reshape(-1)
    lifted = np.where(heard >= 0.02, 1.0, np.where(heard < 0.01, 0.0, 0.4)).astype(np.float32)
    ours = find_speech(lifted, len(sound) // 16)
    assert [(span.start * 16, span.end * 16) for span in ours] == [(span["start"], span["end"]) for span in theirs]


@given(talks())
def test_planning_loses_and_repeats_nothing(talk: tuple[tuple[Span, ...], int]) -> None:
    speech, length = talk
    plans = plan(speech, length)
    parts = [span for take in plans for span in take.speech]
    assert duration(parts) == duration(speech)
    assert all(a.end <= b.start for a, b in pairwise(parts))
    assert {span.start for span in speech} <= {part.start for part in parts}
    assert all(duration(take.kept) <= TAKE for take in plans)
    assert tuple(take for piece in deal(plans) for take in piece) == plans


def test_a_take_ends_in_the_widest_pause_near_its_end() -> None:
    """Stretches of 4.6 s; a pause of 0.9 s comes after the fifth, the others are of 0.4 s."""
    starts = [k * 5000 + (500 if k >= 5 else 0) for k in range(12)]
    first, *_ = plan([Span(start, start + 4600) for start in starts], 65_000)
    assert first.speech[-1].end == 24_600


@given(st.integers(0, 500))
def test_pieces_hold_about_as_many_takes_each_and_come_in_fours(count: int) -> None:
    pieces = deal([Plan((), ())] * count)
    sizes = [len(piece) for piece in pieces]
    assert sum(sizes) == count
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert max(sizes, default=0) <= 5
    assert len(pieces) % 4 == 0 or len(pieces) == count


@given(talks())
def test_what_is_kept_lies_apart_and_holds_its_speech(talk: tuple[tuple[Span, ...], int]) -> None:
    speech, length = talk
    plans = plan(speech, length)
    kept = [span for take in plans for span in take.kept]
    assert all(span.start < span.end for span in kept)
    assert all(a.end <= b.start for a, b in pairwise(kept))
    assert not kept or (kept[0].start >= 0 and kept[-1].end <= length)
    for take in plans:
        assert all(any(k.start <= s.start and s.end <= k.end for k in take.kept) for s in take.speech)


def test_long_pauses_are_left_out() -> None:
    (take,) = plan((Span(1000, 2000), Span(3000, 4000), Span(60_000, 61_000)), 70_000)
    assert take.kept == (Span(600, 4400), Span(59_600, 61_400))


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20), st.data())
def test_cutting_a_stream_is_slicing_it(sizes: list[int], data: st.DataObject) -> None:
    whole = (np.arange(sum(sizes)) % 30_000 / 32_767).astype(np.float32)
    length = len(whole) // 16
    edges = sorted(
        data.draw(st.lists(st.integers(0, length), min_size=2, max_size=8, unique=True)) if length else [0, 0]
    )
    spans = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    plans = plan(spans, length) if length and spans else ()
    blocks = np.split(whole, np.cumsum(sizes)[:-1])
    takes = [take for piece in cut_out(blocks, deal(plans)) for take in piece]
    for wanted, take in zip(plans, takes, strict=True):
        expected = np.concatenate([whole[span.start * 16 : span.end * 16] for span in wanted.kept])
        assert np.array_equal(take.samples, np.rint(expected * 32_767).astype(np.int16))


@pytest.mark.parametrize("sizes", [(48_000, 362), (48_000, 1, 1, 48_000), (5,)])
def test_at_16_khz_no_block_is_empty_and_none_is_lost(sizes: tuple[int, ...]) -> None:
    """Of a few samples the resampler gives nothing yet, and filters cannot take nothing."""
    heard = [len(block) for block in at_16k(np.zeros((size, 1), np.float32) for size in sizes)]
    assert 0 not in heard
    assert sum(heard) == round(sum(sizes) / 3)


def test_an_excerpt_is_what_the_take_holds_around_a_span() -> None:
    samples = np.arange(16 * 3000, dtype=np.int64).astype(np.int16)
    take = Take(samples, (Span(10_000, 11_000), Span(20_000, 22_000)), (Span(10_100, 10_900), Span(20_100, 21_900)))
    cut = excerpt(take, Span(20_200, 20_700))
    assert cut.kept == (Span(20_000, 21_200),)
    assert np.array_equal(cut.samples, samples[16 * 1000 : 16 * 2200])
