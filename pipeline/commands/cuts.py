"""`escaleta cuts`: what is offered to be cut, and the editor's word on it, for those who would rather type."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline import report, screen
from pipeline.commands.arguments import Slug, Where
from pipeline.commands.work import EpisodeFirst, OfRecording, Work, typed, work_on
from pipeline.formats.cuts_yaml import Row, rows
from pipeline.model import Span

Number = Annotated[int, typer.Argument(min=1, help="Its number in the list that `escaleta cuts SLUG` prints.")]

cuts = typer.Typer(
    cls=EpisodeFirst, help="Cut stretches out of an episode; written to its cuts.yaml.", no_args_is_help=True
)


@cuts.callback(invoke_without_command=True)
def _of(context: typer.Context, slug: Slug, where: Where = None) -> None:
    """What is offered to be cut and what was decided; times are the recording's."""
    work = context.obj = work_on(slug, where)
    if context.invoked_subcommand is None:
        screen.cuts(slug, [(row.span, row.state, row.why) for row in _rows(work)])


def _rows(work: Work) -> tuple[Row, ...]:
    return rows(report.offers(work.job), work.job.folder.cuts)


def _row(work: Work, number: int) -> Row:
    found = _rows(work)
    if number > len(found):
        raise typer.BadParameter(f"there is no {number} in the list, which `escaleta cuts SLUG` prints")
    return found[number - 1]


@cuts.command("accept")
def accept(context: typer.Context, number: Number) -> None:
    """Cut what is offered."""
    from pipeline.review import cutting

    work: Work = context.obj
    work.save_cuts(cutting.decide(work.job.folder.cuts, _row(work, number), keep=False))


@cuts.command("refuse")
def refuse(context: typer.Context, number: Number) -> None:
    """Keep what is offered to be cut, and be asked no more."""
    from pipeline.review import cutting

    work: Work = context.obj
    work.save_cuts(cutting.decide(work.job.folder.cuts, _row(work, number), keep=True))


@cuts.command("add")
def add(
    context: typer.Context,
    start: Annotated[str, typer.Argument(help="The first moment that nobody shall hear, as in 1:02:03.5.")],
    end: Annotated[str, typer.Argument(help="The first moment that is heard again.")],
    *,
    recording: OfRecording = False,
) -> None:
    """Cut a stretch of your own."""
    from pipeline.review import cutting

    work: Work = context.obj
    span, plan = Span(typed(start), typed(end)), None if recording else work.plan
    work.save_cuts(cutting.add(work.job.folder.cuts, span, f"{start} to {end}", plan))


@cuts.command("drop")
def drop(context: typer.Context, number: Number) -> None:
    """Take back what was decided: an offer is open again, a cut of your own is gone."""
    from pipeline.review import cutting

    work: Work = context.obj
    work.save_cuts(cutting.drop(work.job.folder.cuts, _row(work, number)))
