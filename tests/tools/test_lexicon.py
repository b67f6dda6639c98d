"""Which words exist."""

import pytest

from pipeline.tools.lexicon import Lexicon


@pytest.mark.parametrize(("word", "exists"), [("datos", True), ("Qué", True), ("feedback", True), ("Kubeflow", False)])
def test_spanish_and_the_english_it_borrows(word: str, exists: bool) -> None:
    assert Lexicon("es").knows(word) is exists


def test_every_word_counts_where_there_is_no_list() -> None:
    assert Lexicon("eu").knows("zelda")
