"""Word times as recognisers give them, put right by where voices are heard; and what no word covers. Times in ms."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from pipeline.model import Span, Word

_STARTS_EARLY, _ENDS_EARLY = 100, 70
"""What Whisper's word times are off by in the median, measured on speech with known times."""

_SNAP_START, _SNAP_END = 150, 400

_PARTING = 800
"""Milliseconds of pause from which a word is not of the speech before it."""

_FINAL = re.compile(r"[.!?…]\W*$")

_SHORTEST = 40
"""Milliseconds of a word; recognisers give some of them none."""


def uncovered(spans: Sequence[Span], words: Iterable[Word], *, least: int = 800, reach: int = 250) -> tuple[Span, ...]:
    """Stretches, of speech or of silence, of at least `least` ms that no word covers.

    A word covers `reach` ms on either side of itself; a word stretched over more than its letters can take does not
    cover the rest, for that is how recognisers paper over what they skipped.
    """
    said = sorted((max(0, word.start - reach), _plausible_end(word) + reach) for word in words)
    longest = max((end - start for start, end in said), default=0)
    gaps: list[Span] = []
    for span in spans:
        reached = span.start
        for start, end in said[bisect_left(said, (span.start - longest,)) : bisect_left(said, (span.end,))]:
            if end <= reached:
                continue
            if start - reached >= least:
                gaps.append(Span(reached, start))
            reached = max(reached, end)
        if span.end - reached >= least:
            gaps.append(Span(reached, span.end))
    return tuple(gaps)


def _plausible_end(word: Word) -> int:
    return min(word.end, word.start + 250 + 90 * len(word.word))


def settle(words: Sequence[Word], speech: Sequence[Span]) -> tuple[Word, ...]:
    """Words whose times are corrected for the recogniser's habit and fitted to the speech that they lie in.

    The first and the last word of a stretch of speech take its edge where they come near it: captions and cuts want
    the moment at which a voice starts and ends.
    """
    late = [_put_right(word) for word in words]
    homes = [_home(word, speech) for word in late]
    return tuple(
        _fitted(word, home, opens=home != before, closes=home != after) if home else word
        for word, home, before, after in zip(late, homes, [None, *homes], [*homes[1:], None], strict=False)
    )


def rejoined(words: Sequence[Word], speech: Sequence[Span]) -> tuple[Word, ...]:
    """Words in order; the first of a sentence behind a pause is where its voice is, not in front of that pause.

    Recognisers put it there at times: it hangs on a sentence that has ended, its own goes on after a pause, and behind
    that pause somebody speaks for longer than a word's start is off before the next word comes. Where letters have no
    case nothing tells that a sentence goes on, and all stay.
    """
    inner = zip(words, words[1:], words[2:], strict=False)
    return (*words[:1], *(_behind_pause(*three, speech) for three in inner), *words[1:][-1:])


def _behind_pause(before: Word, word: Word, after: Word, speech: Sequence[Span]) -> Word:
    if after.start - word.end < _PARTING or not _strays(before, word, after):
        return word
    home = next(iter(speech[bisect_right(speech, after.start, key=attrgetter("end")) :]), None)
    if home is None or home.start <= word.end or after.start - home.start <= _SNAP_START:
        return word
    return replace(word, start=home.start, end=after.start)


def _strays(before: Word, word: Word, after: Word) -> bool:
    """Whether a word opens a sentence that goes on."""
    return bool(_FINAL.search(before.word)) and word.word[-1:].isalnum() and after.word[:1].islower()


def _put_right(word: Word) -> Word:
    start = word.start + _STARTS_EARLY
    return replace(word, start=start, end=max(word.end + _ENDS_EARLY, start + _SHORTEST))


def _home(word: Word, speech: Sequence[Span]) -> Span | None:
    """The stretch that holds the most of a word."""
    first = bisect_right(speech, word.start, key=attrgetter("end"))
    last = bisect_left(speech, word.end, key=attrgetter("start"))
    shared = {span: min(word.end, span.end) - max(word.start, span.start) for span in speech[first:last]}
    return max(shared, key=shared.__getitem__, default=None)


def _fitted(word: Word, home: Span, *, opens: bool, closes: bool) -> Word:
    start, end = max(word.start, home.start), min(word.end, home.end)
    if opens and start - home.start <= _SNAP_START:
        start = home.start
    if closes and home.end - end <= _SNAP_END:
        end = home.end
    return replace(word, start=start, end=end)
