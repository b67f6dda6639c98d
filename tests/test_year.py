"""A year of the clock over a real show, in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline import scheduling
from pipeline.formats import feed_reading
from pipeline.workspace import Workspace

MADRID = ZoneInfo("Europe/Madrid")
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
SUNDAYS = (25, 22, 29, 26, 31, 28, 26, 30, 27, 25, 29, 27)
DUE = {f"ep{month:02}": datetime(2026, month, day, 7, tzinfo=MADRID) for month, day in enumerate(SUNDAYS, 1)}


class Year(scheduling.Clock):
    """Time passes only by sleeping. `events` happen when their time has come, and may set the clock."""

    def __init__(self, events: dict[datetime, Callable[[Year], None]]) -> None:
        self.wall, self.true, self.events = START, START, events

    def now(self) -> datetime:
        return self.wall

    def running(self) -> float:
        return (self.true - START).total_seconds()

    def sleep(self, seconds: float) -> bool:
        self.pass_by(timedelta(seconds=seconds))
        for at in [at for at in self.events if at <= self.true]:
            self.events.pop(at)(self)
        return self.true < START + YEAR

    def pass_by(self, time: timedelta) -> None:
        self.wall, self.true = self.wall + time, self.true + time


@pytest.fixture
def show(workspace: Callable[..., Workspace], produce: Callable[..., None]) -> Workspace:
    """An episode a month, on the last Sunday at seven in Madrid, where clocks change in March and October."""
    made = workspace("show")
    for slug, due in DUE.items():
        produce(slug, due, made)
    return made


@pytest.fixture
def keep(show: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Runs the schedule for a year, with a look every other day instead of every five minutes; what it told."""
    monkeypatch.setattr(scheduling, "LOOK", 172_800.0)
    monkeypatch.setattr(scheduling, "NAP", 43_200.0)

    def run(events: dict[datetime, Callable[[Year], None]] | None = None) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        scheduling.keep(show.root, Year(events or {}), told.append)
        return told

    return run


def went_out(told: list[dict[str, Any]]) -> dict[str, datetime]:
    return {slug: datetime.fromisoformat(one["at"]) for one in told for slug in one.get("new", [])}


def dates(show: Workspace) -> list[str | None]:
    document = (show.public / "feed.xml").read_bytes()
    items = feed_reading.items(feed_reading.read(document, where="public").channel)
    return [feed_reading.text(item, "pubDate") for item in items]


def test_every_episode_at_its_hour_whatever_the_season(show: Workspace, keep: Any) -> None:
    out = went_out(keep())
    assert out == DUE
    assert [at.hour for at in out.values()] == [6, 6, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6]
    offsets = [str(date)[-5:] for date in reversed(dates(show))]
    assert offsets == ["+0100"] * 2 + ["+0200"] * 7 + ["+0100"] * 3


def test_a_year_with_all_that_happens_to_machines_ends_as_one_without(show: Workspace, keep: Any) -> None:
    """It sleeps for a week, its clock is set back and put right, files vanish, a ledger is lost for a month."""
    public, ledger = show.public, show.feed / "ledger.yaml"
    aside = show.feed / "aside"

    def asleep(clock: Year) -> None:
        clock.pass_by(timedelta(days=7))

    def back(clock: Year) -> None:
        clock.wall -= timedelta(days=5)

    def right(clock: Year) -> None:
        clock.wall = clock.true

    def emptied(clock: Year) -> None:
        for path in sorted(public.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    def at(month: int, day: int) -> datetime:
        return datetime(2026, month, day, 12, tzinfo=UTC)

    told = keep(
        {
            at(2, 20): asleep,
            at(3, 29): back,
            at(4, 6): right,
            at(5, 5): lambda clock: (public / "feed.xml").unlink(),
            at(6, 6): emptied,
            at(7, 1): lambda clock: ledger.rename(aside),
            at(8, 3): lambda clock: aside.rename(ledger),
            at(9, 1): lambda clock: (public / "dangling").symlink_to("/nowhere/at/all"),
        }
    )
    out = went_out(told)
    assert out.keys() == DUE.keys()
    assert {slug for slug in DUE if out[slug] != DUE[slug]} == {"ep02", "ep07"}, "asleep, and without a ledger"
    assert out["ep02"] - DUE["ep02"] < timedelta(days=7)
    errors = [one["error"] for one in told if "error" in one]
    assert [one.partition("\n")[0] for one in errors] == [
        "feed/ledger.yaml: an episode went out at 2026-03-29 05:00 UTC, which is still to come by this clock",
        "feed/ledger.yaml: there is none, but a feed is public",
    ]
    assert len(dates(show)) == 12
    assert len(list(public.rglob("*.mp3"))) == 12
