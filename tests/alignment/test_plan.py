from __future__ import annotations

from pipeline.alignment.language import load
from pipeline.alignment.plan import make
from pipeline.formats.outline import parse

OUTLINE = """# Título
## Resumen
Texto.
## Parte
### Contexto general
WIP
### Debate
- ¿Uno o dos?
## Vacía
"""


def test_a_parent_without_lines_is_evidence_for_its_first_child() -> None:
    plan = make(parse(OUTLINE).sections, load("es"))
    assert [unit.headings for unit in plan.units] == [("Parte", "Contexto general"), ("Debate",), ("Vacía",)]
    assert [plan.sections[position].title for position in plan.inherits] == ["Parte"]


def test_a_parent_with_lines_of_its_own_has_its_own_place() -> None:
    plan = make(parse(OUTLINE.replace("## Parte\n", "## Parte\n- de qué va\n")).sections, load("es"))
    assert plan.units[0].headings == ("Parte",)
    assert not plan.inherits


def test_kinds_are_known_by_their_titles() -> None:
    units = make(parse(OUTLINE).sections, load("es")).units
    assert [unit.kind.name if unit.kind else None for unit in units] == ["context", "debate", None]
