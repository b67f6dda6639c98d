"""The editor's words in place of what was heard. Captions change, times stay, and nothing else moves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from pipeline.audio.sentences import joined
from pipeline.formats.outline_words import key
from pipeline.model import Segment, Transcript, Word, WordEdit
from pipeline.timecode import parse_clock, to_clock

NEAR = 2_000
"""Milliseconds by which another transcription may time the same words otherwise."""

_EDGES = re.compile(r"(\W*)(?:\w.*\w|\w)(\W*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Place:
    """Words `first` to `last` (outside) of a segment, and how far they are from where the editor heard them."""

    segment: int
    first: int
    last: int
    distance: int


def reword(transcript: Transcript, edits: Sequence[WordEdit]) -> tuple[Transcript, tuple[str, ...]]:
    """The transcript as the editor wants it read, and what could not be followed, a sentence each.

    An entry means the words that were heard nearest to its time, at most 2 s away: so it survives another
    transcription, and is told of where that heard something else. Of “sí, sí, sí” each entry means another.
    """
    segments, lost, taken = list(transcript.segments), list[str](), set[_Taken]()
    for edit in edits:
        place = _find(segments, edit, taken)
        if place is None:
            at = to_clock(parse_clock(edit.at))
            lost.append(f"words.yaml corrects “{edit.heard}” at {at}, but that is not what was heard there")
        else:
            taken.add((key(edit.heard), place.segment, segments[place.segment].words[place.first].start))
            segments[place.segment] = _said(segments[place.segment], place, edit, transcript.language)
    spoken = tuple(segment for segment in segments if segment.text)
    return replace(transcript, segments=spoken), tuple(lost)


_Taken = tuple[str, int, int]
"""What an entry corrected: what was heard, in which segment, and when it starts."""


def _find(segments: Sequence[Segment], edit: WordEdit, taken: Collection[_Taken]) -> _Place | None:
    at, wanted = parse_clock(edit.at), key(edit.heard)
    near = (n for n, segment in enumerate(segments) if segment.start - NEAR <= at <= segment.end + NEAR)
    found = (place for n in near for place in _places(n, segments[n].words, wanted, at))
    free = (p for p in found if (wanted, p.segment, segments[p.segment].words[p.first].start) not in taken)
    return min(free, key=lambda place: place.distance, default=None)


def _places(number: int, words: Sequence[Word], wanted: str, at: int) -> Iterator[_Place]:
    """Where the words of a segment read as `wanted`; a word is what is written, or what was heard before that."""
    longest = len(wanted.split())
    for first, word in enumerate(words):
        if abs(word.start - at) > NEAR:
            continue
        for last in range(first + 1, min(first + longest, len(words)) + 1):
            run = words[first:last]
            if wanted in {key(" ".join(w.word for w in run)), key(" ".join(w.heard or w.word for w in run))}:
                yield _Place(number, first, last, abs(word.start - at))


def _said(segment: Segment, place: _Place, edit: WordEdit, language: str) -> Segment:
    old = segment.words[place.first : place.last]
    words = (
        *segment.words[: place.first],
        *_new_words(old, _punctuated(old, edit).split()),
        *segment.words[place.last :],
    )
    return replace(segment, text=joined(words, language), words=words)


def _punctuated(old: Sequence[Word], edit: WordEdit) -> str:
    """What is to be said, with the punctuation around what was heard where the editor wrote of none: who corrects a
    name does not mean the full stop behind it."""
    if not edit.say.strip():
        return ""
    (before, after), heard, say = _edges(" ".join(word.word for word in old)), _edges(edit.heard), _edges(edit.say)
    opening, closing = (heard[0] or say[0]), (heard[1] or say[1])
    return f"{'' if opening else before}{edit.say.strip()}{'' if closing else after}"


def _edges(text: str) -> tuple[str, str]:
    """What stands before the first letter or digit of a text, and behind the last."""
    match = _EDGES.fullmatch(text.strip())
    return (match[1], match[2]) if match else ("", "")


def _new_words(old: Sequence[Word], say: Sequence[str]) -> Iterator[Word]:
    """What is said, in the time of what was heard: word by word where they are as many, else by their length."""
    heard = " ".join(word.heard or word.word for word in old)
    for n, (text, (start, end)) in enumerate(zip(say, _times(old, say), strict=True)):
        yield Word(start, end, text, 1.0, heard if n == 0 else None)


def _times(old: Sequence[Word], say: Sequence[str]) -> list[tuple[int, int]]:
    if len(old) == len(say):
        return [(word.start, word.end) for word in old]
    start, whole = old[0].start, old[-1].end - old[0].start
    letters = list(accumulate((len(text) for text in say), initial=0))
    edges = [start + whole * at // max(letters[-1], 1) for at in letters]
    return list(pairwise(edges))
