"""Word times put right, and speech under no word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.audio.word_times import rejoined, settle, uncovered
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


SPEECH = (Span(44_000, 46_944), Span(48_960, 55_616))


def three(before: str, word: str, after: str, start: int = 49_270) -> tuple[Word, ...]:
    return Word(46_320, 46_730, before, 0.9), Word(46_760, 46_944, word, 0.5), Word(start, start + 400, after, 0.9)


def test_the_first_word_of_a_sentence_is_behind_the_pause_where_its_voice_is() -> None:
    before, word, after = three("seeds.", "Right", "then,")
    assert rejoined((before, word, after), SPEECH) == (before, replace(word, start=48_960, end=49_270), after)


@pytest.mark.parametrize(
    "words",
    [
        three("seeds", "right", "then,"),
        three("seeds.", "Right.", "then"),
        three("seeds.", "Right,", "then"),
        three("seeds.", "Right", "Then"),
        three("seeds.", "Right", "then,", start=49_060),
        three("seeds.", "Right", "then,", start=47_500),
    ],
)
def test_a_word_that_may_have_been_said_where_it_is_stays(words: tuple[Word, ...]) -> None:
    """The sentence before goes on, its own has ended or pauses, nobody is heard where it would go, or it is near."""
    assert rejoined(words, SPEECH) == words


@pytest.mark.parametrize("many", [0, 1, 2])
def test_few_words_stay(many: int) -> None:
    words = three("seeds.", "Right", "then,")[:many]
    assert rejoined(words, SPEECH) == words
