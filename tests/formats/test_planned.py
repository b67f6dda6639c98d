"""What each section was planned to last adds up to what the running order says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.outline import parse
from pipeline.formats.planned import planned_lengths, said_length, unplanned

MINUTE = 60_000

ORDER = """\
# MLOps

Charla de longitud de 1h.

## Introducción

- Bienvenidos
- Los tertulianos

## Preguntas (10 min)

## El bloque

Duración: 20 min

### Contexto

- una cosa que dura 3 horas
- dos

### Debate — 5'

## Despedida

WIP
"""


def plan(text: str, whole: int | None = 60 * MINUTE) -> dict[str, tuple[float, bool]]:
    sections = parse(text).sections
    return {sections[p.section_index].title: (p.ms / MINUTE, p.said) for p in planned_lengths(sections, whole)}


def test_what_is_said_is_taken_and_the_rest_is_shared_out_by_points() -> None:
    """30 minutes are left for the introduction (a heading, two points) and the goodbye (a heading)."""
    assert plan(ORDER) == {
        "Introducción": (22.5, False),
        "Preguntas (10 min)": (10, True),
        "El bloque": (6, True),
        "Contexto": (9, True),
        "Debate — 5'": (5, True),
        "Despedida": (7.5, False),
    }


def test_a_heading_that_only_holds_others_takes_nothing() -> None:
    assert plan("# X\n\n## Uno\n\n### A\n\n- a\n- b\n- c\n\n### B\n\n## Dos\n") == {
        "A": (40, False),
        "B": (10, False),
        "Dos": (10, False),
    }


def test_without_a_whole_only_what_is_said_is_planned() -> None:
    assert set(plan(ORDER, None)) == {"Preguntas (10 min)", "El bloque", "Contexto", "Debate — 5'"}
    assert plan("# X\n\n## Uno\n\n## Dos\n", None) == {}


def test_more_said_than_there_is_leaves_nothing_for_the_rest() -> None:
    assert plan("# X\n\n## Uno (2 h)\n\n## Dos\n") == {"Uno (2 h)": (120, True)}


def test_a_length_that_is_talked_about_is_no_plan() -> None:
    lines = (
        "dura 3 horas",
        "un modelo: dura 3 horas y es caro",
        "la charla de 2 h de ayer",
        "Coste: unas 2 horas, no más",
    )
    (section,) = [s for s in parse("# X\n\n## Entrenar\n\n- " + "\n- ".join(lines)).sections if s.role == "talk"]
    assert said_length(section) is None


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Preguntas (10 min)", "Preguntas"),
        ("Debate – 20 minutos", "Debate"),
        ("[10'] Debate", "Debate"),
        ("00:15 Debate", "Debate"),
        ("[00:15-00:30] Debate: a favor", "Debate: a favor"),
        ("La hora y media (90 min)", "La hora y media"),
        ("24 horas de Le Mans", "24 horas de Le Mans"),
        ("Debate (segunda parte)", "Debate (segunda parte)"),
        ("MLOps - del portátil a producción", "MLOps - del portátil a producción"),
        ("Kubernetes 1:30", "Kubernetes 1:30"),
        ("Preguntas (unos 10 min)", "Preguntas"),
        ("Debate – alrededor de 20 minutos", "Debate"),
        ("Recommendations [5 min at most]", "Recommendations"),
        ("Kubernetes (en 5 minutos)", "Kubernetes (en 5 minutos)"),
        ("La regla (de 5 minutos)", "La regla (de 5 minutos)"),
        ("(10 min)", "(10 min)"),
        ("12:30", "12:30"),
        ("- raro", "- raro"),
    ],
)
def test_listeners_read_no_planned_lengths(title: str, shown: str) -> None:
    assert unplanned(title) == shown


def test_a_length_before_a_title_is_a_plan() -> None:
    assert plan("# X\n\n## [10'] Uno\n", None) == {"[10'] Uno": (10, True)}


HEADINGS = st.lists(st.tuples(st.integers(2, 4), st.integers(0, 4)), min_size=1, max_size=12)


@given(headings=HEADINGS, whole=st.integers(1, 10**7))
def test_shares_add_up_to_the_whole(headings: list[tuple[int, int]], whole: int) -> None:
    text = "# X\n\n" + "".join(
        f"{'#' * level} S{n}\n\n" + "- p\n" * points for n, (level, points) in enumerate(headings)
    )
    planned = planned_lengths(parse(text).sections, whole)
    assert sum(one.ms for one in planned) == whole
    assert all(one.ms > 0 and not one.said for one in planned)
