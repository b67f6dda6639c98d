"""Whether a word exists, by simplemma's lists of forms (MIT, some fifty languages)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a language, such as `es`, and of English, which every language borrows from."""

    language: str

    def knows(self, word: str) -> bool:
        """Every word counts as known in a language without a list, and what hyphens make of those: `hands-on`."""
        from simplemma import is_known

        parts = word.split("-")
        whole = self.has(word) or bool(is_known(word, lang="en"))
        return whole or (len(parts) > 1 and all(len(part) > 1 and self.knows(part) for part in parts))

    def has(self, word: str) -> bool:
        """As `knows`, without what is borrowed: `google` is no word of Spanish, `meta` is."""
        return not self._listed() or self.lists(word)

    def lists(self, word: str) -> bool:
        """As `has`, but in a language without a list no word is."""
        from simplemma import is_known

        return self._listed() and bool(is_known(word, lang=self.language))

    def _listed(self) -> bool:
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

        return self.language in SUPPORTED_LANGUAGES
