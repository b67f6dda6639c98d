"""How long a correction of a finished episode takes until it is public, and what of it takes how long.

    python benchmarks/correcting.py WORKSPACE SLUG [TIMES]

Renames a section by hand as the desk does, brings the episode up to date and publishes, and prints seconds of CPU and
of the clock, a line a time; the first is a process that has only just begun. WORKSPACE is changed: give it a copy.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline import publishing, runner
from pipeline.model import ChapterEdit, Progress
from pipeline.review.corrections import Corrections, save, versions
from pipeline.steps import Stage
from pipeline.workspace import Workspace


class Watch:
    """Seconds of CPU and of the clock, by what they were spent on."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}

    @contextlib.contextmanager
    def on(self, name: str) -> Iterator[None]:
        cpu, clock = time.process_time(), time.monotonic()
        yield
        self.spent[name] = time.process_time() - cpu, time.monotonic() - clock

    @contextlib.contextmanager
    def stage(self, stage: Stage) -> Iterator[Progress]:
        with self.on(stage.name):
            yield lambda fraction, note: None


def correct(root: Path, slug: str, number: int) -> Watch:
    """One correction, from the editor's word to the feed."""
    watch = Watch()
    with watch.on("all"):
        folder = Workspace(root).episode(slug)
        section = next(section for section in folder.outline.sections if section.role == "talk")
        edit = ChapterEdit(f"{section.title} #1", f"{section.title}, {number}")
        save(folder, Corrections(versions(folder), chapters=(edit,)))
        workspace = Workspace(root)
        runner.run(runner.job_for(workspace.episode(slug)), watch.stage)
        with watch.on("publish"):
            publishing.publish_show(workspace, datetime.now(UTC))
    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("slug")
    parser.add_argument("times", type=int, nargs="?", default=5)
    given = parser.parse_args()
    for _ in range(given.times):
        spent = correct(given.workspace.resolve(), given.slug, time.time_ns() % 10**9).spent
        cpu, clock = spent.pop("all")
        parts = ", ".join(f"{name} {of_cpu:.2f}" for name, (of_cpu, _) in spent.items())
        print(f"{clock:.2f} s, {cpu:.2f} s of CPU: {parts}")


if __name__ == "__main__":
    main()
