"""Episodes in a terminal: what became of one, how all of them stand, and what may be cut."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pipeline.model import Span
from pipeline.report import Report
from pipeline.screen.console import out, plain
from pipeline.timecode import to_clock, to_short_clock


def episode(report: Report, root: Path) -> None:
    """What a person wants to know of a produced episode."""
    out.print(f"\n[bold]{escape(report['title'])}[/]")
    _chapters(report["chapters"])
    for line in _remarks(report):
        out.print(line)
    _facts(report, root)
    for line in _unready(report):
        out.print(line)


def _chapters(chapters: Sequence[Report]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("start", "recording", "sure"):
        table.add_column(name, justify="right")
    table.add_column("chapter")
    for chapter in chapters:
        table.add_row(
            to_short_clock(chapter["start_ms"]),
            f"[dim]{to_short_clock(chapter['recording_start_ms'])}",
            _sure(chapter),
            escape(chapter["title"]) + _included(chapter),
        )
    out.print(table)


def _sure(chapter: Report) -> str:
    colour = "yellow" if chapter["review"] else "green"
    return f"[{colour}]{chapter['confidence']:.0%}[/]"


def _included(chapter: Report) -> str:
    names = ", ".join(section["title"] for section in chapter["includes"])
    return f"[dim] with {escape(names)}" if names else ""


def _remarks(report: Report) -> Iterator[str]:
    """Spots, and everything that a person should look at."""
    for spot in report["spots"]:
        where = f"{to_short_clock(spot['start_ms'])}–{to_short_clock(spot['end_ms'])}"
        yield f"[bold]Spot[/] {escape(spot['name'])} at {where}: {escape(spot['why'])}"
    for section in report["absent"]:
        yield f"[dim]Not talked about:[/] {escape(' › '.join(section['trail']))}"
    for note in report["notes"]:
        yield f"[yellow]Note:[/] {escape(note)}"
    yield from _wanted(report)


def _wanted(report: Report) -> Iterator[str]:
    """What a person should look at, and where to do it."""
    for conflict in report["conflicts"]:
        yield f"[yellow]Look:[/] {escape(conflict)}"
    for why in report["without_spot"]:
        yield f"[yellow]No spot:[/] {escape(why)}"
    if missed := report["missed"]:
        yield f"[yellow]Talked about after all?[/] {escape(', '.join(missed))} (escaleta review {report['slug']})"
    if doubtful := report["review"]:
        yield f"[yellow]Wants a look:[/] {escape(', '.join(doubtful))} (escaleta review {report['slug']})"
    for span in report["lost_speech"]:
        yield f"[yellow]Speech not understood:[/] {_stretch(span)} of the recording"
    if offers := report["offers"]:
        told = ", ".join(_stretch(one) for one in offers[:3]) + (" …" if len(offers) > 3 else "")
        many = "1 stretch is" if len(offers) == 1 else f"{len(offers)} stretches are"
        yield f"[yellow]{many} offered to be cut:[/] {told} (escaleta review {report['slug']})"


def _stretch(span: Report) -> str:
    return f"{to_short_clock(span['start_ms'])}–{to_short_clock(span['end_ms'])}"


def _facts(report: Report, root: Path) -> None:
    durations, loudness = report["durations"], report["loudness"]
    planned = durations["planned_ms"]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row(
        "Length", f"{to_short_clock(durations['programme_ms'])} ({_planned(planned, durations['recording_ms'])})"
    )
    table.add_row(
        "Loudness",
        f"{loudness['integrated']:.1f} LUFS, {loudness['true_peak']:.1f} dBTP, range {loudness['range']:.1f} LU",
    )
    table.add_row("Language", report["language"])
    table.add_row("Goes out", _goes_out(report))
    for kind, path in {**report["files"], "report": report["report"]}.items():
        table.add_row(kind, escape(_short(path, root)))
    out.print(table)


def _goes_out(report: Report) -> str:
    moment, unready = report["publish_at"], report["unready"]
    if report["published"]:
        return "is public, as it was before" if unready else f"{moment}, is public"
    if moment is None:
        return "a draft, not published"
    return f"{moment}, " + ("but is not ready" if unready else "not yet public")


def _unready(report: Report) -> Iterator[str]:
    """What is to be written before an episode can go out."""
    for reason in report["unready"]:
        yield f"[yellow]Before it can go out:[/] {escape(reason)}"


def _planned(planned: int | None, real: int) -> str:
    talk = f"talk {to_short_clock(real)}"
    return f"{talk}, planned {to_short_clock(planned)}" if planned else talk


def _short(path: str, root: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(Path(path).relative_to(root))
    return path


_MARKS = {"done": "[green]✓[/]", "stale": "[yellow]●[/]", "waiting": "[dim]·[/]", "rests": "[dim]–[/]"}
_STANDINGS = {"public": "green", "waiting": "cyan", "unready": "yellow", "late": "bold red", "draft": "dim"}


def statuses(reports: Sequence[Report]) -> None:
    """Episodes by stages; then what is stale and why, what cannot go out or be read, and what goes out next."""
    if not reports:
        out.print("No episode yet; `escaleta new` makes one.")
        return
    known = [report for report in reports if "error" not in report]
    names = list(max((report["stages"] for report in known), key=len, default=()))
    wide = _table_of(known, names)
    fits = out.measure(wide, options=out.options.update(max_width=1_000)).maximum <= out.width
    out.print(wide if fits else _table_of(known, ()))
    rests = any(stage["state"] == "rests" for report in known for stage in report["stages"].values())
    key = "✓ done  ● stale  · waits" + ("  – stays as it went out" if rests else "")
    out.print(f"[dim]{key}" if fits else f"[dim]{key}: {', '.join(names)}")
    for line in _stale(known):
        out.print(line)
    for text, slugs in _told_of(known, "missing").items():
        out.print(f"[yellow]{escape(', '.join(slugs))}[/] missing: {escape(text)}")
    for error, slugs in _told_of(reports, "error").items():
        out.print(f"[red]{escape(', '.join(slugs))}[/]: {escape(error)}")
    if coming := [report for report in known if report["standing"] == "waiting"]:
        soonest = min(coming, key=lambda report: datetime.fromisoformat(report["publish_at"]))
        out.print(f"Next to go out: {escape(soonest['slug'])}, {_moment(soonest)}")


def _told_of(reports: Sequence[Report], key: str) -> dict[str, list[str]]:
    """What stands under a key, one text or some, and of which episodes: a fault of show.yaml is every episode's."""
    told: dict[str, list[str]] = {}
    for report in reports:
        texts = report.get(key, ())
        for text in (texts,) if isinstance(texts, str) else texts:
            told.setdefault(text, []).append(report["slug"])
    return told


def _table_of(reports: Sequence[Report], columns: Sequence[str]) -> Table:
    """A column a stage, empty where an episode has no such stage; without any, one that holds the marks of all."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("episode", overflow="fold")
    for name in columns or ("stages",):
        table.add_column(name, no_wrap=True)
    table.add_column("goes out", min_width=len("2026-12-24"))
    table.add_column("look", justify="right", no_wrap=True)
    for report in reports:
        stages = report["stages"]
        cells = [_MARKS[stages[name]["state"]] if name in stages else "" for name in columns]
        cells = cells or ["".join(_MARKS[stage["state"]] for stage in stages.values())]
        table.add_row(report["slug"], *cells, _moment(report), str(report["wants"] or ""))
    return table


def _moment(report: Report) -> str:
    """When an episode goes out, to the minute, and how that stands."""
    told = f"[{_STANDINGS[report['standing']]}]{report['standing']}[/]"
    return f"{report['publish_at'][:16].replace('T', ' ')} {told}" if report["publish_at"] else told


def _stale(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        states = [(name, stage) for name, stage in report["stages"].items() if stage["state"] == "stale"]
        for name, stage in states:
            yield f"[yellow]{escape(report['slug'])}[/] {name}: {escape('; '.join(stage['why']))}"
        if report["lacks"]:
            yield f"[yellow]{escape(report['slug'])}[/]: {escape(report['lacks'])}"
        # Nobody expects a draft to go out.
        for reason in report["unready"] if report["standing"] != "draft" else ():
            yield f"[yellow]{escape(report['slug'])}[/] before it can go out: {escape(reason)}"


def status(report: Report) -> None:
    """One episode: every stage with its reasons, the chapters as they are, and all that wants a look."""
    out.print(f"[bold]{report['slug']}[/] {_moment(report)}")
    for name, stage in report["stages"].items():
        why = f" {stage['state']}: {escape('; '.join(stage['why']))}" if stage["why"] else ""
        out.print(f"  {_MARKS[stage['state']]} {name:<11}{why}".rstrip())
    for why in (*filter(None, [report["lacks"]]), *report["missing"]):
        out.print(f"[yellow]Missing:[/] {escape(why)}")
    if report["chapters"]:
        _chapters(report["chapters"])
    for line in (*_wanted(report), *_unready(report)):
        out.print(line)


def chapters(slug: str, told: Sequence[Report]) -> None:
    """The chapters of an episode, and where else those that want a look may start."""
    _chapters(told)
    for chapter in told:
        for place in chapter["elsewhere"] if chapter["review"] else ():
            where = f"{to_short_clock(place['recording_start_ms'])} of the recording, {place['probability']:.0%}"
            out.print(f"[yellow]{escape(chapter['title'])}[/] or {where}: {escape(place['text'])}")
    plain(f"To move one: escaleta chapters {slug} set TITLE --start TIME, with --recording for times of the recording")


_STATES = {"offered": "[yellow]offered[/]", "cut": "[green]cut[/]", "kept": "[dim]kept[/]"}


def cuts(slug: str, rows: Sequence[tuple[Span, str, str]]) -> None:
    """Stretches of the recording that are offered to be cut, are cut, or are kept; and why."""
    if not rows:
        out.print("Nothing is offered to be cut, and nothing was cut by hand.")
        return
    plain(f"Times of the recording; to cut by them: escaleta cuts {slug} add START END --recording")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("#", "recording", "until", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("why")
    for number, (span, state, why) in enumerate(rows, 1):
        edges = (to_clock(span.start), to_clock(span.end), f"{(span.end - span.start) / 1000:.1f}")
        table.add_row(str(number), *edges, _STATES[state], escape(why))
    out.print(table)
