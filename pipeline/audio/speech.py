"""Where people speak in a recording, and how to cut it for a recogniser.

Pure arithmetic on frames and times; probabilities come from a voice activity detector, words from a recogniser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from pipeline.audio.streams import Block, Mono, Tape
from pipeline.model import Span, Word
from pipeline.timecode import SAMPLE_RATE

RATE = 16_000
"""Samples a second that recognisers and voice activity detectors hear."""

FRAME = 512
"""Samples a speech probability stands for."""

FRAME_MS = FRAME * 1000 // RATE

_PER_MS = RATE // 1000

TAKE = 29_000
"""Milliseconds. Whisper hears 30 s at a time; takes that end in pauses spare it from cutting where it stopped."""

_TAKES = 5
"""In a piece, at most: what a kill costs a core, and the grain of progress."""

_KEPT_PAUSE, _MARGIN = 2000, 400
"""Pauses up to the first stay in a take; speech keeps this much of the silence around it (faster-whisper's values)."""

_FITTING = TAKE - 2 * _MARGIN
"""Milliseconds of unbroken speech that fit into a take."""

_SPEECH, _SILENCE, _LASTING = 0.5, 0.35, 300
"""Silero's hysteresis: a frame above the first starts speech, so many ms below the second end it."""

_BRIEFEST = 100
"""Milliseconds of speech; less is a click or a voice from afar. Whisper, given that by itself, may put there the first
word of a sentence that comes seconds later."""


_AROUND = 500
"""Milliseconds to either side of what is heard again by itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A take to be cut out of a recording.

    kept: the stretches that a recogniser hears, ms in the recording, in order, none over another.
    speech: the speech inside, unpadded.
    """

    kept: tuple[Span, ...]
    speech: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Take:
    """What a recogniser hears at once, no more than `TAKE`.

    samples: int16, mono, at `RATE`, the kept stretches one after the other.
    """

    samples: NDArray[np.int16]
    kept: tuple[Span, ...]
    speech: tuple[Span, ...]


Piece = tuple[Take, ...]
"""A few minutes: what is sent to a worker, and kept when it is done."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of it, in recording time. `lost` is speech that no word covers."""

    words: tuple[Word, ...]
    lost: tuple[Span, ...] = ()


def at_16k(blocks: Iterable[Block]) -> Iterator[Mono]:
    """Mono blocks at 48 kHz as recognisers want them, shape (samples,); none is empty."""
    stream = soxr.ResampleStream(SAMPLE_RATE, RATE, 1, dtype="float32", quality="HQ")
    nothing = np.zeros((0, 1), np.float32)
    for block, last in chain(((block, False) for block in blocks), [(nothing, True)]):
        # Of a short block, as files at 44.1 kHz end with, the resampler may keep everything for what comes.
        if len(made := stream.resample_chunk(block, last=last)):
            yield made[:, 0]


def find_speech(probabilities: NDArray[np.float32], length: int) -> tuple[Span, ...]:
    """Stretches of speech, ms, without padding, from one probability a frame.

    Silences under 300 ms stay in; what lasts less than 100 ms between longer ones is nobody's word, and left out. What
    is too long for a take, as where people talk fast or over music, is parted where speech is the least probable.

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
            if now - quiet_from >= _LASTING:
                spans.append(Span(start, quiet_from))
                start = quiet_from = None
    if start is not None:
        spans.append(Span(start, length if quiet_from is None else quiet_from))
    lasting = (span for span in spans if span.end - span.start >= _BRIEFEST)
    smooth = np.convolve(probabilities, np.ones(3) / 3, "same")
    return tuple(part for span in lasting for part in _parted(span, smooth))


def _parted(span: Span, probabilities: NDArray[np.float64]) -> Iterator[Span]:
    """A stretch in parts that fit into takes, as few as can be; a cut anywhere would halve a word."""
    start, room = span.start, _FITTING // 5
    while span.end - start > _FITTING:
        last = (min(start + _FITTING, span.end - room)) // FRAME_MS
        first = last - room // FRAME_MS
        cut = (first + int(np.argmin(probabilities[first:last]))) * FRAME_MS + FRAME_MS // 2
        yield Span(start, cut)
        start = cut
    yield Span(start, span.end)


def plan(speech: Sequence[Span], length: int) -> tuple[Plan, ...]:
    """The takes of a recording of `length` ms, each at most `TAKE`, ending in the widest pause of its last fifth."""
    parts = [part for span in speech for part in _halves(span, _FITTING)]
    shares = []
    while parts:
        count = _take(parts)
        shares.append(tuple(parts[:count]))
        parts = parts[count:]
    befores = [0, *(share[-1].end for share in shares)]
    afters = [*(share[0].start for share in shares[1:]), length]
    return tuple(
        Plan(_with_margins(share, before, after), share)
        for share, before, after in zip(shares, befores, afters, strict=False)
    )


def _halves(span: Span, most: int) -> Iterator[Span]:
    """A stretch in equal parts of at most `most` ms: `find_speech` has parted what it found, others may not have."""
    count = max(1, -(-(span.end - span.start) // most))
    edges = [span.start + (span.end - span.start) * k // count for k in range(count + 1)]
    yield from (Span(a, b) for a, b in pairwise(edges))


def _take(parts: Sequence[Span]) -> int:
    """How many of the stretches make the next take."""
    fitting = {1: 0}
    for count in range(1, len(parts) + 1):
        long = duration(_with_margins(parts[:count], 0, parts[count - 1].end + 2 * _MARGIN))
        if long > TAKE:
            break
        fitting[count] = long
    most = max(fitting)
    if most == len(parts):
        return most
    late = [count for count, long in fitting.items() if long >= 0.8 * TAKE] or [most]
    return max(late, key=lambda count: parts[count].start - parts[count - 1].end)


def _with_margins(speech: Sequence[Span], before: int, after: int) -> tuple[Span, ...]:
    """Padded by `_MARGIN` and joined over pauses of up to `_KEPT_PAUSE`.

    before, after: where the neighbouring takes' speech ends and starts; a margin takes half the pause at most.
    """
    edges = [before, *(edge for span in speech for edge in (span.start, span.end)), after]
    room = [min(_MARGIN, (later - earlier) // 2) for earlier, later in zip(edges[::2], edges[1::2], strict=True)]
    kept: list[Span] = []
    for span, left, right in zip(speech, room, room[1:], strict=False):
        if kept and span.start - kept[-1].end <= _KEPT_PAUSE - _MARGIN:
            kept[-1] = Span(kept[-1].start, span.end + right)
        else:
            kept.append(Span(span.start - left, span.end + right))
    return tuple(kept)


def deal(plans: Sequence[Plan]) -> tuple[tuple[Plan, ...], ...]:
    """Takes dealt into pieces of as equal a number as can be.

    How many pieces depends on the takes alone; it is a multiple of four, which most numbers of cores share evenly.
    """
    count = min(len(plans), 4 * -(-len(plans) // (4 * _TAKES)))
    edges = [len(plans) * k // max(count, 1) for k in range(count + 1)]
    return tuple(tuple(plans[a:b]) for a, b in pairwise(edges))


def cut_out(blocks: Iterable[Mono], pieces: Iterable[Sequence[Plan]]) -> Iterator[Piece]:
    """The pieces of a stream at `RATE`, one after the other, holding no more of it than a piece."""
    tape = Tape(blocks)
    for plans in pieces:
        yield tuple(_cut(tape, plan) for plan in plans)


def _cut(tape: Tape, plan: Plan) -> Take:
    kept = np.concatenate([tape.read(span.start * _PER_MS, span.end * _PER_MS) for span in plan.kept])
    return Take(np.rint(np.clip(kept, -1, 1) * 32767).astype(np.int16), plan.kept, plan.speech)


def excerpt(take: Take, span: Span) -> Take:
    """What a take holds of a span, with up to 500 ms around it."""
    low, high = span.start - _AROUND, span.end + _AROUND
    kept, parts, position = [], [], 0
    for stretch in take.kept:
        inside = Span(max(stretch.start, low), min(stretch.end, high))
        if inside.start < inside.end:
            first = position + (inside.start - stretch.start) * _PER_MS
            kept.append(inside)
            parts.append(take.samples[first : first + (inside.end - inside.start) * _PER_MS])
        position += (stretch.end - stretch.start) * _PER_MS
    return Take(np.concatenate(parts), tuple(kept), (span,))


def duration(spans: Iterable[Span]) -> int:
    """Milliseconds in all."""
    return sum(span.end - span.start for span in spans)
