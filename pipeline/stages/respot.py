"""Another spot in a finished master: only the frames that hear it are made, and the file is as if made anew.

It is the same bit for bit, because gain does not hang on the spots, an insert lasts whole MP3 frames, and every frame
depends on its neighbourhood alone. Where any of that does not hold, the master is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from io import SEEK_END
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from pipeline.audio.loudness import PIECE, RUN_UP, Levels, joined, levels
from pipeline.audio.mp3 import frame_bytes, info_bytes
from pipeline.audio.patching import Copy, copies, gaps, same_but_spots, shared
from pipeline.audio.pieces import AFTER, BEFORE, Press, in_parallel
from pipeline.audio.render import render
from pipeline.audio.streams import METER_HOP, MP3_FRAME, windows
from pipeline.audio.true_peak import BEHIND
from pipeline.model import EditList, Master
from pipeline.stages.master import (
    Made,
    Mastering,
    anew,
    corrected,
    finished,
    levels_for,
    write,
)
from pipeline.stages.material import same_sources

_COPIED = 2**18
"""Bytes that are copied at a time."""


@dataclass(frozen=True, slots=True)
class Previous:
    """A finished master: its file, what it was made of, and what was said of it."""

    path: Path
    edit_list: EditList
    master: Master


def respot(job: Mastering, previous: Previous, *, out: Path, relative: str) -> Master:
    """What `master` makes of a programme, from a master of the same talk with other spots, which may lie at `out`.

    Raises what `master` raises.
    """
    with job.whole_file(out) as path, path.open("w+b") as scratch, same_sources(job):
        made = _patched(job, scratch, previous) or anew(job, scratch)
    return finished(job, made, out, relative)


def _patched(job: Mastering, scratch: BinaryIO, previous: Previous) -> Made | None:
    """The new file with every frame of the old one that fits; None where it would not be what `anew` makes."""
    old, channels = previous.master, job.edit_list.channels
    before = levels_for(previous.path, job.target, old.sha256)
    if before is None or (old.bitrate, old.channels) != (job.bitrate, channels):
        return None
    if not same_but_spots(previous.edit_list, job.edit_list) or job.ears.digest(previous.path) != old.sha256:
        return None
    press = Press(old.gain, old.ceiling, job.encoder, job.bitrate)
    with previous.path.open("rb") as file:
        frames = (file.seek(0, SEEK_END) - info_bytes(job.bitrate, channels)) // frame_bytes(job.bitrate)
        kept = tuple(copies(shared(previous.edit_list, job.edit_list), old.samples, job.samples, frames))
        write(job, scratch, _spliced(job, press, file, kept))
    heard = _heard_again(job, scratch, before, kept)
    return None if corrected(press, heard, job.target) else Made(press, heard, job.samples, True)


def _spliced(job: Mastering, press: Press, old: BinaryIO, kept: tuple[Copy, ...]) -> Iterator[bytes]:
    """Old frames and new ones in order."""
    copied = ((copy.first, _copied(job, old, copy)) for copy in kept)
    made = ((first, _made(job, press, first, last)) for first, last in gaps(kept, job.samples))
    for _, frames in merge(copied, made, key=itemgetter(0)):
        yield from frames


def _copied(job: Mastering, old: BinaryIO, copy: Copy) -> Iterator[bytes]:
    size, head = frame_bytes(job.bitrate), info_bytes(job.bitrate, job.edit_list.channels)
    old.seek(head + (copy.first - copy.moved) * size)
    step = _COPIED // size
    for first in range(copy.first, copy.last, step):
        yield old.read(min(step, copy.last - first) * size)


def _made(job: Mastering, press: Press, first: int, last: int) -> Iterator[bytes]:
    """Frames `first` to `last` of the programme, rendered alone with what the encoder needs around them."""
    start, stop = first * MP3_FRAME, min(last * MP3_FRAME, job.samples)
    low, high = max(start - BEFORE, 0), min(stop + AFTER, job.samples)
    blocks = render(job.edit_list, job.open_source, start=low, stop=high)
    return in_parallel(windows(blocks, PIECE, BEFORE, AFTER, start=start - low, stop=stop - low), press.frames)


def _heard_again(job: Mastering, scratch: BinaryIO, before: Levels, kept: tuple[Copy, ...]) -> Levels:
    """Levels of the new file: the old ones where its frames are old, measured where they are new."""
    parts: list[Levels] = []
    at = 0
    total = -(-job.samples // METER_HOP)
    for copy in kept:
        first, last = _hops(copy, job.samples)
        if at < first:
            parts += _heard_between(job, scratch, at, first)
        moved = copy.moved * MP3_FRAME // METER_HOP
        parts.append(Levels(before.energies[first - moved : last - moved], before.peaks[first - moved : last - moved]))
        at = last
    if at < total:
        parts += _heard_between(job, scratch, at, total)
    return joined(parts)


def _hops(copy: Copy, samples: int) -> tuple[int, int]:
    """Which 100 ms of the new file are heard through copied frames alone, the meter's memory included."""
    first = -(-((copy.first + 2) * MP3_FRAME + RUN_UP) // METER_HOP) if copy.first else 0
    closes = copy.last * MP3_FRAME >= samples
    return first, -(-samples // METER_HOP) if closes else (copy.last - 2) * MP3_FRAME // METER_HOP


def _heard_between(job: Mastering, scratch: BinaryIO, first: int, last: int) -> Iterator[Levels]:
    """Levels of the new file's 100 ms `first` to `last`, decoded."""
    start, stop = first * METER_HOP, min(last * METER_HOP, job.samples)
    low, high = max(start - RUN_UP, 0), min(stop + BEHIND, job.samples)
    blocks = job.ears.blocks(Path(scratch.name), channels=job.edit_list.channels, start=low, stop=high)
    return in_parallel(windows(blocks, PIECE, RUN_UP, BEHIND, start=start - low, stop=stop - low), levels)
