"""Full stops that end no sentence, for they are an abbreviation's: `Sr. Pérez`, `EE. UU.`, `pág. 5`, `J. K. Rowling`.

Only what hardly ever stands at the end of a sentence is here; `etc.` and `U.S.` may, and a capital after them decides.
"""

from __future__ import annotations


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE_NAMES = _words(
    "Sr Sra Srta Sres Dr Dra Dña Prof Profa Ing Lic Excmo Sto Sta Mr Mrs Ms Mx St Rev Gen Gov Sen Capt"
)
_WITHIN = _words("sr sra srta dr dra dña vs ee e.g i.e p.ej p ej cf aprox approx")
_BEFORE_NUMBERS = _words("núm núms pág págs art arts cap caps vol vols fig figs nº tel pp")

_OPENING = "¿¡\"'«“‘([-"
_CLOSING = "\"'»”’)]"


def is_abbreviation(word: str, after: str, before: str = "") -> bool:
    """Whether the full stop at the end of `word` is an abbreviation's, the words around it being as they are written.

    before: empty where the sentence starts with `word`. An initial is one there, and behind another name.
    """
    if not word.endswith("."):
        return False
    bare, following = word[:-1].lstrip(_OPENING), after.lstrip(_OPENING)
    if len(bare) == 1 and bare.isupper() and (not before or before.rstrip(_CLOSING)[:1].isupper()):
        return following[:1].isupper()
    return (
        bare in _BEFORE_NAMES
        or bare.casefold() in _WITHIN
        or (bare.casefold() in _BEFORE_NUMBERS and following[:1].isdigit())
    )
