"""How words sound, roughly, so that what a recogniser spelt in its own way meets the name that was said.

A key, not a transcription: letters that the language says alike become one, and what it does not say goes. Names that
people borrow from English are said with the language's own sounds, which is what the tables hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

_FIRST = (("ph", "f"), ("th", "t"), ("ck", "k"), ("sh", "s"))
_LAST = (("x", "ks"), ("w", "u"))

_RULES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "es": (
        *(("ñ", "ni"), ("ll", "i"), ("qu(?=[ei])", "k"), ("q(?!u)", "kiu"), ("q", "k"), ("g(?=[ei])", "j")),
        *(("gu(?=[ei])", "g"), ("ch", "X"), ("[cz](?=[ei])", "s"), ("c", "k"), ("z", "s"), ("v", "b"), ("y", "i")),
        ("h", ""),
    ),
    "en": (
        *(("(?<=.)gh", ""), ("gh", "g"), ("ch", "X"), ("kn", "n"), ("wr", "r"), ("qu", "ku"), ("q", "k")),
        *(("c(?=[eiy])", "s"), ("c", "k"), ("z", "s"), ("g(?=[eiy])", "j"), ("y", "i"), ("(?<=.)h", "")),
    ),
}
_OTHERS = (("qu", "k"), ("c(?=[eiy])", "s"), ("c", "k"), ("z", "s"), ("y", "i"), ("h", ""))

_ENGLISH = (("u([bcdgklmnpt])e", r"iu\1"), ("ow", "o"), ("oo", "u"), ("ee", "i"))
"""What English letters stand for, in the letters of most other languages: Kube, flow, Google, Speech."""

_DOUBLED = re.compile(r"(.)\1+")


@cache
def sound(text: str, language: str) -> str:
    """The key of a word, spaces and punctuation left out. `language` is a code such as `es`."""
    return _key("".join(_bare(letter) for letter in text.casefold() if letter.isalnum()), language)


@cache
def readings(name: str, language: str) -> tuple[str, ...]:
    """The keys of a name as it may be said: by the language's own letters, or as an English one."""
    english = "".join(_bare(letter) for letter in name.casefold() if letter.isalnum())
    for written, said in _ENGLISH:
        english = re.sub(written, said, english)
    return tuple(dict.fromkeys((sound(name, language), _key(english, language))))


def _key(letters: str, language: str) -> str:
    for written, said in (*_FIRST, *_RULES.get(language, _OTHERS), *_LAST):
        letters = re.sub(written, said, letters)
    return _DOUBLED.sub(r"\1", letters)


def _bare(letter: str) -> str:
    """Without its accent; ñ is a letter of its own."""
    return letter if letter == "ñ" else unicodedata.normalize("NFD", letter)[0]
