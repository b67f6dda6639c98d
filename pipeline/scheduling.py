"""The clock: publishes what is due when it is due, for as long as it runs.

What is due follows from the state on disk and not from the moment of a tick, so a missed one heals at the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import report
from pipeline.errors import EscaletaError
from pipeline.publishing import publish_show
from pipeline.store import unreached
from pipeline.workspace import Workspace

Report = dict[str, Any]

LOOK = 300.0
"""Seconds of running after which the workspace is looked at again, due or not: episodes come and change."""

NAP = 20.0
"""Seconds between two looks at the wall clock, which people and time servers set while one sleeps."""


class Clock:
    """The machine's: wall time for what is due, running time for what is only regular."""

    def now(self) -> datetime:
        """Aware."""
        return datetime.now(UTC)

    def running(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> bool:
        """Wait; False ends the schedule."""
        time.sleep(seconds)
        return True


def keep(root: Path, clock: Clock, tell: Callable[[Report], None]) -> None:
    """Publish whenever something is due, and tell what happened where it differs from the last time."""
    said: Report = {}
    while True:
        found = _publish(root, clock.now())
        if found != said:
            tell({"at": clock.now().isoformat(timespec="seconds"), **found})
        said = {**found, "new": []} if "new" in found else found
        if not _wait(clock, _next(found)):
            return


def _publish(root: Path, now: datetime) -> Report:
    """One publication; what kept it from happening, be it a disk, does not end the schedule."""
    try:
        told = report.publication(publish_show(Workspace(root), now))
    except (EscaletaError, OSError) as error:
        return {"error": str(unreached(error) or error)}
    return {name: told[name] for name in ("new", "waiting", "late", "untold", "failed")}


def _next(found: Report) -> datetime | None:
    waiting = found.get("waiting", [])
    return datetime.fromisoformat(waiting[0]["publish_at"]) if waiting else None


def _wait(clock: Clock, due: datetime | None) -> bool:
    """Sleep until `due` or for `LOOK`, in naps; False where the schedule ends."""
    until = clock.running() + LOOK
    while (rest := until - clock.running()) > 0:
        before_due = (due - clock.now()).total_seconds() if due else rest
        if before_due <= 0:
            break
        if not clock.sleep(min(NAP, rest, before_due)):
            return False
    return True
