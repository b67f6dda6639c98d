"""Where a talk can be cut: the real pauses, heard in the sound and not guessed from a recogniser's word times.

Energies of 10 ms, high-passed at 100 Hz. A pause is a run of at least 200 ms under the 8th percentile plus
max(6 dB, 20 % of the range from there to the 95th percentile) of the window around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.biquads import Biquads, highpass
from pipeline.audio.streams import SECOND, Block, windows
from pipeline.audio.word_times import uncovered
from pipeline.errors import InputError
from pipeline.model import Cue, Segment, Span, Transcript, Word
from pipeline.timecode import from_samples, to_clock

HOP = SECOND // 100
"""Samples of one energy."""

REACH = 12_000
"""Milliseconds to either side of a cue that are looked at."""

_SHORTEST = 20
_FLOOR = -100.0
_SILENT_UNDER = 30.0
_LATE = 500
"""Milliseconds by which a recogniser's next word may start early, into the pause before it."""
_HIGHPASS = Biquads(highpass(100))


def levels(samples: Block) -> NDArray[np.float64]:
    """Energy in dB of every whole 10 ms of a mono window, high-passed at 100 Hz; −100 at least."""
    heard = np.concatenate([second[0] for second in _HIGHPASS.seconds(samples)])
    frames = heard[: len(heard) // HOP * HOP].reshape(-1, HOP)
    energies: NDArray[np.float64] = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    return np.maximum(energies, _FLOOR)


def threshold(energies: NDArray[np.float64]) -> float:
    """The level in dB under which a window is quiet."""
    low, high = np.percentile(energies, [8, 95])
    return float(low + max(6.0, 0.2 * (high - low)))


def pauses(samples: Block, start: int) -> tuple[Span, ...]:
    """The pauses in a mono window that starts at `start` ms of the recording; in recording time, ms."""
    if len(samples) < HOP:
        return ()
    energies = levels(samples)
    runs = _runs(energies <= threshold(energies))
    return tuple(Span(start + 10 * low, start + 10 * high) for low, high in runs if high - low >= _SHORTEST)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last + 1 of every run of flags that are up."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(low), int(high)) for low, high in turns.reshape(-1, 2)]


def after_cue(cue: Cue, found: Iterable[Span], transcript: Transcript, end: int) -> Span:
    """The pause that the spot goes into: forward from the cue sentence, before anyone says another word.

    found: pauses of the window around the cue, in order. end: of the recording, ms.
    Raises InputError that names the time, where there is no pause within reach.
    """
    following = _next_word(cue, transcript.segments)
    limit = min(cue.after + REACH, end if following is None else following + _LATE)
    fitting = [one for one in found if one.end > cue.after and one.start < limit]
    if fitting:
        return max(fitting, key=lambda one: _score(one, cue.after))
    if following is None and cue.after >= end - 1000:
        return Span(end, end)
    raise InputError(
        f"nobody pauses after the cue at {to_clock(cue.after)}, so a spot there would cut into speech",
        todo=f"listen around {to_clock(cue.after)} and write the time in episode.yaml, as in `cue_at: "
        f"{to_clock(cue.after)}`",
    )


def _score(pause: Span, wanted: int) -> float:
    """Length against distance, both in ms."""
    return pause.end - pause.start - 0.1 * max(pause.start - wanted, 0)


def _next_word(cue: Cue, segments: tuple[Segment, ...]) -> int | None:
    """When the first word starts that begins after the cue sentence, whoever says it."""
    starts = (word.start for segment in segments for word in segment.words or ())
    bare = (segment.start for segment in segments if not segment.words)
    return min((start for start in (*starts, *bare) if start >= cue.after), default=None)


def quietest(samples: Block, start: int, around: int) -> Span:
    """A stretch to take room tone from: the pause that holds `around`, else the longest, else the quietest 200 ms.

    samples: a mono window that starts at `start` ms. A window shorter than 200 ms is taken whole.
    """
    found = pauses(samples, start)
    here = [one for one in found if one.start <= around <= one.end]
    if best := max(here or found, key=lambda one: one.end - one.start, default=None):
        return best
    energies = levels(samples)
    if len(energies) < _SHORTEST:
        return Span(start, start + max(from_samples(len(samples)), 1))
    means = np.convolve(energies, np.ones(_SHORTEST), "valid")
    first = start + 10 * int(means.argmin())
    return Span(first, first + 10 * _SHORTEST)


def silences(blocks: Iterable[Block], longest: int) -> tuple[Span, ...]:
    """Every stretch of a mono recording longer than `longest` ms in which nobody speaks up and nothing plays.

    That is 30 dB under what is loud in the whole recording, so that music alone is no silence. Somebody far from the
    only microphone may be: see `unspoken`.
    """
    parts = [levels(one.samples)[one.before // HOP :] for one in windows(blocks, 30 * SECOND, 10 * HOP, 0)]
    energies = np.concatenate([np.zeros(0), *parts])
    if not len(energies):
        return ()
    runs = _runs(energies < np.percentile(energies, 95) - _SILENT_UNDER)
    return tuple(Span(10 * low, 10 * high) for low, high in runs if 10 * (high - low) > longest)


def unspoken(found: Sequence[Span], transcript: Transcript, longest: int) -> tuple[Span, ...]:
    """Silences less the words in them, as faint as they may be; what is left of one lasts `longest` ms or more."""
    words = (
        word
        for segment in transcript.segments
        for word in segment.words or (Word(segment.start, segment.end, segment.text, 1.0),)
    )
    return uncovered(found, words, least=longest, reach=0)


def middles(found: Iterable[Span], longest: int) -> Iterator[Span]:
    """What goes of silences so that each lasts `longest` ms."""
    for silence in found:
        yield Span(silence.start + longest // 2, silence.end - (longest - longest // 2))


def cut_in(pause: Span) -> int:
    """The millisecond to cut at: the middle, or a second in where the pause is long."""
    return pause.start + min((pause.end - pause.start) // 2, 1000)
