"""Weights as they lie in the package."""

from __future__ import annotations

import pytest

from pipeline.alignment.model import load


@pytest.mark.parametrize("semantic", [True, False])
def test_a_language_without_weights_has_those_of_talk_to_a_plan(semantic: bool) -> None:
    (plan,) = load("es", semantic=semantic)
    assert load("ca", semantic=semantic) == (plan,)


@pytest.mark.parametrize("semantic", [True, False])
def test_english_has_its_own_and_those_of_talk_to_a_plan(semantic: bool) -> None:
    own, plan = load("en", semantic=semantic)
    assert (plan,) == load("es", semantic=semantic)
    assert own != plan


@pytest.mark.parametrize("code", ["es", "en"])
def test_meaning_counts_where_it_is_known_and_nowhere_else(code: str) -> None:
    known, unknown = load(code, semantic=True)[0], load(code, semantic=False)[0]
    assert any(name.startswith("meaning") for name in known.change)
    assert not any(name.startswith("meaning") for name in unknown.change)
