"""Sound as it flows: blocks of float32 samples at 48 kHz, and who can read them from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.timecode import SAMPLE_RATE, from_samples

Block = NDArray[np.float32]
"""Shape (samples, channels), full scale ±1, 48 kHz."""

Mono = NDArray[np.float32]
"""Shape (samples,): one channel, full scale ±1, at the rate that whoever gives it says."""

SECOND = SAMPLE_RATE

MP3_FRAME = 1152
"""Samples in a frame of MPEG-1 layer III."""

METER_HOP = SAMPLE_RATE // 10
"""Samples between the starts of two gating blocks of BS.1770-4."""

FADE = SECOND // 200
"""A fade of 5 ms, which the ear takes for none, and which leaves no click."""

INSERT_GRID = 28_800
"""What is inserted lasts whole MP3 frames and whole meter hops (25 and 6), so that all behind it moves by both."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds. `samples` at 48 kHz, every one decoded and counted; rate and channels as in the file."""

    samples: int
    sample_rate: int
    channels: int

    @property
    def duration(self) -> int:
        """Milliseconds."""
        return from_samples(self.samples)


class Ears(Protocol):
    """Reads sound from files. `pipeline.tools.sound` is one."""

    def probe(self, path: Path) -> Facts:
        """Decode the whole file and count. Raises InputError for what cannot be used."""

    def digest(self, path: Path) -> str:
        """SHA-256 of the file, by which it is known again."""

    def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Samples `start` to `stop` at 48 kHz, exactly, in blocks of a second or so. Raises InputError."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a stream with what surrounds it: `samples[before : len(samples) - after]` starts at `start`."""

    start: int
    samples: Block
    before: int
    after: int

    @property
    def inner(self) -> Block:
        """The stretch alone."""
        return self.samples[self.before : len(self.samples) - self.after]


def windows(
    blocks: Iterable[Block], size: int, before: int, after: int, *, start: int = 0, stop: int = 2**62
) -> Iterator[Window]:
    """Cut a stream into stretches of `size` samples, each with up to `before` and `after` samples of its surroundings.

    The surroundings end where the stream does. An empty stream has no windows. start, stop: the samples of the stream
    that are cut up; the others are surroundings.
    """
    held: list[Block] = []
    first = length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        while first + length >= start + size + after and start < stop:
            whole = np.concatenate(held)
            yield _window(whole, first, start, min(start + size, stop), before=before, after=after)
            start += size
            keep = max(start - before, 0)
            held = [whole[keep - first :]]
            length, first = len(held[0]), keep
    if length:
        whole, stop = np.concatenate(held), min(stop, first + length)
        while start < stop:
            yield _window(whole, first, start, min(start + size, stop), before=before, after=after)
            start += size


def _window(whole: Block, first: int, start: int, end: int, *, before: int, after: int) -> Window:
    low, high = max(start - before, first), min(end + after, first + len(whole))
    return Window(start, whole[low - first : high - first], start - low, high - end)


def gather(blocks: Iterable[Block], channels: int) -> Block:
    """A whole short stream as one block: spots and windows of seconds, never a recording."""
    parts = list(blocks)
    return np.concatenate(parts) if parts else np.zeros((0, channels), np.float32)


class Tape:
    """A stream of one channel, shape (samples,), that is read forwards, skipping what nobody asks for."""

    def __init__(self, blocks: Iterable[Mono]) -> None:
        self._blocks = iter(blocks)
        self._block = np.zeros(0, np.float32)
        self._position = 0

    def read(self, start: int, stop: int) -> Mono:
        """Samples `start` to `stop`; fewer where the stream ends."""
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
