"""Words into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.sentences import sentences
from pipeline.model import Word


def spoken(text: str, *, gap: int = 50) -> list[Word]:
    """A word every 300 ms and `gap`; `|` is a pause of two seconds."""
    words, now = [], 0
    for part in text.split():
        if part == "|":
            now += 2000
            continue
        words.append(Word(now, now + 300, part, 0.9))
        now += 300 + gap
    return words


def texts(text: str, language: str = "es") -> list[str]:
    return [segment.text for segment in sentences(spoken(text), language)]


def test_full_stops_and_questions_end_sentences() -> None:
    assert texts("Hola. ¿Qué tal? Muy bien. y tú") == ["Hola.", "¿Qué tal?", "Muy bien.", "y tú"]


def test_abbreviations_and_hesitations_do_not() -> None:
    assert texts("El Sr. pérez dijo... bueno, que sí.") == ["El Sr. pérez dijo... bueno, que sí."]


@pytest.mark.parametrize(
    "text",
    [
        "Hoy viene el Sr. Pérez con la Dra. García.",
        "Vive en EE. UU. desde 2019.",
        "Usa algo, p. ej. Python.",
        "Use something, e.g. Python vs. Rust.",
        "Está en la pág. 20 del núm. 5.",
        "J. R. R. Tolkien y George W. Bush.",
        "Lo dijo (el Dr. House).",
    ],
)
def test_an_abbreviation_stays_with_what_it_belongs_to(text: str) -> None:
    assert texts(f"{text} Y ya.") == [text, "Y ya."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Es el plan B.", "Pero no."),
        ("Los perros, gatos, etc.", "Y ya."),
        ("En la pág.", "Anterior."),
        ("Sí.", "5 más."),
    ],
)
def test_what_looks_like_an_abbreviation_may_end_a_sentence(first: str, second: str) -> None:
    assert texts(f"{first} {second}") == [first, second]


def test_a_number_keeps_its_point() -> None:
    assert texts("Son 3.5 millones. De veras.") == ["Son 3.5 millones.", "De veras."]


def test_a_long_pause_ends_a_sentence_without_punctuation() -> None:
    assert texts("esto es todo | y ahora la cuña") == ["esto es todo", "y ahora la cuña"]


def test_a_quotation_may_close_after_the_stop() -> None:
    assert texts("Dijo: «Ya está.» Y se fue.") == ["Dijo: «Ya está.»", "Y se fue."]


def test_languages_without_spaces_are_joined_without() -> None:
    assert texts("今日 は 。", "ja") == ["今日は。"]


def test_times_are_those_of_the_first_and_last_word() -> None:
    (segment,) = sentences(spoken("una frase entera."), "es")
    assert (segment.start, segment.end, len(segment.words)) == (0, 1000, 3)


@given(st.lists(st.sampled_from(["sí", "no.", "¿Qué?", "...", "Sr.", "y", "EE.", "|"]), max_size=300))
def test_no_word_is_lost_and_nothing_is_endless(parts: list[str]) -> None:
    words = spoken(" ".join(parts))
    segments = sentences(words, "es")
    assert [word for segment in segments for word in segment.words] == words
    assert all(len(segment.words) <= 60 for segment in segments)
