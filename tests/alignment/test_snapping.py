from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment import snap
from pipeline.alignment.snapping import LEAD, SETTLE
from pipeline.model import Segment, Transcript, Word


def talk(last_word_ends: int, start: int) -> Transcript:
    words = (Word(max(0, last_word_ends - 300), last_word_ends, "fin.", 0.9),)
    before = Segment(words[0].start, last_word_ends + 40, "fin.", words)
    return Transcript("es", (before, Segment(start, start + 900, "Bueno.", (Word(start, start + 900, "Bueno.", 0.9),))))


def test_a_start_leaves_a_little_of_the_pause() -> None:
    assert snap(12_500, talk(11_000, 12_500)) == 12_500 - LEAD


def test_a_start_just_behind_a_second_stays_behind_it() -> None:
    """Cut to 12 s it would otherwise play 11 s, where somebody still talks."""
    assert snap(12_100, talk(11_600, 12_100)) == 12_000


def test_a_pause_without_a_whole_second_starts_before_the_first_word() -> None:
    assert snap(12_900, talk(12_600, 12_900)) == 12_700


def test_no_pause_is_no_move_into_the_last_word() -> None:
    assert snap(12_400, talk(12_350, 12_400)) == 12_350


def test_the_first_words_of_a_talk() -> None:
    assert snap(150, Transcript("es", (Segment(150, 900, "Hola."),))) == 0


@given(st.integers(300, 100_000), st.integers(0, 4000))
def test_cut_to_seconds_no_start_plays_the_section_before_where_the_pause_allows(ends: int, pause: int) -> None:
    start = ends + pause
    found = snap(start, talk(ends, start))
    assert ends <= found <= start
    if start // 1000 * 1000 >= ends + SETTLE:
        assert found // 1000 * 1000 >= ends
