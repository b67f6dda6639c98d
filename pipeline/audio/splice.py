"""The spot and the room around it: trimmed by pydub, matched in loudness, filled up with room tone to the grid."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from pipeline.audio.edits import TONE, length
from pipeline.audio.loudness import SILENCE, integrated, measure
from pipeline.audio.streams import FADE, INSERT_GRID, Block
from pipeline.errors import InputError
from pipeline.model import Clip, Span
from pipeline.timecode import SAMPLE_RATE, to_samples

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub misses an ffmpeg on the path; samples go in and out here, never files
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

AIR = 100
"""Milliseconds of a spot's own quiet that are kept before its first sound and after its last."""

_MOST_TONE = INSERT_GRID // 2 + 2 * FADE
"""Samples of tone that any spot may need on one side: whether the talk fades must not hang on which spot it is."""

_SILENT = -60.0
_MOST_GAIN = 24.0
"""dB up, beyond which a spot's own noise would be heard; there is no limit down, for a talk may be very quiet."""


def segment(samples: Block) -> AudioSegment:
    """A short block as pydub holds it, 16 bit, DC taken off."""
    level = samples - samples.mean(axis=0, keepdims=True) if len(samples) else samples
    data = (np.clip(level, -1, 1) * 32767).astype("<i2").tobytes()
    return AudioSegment(data=data, sample_width=2, frame_rate=SAMPLE_RATE, channels=samples.shape[1])


def sounding(samples: Block, name: str) -> tuple[int, int]:
    """First and last sample of what sounds in a spot, with a little air. Raises InputError for a silent one."""
    heard = segment(samples)
    if heard.dBFS < _SILENT:
        raise InputError("the spot is silent", where=name, todo="give a spot that can be heard, in mono too")
    quiet = heard.dBFS - 30
    before = max(detect_leading_silence(heard, quiet) - AIR, 0)
    after = max(detect_leading_silence(heard.reverse(), quiet) - AIR, 0)
    return to_samples(before), len(samples) - to_samples(after)


def matched(samples: Block, wanted: float) -> float:
    """Gain in dB that brings `samples` to `wanted` LUFS; 0 where either is silence."""
    loudness = integrated(measure([samples]).energies)
    if SILENCE in {loudness, wanted}:
        return 0.0
    return round(min(wanted - loudness, _MOST_GAIN), 2)


def filled(spot: Clip, pause: Span, at: int, *, uncut: bool) -> tuple[tuple[Clip, ...], int]:
    """The spot with room tone on both sides, whole steps of the insert grid long; and the fade that the talk needs.

    pause: where tone is taken from, ms of the recording. at: the cut, ms. uncut: whether the talk plays through it but
    for the spot. Where it does, and the pause is long enough on both sides of the cut, it goes on before the spot and
    comes in again behind it, so the talk needs no fade; else it is repeated.
    """
    missing = -length([spot]) % INSERT_GRID
    missing += INSERT_GRID if missing < 4 * FADE else 0
    first, second = missing // 2, missing - missing // 2
    low, high, cut = to_samples(pause.start), to_samples(pause.end), to_samples(at)
    if uncut and low + _MOST_TONE <= cut <= high - _MOST_TONE:
        before = Clip(TONE, cut, cut + first, fade_out=FADE)
        after = Clip(TONE, cut - second, cut, fade_in=FADE)
        return (before, spot, after), 0
    return (*_repeated(first, low, high), spot, *_repeated(second, low, high)), FADE


def _repeated(samples: int, low: int, high: int) -> Iterator[Clip]:
    while samples:
        piece = min(samples, high - low)
        yield Clip(TONE, low, low + piece, min(FADE, piece // 2), min(FADE, piece // 2))
        samples -= piece
