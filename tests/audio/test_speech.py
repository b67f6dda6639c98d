"""Where speech is, how it is shared out, what no word covers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.speech import (
    FRAME_MS,
    KEPT_PAUSE,
    Piece,
    cut_out,
    duration,
    excerpt,
    find_speech,
    plan,
    settle,
    share_out,
    uncovered,
)
from pipeline.model import Span, Word


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


def test_silence_holds_no_speech_and_makes_no_piece() -> None:
    assert find_speech(probabilities((0.2, 100)), 3200) == ()
    assert plan((), 3200) == ()


def test_agrees_with_the_detector_s_own_reading() -> None:
    vad = pytest.importorskip("faster_whisper.vad")
    rng = np.random.default_rng(7)
    envelope = np.repeat((rng.random(60) > 0.4).astype(np.float32), 8000)
    sound = envelope * rng.normal(0, 0.1, len(envelope)).astype(np.float32)
    theirs = vad.get_speech_timestamps(sound, min_silence_duration_ms=300, speech_pad_ms=0, threshold=0.02)
    assert theirs, "the detector must hear something in modulated noise at this threshold"
    heard = vad.get_vad_model()(np.pad(sound, (0, 512 - len(sound) % 512))).reshape(-1)
    lifted = np.where(heard >= 0.02, 1.0, np.where(heard < 0.01, 0.0, 0.4)).astype(np.float32)
    ours = find_speech(lifted, len(sound) // 16)
    assert [(span.start * 16, span.end * 16) for span in ours] == [(span["start"], span["end"]) for span in theirs]


@given(talks())
def test_sharing_out_loses_and_repeats_nothing(talk: tuple[tuple[Span, ...], int]) -> None:
    speech, _ = talk
    shares = share_out(speech, most=30_000) if speech else ()
    parts = [span for share in shares for span in share]
    assert duration(parts) == duration(speech)
    assert all(a.end <= b.start for a, b in pairwise(parts))
    assert {span.start for span in speech} <= {part.start for part in parts}
    assert all(duration(share) <= 2.5 * 30_000 for share in shares)


def test_shares_are_about_equal_and_cut_in_pauses() -> None:
    speech = [Span(k * 5000, k * 5000 + 4300) for k in range(140)]
    shares = share_out(speech)
    lengths = [duration(share) for share in shares]
    assert len(shares) == 8
    assert max(lengths) <= 1.3 * min(lengths)


@given(talks())
def test_what_is_kept_lies_apart_and_holds_its_speech(talk: tuple[tuple[Span, ...], int]) -> None:
    speech, length = talk
    plans = plan(speech, length)
    kept = [span for piece in plans for span in piece.kept]
    assert all(span.start < span.end for span in kept)
    assert all(a.end <= b.start for a, b in pairwise(kept))
    assert not kept or (kept[0].start >= 0 and kept[-1].end <= length)
    for piece in plans:
        assert all(any(k.start <= s.start and s.end <= k.end for k in piece.kept) for s in piece.speech)


def test_long_pauses_are_left_out() -> None:
    (piece,) = plan((Span(1000, 2000), Span(3000, 4000), Span(60_000, 61_000)), 70_000)
    assert piece.kept == (Span(600, 4400), Span(59_600, 61_400))
    assert KEPT_PAUSE < 55_000


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
    for wanted, piece in zip(plans, cut_out(blocks, plans), strict=True):
        expected = np.concatenate([whole[span.start * 16 : span.end * 16] for span in wanted.kept])
        assert np.array_equal(piece.samples, np.rint(expected * 32_767).astype(np.int16))


def test_an_excerpt_is_what_the_piece_holds_around_a_span() -> None:
    samples = np.arange(16 * 3000, dtype=np.int64).astype(np.int16)
    piece = Piece(samples, (Span(10_000, 11_000), Span(20_000, 22_000)), (Span(10_100, 10_900), Span(20_100, 21_900)))
    cut = excerpt(piece, Span(20_200, 20_700), margin=500)
    assert cut.kept == (Span(20_000, 21_200),)
    assert np.array_equal(cut.samples, samples[16 * 1000 : 16 * 2200])


def test_speech_under_no_word_is_lost_and_stretched_words_do_not_hide_it() -> None:
    speech = (Span(0, 6000),)
    assert uncovered(speech, []) == speech
    assert uncovered(speech, [Word(0, 6000, "bien", 1.0)]) == (Span(860, 6000),)
    assert uncovered(speech, [Word(t, t + 500, "bueno", 1.0) for t in range(0, 6000, 1000)]) == ()


def test_word_times_are_put_right_and_sentence_edges_taken_from_the_voice() -> None:
    speech = (Span(1000, 2000), Span(3000, 4000))
    words = settle(
        [Word(850, 1300, "hola", 1.0), Word(1300, 1750, "todos", 1.0), Word(2100, 3500, "vengo", 1.0)], speech
    )
    assert [(word.start, word.end) for word in words] == [(1000, 1370), (1400, 2000), (3000, 3570)]


def test_a_word_where_no_speech_was_found_keeps_its_corrected_time() -> None:
    assert settle([Word(5000, 5200, "eh", 1.0)], (Span(1000, 2000),)) == (Word(5100, 5270, "eh", 1.0),)
