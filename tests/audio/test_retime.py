"""Chapters and words across the border."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.audio.edits import TALK, cut_out, insert, length
from pipeline.audio.retime import retime_chapters, retime_transcript, uncut
from pipeline.model import Chapter, Chapters, Clip, EditList, Segment, Source, Span, Transcript, Word
from pipeline.timecode import from_samples, to_samples

MINUTE = 60_000


def talk(ms: int = MINUTE) -> EditList:
    return EditList((Source(TALK, "r.wav", ""),), (Clip(TALK, 0, to_samples(ms)),))


def with_spot(at: int, ms: int) -> EditList:
    return insert(talk(), to_samples(at), [Clip("spot: a", 0, to_samples(ms))])


def chapters(*starts: int) -> Chapters:
    ends = (*starts[1:], MINUTE)
    return Chapters(tuple(Chapter(f"c{n}", s, e, s) for n, (s, e) in enumerate(zip(starts, ends, strict=True))))


def words(*spans: tuple[int, int]) -> tuple[Word, ...]:
    return tuple(Word(start, end, f"w{n}", 1.0) for n, (start, end) in enumerate(spans))


def transcript(*spans: tuple[int, int]) -> Transcript:
    row = words(*spans)
    text = " ".join(word.word for word in row)
    return Transcript("es", (Segment(row[0].start, row[-1].end, text, row),))


def test_chapters_behind_the_spot_move_by_its_length() -> None:
    moved = retime_chapters(with_spot(20_000, 6_000), chapters(0, 10_000, 20_000, 30_000)).chapters
    assert [(one.start, one.end) for one in moved] == [
        (0, 10_000),
        (10_000, 26_000),
        (26_000, 36_000),
        (36_000, 66_000),
    ]
    assert [one.recorded_at for one in moved] == [0, 10_000, 20_000, 30_000]


def test_the_first_chapter_starts_with_the_intro() -> None:
    plan = insert(talk(), 0, [Clip("intro", 0, to_samples(5_000))])
    moved = retime_chapters(plan, chapters(1_200, 10_000)).chapters
    assert [one.start for one in moved] == [0, 15_000]


def test_a_chapter_cut_away_is_dropped_and_one_cut_into_starts_later() -> None:
    plan = cut_out(talk(), [(to_samples(9_000), to_samples(25_000))])
    moved = retime_chapters(plan, chapters(0, 10_000, 20_000, 40_000)).chapters
    assert [(one.title, one.start) for one in moved] == [("c0", 0), ("c2", 9_000), ("c3", 24_000)]


def test_of_a_chapter_that_is_cut_into_a_second_has_to_be_left() -> None:
    def left(cut_end: int) -> list[tuple[str, int]]:
        plan = cut_out(talk(), [(to_samples(9_000), to_samples(cut_end))])
        return [(one.title, one.start) for one in retime_chapters(plan, chapters(0, 10_000, 20_000)).chapters]

    assert left(19_000) == [("c0", 0), ("c1", 9_000), ("c2", 10_000)]
    assert left(19_001) == [("c0", 0), ("c2", 9_999)]


def test_a_chapter_that_was_short_before_stays() -> None:
    moved = retime_chapters(with_spot(20_000, 6_000), chapters(0, 30_000, 30_500)).chapters
    assert [one.start for one in moved] == [0, 36_000, 36_500]


@example(0, MINUTE, [0])
@given(st.integers(0, MINUTE), st.integers(0, MINUTE), st.lists(st.integers(0, MINUTE - 1), min_size=1, unique=True))
def test_chapters_stay_in_order_and_fill_the_programme(one: int, other: int, starts: list[int]) -> None:
    low, high = sorted((one, other))
    plan = insert(cut_out(talk(), [(to_samples(low), to_samples(high))]), 0, [Clip("intro", 0, 4321)])
    moved = retime_chapters(plan, chapters(*sorted(starts))).chapters
    if moved:
        assert moved[0].start == 0
        assert moved[-1].end == from_samples(length(plan.clips))
        assert all(a.end == b.start and a.start < b.start for a, b in pairwise(moved))


def test_a_sentence_on_both_sides_of_a_spot_becomes_two() -> None:
    moved = retime_transcript(with_spot(1_000, 600), transcript((0, 400), (500, 950), (1_000, 1_400))).segments
    assert [(s.start, s.end, s.text) for s in moved] == [(0, 950, "w0 w1"), (1_600, 2_000, "w2")]


def test_a_language_without_spaces_keeps_none_behind_a_cut_or_a_spot() -> None:
    row = tuple(
        replace(word, word=sign) for word, sign in zip(words((0, 400), (500, 900), (950, 1_400)), "今日は", strict=True)
    )
    said = Transcript("ja", (Segment(0, 1_400, "今日は", row),))
    assert [s.text for s in retime_transcript(with_spot(925, 600), said).segments] == ["今日", "は"]
    assert [s.text for s in uncut(said, [Span(450, 925)]).segments] == ["今は"]


def test_a_sentence_that_nothing_parts_keeps_its_text() -> None:
    said = Transcript("es", (Segment(1_900, 2_400, "as it was written", words((2_000, 2_400))),))
    (moved,) = retime_transcript(with_spot(1_000, 600), said).segments
    assert (moved.start, moved.end, moved.text) == (2_500, 3_000, "as it was written")


def test_a_word_goes_with_its_middle() -> None:
    moved = retime_transcript(with_spot(1_000, 600), transcript((800, 1_100), (1_150, 1_300))).segments
    assert [(s.start, s.end, s.text) for s in moved] == [(800, 1_000, "w0"), (1_750, 1_900, "w1")]


def test_a_word_that_is_cut_in_its_middle_goes_with_what_follows() -> None:
    moved = retime_transcript(with_spot(1_000, 600), transcript((800, 1_200))).segments
    assert [(s.start, s.end, s.text) for s in moved] == [(1_600, 1_800, "w0")]


def test_a_word_over_a_seam_without_a_gap_stays_whole() -> None:
    intro, parts = Clip("intro", 0, to_samples(500)), ((100, 1_000), (1_000, 2_000), (2_000, MINUTE))
    plan = replace(talk(), clips=(intro, *(Clip(TALK, to_samples(low), to_samples(high)) for low, high in parts)))
    moved = retime_transcript(plan, transcript((800, 1_300), (1_700, 2_100))).segments
    assert [(w.start, w.end) for s in moved for w in s.words] == [(1_200, 1_700), (2_100, 2_500)]
    assert len(moved) == 1


def test_a_word_without_length_at_the_very_end_is_heard_there() -> None:
    moved = retime_transcript(with_spot(1_000, 600), transcript((MINUTE, MINUTE))).segments
    assert [(s.start, s.end) for s in moved] == [(MINUTE + 600, MINUTE + 600)]


def test_words_whose_middle_was_cut_away_are_gone() -> None:
    plan = cut_out(talk(), [(to_samples(1_000), to_samples(2_000))])
    moved = retime_transcript(plan, transcript((800, 1_100), (1_100, 1_900), (1_850, 2_300))).segments
    assert [(w.start, w.end, w.word) for s in moved for w in s.words] == [(800, 1_000, "w0"), (1_000, 1_300, "w2")]


def test_segments_without_words_and_lost_speech_move_too() -> None:
    before = Transcript("es", (Segment(2_000, 3_000, "hola"),), (Span(500, 1_500),))
    moved = retime_transcript(with_spot(1_000, 600), before)
    assert (moved.segments[0].start, moved.segments[0].end) == (2_600, 3_600)
    assert moved.lost == (Span(500, 1_000), Span(1_600, 2_100))
    whole = replace(before, lost=(Span(500, 1_000), Span(1_000, 1_500)))
    assert retime_transcript(with_spot(1_000, 600), whole).lost == (Span(500, 1_000), Span(1_600, 2_100))


def test_what_is_said_and_lost_between_the_halves_of_a_sentence_stands_between_them() -> None:
    (one,), (other,) = transcript((0, 400), (2_000, 2_400)).segments, transcript((500, 900)).segments
    before = Transcript("es", (one, other), (Span(0, 3_000), Span(500, 900)))
    moved = retime_transcript(with_spot(1_500, 600), before)
    assert [s.start for s in moved.segments] == [0, 500, 2_600]
    assert moved.lost == (Span(0, 1_500), Span(500, 900), Span(2_100, 3_600))


@given(
    st.lists(st.tuples(st.integers(0, MINUTE - 500), st.integers(0, 500)), min_size=1, max_size=20),
    st.integers(0, MINUTE),
    st.integers(0, MINUTE),
)
def test_no_word_grows_or_leaves_the_programme(raw: list[tuple[int, int]], one: int, other: int) -> None:
    low, high = sorted((one, other))
    plan = insert(cut_out(talk(), [(to_samples(low), to_samples(high))]), 0, [Clip("intro", 0, 48_000)])
    spans = [(start, start + long) for start, long in sorted(raw)]
    moved = retime_transcript(plan, transcript(*spans))
    by_name = {f"w{n}": end - start for n, (start, end) in enumerate(spans)}
    for segment in moved.segments:
        for word in segment.words:
            assert 0 <= word.start <= word.end <= from_samples(length(plan.clips))
            assert word.end - word.start <= by_name[word.word]


def test_what_is_said_in_a_cut_is_not_heard() -> None:
    said = transcript((0, 400), (500, 900), (1_000, 1_400))
    (left,) = uncut(said, [Span(600, 1_100)]).segments
    assert [word.start for word in left.words] == [0, 1_000]
    assert (left.text, left.start, left.end) == ("w0 w2", 0, 1_400)
    assert uncut(said, [Span(0, 2_000)]).segments == ()
    assert uncut(said, []) == said


def test_a_sentence_without_words_is_heard_where_its_middle_is() -> None:
    said = Transcript("es", (Segment(0, 1_000, "una"), Segment(1_000, 2_000, "dos")))
    assert [one.text for one in uncut(said, [Span(500, 1_500)]).segments] == ["dos"]
    assert [one.text for one in uncut(said, [Span(501, 1_501)]).segments] == ["una"]
