"""What a language brings to the aligner: stems, words to pass over, and the phrases that hosts use.

The tables are `data/<language>.toml`: plain words that a show can extend. A language without a table is aligned by its
stems (where Snowball knows it) and by meaning alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import snowballstemmer

from pipeline.folding import unaccented
from pipeline.model import Family

_WORD = re.compile(r"[^\W_](?:[\w+#.\-]*[\w+#])?")
_STEMMERS = {
    "ca": "catalan", "da": "danish", "de": "german", "en": "english", "es": "spanish", "eu": "basque", "fr": "french",
    "it": "italian", "nl": "dutch", "pt": "portuguese", "ro": "romanian", "sv": "swedish",
}  # fmt: skip

Phrases = Mapping[Family, Sequence[str]]
"""Phrases by family, in a show's own words, added to the language's table."""


def fold(text: str) -> str:
    """Lower case without accents: what recognisers and people in a hurry get right."""
    # Not `casefold`: the weights were learned with this.
    return unaccented(text.lower().replace("’", "'"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of section that shows share, such as a farewell.

    titles: matches headings of the kind; spoken: matches sentences that people say at its start.
    """

    name: str
    titles: re.Pattern[str]
    spoken: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Language:
    """One language's tables, ready to match folded text."""

    code: str
    stop: frozenset[str]
    families: Mapping[str, re.Pattern[str]]
    kinds: tuple[Kind, ...]

    def stems(self, text: str) -> tuple[str, ...]:
        """Stems of the words that carry meaning, in order; both halves and the whole of a hyphenated word."""
        words = [part for word in _WORD.findall(fold(text)) for part in {word: None} | dict.fromkeys(word.split("-"))]
        return tuple(_stem(self.code, word) for word in words if word and word not in self.stop)

    def kind(self, title: str) -> Kind | None:
        """The kind of section that a heading names, if any."""
        folded = fold(title)
        return next((kind for kind in self.kinds if kind.titles.search(folded)), None)


@lru_cache(maxsize=1 << 16)
def _stem(code: str, word: str) -> str:
    return str(_stemmer(code).stemWord(word)) if code in _STEMMERS else word


@lru_cache
def _stemmer(code: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_STEMMERS[code])


def _pattern(phrases: Iterable[str], *, start: bool) -> re.Pattern[str]:
    """One expression for many phrases. `despedi*` stands for every word that begins so."""
    bodies = sorted((re.escape(fold(phrase)).replace(r"\*", r"\w*") for phrase in phrases), key=len, reverse=True)
    body = rf"\b(?:{'|'.join(bodies)})(?!\w)" if bodies else r"(?!)"
    return re.compile(rf"^\W*{body}" if start else body)


@lru_cache
def _table(code: str) -> dict[str, dict[str, object]]:
    path = files("pipeline.alignment") / "data" / f"{code}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def load(code: str, extra: Phrases | None = None) -> Language:
    """The tables of a language such as `es` or `es-ES`, with a show's own phrases added to their families."""
    code = code.lower().split("-")[0]
    table = _table(code)
    own: dict[str, Sequence[str]] = dict((extra or {}).items())
    families = {
        name: _pattern([*_words(table, "opening", name), *own.get(name, ())], start=True)
        for name in table.get("opening", {})
    } | {
        name: _pattern([*_words(table, "anywhere", name), *own.get(name, ())], start=False)
        for name in table.get("anywhere", {})
    }
    kinds = tuple(_kind(name, entry, own) for name, entry in table.get("kind", {}).items())
    stop = frozenset(fold(str(table.get("words", {}).get("stop", ""))).split())
    return Language(code, stop, families, kinds)


def _words(table: Mapping[str, Mapping[str, object]], group: str, name: str) -> Sequence[str]:
    words = table[group][name]
    return [str(word) for word in words] if isinstance(words, list) else []


def _kind(name: str, entry: object, own: Mapping[str, Sequence[str]]) -> Kind:
    lists = entry if isinstance(entry, dict) else {}
    spoken = [*lists.get("spoken", ()), *own.get(name, ())]
    return Kind(name, _pattern(lists.get("titles", ()), start=False), _pattern(spoken, start=False))
