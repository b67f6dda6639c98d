"""Where people speak in a recording, how to cut it into pieces of equal speech, and what no word covers.

Pure arithmetic on frames and times; probabilities come from a voice activity detector, words from a recogniser.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from pipeline.model import Span, Word

RATE = 16_000
"""Samples a second that recognisers and voice activity detectors hear."""

FRAME = 512
"""Samples a speech probability stands for."""

FRAME_MS = FRAME * 1000 // RATE

_PER_MS = RATE // 1000

PIECE = 150_000
"""Milliseconds of speech in a piece, about the most: what a kill costs a core, and the grain of progress."""

KEPT_PAUSE, _MARGIN = 2000, 400
"""Pauses up to the first stay in a piece; speech keeps this much of the silence around it (faster-whisper's values)."""

_REACH = 250

_STARTS_EARLY, _ENDS_EARLY = 100, 70
"""What Whisper's word times are off by in the median, measured on speech with known times."""

_SNAP_START, _SNAP_END = 150, 400

_SHORTEST = 40
"""Milliseconds of a word; recognisers give some of them none."""

_SPEECH, _SILENCE = 0.5, 0.35
"""Silero's hysteresis: a frame above the first starts speech, a run below the second ends it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A piece to be cut out of a recording.

    kept: the stretches that a recogniser hears, ms in the recording, in order, none over another.
    speech: the speech inside, unpadded.
    """

    kept: tuple[Span, ...]
    speech: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call of a recogniser gets. `samples`: int16, mono, at `RATE`, the kept stretches one after the other."""

    samples: NDArray[np.int16]
    kept: tuple[Span, ...]
    speech: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of a piece, in recording time. `lost` is speech that no word covers."""

    words: tuple[Word, ...]
    lost: tuple[Span, ...] = ()


def find_speech(probabilities: NDArray[np.float32], length: int, *, min_silence: int = 300) -> tuple[Span, ...]:
    """Stretches of speech, ms, without padding, from one probability a frame; silences under `min_silence` stay in.

    length: of the recording, ms; the last frame may reach beyond.
    """
    spans: list[Span] = []
    start: int | None = None
    quiet_from: int | None = None
    for frame, probability in enumerate(probabilities.tolist()):
        now = frame * FRAME_MS
        if probability >= _SPEECH:
            start, quiet_from = (now if start is None else start), None
        elif start is not None and probability < _SILENCE:
            quiet_from = now if quiet_from is None else quiet_from
            if now - quiet_from >= min_silence:
                spans.append(Span(start, quiet_from))
                start = quiet_from = None
    if start is not None:
        spans.append(Span(start, length if quiet_from is None else quiet_from))
    return tuple(spans)


def share_out(speech: Sequence[Span], *, most: int = PIECE) -> tuple[tuple[Span, ...], ...]:
    """Speech dealt into pieces of about equal speech, at most about `most` ms each, cut in the widest pause near by.

    How many depends on the speech alone; it is a multiple of four, which most numbers of cores share evenly.
    """
    parts = [part for span in speech for part in _halves(span, most // 2)]
    total = duration(parts)
    count = 1 if total <= most // 4 or len(parts) == 1 else 4 * -(-total // (4 * most))
    heard = list(accumulate(span.end - span.start for span in parts))
    pauses = [after.start - before.end for before, after in pairwise(parts)]
    cuts = [_widest(pauses, heard, total * k // count, total // (8 * count)) for k in range(1, count)]
    edges = sorted({0, len(parts), *cuts})
    return tuple(tuple(parts[a:b]) for a, b in pairwise(edges))


def _halves(span: Span, most: int) -> Iterator[Span]:
    """A stretch without a pause in equal parts of at most `most` ms: noise, as a rule."""
    count = max(1, -(-(span.end - span.start) // most))
    edges = [span.start + (span.end - span.start) * k // count for k in range(count + 1)]
    yield from (Span(a, b) for a, b in pairwise(edges))


def _widest(pauses: Sequence[int], heard: Sequence[int], wanted: int, slack: int) -> int:
    """How many stretches come before the widest pause within `slack` ms of speech of `wanted`, else the nearest one."""
    near = [k for k in range(len(pauses)) if abs(heard[k] - wanted) <= slack]
    if not near:
        return 1 + min(range(len(pauses)), key=lambda k: abs(heard[k] - wanted))
    return 1 + max(near, key=lambda k: (pauses[k], -abs(heard[k] - wanted)))


def plan(speech: Sequence[Span], length: int) -> tuple[Plan, ...]:
    """The pieces of a recording of `length` ms: what to cut out of it, and what is spoken in each."""
    shares = share_out(speech) if speech else ()
    befores = [0, *(share[-1].end for share in shares)]
    afters = [*(share[0].start for share in shares[1:]), length]
    return tuple(
        Plan(_with_margins(share, before, after), share)
        for share, before, after in zip(shares, befores, afters, strict=False)
    )


def _with_margins(speech: Sequence[Span], before: int, after: int) -> tuple[Span, ...]:
    """Padded by `_MARGIN` and joined over pauses of up to `KEPT_PAUSE`.

    before, after: where the neighbouring pieces' speech ends and starts; a margin takes half the pause at most.
    """
    edges = [before, *(edge for span in speech for edge in (span.start, span.end)), after]
    room = [min(_MARGIN, (later - earlier) // 2) for earlier, later in zip(edges[::2], edges[1::2], strict=True)]
    kept: list[Span] = []
    for span, left, right in zip(speech, room, room[1:], strict=False):
        if kept and span.start - kept[-1].end <= KEPT_PAUSE - _MARGIN:
            kept[-1] = Span(kept[-1].start, span.end + right)
        else:
            kept.append(Span(span.start - left, span.end + right))
    return tuple(kept)


def cut_out(blocks: Iterable[NDArray[np.float32]], plans: Iterable[Plan]) -> Iterator[Piece]:
    """The pieces of a stream at `RATE`, one after the other, holding no more of it than a piece."""
    tape = _Tape(blocks)
    for plan in plans:
        kept = [tape.read(span.start * _PER_MS, span.end * _PER_MS) for span in plan.kept]
        whole = np.rint(np.clip(np.concatenate(kept), -1, 1) * 32767).astype(np.int16)
        yield Piece(whole, plan.kept, plan.speech)


class _Tape:
    """A stream that is read forwards, skipping what nobody asks for."""

    def __init__(self, blocks: Iterable[NDArray[np.float32]]) -> None:
        self._blocks = iter(blocks)
        self._block = np.zeros(0, np.float32)
        self._position = 0

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """NDArray[np.float32] `start` to `stop`; fewer where the stream ends."""
        parts = []
        while self._position < stop:
            if not len(self._block):
                if (following := next(self._blocks, None)) is None:
                    break
                self._block = following
            taken = self._block[: stop - self._position]
            parts.append(taken[max(start - self._position, 0) :])
            self._position += len(taken)
            self._block = self._block[len(taken) :]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def excerpt(piece: Piece, span: Span, margin: int = 500) -> Piece:
    """What a piece holds of a span, with up to `margin` ms around it."""
    low, high = span.start - margin, span.end + margin
    kept, parts, position = [], [], 0
    for stretch in piece.kept:
        inside = Span(max(stretch.start, low), min(stretch.end, high))
        if inside.start < inside.end:
            first = position + (inside.start - stretch.start) * _PER_MS
            kept.append(inside)
            parts.append(piece.samples[first : first + (inside.end - inside.start) * _PER_MS])
        position += (stretch.end - stretch.start) * _PER_MS
    return Piece(np.concatenate(parts), tuple(kept), (span,))


def uncovered(speech: Sequence[Span], words: Iterable[Word], *, least: int = 800) -> tuple[Span, ...]:
    """Speech of at least `least` ms that no word covers.

    A word covers `_REACH` ms on either side of itself; a word stretched over more than its letters can take does not
    cover the rest, for that is how recognisers paper over what they skipped.
    """
    said = sorted((max(0, word.start - _REACH), _plausible_end(word) + _REACH) for word in words)
    gaps: list[Span] = []
    for span in speech:
        reached = span.start
        for start, end in said:
            if end <= reached or start >= span.end:
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


def duration(spans: Iterable[Span]) -> int:
    """Milliseconds in all."""
    return sum(span.end - span.start for span in spans)
