"""The show's feeds in a terminal: what went out, what waits, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from rich.filesize import decimal
from rich.markup import escape

from pipeline.report import Report
from pipeline.screen.console import err, out


def publication(report: Report) -> None:
    """What went out, what waits, and what is late."""
    for slug in report["new"]:
        out.print(f"[green]Out:[/] {escape(slug)}")
    free = report["ad_free"]
    told = {"the feed": report, "the ad-free feed": free or {"written": ()}}
    changed = {name: feed for name, feed in told.items() if feed["written"]}
    for name, feed in changed.items():
        out.print(f"Brought up to date: {name}, {feed['public']} public")
    if not changed:
        out.print("Nothing to do: the public folder is as it should be.")
    for waiting in report["waiting"]:
        out.print(f"Waits until {waiting['publish_at']}: {escape(waiting['slug'])}")
    for note in report["notes"]:
        err.print(f"[yellow]Note:[/] {escape(note)}")
    late([(one["slug"], one["why"]) for one in report["late"]])
    _untold(report["untold"])


def garbage(found: Sequence[Report], *, removed: bool) -> None:
    """What nothing names any more, and what became of it."""
    for one in found:
        what = "removed" if removed else "may go" if one["due"] else "waits for its time of grace"
        feed = "ad-free: " if one["ad_free"] else ""
        out.print(f"{feed}{escape(one['name'])}  {decimal(one['bytes'])}  unnamed since {one['since']}: {what}")
    if not found:
        out.print("Nothing to remove." if removed else "Nothing is left over.")


def _untold(troubles: Sequence[str]) -> None:
    """What kept hubs from being told."""
    for trouble in troubles:
        err.print(f"[yellow]Not announced:[/] {escape(trouble)}")


def late(episodes: Sequence[tuple[str, str]]) -> None:
    """Episodes that should be out and are not; loudly."""
    for slug, why in episodes:
        err.print(f"[bold red]Late:[/] {escape(slug)}: {escape(why)}")


def tick(report: Report) -> None:
    """One line a look of the clock, where there is something to say."""
    stamp = f"[dim]{report['at']}[/]"
    if "error" in report:
        err.print(f"{stamp} [bold red]Not published:[/] {escape(report['error'])}")
        return
    for slug in report["new"]:
        out.print(f"{stamp} [green]Out:[/] {escape(slug)}")
    if report["failed"]:
        err.print(f"{stamp} [bold red]Not published, the ad-free feed:[/] {escape(report['failed'])}")
    for one in report["late"]:
        err.print(f"{stamp} [bold red]Late:[/] {escape(one['slug'])}: {escape(one['why'])}")
    _untold(report["untold"])
    coming = report["waiting"][0] if report["waiting"] else None
    out.print(f"{stamp} Next: {coming['slug']} at {coming['publish_at']}" if coming else f"{stamp} Nothing waits.")


def findings(found: Sequence[Report]) -> None:
    """What a check found, worst first, and as it came where it is as bad."""
    colours = {"error": "red", "warning": "yellow", "advice": "dim"}
    for one in sorted(found, key=lambda one: list(colours).index(one["severity"])):
        colour = colours[one["severity"]]
        out.print(
            f"[{colour}]{one['severity']}[/] {escape(one['place'])}: {escape(one['what'])} [dim]\\[{one['rule']}]"
        )
        out.print(f"  → {escape(one['todo'])}")
    many = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    out.print(many if found else "[green]Nothing found: all is as it should be.")
