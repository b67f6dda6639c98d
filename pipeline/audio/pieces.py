"""A programme in pieces that cores work on side by side, and that join as if made in one go."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pipeline.audio.limiter import CONTEXT, limited
from pipeline.audio.mp3 import frame_bytes
from pipeline.audio.streams import MP3_FRAME, Block, Window

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

PRE_ROLL = 5 * MP3_FRAME
"""Samples encoded before a piece and thrown away: LAME, set as ours is, remembers three frames at most."""
POST_ROLL = 3 * MP3_FRAME
"""Samples after a piece that its last frames look ahead into."""

BEFORE = PRE_ROLL + CONTEXT
AFTER = POST_ROLL + CONTEXT
"""What a window must bring, as far as there is any, for its frames to be exact."""

_MOST = 4
"""Pieces at a time: each takes 13 MB of stereo, and memory is promised."""


class Encoder(Protocol):
    """Makes MP3 frames that need no neighbours. `pipeline.tools.lame` is one."""

    def encode(self, samples: Block, bitrate: int) -> bytes:
        """Every frame for the samples, flushed, without an Info header; from any thread."""

    def lowpass(self, channels: int, bitrate: int) -> int:
        """Where it cuts the treble, Hz."""


@dataclass(frozen=True, slots=True)
class Levelling:
    """How loud every piece of one programme is made: gain in dB, then the limiter's ceiling in dBTP."""

    gain: float
    ceiling: float

    def loud(self, piece: Window) -> Block:
        """A window's inner samples; it brings `CONTEXT` on either side, as far as there is any."""
        whole = limited(piece.samples, self.gain, self.ceiling)
        return whole[piece.before : len(whole) - piece.after]


@dataclass(frozen=True, slots=True)
class Press(Levelling):
    """How every piece of one master is made, at `bitrate` kbit/s."""

    encoder: Encoder
    bitrate: int

    def frames(self, piece: Window) -> bytes:
        """The MP3 frames that start in a window, to the end of the stream if it reaches there.

        The window starts on a frame and brings `BEFORE` and `AFTER`.
        """
        loud = limited(piece.samples, self.gain, self.ceiling)
        before, after = min(piece.before, PRE_ROLL), min(piece.after, POST_ROLL)
        heard = loud[piece.before - before : len(loud) - piece.after + after]
        size = frame_bytes(self.bitrate)
        first = before // MP3_FRAME * size
        last = first + len(piece.inner) // MP3_FRAME * size if piece.after else None
        return self.encoder.encode(heard, self.bitrate)[first:last]


def in_parallel(items: Iterable[_Item], work: Callable[[_Item], _Made]) -> Iterator[_Made]:
    """`work` on every item, results in order; no more items are taken ahead than cores can work on."""
    count = min(cores(), _MOST)
    waiting: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(count) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
