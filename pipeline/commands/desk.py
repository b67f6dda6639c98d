"""`escaleta review`, and `escaleta chapters` for those who would rather type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import report, screen
from pipeline.commands.arguments import Slug, Where, workspace_at
from pipeline.errors import InputError
from pipeline.model import Chapter, Chapters, EditList
from pipeline.runner import job_for, states
from pipeline.steps import Job, chapters_of
from pipeline.store import write
from pipeline.timecode import parse_clock

if TYPE_CHECKING:
    from pipeline.formats.cuts_yaml import Cuts
    from pipeline.review.corrections import Corrections
    from pipeline.review.entries import Edits

Name = Annotated[
    str, typer.Argument(help="A chapter's title, or a section's: as much of `parent / title` as it takes.")
]
Title = Annotated[str | None, typer.Option(help="What listeners read.", show_default=False)]
Url = Annotated[str | None, typer.Option(help="Where its link leads.", show_default=False)]
Image = Annotated[str | None, typer.Option(help="A picture in the episode's folder.", show_default=False)]
OfRecording = Annotated[bool, typer.Option("--recording", help="Times are the recording's, not the programme's.")]


def review(
    slug: Slug,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 0,
    where: Where = None,
) -> None:
    """See an episode and correct it by hand: boundaries, titles, words, the spot. Ends with Ctrl-C."""
    from pipeline.review.serving import serve

    serve(workspace_at(where), slug, port=port, browser=browser, say=_say)


def _say(address: str) -> None:
    screen.plain(f"The desk is open at {address}  (Ctrl-C closes it)")


chapters = typer.Typer(help="Correct an episode's chapters; written to its chapters.yaml.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Work:
    """The episode that `chapters SLUG …` or `cuts SLUG …` names."""

    job: Job
    base: dict[str, str]
    """Versions of the editor's files, from before they were read."""

    @property
    def plan(self) -> EditList:
        """What the programme was cut from. Raises WorkspaceError before the first `produce`."""
        return self.job.store.load("edit_list", EditList)

    def chapters(self, *, recording: bool) -> tuple[Chapter, ...]:
        """As chapters.yaml has them now, in the recording's or the programme's time.

        Raises InputError before the first `produce`.
        """
        from pipeline.audio.retime import retime_chapters
        from pipeline.formats.naming import followed

        if not self.job.store.path("programme").exists():
            slug = self.job.folder.slug
            raise InputError("has no chapters yet", where=f"episodes/{slug}", todo=f"run `escaleta produce {slug}`")
        # Of another running order nothing was found yet: what was made of the last one is what there is.
        if next(state.why for state in states(self.job) if state.stage == "find"):
            now = followed(self.job.store.load("chapters", Chapters), self.job.folder.outline.sections)
        else:
            now = chapters_of(self.job)
        return now.chapters if recording else retime_chapters(self.plan, now).chapters

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


@chapters.callback(invoke_without_command=True)
def _of(context: typer.Context, slug: Slug, where: Where = None) -> None:
    """Chapters as chapters.yaml has them, and where else the doubtful ones may start."""
    work = context.obj = work_on(slug, where)
    if context.invoked_subcommand is None:
        screen.chapters(slug, [report.chapter_of(chapter) for chapter in work.chapters(recording=False)])
        if not work.made:
            screen.plain(f"The programme has other chapters still. To bring it up to date: escaleta produce {slug}")


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


@chapters.command("set")
def set_chapter(
    context: typer.Context,
    name: Name,
    *,
    start: Annotated[str | None, typer.Option(help="When it starts, as in 1:02:03.5.", show_default=False)] = None,
    title: Title = None,
    url: Url = None,
    image: Image = None,
    recording: OfRecording = False,
) -> None:
    """Set a chapter's start, title, link or picture."""
    from pipeline.review.entries import change

    work: Work = context.obj
    at = None if start is None else work.recorded(start, recording=recording)
    now, sections = work.chapters(recording=True), work.job.folder.outline.sections
    work.save_chapters(lambda edits: change(edits, name, now, sections, start=at, title=title, url=url, image=image))


@chapters.command("add")
def add_chapter(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What listeners read.")],
    start: Annotated[str, typer.Argument(help="When it starts, as in 1:02:03.5.")],
    *,
    url: Url = None,
    image: Image = None,
    recording: OfRecording = False,
) -> None:
    """Add a chapter that the running order does not have."""
    from pipeline.review.entries import add

    work: Work = context.obj
    at = work.recorded(start, recording=recording)
    work.save_chapters(lambda edits: add(edits, title, at, url, image))


@chapters.command("drop")
def drop_chapter(context: typer.Context, name: Name) -> None:
    """Leave a section or chapter out."""
    from pipeline.review.entries import drop

    work: Work = context.obj
    now, sections = work.chapters(recording=True), work.job.folder.outline.sections
    work.save_chapters(lambda edits: drop(edits, name, now, sections))


@chapters.command("merge")
def merge_chapter(context: typer.Context, name: Name) -> None:
    """Make a section or chapter part of the one before it."""
    from pipeline.review.entries import merge

    work: Work = context.obj
    now, sections = work.chapters(recording=True), work.job.folder.outline.sections
    work.save_chapters(lambda edits: merge(edits, name, now, sections))


@chapters.command("import")
def import_markers(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Audacity labels, Reaper or Ultraschall markers, Podlove, JSON.")],
    recording: OfRecording = False,
) -> None:
    """Take markers of another program: known titles move, others are added, none is dropped."""
    from pipeline.formats.markers import parse
    from pipeline.review.entries import take

    work: Work = context.obj
    found = parse(_text(file), str(file))
    now, sections = work.chapters(recording=recording), work.job.folder.outline.sections
    work.save_chapters(lambda edits: take(edits, found, now, sections, None if recording else work.plan))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "cannot be read as text", where=str(file), todo="check the name, or export it again"
        ) from error


@chapters.command("export")
def export_markers(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to; on standard output where it is left out.", show_default=False)
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="audacity, reaper, podlove or json.")] = "audacity",
    recording: OfRecording = False,
) -> None:
    """Give the chapters to another program."""
    from pipeline.formats.markers import FORMATS

    work: Work = context.obj
    if kind not in FORMATS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(FORMATS)}")
    text = FORMATS[kind].write(work.chapters(recording=recording))
    if file is None:
        screen.verbatim(text)
        return
    write(file.resolve(), text.encode())
    screen.plain(f"Wrote {file}.")
