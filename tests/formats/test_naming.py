"""What sections are called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.formats.naming import find_section, followed, identities, listener_titles, name_of
from pipeline.formats.outline import parse
from pipeline.model import Absent, Chapter, Chapters, Included, Place

ORDER = """\
# MLOPS

## Introducción

## Preguntas

## Introducción

### Experimentación

#### Contexto

#### Debate

### Producción

#### Contexto

#### Debate
"""


@pytest.mark.parametrize(
    ("name", "indices"),
    [
        ("Introducción", [1, 3]),
        ("introducción #1", [1]),
        ("Introducción #2", [3]),
        ("Introducción #3", []),
        ("Producción / Debate", [9]),
        ("MLOPS / Introducción / Producción / Debate", [9]),
        ("Debate", [6, 9]),
    ],
)
def test_how_a_section_is_called(name: str, indices: list[int]) -> None:
    assert [section.index for section in find_section(name, parse(ORDER).sections)] == indices


TITLES = st.sampled_from(["Debate", "B", "A · B", "WIP", "debate", "Debate (2)"])
HEADINGS = st.lists(st.tuples(st.integers(1, 4), TITLES, st.lists(TITLES, max_size=2)), min_size=1, max_size=9)


@given(HEADINGS)
@example([(1, "T", []), (2, "WIP", ["Debate"]), (2, "Debate", ["algo"])])
@example([(2, "A", []), (3, "B", []), (2, "B", []), (2, "A · B", [])])
def test_every_section_has_a_title_that_no_other_has(headings: list[tuple[int, str, list[str]]]) -> None:
    lines = [f"{'#' * level} {title}\n" + "".join(f"- {text}\n" for text in body) for level, title, body in headings]
    names = listener_titles(parse("\n".join(["# Título\n", *lines])).sections)
    shown = [name.casefold() for name in names.values() if name]
    assert len(shown) == len(set(shown))


def test_a_number_that_only_looks_like_one_is_part_of_the_title() -> None:
    sections = parse("# T\n\n## Debate #²\n\n## Debate\n\n- a\n\n## Debate\n").sections
    assert [section.index for section in find_section("Debate #²", sections)] == [1]
    assert [section.index for section in find_section("Debate #2", sections)] == [3]


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        (["## 1. Intro (2 min)", "## 2. Tomatoes", "## 3. Bees"], ["Intro", "Tomatoes", "Bees"]),
        (["## Intro", "## 1) Uno", "### 1. A", "### 2. B", "## 2) Dos"], ["Intro", "Uno", "A", "B", "Dos"]),
        (["## 3. Uno", "## 5. Dos"], ["3. Uno", "5. Dos"]),
        (["## Uno", "## 1. Dos"], ["Uno", "1. Dos"]),
        (["## 1.5 millones", "## 2001: odisea"], ["1.5 millones", "2001: odisea"]),
    ],
)
def test_listeners_read_no_numbers_that_the_plan_counts_by(lines: list[str], read: list[str]) -> None:
    names = listener_titles(parse("\n\n".join(["# Título", *lines])).sections)
    assert list(names.values()) == read


def test_a_section_may_be_called_what_listeners_read() -> None:
    """The table of chapters shows these, and they are what an editor copies."""
    order = "# T\n\n## Presentación (1 min)\n\n## Café\n\n### Debate\n\n## Té\n\n### Debate\n"
    sections = parse(order).sections
    found = {name: [s.index for s in find_section(name, sections)] for name in ("presentacion", "Té · Debate", "")}
    assert found == {"presentacion": [1], "Té · Debate": [5], "": []}


def test_a_heading_with_a_slash_or_a_number_has_a_name() -> None:
    order = "# T\n\n## CI / CD\n\n## Debate #2\n\n## Ronda\n\n## Ronda\n\n- a\n\n### CI / CD\n"
    sections = [section for section in parse(order).sections if section.role == "talk"]
    names = [name_of(section, sections) for section in sections]
    assert names == ["T / CI / CD", "Debate #2", "Ronda #1", "Ronda #2", "Ronda / CI / CD"]
    assert [find_section(name, sections) for name in names] == [[section] for section in sections]


def test_a_section_is_the_same_in_another_running_order() -> None:
    """By its titles below the episode's own, and its place among as many of the same; not by its number."""
    before, after = parse(ORDER).sections, parse(ORDER.replace("# MLOPS\n", "# Otra\n\n## Nueva\n", 1)).sections
    old, new = identities(before), identities(after)
    assert new[2:] == old[1:]
    told = [name for name in old if name]
    assert len(set(told)) == len(told)
    assert (old[1], old[3]) == ("introducción\n1 of 2", "introducción\n2 of 2")


def test_of_two_alike_nobody_can_tell_which_is_left() -> None:
    after = parse(ORDER.replace("## Introducción\n\n## Preguntas", "## Preguntas", 1)).sections
    old, new = identities(parse(ORDER).sections), identities(after)
    assert {old[1], old[3]}.isdisjoint(new)
    assert old[2] in new


def test_chapters_follow_their_sections_into_another_running_order() -> None:
    before, after = parse("# T\n\n## A\n\n## B\n\n## C\n\n## D"), parse("# T\n\n## D\n\n## B\n\n## C")
    listed = Included(3, "C", ("T", "C"), 0.5), Included(1, "A", ("T", "A"), 0.5)
    gone = Chapter("A", 0, 5, 0, 1, why="because", review=True, elsewhere=(Place(3, "x", 0.2),))
    kept = Chapter("B", 5, 9, 5, 2, includes=listed)
    found = Chapters(
        (gone, kept), (Absent(4, 0.9, review=True), Absent(1, 0.9, review=True)), (), identities(before.sections)
    )
    now = followed(found, after.sections)
    assert now.chapters[0] == Chapter("A", 0, 5, 0, None, why="no longer in the running order")
    assert now.chapters[1] == replace(kept, includes=(replace(listed[0], section_index=3),))
    assert now.absent == (Absent(1, 0.9, review=True),)
    assert now.sections == identities(after.sections)
    assert followed(found, before.sections) is found
