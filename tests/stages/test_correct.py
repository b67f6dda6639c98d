"""Terms put right, and everything else left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.outline import parse
from pipeline.model import Link, Outline, Section, Segment, Transcript, Word
from pipeline.stages.correct import Term, correct, terms_of
from pipeline.tools.lexicon import Lexicon

DATA = Path(__file__).parent.parent / "data"
LEXICON = Lexicon("es")
OUTLINE = Outline(
    "MLOPS",
    (
        Section(0, 2, "DevOps vs MLOps", (), body=("MLOps: la extensión de DevOps en un entorno CI/CD.",)),
        Section(1, 2, "Debate", (), body=("Los problemas de los jupyter notebooks.", "La encuesta de Algorithmia.")),
        Section(2, 2, "Herramientas", (), links=(Link("", "https://atspotify.com/tensorflow-extended-and-kubeflow/"),)),
        Section(3, 2, "Cuña", (), cue="Este programa es posible gracias a Veridas"),
    ),
)
TERMS = terms_of(OUTLINE, ["Koldo Zubía", "Lucía", "Nerea", "Veridas"], LEXICON)


def spoken(text: str, probability: float = 0.7) -> Transcript:
    words = tuple(Word(500 * k, 500 * k + 400, word, probability) for k, word in enumerate(text.split()))
    return Transcript("es", (Segment(0, 500 * len(words), text, words),))


def corrected(text: str, probability: float = 0.7) -> str:
    return correct(spoken(text, probability), TERMS, LEXICON).segments[0].text


def test_terms_are_names_and_words_of_no_dictionary() -> None:
    assert {term.text for term in TERMS if term.given} == {"Koldo", "Zubía", "Lucía", "Nerea", "Veridas"}
    loose = {term.text for term in TERMS if term.loose and not term.given}
    assert loose == {"MLOps", "DevOps", "CI/CD", "Algorithmia", "tensorflow", "kubeflow"}
    assert {term.text for term in TERMS if not term.loose} == {"jupyter"}


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("gracias a béridas, que", "gracias a Veridas, que"),
        ("qué es MLOBS.", "qué es MLOps."),
        ("eso de Bobz y ya", "eso DevOps y ya"),
        ("montar Kyuflo en casa", "montar Kubeflow en casa"),
        ("el mismo si ICD, vas", "el mismo CI/CD, vas"),
        ("¿coldo? sí", "¿Koldo? sí"),
        ("los cuadernos de jupiter hacen", "los cuadernos de jupyter hacen"),
        ("la de algoritmia decía", "la de Algorithmia decía"),
        ("Lucia. Hola", "Lucía. Hola"),
        ("montar Kyuflo con Veridas", "montar Kubeflow con Veridas"),
        ("hacia TensorFlow y Kubeflow", "hacia TensorFlow y Kubeflow"),
    ],
)
def test_what_sounds_like_a_term_is_written_like_it(heard: str, meant: str) -> None:
    assert corrected(heard) == meant


@pytest.mark.parametrize(
    "text", ["si ves el modelo", "ya lucía el sol", "un toldo verde", "las berlinas", "de Bogotá", "verdad y deudas"]
)
def test_ordinary_words_stay(text: str) -> None:
    assert corrected(text) == text


@pytest.mark.parametrize(
    ("heard", "probability", "meant"),
    [
        ("supported by green haven seeds.", 0.7, "supported by Greenhaven seeds."),
        ("brought to you by Green Haven Seeds.", 0.98, "brought to you by Greenhaven Seeds."),
        ("sell it to Green Haven's shop", 0.7, "sell it to Greenhaven's shop"),
        ("it is green, haven and all", 0.7, "it is green, haven and all"),
        ("a sheep in a green field", 0.98, "a sheep in a green field"),
        ("on the way del mar", 0.7, "on the way del mar"),
    ],
)
def test_a_sure_name_that_was_heard_as_two_words_is_one(heard: str, probability: float, meant: str) -> None:
    lexicon = Lexicon("en")
    terms = terms_of(OUTLINE, ["Tom Greenfield", "Ana Delmar", "Greenhaven Seeds"], lexicon)
    talk = replace(spoken(heard, probability), language="en")
    assert correct(talk, terms, lexicon).segments[0].text == meant


def test_a_sure_word_of_the_dictionary_stays() -> None:
    assert corrected("la de algoritmia decía", probability=0.98) == "la de algoritmia decía"


def test_what_was_heard_and_when_stays_beside_it() -> None:
    transcript = correct(spoken("el mismo si ICD, vas"), TERMS, LEXICON)
    assert transcript.segments[0].words[2] == Word(1000, 1900, "CI/CD,", 0.7, heard="si ICD,")
    assert [word.heard for word in transcript.segments[0].words] == [None, None, "si ICD,", None]


def test_a_name_of_the_glossary_decides_how_it_is_written() -> None:
    terms = terms_of(OUTLINE, ["KubeFlow"], LEXICON)
    assert correct(spoken("con kiuflo"), terms, LEXICON).segments[0].text == "con KubeFlow"


@pytest.mark.parametrize("probability", [0.7, 0.99])
def test_a_name_in_small_letters_is_one_unless_the_language_has_that_word(probability: float) -> None:
    """Google is no word of Spanish; peace and goals are, whoever is called so."""
    terms = terms_of(OUTLINE, ["Google", "Claude", "Paz", "Meta"], LEXICON)
    heard = spoken("lo de google, claude y la paz es su meta", probability)
    assert correct(heard, terms, LEXICON).segments[0].text == "lo de Google, Claude y la paz es su meta"


ENGLISH = Lexicon("en")


def in_english(text: str, outline: Outline, *names: str) -> str:
    heard = replace(spoken(text, 0.7), language="en")
    return correct(heard, terms_of(outline, names, ENGLISH), ENGLISH).segments[0].text


def headed(*titles: str) -> Outline:
    return Outline("", tuple(Section(n, 2, title, ()) for n, title in enumerate(titles)))


def test_no_number_is_changed() -> None:
    heard = "GPT-3, GPT, GPT-4o and gpt4 or GPT 4, not GPT 3"
    assert in_english(heard, headed(), "GPT-4") == "GPT-3, GPT, GPT-4o and GPT-4 or GPT-4, not GPT 3"


def test_singular_and_plural_stay_and_a_name_gets_its_missing_letter() -> None:
    outline = headed("They talk about KPIs and the VueCore")
    assert in_english("one KPI and two Vuecores of Verida", outline, "Veridas") == "one KPI and two Vuecores of Veridas"


def test_the_ending_of_a_genitive_stays() -> None:
    outline = headed("They all go to a Barakaldo's")
    heard = "in veridas’s search, Veridas's idea, barakaldo's and how’s it"
    said = "in Veridas’s search, Veridas's idea, Barakaldo's and how’s it"
    assert in_english(heard, outline, "Veridas", "OSINT") == said
    assert in_english("at mcdonald's, macdonals", headed(), "McDonald's") == "at McDonald's, McDonald's"


def test_capitals_that_their_place_explains_are_not_the_words_own() -> None:
    outline = headed("Full-Stack Serverless Tools for MLOps", "Biohacking with the Kubeflow")
    heard = "a full-stack, serverless mlops meetup on biohacking with kubeflow"
    assert in_english(heard, outline) == "a full-stack, serverless MLOps meetup on biohacking with Kubeflow"


def test_a_short_name_is_not_found_in_what_sounds_otherwise() -> None:
    assert in_english("from MIT they", headed(), "Smith") == "from MIT they"
    terms = terms_of(OUTLINE, ["Iker", "Bastani"], LEXICON)
    heard = spoken("dice y ke venga, con Bazán, y ya")
    assert correct(heard, terms, LEXICON).segments[0].text == "dice y ke venga, con Bazán, y ya"


def test_a_name_that_is_a_word_too_is_not_put_in_place_of_another_word() -> None:
    terms = terms_of(OUTLINE, ["Ana Baca"], LEXICON)
    heard = spoken("hay una vaca, dice Vaca")
    assert correct(heard, terms, LEXICON).segments[0].text == "hay una vaca, dice Baca"
    assert in_english("in this phase you assure it", headed(), "Hugging Face", "Azure") == "in this phase you assure it"
    assert in_english("so happy with it", headed(), "API") == "so happy with it"
    assert in_english("it might be", headed("He went to MIT")) == "it might be"


def test_what_hyphens_and_dashes_join_is_no_name_misheard() -> None:
    heard = "an on-topic remark of kestra—it is"
    assert in_english(heard, headed(), "Anthropic", "Kestra") == heard


def test_a_language_without_a_list_changes_only_what_sounds_the_same() -> None:
    transcript = replace(spoken("Beridas eta koldu"), language="eu")
    basque = Lexicon("eu")
    assert correct(transcript, [Term("Veridas"), Term("Koldo")], basque).segments[0].text == "Beridas eta koldu"
    assert correct(transcript, [Term("Beridaz"), Term("Koldo")], basque).segments[0].text == "Beridaz eta koldu"


def test_a_language_without_spaces_is_left_alone() -> None:
    transcript = replace(spoken("béridas"), language="ja")
    assert correct(transcript, TERMS, LEXICON) is transcript


def test_no_word_of_what_was_really_said_is_spoilt() -> None:
    """Every word of the truth, put in as if the recogniser had doubted it: what comes out is the same but for case."""
    truth = json.loads((DATA / "speech" / "buzon.json").read_text("utf-8"))["utterances"]
    outline = parse((DATA.parent.parent / "episodes" / "mlops" / "outline.md").read_text("utf-8"))
    terms = terms_of(outline, ["Andrés", "Lucía", "Koldo", "Nerea", "Veridas"], LEXICON)
    for utterance in truth:
        heard = correct(spoken(utterance["text"], 0.5), terms, LEXICON)
        assert heard.segments[0].text.casefold() == utterance["text"].casefold()


TALK = ["a", "de", "si", "béridas", "ICD,", "coldo", "«coldo»", "MLOBS.", "...", "¿ya?", "modelo", "72%", "y/o"]


@given(st.lists(st.sampled_from(TALK), max_size=30))
def test_times_and_words_are_all_kept(parts: list[str]) -> None:
    before = spoken(" ".join(parts)).segments[0]
    (after,) = correct(Transcript("es", (before,)), TERMS, LEXICON).segments
    heard = chain.from_iterable((word.heard or word.word).split() for word in after.words)
    assert list(heard) == [word.word for word in before.words]
    assert (after.start, after.end) == (before.start, before.end)
    assert all(a.end <= b.start for a, b in zip(after.words, after.words[1:], strict=False))
    assert after.text == " ".join(word.word for word in after.words)
