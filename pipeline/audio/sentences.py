"""Words into sentences, by punctuation and pauses: what aligner, captions and the spot's cue take hold of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.abbreviations import is_abbreviation
from pipeline.model import Segment, Word

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})
"""Languages written without spaces between words."""

_ENDS = tuple(".!?…。！？؟।")
_CLOSING = "\"'»”’)]」』"

_PAUSE = 1500
"""Milliseconds of silence that end a sentence whatever the punctuation."""

_LONGEST = 60
"""Words; Whisper at times leaves punctuation out for minutes."""


def sentences(words: Sequence[Word], language: str) -> tuple[Segment, ...]:
    """Segments of whole sentences; together they hold every word, in order."""
    return tuple(_segment(part, language) for run in _runs(words) for part in _short_enough(run))


def joined(words: Iterable[Word], language: str) -> str:
    """The words as one writes them in a row, `language` being the primary code, such as `es`."""
    return ("" if language in UNSPACED else " ").join(word.word for word in words)


def _segment(words: Sequence[Word], language: str) -> Segment:
    return Segment(words[0].start, words[-1].end, joined(words, language), tuple(words))


def _runs(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    cuts = [0]
    for k, (word, after) in enumerate(pairwise(words), 1):
        if _ends_sentence(word, after, words[k - 2].word if k - 1 > cuts[-1] else ""):
            cuts.append(k)
    yield from (words[a:b] for a, b in pairwise([*cuts, len(words)]) if a < b)


def _ends_sentence(word: Word, after: Word, before: str) -> bool:
    """Three dots before a small letter are a hesitation's, one behind up to three letters is an abbreviation's.

    before: the word before, where that is of the same sentence.
    """
    if after.start - word.end >= _PAUSE:
        return True
    text = word.word.rstrip(_CLOSING)
    if not text.endswith(_ENDS) or is_abbreviation(text, after.word, before):
        return False
    goes_on = after.word.lstrip("¿¡\"'«“‘([-").islower()
    return not (goes_on and (text.endswith(("..", "…")) or (text.endswith(".") and len(text) <= 4)))


def _short_enough(words: Sequence[Word]) -> Iterable[Sequence[Word]]:
    """Cut in the widest pause of the middle half until nothing is longer than `_LONGEST`."""
    if len(words) <= _LONGEST:
        return [words]
    middle = range(len(words) // 4, 3 * len(words) // 4)
    cut = max(middle, key=lambda k: (words[k].start - words[k - 1].end, -abs(2 * k - len(words))))
    return [*_short_enough(words[:cut]), *_short_enough(words[cut:])]
