"""What `chapters SLUG …` and `cuts SLUG …` work on: an episode, and the files of corrections that they write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline import screen
from pipeline.commands.arguments import workspace_at
from pipeline.errors import InputError
from pipeline.model import Chapter, Chapters, EditList
from pipeline.runner import job_for, states
from pipeline.steps import Job, chapters_of
from pipeline.timecode import parse_clock

if TYPE_CHECKING:
    from pipeline.formats.cuts_yaml import Cuts
    from pipeline.review.corrections import Corrections
    from pipeline.review.entries import Edits

OfRecording = Annotated[bool, typer.Option("--recording", help="Times are the recording's, not the programme's.")]


class EpisodeFirst(TyperGroup):
    """What is done with the episode that is named before it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Tells who named them the other way round, as `chapters export SLUG`."""
        said = ctx.params.get("slug")
        if said in self.commands and args[0] not in self.commands:
            raise typer.BadParameter(f"the episode comes first: escaleta {ctx.info_name} {args[0]} {said}")
        return super().resolve_command(ctx, args)


@dataclass(frozen=True, slots=True)
class Work:
    """The episode that `chapters SLUG …` or `cuts SLUG …` names."""

    job: Job
    base: dict[str, str]
    """Versions of the editor's files, from before they were read."""

    @property
    def plan(self) -> EditList:
        """What the programme was cut from. Raises InputError before the first `produce`."""
        self._check_made("edit_list", "was not produced yet, so that no time of the programme is known")
        return self.job.store.load("edit_list", EditList)

    def chapters(self, *, recording: bool) -> tuple[Chapter, ...]:
        """As chapters.yaml has them now, in the recording's or the programme's time.

        Raises InputError before the first `produce`.
        """
        from pipeline.audio.retime import retime_chapters
        from pipeline.formats.naming import followed

        self._check_made("programme", "has no chapters yet")
        # Of another running order nothing was found yet: what was made of the last one is what there is.
        if next(state.why for state in states(self.job) if state.stage == "find"):
            now = followed(self.job.store.load("chapters", Chapters), self.job.folder.outline.sections)
        else:
            now = chapters_of(self.job)
        return now.chapters if recording else retime_chapters(self.plan, now).chapters

    def _check_made(self, artefact: str, what: str) -> None:
        slug = self.job.folder.slug
        if not self.job.store.path(artefact).exists():
            raise InputError(what, where=f"episodes/{slug}", todo=f"run `escaleta produce {slug}`")

    @property
    def made(self) -> bool:
        """Whether the programme has the chapters that chapters.yaml asks for."""
        return self.chapters(recording=True) == self.job.store.load("chapters", Chapters).chapters

    def recorded(self, text: str, *, recording: bool) -> int:
        """The recording's ms of a time as it was typed, in the recording's time or the programme's."""
        from pipeline.review.entries import recorded

        return typed(text) if recording else recorded(self.plan, typed(text))

    def save_chapters(self, change: Callable[[Edits], Edits]) -> None:
        """Write chapters.yaml with a change."""
        from pipeline.review.corrections import CHAPTERS, Corrections

        before = self.job.folder.edits
        after = change(before)
        self._write(CHAPTERS, Corrections(self.base, chapters=after), changed=after != before)

    def save_cuts(self, after: Cuts) -> None:
        """Write cuts.yaml."""
        from pipeline.review.corrections import CUTS, Corrections

        self._write(CUTS, Corrections(self.base, cuts=after), changed=after != self.job.folder.cuts)

    def _write(self, name: str, corrections: Corrections, *, changed: bool) -> None:
        """Write one of the editor's files, the one that `corrections` speaks of, if there is something to change."""
        from pipeline.review.corrections import save

        folder = self.job.folder
        if not changed:
            screen.plain("Nothing to change.")
            return
        save(folder, corrections)
        screen.plain(f"Wrote {folder.path / name}. To publish it: escaleta produce {folder.slug}")


def work_on(slug: str, where: Path | None) -> Work:
    """The episode of that name in the workspace around `where`, or around the current folder."""
    from pipeline.review.corrections import versions

    folder = workspace_at(where).episode(slug)
    base = versions(folder)
    return Work(job_for(folder), base)


def typed(text: str) -> int:
    """A time as it was typed, ms. Raises BadParameter for what is none."""
    try:
        return parse_clock(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
