"""Which words exist."""

import pytest

from pipeline.tools.lexicon import Lexicon


@pytest.mark.parametrize(("word", "exists"), [("datos", True), ("Qué", True), ("feedback", True), ("Kubeflow", False)])
def test_spanish_and_the_english_it_borrows(word: str, exists: bool) -> None:
    assert Lexicon("es").knows(word) is exists


@pytest.mark.parametrize(("word", "own"), [("meta", True), ("paz", True), ("google", False), ("apple", False)])
def test_what_is_borrowed_is_no_word_of_its_own(word: str, own: bool) -> None:
    assert Lexicon("es").knows(word)
    assert Lexicon("es").has(word) is own


def test_every_word_counts_where_there_is_no_list() -> None:
    assert Lexicon("eu").knows("zelda")
    assert Lexicon("eu").has("zelda")
    assert not Lexicon("eu").lists("zelda")


@pytest.mark.parametrize(("word", "exists"), [("hands-on", True), ("end-to-end", True), ("M-L-Ops", False)])
def test_what_hyphens_make_of_words_exists_too(word: str, exists: bool) -> None:
    assert Lexicon("en").knows(word) is exists
