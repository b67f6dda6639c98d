"""Export: a finished programme in another container, as loud as its master, in one pass from the edit list.

Nothing is taken from the MP3 but its gain and ceiling, so nothing is encoded twice. What the encoder wrote is decoded
and measured, as for a master; only a miss makes it go again, corrected by the miss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.audio.limiter import CONTEXT
from pipeline.audio.loudness import PIECE, RUN_UP, Levels, joined, levels, report
from pipeline.audio.pieces import Levelling, in_parallel
from pipeline.audio.render import render
from pipeline.audio.streams import Block, windows
from pipeline.audio.true_peak import BEHIND
from pipeline.errors import InputError
from pipeline.formats.containers import Container, container_of
from pipeline.formats.tags import Tag
from pipeline.model import Loudness, Master
from pipeline.stages.master import corrected
from pipeline.stages.material import Material, same_sources, told

TOLERANCE = 0.2
"""LU by which a file may miss its loudness: a master's own, and what a codec takes of it."""

_ATTEMPTS = 4


class Muxer(Protocol):
    """Writes containers. `pipeline.tools.muxer` is one."""

    def write(
        self,
        path: Path,
        container: Container,
        blocks: Iterable[Block],
        *,
        channels: int,
        samples: int,
        tag: Tag,
        cover: Path,
    ) -> None:
        """Encode `blocks`, which hold `samples` in all, into a file at `path`. `cover`: the picture of a film."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: samples at 48 kHz, and levels as decoded."""

    samples: int
    loudness: Loudness


@dataclass(frozen=True, slots=True)
class Exporting(Material):
    """A programme to be put into a container.

    tag: what the file says of itself; its chapters are in the time of `edit_list`. cover: the picture of a film.
    """

    muxer: Muxer
    tag: Tag
    cover: Path

    def write(self, path: Path, container: Container, blocks: Iterable[Block]) -> None:
        """Encode `blocks`, which hold the whole programme, into a file at `path`."""
        channels, samples = self.edit_list.channels, self.samples
        self.muxer.write(path, container, blocks, channels=channels, samples=samples, tag=self.tag, cover=self.cover)


def export(job: Exporting, master: Master, *, out: Path) -> Exported:
    """Render the programme into `out`, whose suffix says what it becomes: `.m4a`, `.opus`, or `.mp4`, a film.

    master: the master of this programme, or of the same one with other spots; its gain is taken.
    The file meets its target, the loudness within 0.2 LU, as measured on what it decodes to. Raises InputError: nothing
    is exported to that suffix, a source is no longer what it was, the cover is no picture, there are too many chapters,
    levels cannot be met.
    """
    container = container_of(out.name)
    with job.whole_file(out) as scratch, same_sources(job):
        loudness = _written(job, container, scratch, Levelling(master.gain, master.ceiling))
    job.progress(1.0, "done")
    return Exported(job.samples, loudness)


def _written(job: Exporting, container: Container, scratch: Path, way: Levelling) -> Loudness:
    """Levels of the file, once they are those of the target."""
    target = job.target
    for attempt in range(_ATTEMPTS):
        low, high = 1 - 0.1**attempt, 1 - 0.1 ** (attempt + 1)
        middle = low + 0.9 * (high - low)
        blocks = told(job, render(job.edit_list, job.open_source), job.samples, "encode", (low, middle))
        job.write(scratch, container, in_parallel(windows(blocks, PIECE, CONTEXT, CONTEXT), way.loud))
        heard = _heard(job, scratch, (middle, high))
        better = corrected(way, heard, target, TOLERANCE)
        if better is None:
            return report(heard)
        way = better
    loudness = report(heard)
    raise InputError(
        f"after {_ATTEMPTS} attempts it measures {loudness.integrated} LUFS and {loudness.true_peak} dBTP,"
        f" not {target.loudness} LUFS and {target.true_peak} dBTP",
        todo="ask for less loudness in show.yaml",
    )


def _heard(job: Material, scratch: Path, span: tuple[float, float]) -> Levels:
    """What a listener gets, decoded and measured."""
    decoded = job.ears.blocks(scratch, channels=job.edit_list.channels, stop=job.samples)
    blocks = told(job, decoded, job.samples, "check", span)
    return joined(in_parallel(windows(blocks, PIECE, RUN_UP, BEHIND), levels))
