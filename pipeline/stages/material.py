"""A programme to be made a file of, and its sources, which have to stay what they were meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.audio.edits import length
from pipeline.audio.streams import Block, Ears
from pipeline.errors import InputError
from pipeline.model import EditList, Progress, Sound


class WholeFile(Protocol):
    """Files that appear whole or not at all. `pipeline.store.whole_file` makes them."""

    def __call__(self, path: Path) -> AbstractContextManager[Path]:
        """A temporary path that takes the place of `path` when the block ends well, and vanishes when it does not."""


@dataclass(frozen=True, slots=True)
class Target:
    """LUFS and dBTP that a file must measure, as decoded."""

    loudness: float
    true_peak: float


@dataclass(frozen=True, slots=True)
class Material:
    """A programme to be rendered as `sound` wants it, from sources under `workspace`; and what it is done with."""

    edit_list: EditList
    sound: Sound
    workspace: Path
    ears: Ears
    whole_file: WholeFile
    progress: Progress

    @property
    def target(self) -> Target:
        """What the file must measure: −16 LUFS in stereo, −19 in mono, where the show says nothing."""
        return Target(self.sound.target(self.edit_list.channels), self.sound.true_peak)

    @property
    def samples(self) -> int:
        """The programme's length."""
        return length(self.edit_list.clips)

    def open_source(self, name: str, start: int, stop: int) -> Iterator[Block]:
        """Samples `start` to `stop` of a source, in the programme's channels."""
        source = next(one for one in self.edit_list.sources if one.name == name)
        path = self.workspace / source.path
        return self.ears.blocks(path, channels=self.edit_list.channels, start=start, stop=stop)


def told(job: Material, blocks: Iterable[Block], total: int, words: str, span: tuple[float, float]) -> Iterator[Block]:
    """`blocks`, of which `total` samples are awaited: they take progress from one end of `span` to the other."""
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        job.progress(span[0] + (span[1] - span[0]) * min(done / max(total, 1), 1.0), words)


@contextmanager
def same_sources(job: Material) -> Iterator[None]:
    """While sources are read. Raises InputError where one is not what it was, at the start or at the end.

    An hour is 350 MB: it is hashed beside the work, and again at the end only if the file system says that it was
    written to.
    """
    seen = _stamps(job)
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(_check_sources, job)
        try:
            yield
        finally:
            # What a changed file made fail is no fault of its own.
            checked.result()
    if _stamps(job) != seen:
        _check_sources(job)


def _stamps(job: Material) -> list[tuple[int, int, int]]:
    found = (job.workspace / source.path for source in job.edit_list.sources)
    stats = (path.stat() for path in found if path.exists())
    return [(one.st_ino, one.st_size, one.st_mtime_ns) for one in stats]


def _check_sources(job: Material) -> None:
    for path, sha256 in {source.path: source.sha256 for source in job.edit_list.sources}.items():
        if job.ears.digest(job.workspace / path) != sha256:
            raise InputError(
                "the file changed since the programme was put together",
                where=path,
                todo="run again: the stages before will take it as it is now",
            )
