"""Letters without their accents."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.folding import unaccented


def test_accents_go_and_letters_and_their_case_stay() -> None:
    assert unaccented("¿Qué TAL, Íñigo? Straße, 2ª ﬁla") == "¿Que TAL, Inigo? Straße, 2a fila"


@given(st.text())
def test_no_mark_is_left_and_a_second_time_changes_nothing(text: str) -> None:
    once = unaccented(text)
    assert not any(unicodedata.combining(letter) for letter in once)
    assert unaccented(once) == once
