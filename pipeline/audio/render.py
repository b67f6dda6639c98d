"""An edit list made sound: streamed, one sample clock, any stretch of it alone the same as in the whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.audio.edits import length, placed
from pipeline.audio.filters import RUN_UP, STRETCH, highpassed
from pipeline.audio.streams import INSERT_GRID, Block
from pipeline.model import Clip, EditList

Open = Callable[[str, int, int], Iterator[Block]]
"""(name of a source, first sample, last sample + 1) to its blocks, in the edit list's channels."""

BLOCK = 2 * INSERT_GRID
"""Samples of a rendered block, 1.2 s."""

_Row = tuple[tuple[int, Clip], ...]
"""Clips that follow one another, each with the programme sample that it starts at."""


def render(edit_list: EditList, open_source: Open, *, start: int = 0, stop: int | None = None) -> Iterator[Block]:
    """Programme samples `start` to `stop` in blocks of 1.2 s, the last one shorter.

    A source that ends before its clip does leaves silence there; stages check lengths before.
    """
    readers = {source.name: _Reader(source.name, open_source, edit_list.channels) for source in edit_list.sources}
    row, over = tuple(placed(edit_list)), tuple((one.at, one.clip) for one in edit_list.overlays)
    starts = [at for at, _ in row]
    end = length(edit_list.clips) if stop is None else stop
    for low in range(start, end, BLOCK):
        high = min(low + BLOCK, end)
        block = np.zeros((high - low, edit_list.channels), np.float32)
        for at, clip in (*_between(row, starts, low, high), *over):
            _add(block, low, at, clip, readers)
        yield block


def _between(row: _Row, starts: Sequence[int], low: int, high: int) -> _Row:
    """The clips that can be heard in samples `low` to `high`: of a talk with many cuts, a few."""
    return row[max(bisect_right(starts, low) - 1, 0) : bisect_left(starts, high)]


def _add(block: Block, low: int, at: int, clip: Clip, readers: dict[str, _Reader]) -> None:
    """Mix into `block`, which starts at programme sample `low`, what `clip` at `at` has to say there."""
    first, last = max(low, at), min(low + len(block), at + clip.source_out - clip.source_in)
    if first >= last:
        return
    heard = readers[clip.source].read(clip.source_in + first - at, clip.source_in + last - at)
    heard = heard * np.float32(10 ** (clip.gain / 20)) if clip.gain else heard
    block[first - low : last - low] += _faded(heard, first - at, clip)


def _faded(heard: Block, offset: int, clip: Clip) -> Block:
    """`heard`, which starts `offset` samples into the clip, under the clip's linear fades."""
    whole = clip.source_out - clip.source_in
    if offset >= clip.fade_in and offset + len(heard) <= whole - clip.fade_out:
        return heard
    place = np.arange(offset, offset + len(heard)) + 0.5
    rise = place / clip.fade_in if clip.fade_in else np.ones(len(heard))
    fall = (whole - place) / clip.fade_out if clip.fade_out else np.ones(len(heard))
    return heard * np.clip(np.minimum(rise, fall), 0, 1).astype(np.float32)[:, None]


@dataclass(slots=True)
class _Reader:
    """One source, high-passed by stretches of its own clock; cheap where reading goes forward."""

    name: str
    open_source: Open
    channels: int
    _number: int = -1
    _stretch: Block = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    _raw: _Forward | None = None

    def read(self, start: int, stop: int) -> Block:
        """Samples `start` to `stop`."""
        parts = []
        for number in range(start // STRETCH, (stop - 1) // STRETCH + 1):
            low = number * STRETCH
            parts.append(self._filtered(number)[max(start - low, 0) : stop - low])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _filtered(self, number: int) -> Block:
        if number != self._number:
            low = max(number * STRETCH - RUN_UP, 0)
            if self._raw is None or low < self._raw.position:
                self._raw = _Forward(self.open_source, self.name, low, self.channels)
            raw = self._raw.take(low, (number + 1) * STRETCH, keep=RUN_UP)
            self._stretch = highpassed(raw, self.name, number * STRETCH - low)
            self._number = number
        return self._stretch


class _Forward:
    """Blocks of a source from some sample on, read forward only."""

    def __init__(self, open_source: Open, name: str, start: int, channels: int) -> None:
        self.position = start
        self._held = np.zeros((0, channels), np.float32)
        self._blocks = open_source(name, start, 2**62)

    def take(self, start: int, stop: int, *, keep: int) -> Block:
        """Samples `start` to `stop`, zeros past the source's end; the last `keep` of them can be taken again."""
        parts, end = [self._held], self.position + len(self._held)
        while end < stop and (block := next(self._blocks, None)) is not None:
            skip = start - end
            end += len(block)
            if skip < len(block):
                parts.append(block)
            else:
                parts, self.position = [], end
        whole = np.concatenate(parts) if parts else self._held[:0]
        return self._cut(whole, start, stop, keep)

    def _cut(self, whole: Block, start: int, stop: int, keep: int) -> Block:
        taken = whole[start - self.position : stop - self.position]
        kept = max(stop - keep - self.position, 0)
        self._held, self.position = whole[kept:].copy(), self.position + min(kept, len(whole))
        short = stop - start - len(taken)
        return np.pad(taken, ((0, short), (0, 0))) if short > 0 else taken
