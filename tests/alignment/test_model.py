"""Weights as they lie in the package."""

from __future__ import annotations

import pytest

from pipeline.alignment.model import load


@pytest.mark.parametrize("semantic", [True, False])
def test_each_language_has_its_own_weights_or_those_of_talk_to_a_plan(semantic: bool) -> None:
    (plan,) = load("ca", semantic=semantic)
    (spanish,) = load("es", semantic=semantic)
    own, beside = load("en", semantic=semantic)
    assert beside == plan
    assert own != plan != spanish != own


@pytest.mark.parametrize("code", ["es", "en"])
def test_meaning_counts_where_it_is_known_and_nowhere_else(code: str) -> None:
    known, unknown = load(code, semantic=True)[0], load(code, semantic=False)[0]
    assert any(name.startswith("meaning") for name in known.change)
    assert not any(name.startswith("meaning") for name in unknown.change)
