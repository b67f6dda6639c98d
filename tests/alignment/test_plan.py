from __future__ import annotations

import pytest

from pipeline.alignment.language import load
from pipeline.alignment.plan import make, reference
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


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "https://engineering.atspotify.com/2019/12/the-winding-road-through-tensorflow-extended-and-kubeflow/",
            "engineering atspotify the winding road through tensorflow extended and kubeflow",
        ),
        ("https://es.wikipedia.org/wiki/Aprendizaje_autom%C3%A1tico", "es wikipedia Aprendizaje automático"),
        ("https://www.example.org/a/NASA-y-ESA.html", "example NASA ESA"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", ""),
        ("https://docs.google.com/document/d/1m5oCwP-xyZ_AB9/edit", ""),
        ("https://arxiv.org/abs/2301.12345", ""),
        ("https://veridas.com/", ""),
        ("https://veridas.com", ""),
    ],
)
def test_an_address_that_is_a_title_is_read(url: str, words: str) -> None:
    assert reference(url) == words


def test_links_are_evidence_and_no_lines() -> None:
    link = "https://a.example.org/la-vida-en-marte"
    (_, debate, _) = make(parse(OUTLINE.replace("- ¿Uno", f"- <{link}>\n- ¿Uno")).sections, load("es")).units
    assert debate.body == ("¿Uno o dos?",)
    assert debate.texts == ("Debate", "¿Uno o dos?", "a example la vida en marte")


def test_kinds_are_known_by_their_titles() -> None:
    units = make(parse(OUTLINE).sections, load("es")).units
    assert [unit.kind.name if unit.kind else None for unit in units] == ["context", "debate", None]
