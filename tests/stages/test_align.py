"""Chapters from marks, and the editor's word over them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.naming import name_of
from pipeline.formats.outline import parse
from pipeline.model import Absent, ChapterEdit, ChapterRules, Chapters, Mark, Outline, Place, Segment, Transcript
from pipeline.stages import align as stage
from pipeline.stages.align import align, find_sections

ORDER = """\
# MLOPS

## Introducción

- Este programa es posible gracias a Veridas (meter cuña publicitaria)

## Preguntas

## Introducción

- ¿Qué es MLOps?

### Experimentación

#### Contexto

#### Debate

- Un enlace: <https://example.org/a>

### Producción

#### Contexto

#### Debate

## Despedida
"""
OUTLINE = parse(ORDER)
LENGTH = 600_000


@pytest.fixture
def placed(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Where the aligner says that sections start; a test fills it in."""
    starts: dict[int, int] = {}

    def place(sections: object, segments: object, **_: object) -> tuple[Mark, ...]:
        found = [Mark(index, start, 0.4 if index == 3 else 0.9, "because") for index, start in starts.items()]
        unheard = [one.index for one in OUTLINE.sections if one.role == "talk" and one.index not in starts]
        return (*found, *(Mark(index, None, 0.4 if index == 9 else 0.8) for index in unheard))

    monkeypatch.setattr(stage, "place", place)
    monkeypatch.setattr(stage, "snap", lambda start, transcript: start)
    return starts


def chapters(
    edits: Sequence[ChapterEdit] = (), segments: Sequence[Segment] = (), outline: Outline = OUTLINE
) -> Chapters:
    talk = Transcript("es", tuple(segments) or (Segment(500, 2_000, "Hola."),))
    marks = find_sections(outline, talk)
    return align(outline, talk, marks, edits, rules=ChapterRules(min_gap=5), duration=LENGTH)


def shown(found: Chapters) -> list[tuple[int, str]]:
    return [(chapter.start, chapter.title) for chapter in found.chapters]


def test_what_listeners_see(placed: dict[int, int]) -> None:
    placed |= {1: 500, 2: 60_000, 3: 120_000, 4: 200_000, 5: 200_000, 6: 260_000, 7: 400_000, 8: 400_000, 9: 450_000}
    found = chapters()
    assert shown(found) == [
        (500, "Introducción"),
        (60_000, "Preguntas"),
        (120_000, "Introducción · ¿Qué es MLOps?"),
        (200_000, "Experimentación"),
        (260_000, "Experimentación · Debate"),
        (400_000, "Producción"),
        (450_000, "Producción · Debate"),
    ]
    assert [inside.section_index for inside in found.chapters[3].includes] == [5]
    assert found.chapters[3].includes[0].title == "Contexto"
    assert [chapter.review for chapter in found.chapters] == [False, False, True, False, False, False, False]
    assert found.chapters[4].url == "https://example.org/a"
    assert [chapter.end for chapter in found.chapters[-2:]] == [450_000, LENGTH]
    assert found.absent == (Absent(10, 0.8, review=False),)


def test_what_was_left_out_in_doubt_wants_a_look_until_the_editor_decides(
    placed: dict[int, int],
) -> None:
    placed |= {1: 500, 2: 60_000}
    assert [one.section_index for one in chapters().absent if one.review] == [9]
    dropped = chapters([ChapterEdit("Producción / Debate", drop=True)])
    assert Absent(9, 0.4, review=False) in dropped.absent
    given = chapters([ChapterEdit("Producción / Debate", start="2:00")])
    assert 9 not in {one.section_index for one in given.absent}


def test_marks_closer_than_the_minimum_are_one_chapter(placed: dict[int, int]) -> None:
    placed |= {1: 500, 2: 60_000, 3: 64_999, 10: 70_000}
    found = chapters()
    assert [title for _, title in shown(found)] == ["Introducción", "Preguntas", "Despedida"]
    assert [inside.section_index for inside in found.chapters[1].includes] == [3]


def test_long_talk_before_the_first_section_is_a_chapter(placed: dict[int, int]) -> None:
    placed |= {2: 60_000}
    assert shown(chapters()) == [(500, "Comienzo"), (60_000, "Preguntas")]
    placed |= {1: 15_000}
    assert shown(chapters())[0] == (15_000, "Introducción")


def test_a_section_without_a_title(placed: dict[int, int]) -> None:
    outline = parse(
        "# T\n\n## Inicio\n\n## TBD\n\n- Precios\n\n## WIP\n\n- Todo lo que no cabe en un título de capítulo\n"
    )
    placed |= {1: 500, 2: 60_000, 3: 120_000}
    found = chapters(outline=outline)
    assert shown(found) == [(500, "Inicio"), (60_000, "Precios")]
    assert [inside.section_index for inside in found.chapters[1].includes] == [3]


def test_titles_without_what_was_planned(placed: dict[int, int]) -> None:
    outline = parse("# T\n\n## Debate (10 min)\n\n## Parte – 1 h\n\n### Debate (20 min)\n\n- a\n")
    placed |= {1: 500, 2: 60_000, 3: 120_000}
    assert [title for _, title in shown(chapters(outline=outline))] == ["Debate", "Parte", "Parte · Debate"]


def test_the_aligner_looks_for_nothing_that_only_the_plan_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(stage, "place", lambda sections, *_, **__: asked.extend(one.title for one in sections) or ())
    find_sections(parse("# X\n\n## 1. Debate (unos 10 min)\n\n## 2. 24 horas de Le Mans\n"), Transcript("es", ()))
    assert asked == ["X", "Debate", "24 horas de Le Mans"]


def test_nothing_found_is_one_chapter(placed: dict[int, int]) -> None:
    assert shown(chapters()) == [(500, "Comienzo")]


def test_the_editor_moves_renames_drops_and_adds(placed: dict[int, int]) -> None:
    placed |= {1: 500, 2: 60_000, 3: 120_000, 6: 260_000}
    found = chapters(
        [
            ChapterEdit(section="Preguntas", start="1:10", title="Cartas", url="https://example.org/b"),
            ChapterEdit(section="Introducción #2", drop=True),
            ChapterEdit(section="Experimentación / Debate", start="1:12"),
            ChapterEdit(title="La aspiradora", start="7:00"),
        ]
    )
    assert shown(found) == [
        (500, "Introducción"),
        (70_000, "Cartas"),
        (72_000, "Experimentación · Debate"),
        (420_000, "La aspiradora"),
    ]
    assert [(c.confidence, c.why) for c in found.chapters[1:]] == [(1.0, "set by hand")] * 3
    assert found.conflicts == ()


def test_the_editor_merges_a_section_with_what_starts_together_with_it(placed: dict[int, int]) -> None:
    placed |= {1: 500, 2: 60_000, 4: 200_000, 5: 202_000, 6: 260_000}
    found = chapters([ChapterEdit(section="Experimentación", merge=True)])
    assert shown(found) == [(500, "Introducción"), (60_000, "Preguntas"), (260_000, "Experimentación · Debate")]
    assert [inside.section_index for inside in found.chapters[1].includes] == [4, 5]
    assert found.conflicts == ()
    also = chapters([ChapterEdit(section=name, merge=True) for name in ("Experimentación", "Experimentación / Debate")])
    assert [inside.section_index for inside in also.chapters[1].includes] == [4, 5, 6]


def test_the_first_chapter_has_none_to_be_merged_with(placed: dict[int, int]) -> None:
    placed |= {1: 500, 2: 60_000}
    found = chapters([ChapterEdit(section="Introducción #1", merge=True)])
    assert shown(found) == [(500, "Introducción"), (60_000, "Preguntas")]
    assert found.conflicts == ("chapters.yaml merges 'Introducción' with the chapter before it, but it is the first",)


def test_other_places_stay_with_a_chapter_until_the_editor_sets_its_start() -> None:
    there = (Place(100_000, "Otra cosa.", 0.3),)
    marks = (Mark(1, 500, 0.9), Mark(2, 60_000, 0.4, "because", there), Mark(9, None, 0.4, elsewhere=there))

    def aligned(*edits: ChapterEdit) -> Chapters:
        talk = Transcript("es", (Segment(500, 2_000, "Hola."),))
        return align(OUTLINE, talk, marks, edits, rules=ChapterRules(), duration=LENGTH)

    assert [chapter.elsewhere for chapter in aligned().chapters] == [(), there]
    assert aligned().absent == (Absent(9, 0.4, review=True, elsewhere=there),)
    assert aligned(ChapterEdit("Preguntas", title="Cartas")).chapters[1].elsewhere == there
    assert aligned(ChapterEdit("Preguntas", start="1:00")).chapters[1].elsewhere == ()


def test_an_editor_places_what_was_not_found(placed: dict[int, int]) -> None:
    placed |= {1: 500}
    found = chapters([ChapterEdit(section="Despedida", start="9:00")])
    assert shown(found)[-1] == (540_000, "Despedida")


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (ChapterEdit(section="Recomendaciones", title="X"), "no section"),
        (ChapterEdit(section="Debate", title="X"), "several sections"),
        (ChapterEdit(section="Despedida", title="X"), "give it a `start`"),
        (ChapterEdit(section="Despedida", merge=True), "give it a `start`"),
        (ChapterEdit(section="Preguntas", start="10:00"), "after the recording's end"),
    ],
)
def test_what_cannot_be_followed_is_reported(placed: dict[int, int], edit: ChapterEdit, what: str) -> None:
    placed |= {1: 500, 2: 60_000}
    found = chapters([edit])
    assert shown(found) == [(500, "Introducción"), (60_000, "Preguntas")]
    assert len(found.conflicts) == 1
    assert what in found.conflicts[0]


@pytest.mark.parametrize("sections", ["1. Intro\n   - hello\n2. Soil\n", "**Intro**\n\n- hello\n\n**Soil**\n"])
def test_sections_that_are_no_headings_are_told_of(sections: str) -> None:
    found = chapters(outline=parse(f"# T\n\n{sections}"))
    assert len(found.conflicts) == 1
    assert "give each section a heading" in found.conflicts[0]


def test_an_editor_s_own_chapters_need_no_sections() -> None:
    assert chapters([ChapterEdit(title="Uno", start="1:00")], outline=parse("# T\n\n- hello\n")).conflicts == ()


@given(
    starts=st.dictionaries(st.integers(1, 10), st.integers(0, LENGTH - 1)),
    moved=st.dictionaries(st.integers(0, LENGTH // 1000 - 1), st.text("abc", min_size=1, max_size=3), max_size=4),
    merged=st.sets(st.integers(1, 10)),
)
def test_chapters_ascend_and_fill_the_recording(
    starts: dict[int, int], moved: dict[int, str], merged: set[int]
) -> None:
    joined = [ChapterEdit(name_of(OUTLINE.sections[index], OUTLINE.sections), merge=True) for index in merged]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "place", lambda *_, **__: tuple(Mark(i, s, 0.9) for i, s in starts.items()))
        patch.setattr(stage, "snap", lambda start, transcript: start)
        own = [ChapterEdit(title=title, start=f"{second}s") for second, title in moved.items()]
        found = chapters([*own, *joined]).chapters
    begins = [chapter.start for chapter in found]
    assert begins == sorted(set(begins))
    assert [chapter.end for chapter in found] == [*begins[1:], LENGTH]
    listed = [c.section_index for c in found] + [i.section_index for c in found for i in c.includes]
    assert sorted(index for index in listed if index is not None) == sorted(starts)


def test_two_chapters_of_the_editors_at_one_moment_are_a_conflict(placed: dict[int, int]) -> None:
    placed.update({1: 0})
    found = chapters([ChapterEdit(title="Uno", start="1:00"), ChapterEdit(title="Dos", start="1:00")])
    assert shown(found) == [(0, "Introducción"), (60_000, "Uno")]
    assert found.conflicts == ("chapters.yaml puts 'Dos' at 00:01:00.000, where 'Uno' is",)
