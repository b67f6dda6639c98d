"""What a long sound looks like: its outline at several scales, and its pauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.pauses import pauses
from pipeline.audio.streams import SECOND, Block, windows
from pipeline.model import Span
from pipeline.timecode import from_samples

HOP = SECOND // 200
"""Samples of one column of the finest level: 5 ms."""

STEP = 8
"""Columns of a level that are one column of the next."""

LEVELS = 4

_WINDOW = 30 * SECOND

Columns = NDArray[np.int8]
"""Shape (n, 2): the lowest and the highest sample of each column, full scale ±127."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """levels: from 5 ms a column, each 8 times coarser than the one before."""

    levels: tuple[Columns, ...]
    pauses: tuple[Span, ...]


def look(blocks: Iterable[Block]) -> Waveform:
    """Draw a stream of blocks of a second or so, in one pass and in the memory of half a minute of it."""
    columns: list[Columns] = []
    quiet: list[Span] = []
    for window in windows(blocks, _WINDOW, 0, 0):
        mono = window.samples.mean(axis=1, keepdims=True, dtype=np.float32)
        columns.append(_columns(mono[:, 0]))
        quiet += pauses(mono, from_samples(window.start))
    finest = np.concatenate([np.zeros((0, 2), np.int8), *columns])
    return Waveform(tuple(_levels(finest)), tuple(_joined(quiet)))


def _columns(samples: NDArray[np.float32]) -> Columns:
    padded = np.pad(samples, (0, -len(samples) % HOP), mode="edge").reshape(-1, HOP)
    edges = np.stack([padded.min(axis=1), padded.max(axis=1)], axis=1)
    columns: Columns = np.clip(np.rint(edges * 127), -127, 127).astype(np.int8)
    return columns


def _levels(finest: Columns) -> Iterator[Columns]:
    level = finest
    for _ in range(LEVELS):
        yield level
        padded = np.pad(level, ((0, -len(level) % STEP), (0, 0)), mode="edge") if len(level) else level
        groups = padded.reshape(-1, STEP, 2)
        level = np.stack([groups[:, :, 0].min(axis=1), groups[:, :, 1].max(axis=1)], axis=1) if len(level) else level


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Pauses that a window's edge cut in two are one."""
    held: Span | None = None
    for span in spans:
        if held and span.start - held.end <= 10:
            held = Span(held.start, span.end)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held
