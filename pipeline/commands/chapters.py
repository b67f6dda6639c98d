"""`escaleta chapters`: chapters corrected, for those who would rather type."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report, screen
from pipeline.commands.arguments import Slug, Where
from pipeline.commands.work import EpisodeFirst, OfRecording, Work, work_on
from pipeline.errors import InputError
from pipeline.store import write

Name = Annotated[
    str, typer.Argument(help="A chapter's title, or a section's: as much of `parent / title` as it takes.")
]
Title = Annotated[str | None, typer.Option(help="What listeners read.", show_default=False)]
Url = Annotated[str | None, typer.Option(help="Where its link leads.", show_default=False)]
Image = Annotated[str | None, typer.Option(help="A picture in the episode's folder.", show_default=False)]

chapters = typer.Typer(
    cls=EpisodeFirst, help="Correct an episode's chapters; written to its chapters.yaml.", no_args_is_help=True
)


@chapters.callback(invoke_without_command=True)
def _of(context: typer.Context, slug: Slug, where: Where = None) -> None:
    """Chapters as chapters.yaml has them, and where else the doubtful ones may start."""
    work = context.obj = work_on(slug, where)
    if context.invoked_subcommand is None:
        screen.chapters(slug, [report.chapter_of(chapter) for chapter in work.chapters(recording=False)])
        if not work.made:
            screen.plain(f"The programme has other chapters still. To bring it up to date: escaleta produce {slug}")


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
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="audacity, reaper, podlove or json; without it, what FILE's suffix says: .txt, .csv, .psc or .json.",
            show_default="audacity without FILE",
        ),
    ] = None,
    recording: OfRecording = False,
) -> None:
    """Give the chapters to another program."""
    from pipeline.formats.markers import FORMATS

    work: Work = context.obj
    kind = kind or (_kind_of(file) if file else "audacity")
    if kind not in FORMATS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(FORMATS)}", param_hint="'--format'")
    text = FORMATS[kind].write(work.chapters(recording=recording))
    if file is None:
        screen.verbatim(text)
        return
    write(file.resolve(), text.encode())
    screen.plain(f"Wrote {file}.")


def _kind_of(file: Path) -> str:
    """The format that a file's suffix stands for."""
    from pipeline.formats.markers import FORMATS

    for kind, form in FORMATS.items():
        if form.suffix == file.suffix.lower():
            return kind
    known = ", ".join(f"{form.suffix} ({kind})" for kind, form in FORMATS.items())
    raise typer.BadParameter(f"{file.name!r} ends in none of {known}; or say which by --format", param_hint="'FILE'")
