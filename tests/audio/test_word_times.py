"""Word times put right, and speech under no word."""

from __future__ import annotations

from pipeline.audio.word_times import settle, uncovered
from pipeline.model import Span, Word


def test_speech_under_no_word_is_lost_and_stretched_words_do_not_hide_it() -> None:
    speech = (Span(0, 6000),)
    assert uncovered(speech, []) == speech
    assert uncovered(speech, [Word(0, 6000, "bien", 1.0)]) == (Span(860, 6000),)
    assert uncovered(speech, [Word(t, t + 500, "bueno", 1.0) for t in range(0, 6000, 1000)]) == ()
    assert uncovered(speech, [Word(2000, 2300, "ya", 1.0)], reach=0) == (Span(0, 2000), Span(2300, 6000))


def test_word_times_are_put_right_and_sentence_edges_taken_from_the_voice() -> None:
    speech = (Span(1000, 2000), Span(3000, 4000))
    words = settle(
        [Word(850, 1300, "hola", 1.0), Word(1300, 1750, "todos", 1.0), Word(2100, 3500, "vengo", 1.0)], speech
    )
    assert [(word.start, word.end) for word in words] == [(1000, 1370), (1400, 2000), (3000, 3570)]


def test_a_word_where_no_speech_was_found_keeps_its_corrected_time() -> None:
    assert settle([Word(5000, 5200, "eh", 1.0)], (Span(1000, 2000),)) == (Word(5100, 5270, "eh", 1.0),)
