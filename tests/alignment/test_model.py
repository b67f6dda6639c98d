"""Weights as they lie in the package."""

from __future__ import annotations

import pytest

from pipeline.alignment.model import load


@pytest.mark.parametrize("semantic", [True, False])
def test_a_language_without_weights_has_those_of_talk_to_a_plan(semantic: bool) -> None:
    assert load("ca", semantic=semantic) == load("es", semantic=semantic)
    assert load("en", semantic=semantic) != load("es", semantic=semantic)


@pytest.mark.parametrize("code", ["es", "en"])
def test_meaning_counts_where_it_is_known_and_nowhere_else(code: str) -> None:
    known, unknown = load(code, semantic=True), load(code, semantic=False)
    assert any(name.startswith("meaning") for name in known.change)
    assert not any(name.startswith("meaning") for name in unknown.change)
