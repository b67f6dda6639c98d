"""Correct words change what is read and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Segment, Transcript, Word, WordEdit
from pipeline.stages.reword import reword


def transcript(*texts: str, step: int = 500, heard: str | None = None) -> Transcript:
    segments, at = [], 0
    for text in texts:
        words = []
        for word in text.split():
            words.append(Word(at, at + step - 100, word, 0.7, heard))
            at += step
        segments.append(Segment(words[0].start, words[-1].end, text, tuple(words), "Koldo"))
    return Transcript("es", tuple(segments))


TALK = transcript("Gracias a béridas, como siempre.", "Y béridas nos apoya.")


def test_one_word_keeps_its_time_and_what_was_heard() -> None:
    new, lost = reword(TALK, (WordEdit("0:01.000", "Béridas", "Veridas,"),))
    assert lost == ()
    assert new.segments[0].text == "Gracias a Veridas, como siempre."
    assert new.segments[0].words[2] == Word(1000, 1400, "Veridas,", 1.0, "béridas,")
    assert new.segments[1] == TALK.segments[1]


def test_of_several_the_nearest_is_meant() -> None:
    new, _ = reword(TALK, (WordEdit("0:03.2", "béridas", "Veridas"),))
    assert [s.text for s in new.segments] == ["Gracias a béridas, como siempre.", "Y Veridas nos apoya."]


def test_more_and_fewer_words_fill_the_same_time() -> None:
    new, _ = reword(TALK, (WordEdit("0:01.5", "como siempre", "¡comooo!"),))
    assert new.segments[0].words[-1] == Word(1500, 2400, "¡comooo!", 1.0, "como siempre.")
    new, _ = reword(TALK, (WordEdit("0:00", "gracias", "Mil gracias"),))
    assert [(w.start, w.end, w.word) for w in new.segments[0].words[:2]] == [(0, 120, "Mil"), (120, 400, "gracias")]
    assert (new.segments[0].start, new.segments[0].end) == (0, 2400)


@pytest.mark.parametrize(
    ("heard", "say", "read"),
    [
        ("béridas", "Veridas", "Gracias a Veridas, ¿sí? Y ya."),
        ("béridas,", "Veridas", "Gracias a Veridas ¿sí? Y ya."),
        ("béridas", "Veridas;", "Gracias a Veridas; ¿sí? Y ya."),
        ("sí", "seguro que sí", "Gracias a béridas, ¿seguro que sí? Y ya."),
        ("a béridas sí", "a Veridas no", "Gracias a Veridas no? Y ya."),
        ("¿sí?", "Sí.", "Gracias a béridas, Sí. Y ya."),
        ("sí", "", "Gracias a béridas, Y ya."),
    ],
)
def test_punctuation_that_the_editor_did_not_write_of_stays(heard: str, say: str, read: str) -> None:
    new, lost = reword(transcript("Gracias a béridas, ¿sí? Y ya."), (WordEdit("0:01", heard, say),))
    assert (new.segments[0].text, lost) == (read, ())


def test_a_language_without_spaces_gets_none() -> None:
    said = replace(transcript("今日 は 晴れ"), language="ja")
    new, _ = reword(said, (WordEdit("0:01", "晴れ", "雨"),))
    assert [s.text for s in new.segments] == ["今日は雨"]


def test_nothing_said_leaves_nothing() -> None:
    new, _ = reword(transcript("Eh.", "Bueno, pues."), (WordEdit("0:00", "eh", ""),))
    assert [s.text for s in new.segments] == ["Bueno, pues."]


def test_it_survives_another_transcription_and_says_when_it_does_not() -> None:
    later = transcript("Pues", "Gracias a béridas, como siempre.")
    edit = WordEdit("0:01.000", "béridas", "Veridas,")
    assert reword(later, (edit,))[0].segments[1].text == "Gracias a Veridas, como siempre."
    same, lost = reword(transcript("Gracias a Veridas"), (edit,))
    assert same == transcript("Gracias a Veridas")
    assert lost == ("words.yaml corrects “béridas” at 00:00:01.000, but that is not what was heard there",)


def test_entries_for_the_same_word_said_again_and_again_each_keep_theirs() -> None:
    """Another transcription times the words by more than half of what lies between them otherwise."""
    edits = tuple(WordEdit(f"0:0{at / 1000}", "sí,", say) for at, say in ((0, "No,"), (500, "Ya,"), (1000, "Bah,")))
    moved = transcript("Hm", "sí, sí, sí, vale").segments[1]
    words = tuple(replace(word, start=word.start - 150, end=word.end - 150) for word in moved.words)
    new, lost = reword(Transcript("es", (replace(moved, words=words),)), edits)
    assert (new.segments[0].text, lost) == ("No, Ya, Bah, vale", ())


def test_a_longer_correction_may_take_what_a_shorter_one_made() -> None:
    edits = (WordEdit("0:00", "gracias", "Merci"), WordEdit("0:00", "gracias a", "Por"))
    assert reword(TALK, edits)[0].segments[0].text == "Por béridas, como siempre."


def test_a_term_that_was_put_right_before_is_still_found_by_what_was_heard() -> None:
    put_right = transcript("Veridas", heard="de Bobz")
    assert reword(put_right, (WordEdit("0:00", "de Bobz", "Iberdrola"),))[0].segments[0].text == "Iberdrola"


@given(st.lists(st.text("abc ", max_size=12), max_size=4), st.integers(0, 4000))
def test_times_stay_in_order_and_inside(says: list[str], at: int) -> None:
    edits = [
        WordEdit(str(at / 1000), heard, say) for heard, say in zip(("gracias", "a", "y", "nos"), says, strict=False)
    ]
    new, _ = reword(TALK, edits)
    for segment in new.segments:
        words = segment.words
        assert all(word.start <= word.end for word in words)
        assert all(a.end <= b.start for a, b in pairwise(words))
        assert words[0].start >= segment.start
        assert words[-1].end <= segment.end
