"""Captions as people read them: sentences broken by sense, long enough on screen, timed by the words.

The rules, and where they come from (UNE 153010, the BBC's and Netflix's guides for Spanish and English):

- at most two lines; a caption never mixes speakers. Where a format has no place for who speaks, the name stands before
  the words whenever another spoke before, and counts as a part of the line and of what there is to read;
- a caption ends, in this order of preference, with a sentence, at punctuation, at a pause, before a conjunction, and
  never between an article, preposition or number and its noun where that can be helped, nor so that a word or two
  of a sentence are left for a caption of their own;
- it starts with its first word, stays 1 to 7 s, and as long as reading at 17 characters a second takes wherever the
  time until the next caption allows. Captions are verbatim: where people talk faster than that, so do the captions;
- the screen is never empty for less than a second between two captions, which flickers: the first one stays;
- captions overlap only where people do; one that must stay to reach its second holds the next back by 0.6 s at most.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.abbreviations import is_abbreviation
from pipeline.formats import plain
from pipeline.formats.wording import CLINGING, CONNECTING
from pipeline.model import Segment, Transcript

SHORTEST, LONGEST = 1000, 7000
READING_SPEED = 17.0
"""Characters a second."""

_HELD_BACK = 600
_SAME_BREATH = 2000
_NO_SILENCE = 500
_FLICKER = 1000
_SENTENCE, _CLAUSE, _PAUSE, _CONNECTIVE, _ANYWHERE, _INSIDE_PHRASE = 0.0, 1.5, 1.5, 3.0, 5.0, 9.0
_TWO_SENTENCES, _LOOSE_BEGINNING, _LOOSE_END = 1.5, 6.0, 4.0
_FEW = 12
"""Letters of what is no caption by itself, unless it is a sentence."""

_NAME_ALONE = 50.0


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands on the screen from `start` to `end` (ms of programme time). `text` in reading order, one a line."""

    start: int
    end: int
    lines: tuple[str, ...]
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as it is written, with its punctuation. `cost` is what a break after it costs."""

    text: str
    start: int
    end: int
    cost: float = 0.0


_Piece = Sequence[_Token]
"""The words of one caption."""

_Turn = tuple[str | None, list[_Piece]]
"""Who speaks, and the captions of what is said in one breath."""


@lru_cache(maxsize=4)  # the desk corrects chapters again and again, and words seldom
def captions(transcript: Transcript, *, width: int, duration: int, named: bool = False) -> tuple[Caption, ...]:
    """The captions of a transcript of `duration` ms, in order, lines of at most `width` characters.

    named: whether the speaker's name stands before the words at each change of speaker, where several are known.
    """
    turns = [(speaker, _pieces(tokens, width)) for speaker, tokens in _turns(transcript, width)]
    several = len({speaker for speaker, _ in turns} - {None}) > 1
    laid = _named(turns, width) if named and several else ((who, piece) for who, pieces in turns for piece in pieces)
    drafts = [_caption(piece, width, speaker) for speaker, piece in laid]
    drafts.sort(key=lambda caption: caption.start)
    return tuple(_timed(drafts, duration))


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _turns(transcript: Transcript, width: int) -> Iterator[tuple[str | None, list[_Token]]]:
    """What one speaker says in one breath, as tokens."""
    turn: list[_Token] = []
    previous: Segment | None = None
    for segment in transcript.segments:
        tokens = _tokens(segment, width, transcript.language)
        if not tokens:
            continue
        if previous and (segment.speaker != previous.speaker or segment.start - previous.end > _SAME_BREATH):
            yield previous.speaker, turn
            turn = []
        turn += tokens
        previous = segment
    if previous:
        yield previous.speaker, turn


def _tokens(segment: Segment, width: int, language: str) -> list[_Token]:
    """The segment's written words with the times of the spoken ones."""
    written = list(_written(plain.line(segment.text), width))
    timed = list(_times(segment, written))
    tokens = [_Token(text, start, max(start, end)) for text, (start, end) in zip(written, timed, strict=True)]
    befores = ["", *(token.text for token in tokens)]
    around = zip(befores, tokens, [*tokens[1:], None], strict=False)
    return [_Token(b.text, b.start, b.end, _break_cost(a, b, c, language)) for a, b, c in around]


def _written(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        yield from (word[at : at + width] for at in range(0, len(word), width))


def _times(segment: Segment, written: Sequence[str]) -> Iterator[tuple[int, int]]:
    """When each written word is said; by its letters' share of the segment where words and text disagree."""
    spoken = [(letter, word) for word in segment.words for letter in "".join(word.word.split())]
    if [letter for letter, _ in spoken] == [letter for word in written for letter in word]:
        letters = [(word.start, word.end) for _, word in spoken]
    else:
        total = sum(map(len, written))
        step = (segment.end - segment.start) / max(1, total)
        letters = [(segment.start + round(step * n), segment.start + round(step * (n + 1))) for n in range(total)]
    at = 0
    for word in written:
        yield letters[at][0], letters[at + len(word) - 1][1]
        at += len(word)


def _break_cost(before: str, token: _Token, following: _Token | None, language: str) -> float:
    """How much a break between two words hurts the sense."""
    stops = token.text[-1] in ".?!…"
    if following is None or (stops and not is_abbreviation(token.text, following.text, before)):
        return _SENTENCE
    if token.text[-1] in ",;:—–)»”":
        return _CLAUSE
    if following.start - token.end >= 300:
        return _PAUSE
    if stops or _bare(token.text) in CLINGING.get(language[:2], ()):
        return _INSIDE_PHRASE
    if _bare(following.text) in CONNECTING.get(language[:2], ()):
        return _CONNECTIVE
    return _INSIDE_PHRASE if token.text[-1].isdecimal() else _ANYWHERE


def _bare(word: str) -> str:
    return word.strip("¿¡«“\"'(—–.,;:?!…»”)").lower()


# ── who speaks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _named(turns: Sequence[_Turn], width: int) -> Iterator[tuple[str | None, _Piece]]:
    """Captions in the order in which they are seen, a name leading wherever the one before was not the speaker's.

    What is left of a turn when somebody else was heard inside it is broken anew, with the name in its first line.
    """
    waiting = [(pieces[0][0].start, n, speaker, pieces) for n, (speaker, pieces) in enumerate(turns)]
    heapq.heapify(waiting)
    before = None
    while waiting:
        start, n, speaker, pieces = heapq.heappop(waiting)
        if speaker and speaker != before:
            pieces = _pieces([_name(speaker, start, width), *itertools.chain.from_iterable(pieces)], width)
        yield speaker, pieces[0]
        if pieces[1:]:
            heapq.heappush(waiting, (pieces[1][0].start, n, speaker, pieces[1:]))
        before = speaker


def _name(speaker: str, at: int, width: int) -> _Token:
    """A name before the words that start at `at`; it takes no time, and fits into a line of its own if it must."""
    return _Token(f"{plain.fit(plain.line(speaker), width - 1)}:", at, at, _NAME_ALONE)


# ── where to break ──────────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(tokens: Sequence[_Token], width: int) -> list[_Piece]:
    """A turn's words, as they come together in captions."""
    return [tokens[i:j] for i, j in _breaks(tokens, width)]


def _breaks(tokens: Sequence[_Token], width: int) -> list[tuple[int, int]]:
    """The cheapest way to cut a turn into captions: a shortest path over its words."""
    best = [0.0] + [math.inf] * len(tokens)
    came = [0] * (len(tokens) + 1)
    until = [*(token.start for token in tokens[1:]), tokens[-1].end + SHORTEST]
    for i, first in enumerate(tokens):
        inside = i and tokens[i - 1].cost != _SENTENCE
        for j, letters, sense in _options(tokens, i, width):
            # Haste and a second line only ever cost more: what is too dear without them is looked at no further.
            if best[i] + sense + 1.0 < best[j]:
                cost = sense + _hurry(letters, until[j - 1] - first.start)
                cost += _LOOSE_END if inside and letters < _FEW else 0.0
                cost += _within(tokens[i:j], width) if letters > width else 0.0
                if best[i] + cost < best[j]:
                    best[j], came[j] = best[i] + cost, i
    cuts = [len(tokens)]
    while cuts[-1]:
        cuts.append(came[cuts[-1]])
    return list(itertools.pairwise(reversed(cuts)))


def _options(tokens: Sequence[_Token], i: int, width: int) -> Iterator[tuple[int, int, float]]:
    """Each place a caption that starts with word `i` may end before, its letters, and what it costs the sense."""
    letters, sentences, silence = -1, 0, 0.0
    previous = tokens[i]
    most, latest = 2 * width + 1, previous.start + LONGEST
    for j, last in enumerate(itertools.islice(tokens, i, None), i + 1):
        letters += len(last.text) + 1
        if j > i + 1:
            if letters > most or last.end > latest:
                return
            sentences += previous.cost == _SENTENCE
            if (gap := last.start - previous.end) > _NO_SILENCE:
                silence += (gap - _NO_SILENCE) / 200
        mixed = sentences * (_TWO_SENTENCES if last.cost == _SENTENCE else _LOOSE_BEGINNING) if sentences else 0.0
        yield j, letters, last.cost + mixed + silence
        previous = last


def _hurry(letters: int, time: int) -> float:
    """One for the caption itself, more where it is too short to see or to read."""
    missing = max(0, SHORTEST - time) / SHORTEST
    speed = letters * 1000 / max(time, 1)
    return 1.0 + 12.0 * missing + 0.3 * max(0.0, min(speed, 40.0) - READING_SPEED)


def _within(tokens: Sequence[_Token], width: int) -> float:
    """What the break between two lines costs; infinite where two lines do not hold the words."""
    cut = _second_line(tokens, width)
    return tokens[cut - 1].cost / 2 if cut else math.inf


def _second_line(tokens: Sequence[_Token], width: int) -> int | None:
    """Where the second line starts: by sense first, then as even as can be; None where two lines do not hold it."""
    lengths = [len(token.text) for token in tokens]
    total = sum(lengths) + len(lengths) - 1
    best, place = math.inf, None
    first = -1
    for k in range(1, len(tokens)):
        first += lengths[k - 1] + 1
        second = total - first - 1
        if first > width:
            break
        if second <= width and (cost := tokens[k - 1].cost + 8 * abs(first - second) / total) < best:
            best, place = cost, k
    return place


def _caption(tokens: Sequence[_Token], width: int, speaker: str | None) -> Caption:
    words = [token.text for token in tokens]
    whole = " ".join(words)
    cut = _second_line(tokens, width) if len(whole) > width else None
    lines = (" ".join(words[:cut]), " ".join(words[cut:])) if cut else (whole,)
    return Caption(tokens[0].start, tokens[-1].end, lines, speaker and plain.title(speaker))


# ── when to show ────────────────────────────────────────────────────────────────────────────────────────────────────


def _timed(drafts: Sequence[Caption], duration: int) -> Iterator[Caption]:
    """Starts and ends as the rules at the top have them."""
    free = 0
    for caption, following in itertools.zip_longest(drafts, drafts[1:]):
        start = min(max(caption.start, free), caption.start + _HELD_BACK)
        room = following.start if following else duration
        reading = round(sum(map(len, caption.lines)) * 1000 / READING_SPEED)
        spoken = caption.end if following and following.speaker != caption.speaker else min(caption.end, room)
        end = max(spoken, min(start + reading, room), start + SHORTEST)
        end = min(room if 0 < room - end < _FLICKER else end, start + LONGEST, duration)
        free = min(end, start + SHORTEST)
        yield Caption(start, max(end, start + 1), caption.lines, caption.speaker)
