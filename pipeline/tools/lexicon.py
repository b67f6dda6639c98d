"""Whether a word exists, by simplemma's lists of forms (MIT, some fifty languages)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a language, such as `es`, and of English, which every language borrows from."""

    language: str

    def knows(self, word: str) -> bool:
        """Every word counts as known in a language without a list."""
        from simplemma import is_known

        return self.has(word) or bool(is_known(word, lang="en"))

    def has(self, word: str) -> bool:
        """As `knows`, without what is borrowed: `google` is no word of Spanish, `meta` is."""
        from simplemma import is_known
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

        return self.language not in SUPPORTED_LANGUAGES or bool(is_known(word, lang=self.language))
