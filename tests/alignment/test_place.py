"""The aligner as a whole, on a talk that no weight was fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.alignment import Embedder, aligner, explain, language, place
from pipeline.alignment.aligner import hear, solve
from pipeline.alignment.model import load, turning
from pipeline.formats.outline import parse
from pipeline.model import Mark, Section, Segment
from pipeline.tools.embedding import sentence_model

TALKS = Path(__file__).parents[1] / "data" / "alignment"
ABSENT = 10
"""Turismo de estrellas: planned, never talked about."""


@dataclass(frozen=True)
class Told:
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    starts: dict[int, int]


def read(name: str) -> Told:
    outline, talk = (TALKS / name).read_text("utf-8").split("\n---\n")
    starts: dict[int, int] = {}
    segments: list[Segment] = []
    clock = 1500
    for line in talk.strip().splitlines():
        if line.startswith("@"):
            starts |= {int(mark[1:]): clock for mark in line.split()}
            continue
        segments.append(Segment(clock, clock + 70 * len(line), line))
        clock = segments[-1].end + 400
    return Told(parse(outline).sections, tuple(segments), starts)


@pytest.fixture(scope="module")
def told() -> Told:
    return read("cometa.txt")


@pytest.fixture(scope="module")
def marks(told: Told) -> dict[int, Mark]:
    return placed(place(told.sections, told.segments, language="es"))


def placed(marks: tuple[Mark, ...]) -> dict[int, Mark]:
    """Those that were talked about, by their section."""
    return {mark.section_index: mark for mark in marks if mark.start is not None}


def errors(told: Told, marks: dict[int, Mark]) -> list[int]:
    return [abs(marks[index].start - start) if index in marks else 10**9 for index, start in told.starts.items()]


def test_most_sections_start_where_they_do_by_words_alone(told: Told, marks: dict[int, Mark]) -> None:
    near = [error <= 15_000 for error in errors(told, marks)]
    assert sum(near) >= 0.75 * len(near)


def test_meaning_places_more(told: Told) -> None:
    model = sentence_model()
    assert model is not None
    found = placed(place(told.sections, told.segments, language="es", embed=model))
    assert sum(error <= 15_000 for error in errors(told, found)) >= 0.85 * len(told.starts)


@pytest.mark.parametrize(("embed", "near"), [(None, 20_000), (sentence_model(), 1_000)], ids=["words", "meaning"])
def test_english_talk_to_a_plan_is_placed_by_what_was_learned_of_such_talk(
    monkeypatch: pytest.MonkeyPatch, embed: Embedder | None, near: int
) -> None:
    """English's own weights know headings that were made of what had been said, and lose a section here."""
    talk = read("compost.txt")
    own, plan = load("en", semantic=embed is not None)
    chosen = solve(talk.sections, talk.segments, code="en", embed=embed)
    assert chosen is not None and chosen.model == plan
    assert max(errors(talk, placed(place(talk.sections, talk.segments, language="en", embed=embed)))) <= near
    for handicap in ("HANDICAP", "HANDICAP_BY_WORDS"):
        monkeypatch.setattr(aligner, handicap, 2.0)
    without = solve(talk.sections, talk.segments, code="en", embed=embed)
    assert without is not None and without.model == own
    assert len(without.at) < len(chosen.at)


def test_weights_that_leave_a_doubtful_section_out_are_not_surer_for_that() -> None:
    talk = read("compost.txt")
    whole = solve(talk.sections, talk.segments, code="en")
    assert whole is not None
    doubtful = min(whole.at, key=whole.confidence)
    assert whole.confidence(doubtful) < sum(map(whole.confidence, whole.at)) / len(whole.at)
    assert replace(whole, at={unit: at for unit, at in whole.at.items() if unit != doubtful}).sure < whole.sure


def test_starts_are_those_of_sentences_and_in_the_outline_s_order(told: Told, marks: dict[int, Mark]) -> None:
    assert {mark.start for mark in marks.values()} <= {segment.start for segment in told.segments}
    assert list(marks) == sorted(marks)


def test_title_and_summary_are_not_placed(told: Told, marks: dict[int, Mark]) -> None:
    unspoken = {section.index for section in told.sections if section.role != "talk"}
    assert len(unspoken) == 2
    assert not unspoken & set(marks)


def test_a_heading_without_talk_of_its_own_starts_with_its_first_child(marks: dict[int, Mark]) -> None:
    parent, child = marks[5], marks[6]
    assert parent.start == child.start
    assert parent.confidence == child.confidence
    assert parent.why == f"It starts with “Contexto general”. {child.why}"
    assert "It starts with" not in child.why


def test_every_mark_says_how_sure_it_is_and_why(marks: dict[int, Mark]) -> None:
    assert all(0 < mark.confidence < 1 for mark in marks.values())
    assert all(mark.why.endswith(".") for mark in marks.values())
    assert len({mark.why for mark in marks.values()}) > len(marks) / 2


def test_the_same_talk_gives_the_same_marks(told: Told, marks: dict[int, Mark]) -> None:
    again = place(told.sections, tuple(reversed(told.segments)), language="es-ES")
    assert placed(again) == marks


def test_every_section_is_told_of(told: Told) -> None:
    spoken = [section.index for section in told.sections if section.role == "talk"]
    assert [mark.section_index for mark in place(told.sections, told.segments, language="es")] == spoken


@pytest.mark.parametrize("said", [(), (Segment(0, 10, "  "),)])
def test_where_nothing_is_said_nothing_is_talked_about(told: Told, said: tuple[Segment, ...]) -> None:
    assert place((), told.segments, language="es") == ()
    found = place(told.sections, said, language="es")
    assert len(found) == len(told.sections) - 2
    assert {(mark.start, mark.confidence) for mark in found} == {(None, 1.0)}


def test_a_single_sentence_can_hold_one_section_at_most(told: Told) -> None:
    found = place(told.sections[:3], told.segments[:1], language="es")
    assert [(mark.section_index, mark.start) for mark in found] == [(2, told.segments[0].start)]
    assert len(placed(place(told.sections, told.segments[:1], language="es"))) <= 1


@pytest.mark.parametrize("language", ["fr", "ja", ""])
def test_a_language_without_tables_is_aligned_all_the_same(told: Told, language: str) -> None:
    found = place(told.sections, told.segments, language=language)
    assert len(placed(found)) >= 5


def test_nothing_but_its_own_section_begins_with_the_cue(told: Told, marks: dict[int, Mark]) -> None:
    """The sponsor is thanked with the very sentence that the next section would have begun with."""
    said = next(segment for segment in told.segments if segment.start == marks[3].start)
    sections = tuple(replace(section, cue=said.text) if section.index == 2 else section for section in told.sections)
    found = {mark.section_index: mark for mark in place(sections, told.segments, language="es")}
    assert said.start < found[3].start < said.end + 15_000
    assert {mark.start for mark in marks.values()} - {mark.start for mark in found.values()} == {said.start}


def test_a_sentence_with_a_show_s_own_phrase_sounds_more_like_a_start(told: Told) -> None:
    (model,) = load("es", semantic=False)
    own = language.load("es", {"move": ["vio una luz"]})
    plain, extended = (turning(hear(told.segments, one, None), model) for one in (language.load("es"), own))
    (said,) = (n for n, segment in enumerate(told.segments) if "vio una luz" in segment.text)
    assert extended[said] > plain[said]


def test_a_show_s_own_phrases_count(told: Told) -> None:
    spoken = {"listeners": ["vio una luz"], "move": ["vio una luz"]}
    (plain,) = explain(told.sections, told.segments, [3], language="es")
    (extended,) = explain(told.sections, told.segments, [3], language="es", phrases=spoken)
    assert extended.clues != plain.clues


def test_an_explanation_shows_the_sentences_the_words_and_the_places(told: Told, marks: dict[int, Mark]) -> None:
    (found,) = explain(told.sections, told.segments, [4], language="es")
    assert found.start == marks[4].start
    assert any(sentence.start == found.start for sentence in found.sentences)
    assert "cometa" in found.shared
    assert found.places[0].probability >= found.places[-1].probability
    assert any(line.startswith(">") for line in found.lines())


def test_other_places_are_likely_and_apart(told: Told) -> None:
    """Of a talk of which every other sentence is lost: at most two, none near its start or another."""
    marks = place(told.sections, told.segments[::2], language="es")
    for mark in marks:
        starts = [mark.start, *(one.start for one in mark.elsewhere)]
        assert len(mark.elsewhere) <= 2
        assert all(one.probability >= 0.1 for one in mark.elsewhere)
        assert all(b - a > 15_000 for a, b in pairwise(sorted(start for start in starts if start is not None)))
    lost = [mark for mark in marks if mark.start is None and mark.confidence < 0.5]
    assert lost, "some of what was talked about is left out in doubt"
    for mark in lost:
        assert min(abs(one.start - told.starts[mark.section_index]) for one in mark.elsewhere) < 15_000


def test_the_section_that_nobody_talks_about_is_the_least_likely(told: Told) -> None:
    asked = explain(told.sections, told.segments, [*told.starts, ABSENT], language="es")
    likely = {found.section.index: found.told for found in asked}
    assert list(likely) == [*told.starts, ABSENT]
    assert min(likely, key=lambda index: likely[index]) == ABSENT


def test_a_foreign_section_is_left_out_and_its_explanation_says_so(told: Told) -> None:
    foreign = replace(told.sections[4], index=99, title="Croquetas", body=("Bechamel sin grumos", "Jamón y puerro"))
    sections = (*told.sections[:9], foreign, *told.sections[9:])
    assert 99 not in placed(place(sections, told.segments, language="es"))
    (found,) = explain(sections, told.segments, [99], language="es")
    assert found.start is None
    assert "was not talked about" in found.lines()[0]


def test_only_sections_that_can_be_talked_about_are_explained(told: Told) -> None:
    assert explain(told.sections, told.segments, [0, 77], language="es") == ()
    assert explain(told.sections, (), [3], language="es") == ()
