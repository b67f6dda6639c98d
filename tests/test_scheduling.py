"""The clock, with a clock of our own: due times, missed ones, a clock that is set."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import scheduling
from pipeline.errors import GuardError

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock(scheduling.Clock):
    """Time passes only by sleeping. `events` happen after so many seconds of running."""

    def __init__(self, run_for: float, events: dict[float, Callable[[FakeClock], None]] | None = None) -> None:
        self.wall, self.ran, self.run_for, self.events = START, 0.0, run_for, events or {}
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self.wall

    def running(self) -> float:
        return self.ran

    def sleep(self, seconds: float) -> bool:
        self.naps.append(seconds)
        self.ran += seconds
        self.wall += timedelta(seconds=seconds)
        for at in [at for at in self.events if at <= self.ran]:
            self.events.pop(at)(self)
        return self.ran < self.run_for


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """What waits, by slug; a publication takes what is due."""
    waiting: dict[str, datetime] = {}

    def publish(root: Path, now: datetime) -> dict[str, Any]:
        out = [slug for slug, due in waiting.items() if due <= now]
        for slug in out:
            del waiting[slug]
        left = sorted(waiting.items(), key=lambda one: one[1])
        return {
            "new": out,
            "waiting": [{"slug": s, "publish_at": d.isoformat()} for s, d in left],
            "late": [],
            "untold": [],
        }

    monkeypatch.setattr(scheduling, "_publish", publish)
    return waiting


def run(clock: FakeClock) -> list[tuple[str, list[str]]]:
    told: list[dict[str, Any]] = []
    scheduling.keep(Path(), clock, told.append)
    return [(one["at"], one["new"]) for one in told if one["new"]]


def test_an_episode_goes_out_at_its_second(plan: dict[str, datetime]) -> None:
    plan |= {"a": START + timedelta(seconds=1234), "b": START + timedelta(hours=2)}
    clock = FakeClock(run_for=8000)
    assert run(clock) == [("2026-01-01T12:20:34+00:00", ["a"]), ("2026-01-01T14:00:00+00:00", ["b"])]
    assert max(clock.naps) <= scheduling.NAP


def test_a_missed_one_heals_at_once(plan: dict[str, datetime]) -> None:
    plan |= {"a": START - timedelta(days=3)}
    assert run(FakeClock(run_for=1)) == [("2026-01-01T12:00:00+00:00", ["a"])]


def test_a_clock_that_is_set_is_noticed(plan: dict[str, datetime]) -> None:
    plan |= {"a": START + timedelta(hours=5)}

    def forward(clock: FakeClock) -> None:
        clock.wall += timedelta(hours=6)

    clock = FakeClock(run_for=400, events={100: forward})
    ((at, new),) = run(clock)
    assert new == ["a"]
    assert datetime.fromisoformat(at) <= START + timedelta(hours=6, seconds=120)


def test_a_clock_set_back_does_not_stop_the_schedule(plan: dict[str, datetime]) -> None:
    def back(clock: FakeClock) -> None:
        clock.wall -= timedelta(days=1)
        plan["a"] = clock.wall + timedelta(seconds=10)

    assert [new for _, new in run(FakeClock(run_for=700, events={100: back}))] == [["a"]]


def test_a_new_episode_is_seen(plan: dict[str, datetime]) -> None:
    clock = FakeClock(run_for=1000, events={100: lambda c: plan.update(a=START)})
    ((at, new),) = run(clock)
    assert new == ["a"]
    assert datetime.fromisoformat(at) <= START + timedelta(seconds=scheduling.LOOK)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GuardError("mlops: its date changed"), "mlops: its date changed"),
        (PermissionError(errno.EACCES, "Permission denied", "feed/public"), "Permission denied: 'feed/public'"),
        (
            OSError(errno.EIO, "Input/output error", "feed/public"),
            "feed/public: the disk does not answer: Input/output error\n"
            "  → look whether it is connected and sound, mount it again, and run again",
        ),
    ],
)
def test_a_refusal_is_told_once_and_the_schedule_goes_on(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(scheduling, "publish_show", refuse)
    monkeypatch.setattr(scheduling, "Workspace", lambda root: root)
    told: list[dict[str, Any]] = []
    scheduling.keep(Path(), FakeClock(run_for=2000), told.append)
    (one,) = told
    assert one["error"].endswith(said)
