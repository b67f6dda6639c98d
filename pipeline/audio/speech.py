"""Where people speak in a recording, how to cut it into pieces of equal speech, and what no word covers.

Pure arithmetic on frames and times; probabilities come from a voice activity detector, words from a recogniser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.model import Span, Word

RATE = 16_000
"""Samples a second that recognisers and voice activity detectors hear."""

FRAME = 512
"""Samples a speech probability stands for."""

FRAME_MS = FRAME * 1000 // RATE

_SPEECH, _SILENCE = 0.5, 0.35
"""Silero's hysteresis: a frame above the first starts speech, a run below the second ends it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call of a recogniser gets: it holds no silence longer than `KEPT_SILENCE`.

    samples: int16, mono, at `RATE`, the kept stretches one after the other.
    kept: where each stretch lies in the recording, ms, in order.
    speech: the speech inside, ms in the recording, unpadded.
    """

    samples: NDArray[np.int16]
    kept: tuple[Span, ...]
    speech: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of a piece, in recording time. `lost` is speech that no word covers."""

    words: tuple[Word, ...]
    lost: tuple[Span, ...] = ()


def find_speech(probabilities: NDArray[np.float32], *, min_silence: int = 300) -> tuple[Span, ...]:
    """Stretches of speech, ms, without padding, from one probability a frame; silences under `min_silence` ms stay in."""
    spans: list[Span] = []
    start: int | None = None
    quiet_from: int | None = None
    for frame, probability in enumerate(probabilities.tolist()):
        now = frame * FRAME_MS
        if probability >= _SPEECH:
            start, quiet_from = (now if start is None else start), None
        elif start is not None and (probability < _SILENCE or quiet_from is not None):
            quiet_from = now if quiet_from is None else quiet_from
            if now - quiet_from >= min_silence:
                spans.append(Span(start, quiet_from))
                start = quiet_from = None
    if start is not None:
        spans.append(Span(start, len(probabilities) * FRAME_MS if quiet_from is None else quiet_from))
    return tuple(spans)


def duration(spans: Iterable[Span]) -> int:
    """Milliseconds in all."""
    return sum(span.end - span.start for span in spans)
