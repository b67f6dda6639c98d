from __future__ import annotations

from typing import get_args

import pytest

from pipeline.alignment.language import fold, load
from pipeline.model import Family


def test_fold_drops_case_and_accents() -> None:
    assert fold("¿Qué TAL, Íñigo?") == "¿que tal, inigo?"


def test_stems_join_forms_of_a_word_and_pass_over_small_words() -> None:
    spanish = load("es-ES")
    assert spanish.stems("Los modelos") == spanish.stems("el modelo")
    assert "end-to-end" in load("en").stems("an end-to-end test")


@pytest.mark.parametrize(
    ("text", "found"), [("Y nada, nos despedimos ya", True), ("despedida", True), ("la desp. fue", False)]
)
def test_a_star_stands_for_every_ending(text: str, found: bool) -> None:
    assert bool(load("es").families["closing"].search(fold(text))) is found


def test_opening_families_match_only_at_the_start() -> None:
    opener = load("es").families["opener"]
    assert opener.search(fold("—Bueno, vamos"))
    assert not opener.search("eso es bueno")


def test_a_show_adds_its_own_phrases() -> None:
    extra = {"move": ["Al turrón"], "closing": ["paz y bien"]}
    language = load("es", extra)
    assert language.families["move"].search("venga, al turron")
    kind = language.kind("Despedida")
    assert kind is not None
    assert kind.spoken.search("pues paz y bien a todos")


def test_a_language_without_a_table_has_stems_alone() -> None:
    french = load("fr")
    assert french.stems("les maisons")[-1] == "maison"
    assert not french.families
    assert french.kind("Débat") is None


@pytest.mark.parametrize("code", ["es", "en"])
def test_a_show_can_add_to_every_family_and_kind_and_to_nothing_else(code: str) -> None:
    language = load(code)
    assert {*language.families, *(kind.name for kind in language.kinds)} == set(get_args(Family))
