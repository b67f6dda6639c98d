"""What the words of a running order mean, in Spanish and in English: placeholders, summaries, cues.

Words are compared without case, accents and punctuation: `key` makes that form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.folding import unaccented


def _table(*rows: str) -> tuple[str, ...]:
    return tuple(entry for row in rows for entry in row.split(", "))


CUE_PHRASES = _table(
    "meter cuña, meter la cuña, insertar cuña, insertar la cuña, poner cuña, poner la cuña, entra cuña",
    "cuña publicitaria, cuña, meter publicidad, pausa publicitaria, insert ad, insert the ad",
    "insert sponsor, insert spot, insert the spot, play ad, play the ad, play spot, ad break, ad spot",
    "ad slot, ad read, sponsor break, sponsor spot, sponsor message, sponsor read, commercial break",
    "advert, advert break, insert advert, insert the advert, play the advert",
)
"""What marks the place of the spot where the show sets no phrases of its own."""

_SUMMARIES = frozenset(
    _table(
        "resumen, resumen del episodio, resumen del programa, sinopsis, descripcion, descripcion del episodio",
        "descripcion del programa, notas del episodio, notas del programa, summary, episode summary, synopsis",
        "abstract, description, episode description, show notes, shownotes, tl dr, tldr",
    )
)
_PLACEHOLDERS = frozenset(
    _table(
        "wip, tbd, tba, tbc, todo, to do, to be done, to be defined, to be decided, to be announced",
        "to be confirmed, work in progress, coming soon, fill in, fill me in, placeholder, empty, n a, na, xx",
        "xxx, completar, a completar, por completar, sin completar, pendiente, pendiente de completar",
        "por definir, por hacer, por decidir, por confirmar, rellenar, por rellenar, en construccion",
        "en progreso, vacio",
    )
)
_LABELS = frozenset(
    _table(
        "reference, references, ref, refs, link, links, source, sources, url, via, see, referencia",
        "referencias, enlace, enlaces, fuente, fuentes, ver, note, info, tip, hint, warning, danger",
        "important, caution, attention, example, quote, nota, aviso, consejo, importante, atencion, ejemplo",
        "cita",
    )
)
"""What says no more than that a link or a block follows."""

_BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]{1,80})[)\]}]")
_DASHES = ("—", "–", "→", "⇒", "|", "->", "=>", " - ", ": ")
_LONGEST_BARE_MARK = 6


def fold(text: str) -> str:
    """`text` in lower case and without accents."""
    return unaccented(text.casefold())


def key(text: str) -> str:
    """`text` as it is compared: folded, its words with single spaces between them."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(text)).split())


def is_placeholder(text: str) -> bool:
    """Whether `text` only keeps a place: `WIP`, `TBD`, `_completar_`, `…`, nothing."""
    words = key(text)
    return not words or words in _PLACEHOLDERS


def is_label(text: str) -> bool:
    """Whether `text` only announces what follows: `Reference:`, `Fuente:`, `Note`."""
    return key(text) in _LABELS


def is_summary(title: str) -> bool:
    """Whether a section of this title holds the episode's description."""
    return key(title) in _SUMMARIES


def cue_keys(phrases: Sequence[str]) -> tuple[str, ...]:
    """The phrases that mark a cue, ready to compare: the show's own, or the defaults where it has none."""
    own = tuple(filter(None, map(key, phrases)))
    return own or tuple(map(key, CUE_PHRASES))


def is_cue(text: str, cues: Sequence[str]) -> bool:
    """Whether `text` begins with a phrase that marks a cue."""
    words = key(text)
    return any(words == cue or words.startswith(f"{cue} ") for cue in cues)


def without_mark(text: str, cues: Sequence[str]) -> str | None:
    """`text` without the mark of a cue in it; None if there is none.

    A mark stands in brackets, `(meter cuña publicitaria de Veridas)`, after a dash, `… — ad break`, or alone.
    """
    for match in _BRACKETED.finditer(text):
        if is_cue(match[1], cues):
            return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
    head, tail = _at_last_dash(text)
    if key(tail) in cues:
        return head.strip()
    return "" if _is_bare_mark(text, cues) else None


def _at_last_dash(text: str) -> tuple[str, str]:
    at, dash = max((text.rfind(dash), dash) for dash in _DASHES)
    return (text[:at], text[at + len(dash) :]) if at >= 0 else ("", text)


def _is_bare_mark(text: str, cues: Sequence[str]) -> bool:
    """A whole line is a mark only if it is short, and if more than one word says so."""
    return len(key(text).split()) <= _LONGEST_BARE_MARK and is_cue(text, [cue for cue in cues if " " in cue])
