"""Export: a finished programme in another container, as loud as its master, in one pass from the edit list.

Nothing is taken from the MP3 but its gain and ceiling, so nothing is encoded twice. What the encoder wrote is decoded
and measured; only where a peak came out too high it goes again, under a lower ceiling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.audio.limiter import CONTEXT, limited
from pipeline.audio.loudness import PIECE, RUN_UP, joined, levels, report
from pipeline.audio.pieces import in_parallel
from pipeline.audio.render import render
from pipeline.audio.streams import Block, Ears, Window, windows
from pipeline.audio.true_peak import BEHIND
from pipeline.errors import InputError
from pipeline.formats.containers import Container, container_of
from pipeline.formats.tags import Tag
from pipeline.model import EditList, Loudness, Master, Progress, Sound
from pipeline.stages.master import Material, check_sources, told

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
class _Job(Material):
    container: Container
    muxer: Muxer
    tag: Tag
    cover: Path

    def write(self, path: Path, blocks: Iterable[Block]) -> None:
        channels, samples = self.edit_list.channels, self.samples
        self.muxer.write(
            path, self.container, blocks, channels=channels, samples=samples, tag=self.tag, cover=self.cover
        )


def export(
    edit_list: EditList,
    master: Master,
    sound: Sound,
    tag: Tag,
    *,
    out: Path,
    cover: Path,
    workspace: Path,
    ears: Ears,
    muxer: Muxer,
    whole_file: Callable[[Path], AbstractContextManager[Path]],
    progress: Progress,
) -> Exported:
    """Render `edit_list` into `out`, whose suffix says what it becomes: `.m4a`, `.opus`, or `.mp4`, a film of `cover`.

    master: the master of this programme, or of the same one with other spots; its gain is taken.
    tag: what the file says of itself; its chapters are in the time of `edit_list`.
    whole_file: gives a temporary path that takes the file's place when all went well (`pipeline.store.whole_file`).
    True peaks stay under that of `sound`, as decoded. Raises InputError: nothing is exported to that suffix, a source
    is no longer what it was, the cover is no picture, too many chapters, peaks that no ceiling brings down.
    """
    container = container_of(out.name)
    job = _Job(edit_list, workspace, ears, progress, container, muxer, tag, cover)
    check_sources(job)
    with whole_file(out) as scratch:
        loudness = _written(job, scratch, master, sound.true_peak)
        check_sources(job)
    progress(1.0, "done")
    return Exported(job.samples, loudness)


def _written(job: _Job, scratch: Path, master: Master, true_peak: float) -> Loudness:
    """Levels of the file, once no peak passes `true_peak` dBTP."""
    ceiling = min(master.ceiling, true_peak - job.container.headroom)
    for attempt in range(_ATTEMPTS):
        low, high = 1 - 0.1**attempt, 1 - 0.1 ** (attempt + 1)
        middle = low + 0.9 * (high - low)
        job.write(scratch, _limited(job, master.gain, ceiling, (low, middle)))
        loudness = _heard(job, scratch, (middle, high))
        if (excess := loudness.true_peak - true_peak) <= 0:
            return loudness
        ceiling -= 1.5 * excess + 0.1
    raise InputError(
        f"after {_ATTEMPTS} attempts the sound still peaks at {loudness.true_peak} dBTP, not {true_peak}",
        todo="ask for less loudness in show.yaml",
    )


def _limited(job: Material, gain: float, ceiling: float, span: tuple[float, float]) -> Iterator[Block]:
    """The programme as loud as its master."""

    def loud(window: Window) -> Block:
        whole = limited(window.samples, gain, ceiling)
        return whole[window.before : len(whole) - window.after]

    blocks = render(job.edit_list, job.open_source)
    return in_parallel(windows(told(job, blocks, job.samples, "encode", span), PIECE, CONTEXT, CONTEXT), loud)


def _heard(job: Material, scratch: Path, span: tuple[float, float]) -> Loudness:
    """What a listener gets, decoded and measured."""
    decoded = job.ears.blocks(scratch, channels=job.edit_list.channels, stop=job.samples)
    blocks = told(job, decoded, job.samples, "check", span)
    return report(joined(in_parallel(windows(blocks, PIECE, RUN_UP, BEHIND), levels)))
