from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats import srt, webvtt
from pipeline.formats.captions import Caption, captions
from pipeline.model import Segment, Transcript, Word

WIDTHS = (webvtt.WIDTH, srt.WIDTH)


def spoken(*sentences: tuple[int, str] | tuple[int, str, str], step: int = 350) -> Transcript:
    """Sentences from a moment on, a word every `step` ms."""
    segments = []
    for start, text, *speaker in sentences:
        words = tuple(
            Word(start + n * step, start + n * step + step - 30, f" {word}", 0.9) for n, word in enumerate(text.split())
        )
        segments.append(Segment(start, words[-1].end, text, words, *speaker))
    return Transcript("es", tuple(segments))


def lines(made: tuple[Caption, ...]) -> list[str]:
    return [" / ".join(caption.lines) for caption in made]


def test_sentences_stay_whole_where_they_fit() -> None:
    transcript = spoken((0, "Muy buenas a todos."), (1500, "Hoy hablamos de despliegues en producción."))
    assert lines(captions(transcript, width=65, duration=60_000)) == [
        "Muy buenas a todos.",
        "Hoy hablamos de despliegues en producción.",
    ]


def test_long_sentences_break_by_sense() -> None:
    text = "Es lo que te falta cuando el modelo funciona en la demo y no funciona el martes siguiente."
    assert lines(captions(spoken((0, text)), width=32, duration=60_000)) == [
        "Es lo que te falta / cuando el modelo funciona",
        "en la demo y no funciona / el martes siguiente.",
    ]


def test_no_line_ends_with_an_article_or_preposition_where_another_place_is_near() -> None:
    text = "Tenemos con nosotros a una persona que lleva muchos años montando las plataformas de datos de la empresa."
    ends = [
        line.split()[-1] for caption in captions(spoken((0, text)), width=32, duration=60_000) for line in caption.lines
    ]
    assert not {"a", "una", "que", "las", "de", "la", "con"} & set(ends)


def test_a_number_stays_with_what_it_counts() -> None:
    text = "Y lo que importa es que la respuesta llegue en 50 milisegundos y que no cueste una fortuna."
    assert lines(captions(spoken((0, text), step=240), width=32, duration=60_000)) == [
        "Y lo que importa / es que la respuesta",
        "llegue en 50 milisegundos / y que no cueste una fortuna.",
    ]


def test_a_title_stays_with_its_name() -> None:
    text = "Y después de todo aquello llegó el Sr. Pérez Galdós con las noticias de EE. UU. y otras más."
    ends = [
        line.split()[-1] for caption in captions(spoken((0, text)), width=32, duration=60_000) for line in caption.lines
    ]
    assert not {"Sr.", "EE."} & set(ends)


def test_no_word_or_two_of_a_sentence_are_left_over() -> None:
    text = "Ya no basta con que acierte tiene que acertar siempre rápido y barato."
    assert lines(captions(spoken((0, text), step=240), width=32, duration=60_000)) == [
        "Ya no basta con que acierte",
        "tiene que acertar / siempre rápido y barato.",
    ]


def test_times_are_the_words() -> None:
    made = captions(spoken((5000, "Uno dos tres."), (20_000, "Cuatro cinco seis.")), width=65, duration=60_000)
    assert [caption.start for caption in made] == [5000, 20_000]


def test_written_words_take_the_time_of_spoken_ones_whatever_their_spacing() -> None:
    words = (Word(0, 400, " 3", 0.9), Word(400, 900, ",5", 0.9), Word(1000, 1500, " millones.", 0.9))
    (caption,) = captions(Transcript("es", (Segment(0, 1500, "3,5 millones.", words),)), width=65, duration=9000)
    assert (caption.lines, caption.start) == (("3,5 millones.",), 0)


def test_text_without_words_is_spread_over_its_time() -> None:
    segment = Segment(
        10_000, 22_000, "Aquí hay doce segundos de habla. Y ninguna palabra medida, ni una sola de ellas."
    )
    made = captions(Transcript("es", (segment,)), width=65, duration=60_000)
    assert made[0].start == 10_000
    assert 14_000 < made[1].start < 15_500


def test_a_short_interjection_stays_its_second() -> None:
    transcript = spoken((0, "Claro.", "Ana"), (400, "Pues yo creo que no es así.", "Luis"))
    first, second = captions(transcript, width=65, duration=60_000)
    assert (first.start, first.end) == (0, 1000)
    assert second.start == 1000


def test_nothing_is_held_back_for_long() -> None:
    transcript = spoken(*((200 * n, "Sí.", "AB"[n % 2]) for n in range(20)))
    made = captions(transcript, width=65, duration=60_000)
    assert all(caption.start - 200 * n <= 600 for n, caption in enumerate(made))


def test_speakers_never_share_a_caption() -> None:
    made = captions(spoken((0, "Hola.", "Ana"), (600, "Buenas.", "Luis")), width=65, duration=60_000)
    assert [(caption.speaker, caption.lines) for caption in made] == [("Ana", ("Hola.",)), ("Luis", ("Buenas.",))]


def test_a_name_leads_at_each_change_of_speaker() -> None:
    transcript = spoken(
        (0, "Hola a todos.", "Ana"), (1500, "Empezamos.", "Ana"), (4000, "Buenas.", "Luis"), (6000, "¿Qué tal?", "Ana")
    )
    made = captions(transcript, width=32, duration=60_000, named=True)
    assert lines(made) == ["Ana: Hola a todos.", "Empezamos.", "Luis: Buenas.", "Ana: ¿Qué tal?"]
    assert [caption.start for caption in made] == [0, 1500, 4000, 6000]


def test_a_single_voice_needs_no_name() -> None:
    transcript = spoken((0, "Hola.", "Ana"), (3000, "Se oye algo."), (6000, "Sigo.", "Ana"))
    assert lines(captions(transcript, width=32, duration=60_000, named=True)) == ["Hola.", "Se oye algo.", "Sigo."]


def test_lines_are_broken_with_the_name_in_them() -> None:
    text = "Es lo que te falta cuando el modelo funciona en la demo y no funciona el martes siguiente."
    transcript = spoken((0, text, "Maximiliana"), (40_000, "Ya.", "Luis"))
    assert lines(captions(transcript, width=32, duration=60_000, named=True)) == [
        "Maximiliana: Es lo que te falta / cuando el modelo funciona",
        "en la demo y no funciona / el martes siguiente.",
        "Luis: Ya.",
    ]


def test_a_name_as_long_as_a_line_is_cut_and_stays_with_its_words() -> None:
    transcript = spoken((0, "Hipopotomonstrosesquipedaliofobia no.", "Ana María de los Ángeles y Rodríguez"))
    transcript = replace(transcript, segments=(*transcript.segments, Segment(9000, 9500, "Ya.", (), "Luis")))
    first, *_ = captions(transcript, width=32, duration=60_000, named=True)
    assert first.lines == ("Ana María de los Ángeles y…:", "Hipopotomonstrosesquipedaliofobi")


def test_who_goes_on_after_an_interjection_is_named_again() -> None:
    text = "Es lo que te falta cuando el modelo funciona en la demo, y no funciona el martes siguiente."
    transcript = spoken((0, text, "Ana"), (1000, "Ajá.", "Luis"))
    assert lines(captions(transcript, width=32, duration=60_000, named=True)) == [
        "Ana: Es lo que te falta cuando / el modelo funciona en la demo,",
        "Luis: Ajá.",
        "Ana: y no funciona / el martes siguiente.",
    ]


def test_people_who_talk_at_once_are_read_at_once() -> None:
    transcript = spoken((0, "Yo creo que esto no funciona nada bien así.", "Ana"), (1000, "Que sí, hombre.", "Luis"))
    ana, luis = captions(transcript, width=65, duration=60_000)
    assert luis.start == 1000
    assert ana.end > luis.start


def test_a_caption_lingers_until_it_can_be_read() -> None:
    fast = spoken((0, "Una frase bastante larga dicha a toda velocidad sin pausa."), step=100)
    (caption,) = captions(fast, width=65, duration=60_000)
    assert caption.end - caption.start == pytest.approx(58 * 1000 / 17, abs=60)


@pytest.mark.parametrize(("pause", "empty"), [(0, 0), (999, 0), (1000, 1000), (4000, 4000)])
def test_the_screen_does_not_flicker(pause: int, empty: int) -> None:
    first, second = captions(spoken((0, "Uno dos tres y cuatro."), (1720 + pause, "Cinco.")), width=65, duration=60_000)
    assert second.start - first.end == empty


def test_no_caption_stays_for_long_to_keep_the_screen_from_flickering() -> None:
    first, second = captions(
        spoken((0, "Uno dos tres y cuatro."), (7500, "Cinco."), step=1360), width=65, duration=60_000
    )
    assert (first.end, second.start) == (7000, 7500)


def test_silence_gives_nothing() -> None:
    assert captions(Transcript("es", ()), width=65, duration=1000) == ()
    assert captions(Transcript("es", (Segment(0, 500, "  "),)), width=65, duration=1000) == ()


WORDS = st.lists(st.text("abcdeñé,.¿?", min_size=1, max_size=12), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4000), WORDS, st.sampled_from(["Ana", "Luis", None])), min_size=1, max_size=8),
    st.sampled_from(WIDTHS),
    st.integers(60, 500),
    st.booleans(),
)
def test_the_rules_hold_for_any_talk(
    talk: list[tuple[int, list[str], str | None]], width: int, step: int, named: bool
) -> None:
    at, sentences = 0, []
    for pause, words, speaker in talk:
        at += pause
        sentences.append((at, " ".join(words), speaker))
        at += len(words) * step
    duration = at + 10_000
    made = captions(spoken(*sentences, step=step), width=width, duration=duration, named=named)
    named = named and len({speaker for _, _, speaker in talk} - {None}) > 1
    said = [" ".join(caption.lines) for caption in made]
    for n, (before, caption) in enumerate(itertools.pairwise([None, *made])):
        if named and caption.speaker and (before is None or before.speaker != caption.speaker):
            assert said[n].startswith(f"{caption.speaker}: ")
            said[n] = said[n].removeprefix(f"{caption.speaker}: ")
    assert " ".join(said).split() == " ".join(s for _, s, _ in sentences).split()
    assert all(len(line) <= width for caption in made for line in caption.lines)
    assert all(1 <= len(caption.lines) <= 2 for caption in made)
    assert all(1000 <= caption.end - caption.start <= 7000 for caption in made)
    assert all(caption.end <= duration for caption in made)
    for earlier, later in itertools.pairwise(made):
        assert earlier.start < later.start
        assert earlier.end <= later.start or earlier.speaker != later.speaker or later.start - earlier.start < 1000
