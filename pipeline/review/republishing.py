"""Bringing an episode's files up to date in the background, while the page looks on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pipeline import publishing, runner
from pipeline.errors import EscaletaError
from pipeline.model import Progress
from pipeline.steps import Stage
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Run:
    """One republication: how far it is, and how it ended.

    ran: stages that had to run; written: public files that changed. took: ms.
    """

    number: int = 0
    running: bool = False
    doing: str = ""
    fraction: float = 0.0
    ran: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    error: str | None = None
    took: int = 0


@dataclass(slots=True)
class Republisher:
    """Runs one republication of an episode at a time; `run` is what it is at, or was at last."""

    workspace: Workspace
    slug: str
    run: Run = field(default_factory=Run)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _again: bool = False

    def start(self) -> Run:
        """Begin; where one is at it already, another follows: this one may have read the files before they changed."""
        with self._guard:
            self._again = self.run.running
            if not self._again:
                self._begin()
        return self.run

    def wait(self) -> Run:
        """Until none runs or is to follow."""
        while self._thread and self._thread.is_alive():
            self._thread.join()
        return self.run

    def told(self) -> dict[str, Any]:
        """`run` for the page."""
        return asdict(self.run)

    def _begin(self) -> None:
        self.run = Run(self.run.number + 1, running=True)
        self._thread = threading.Thread(target=self._work, name="republishing")
        self._thread.start()

    def _end(self, took: int) -> None:
        """Nobody sees a run ended that another is to follow."""
        with self._guard:
            if self._again:
                self._again = False
                self._begin()
            else:
                self._tell(running=False, took=took)

    def _work(self) -> None:
        began = time.monotonic()
        try:
            # Read anew: what people wrote is remembered for as long as a workspace lives.
            workspace = Workspace(self.workspace.root)
            job = runner.job_for(workspace.episode(self.slug))
            ran = runner.run(job, self._watch)
            self._tell(doing="Publishing", fraction=0.0)
            outcome = publishing.publish_show(workspace, datetime.now(UTC))
            self._tell(ran=ran, written=outcome.publication.written, fraction=1.0)
            if trouble := outcome.failure or outcome.objection(job.folder):
                raise trouble
        except EscaletaError as error:
            self._tell(error=str(error))
        finally:
            if self.run.error is None and self.run.fraction != 1.0:
                self._tell(error="this is a fault of Escaleta's own; the terminal says more")
            self._end(round((time.monotonic() - began) * 1000))

    @contextlib.contextmanager
    def _watch(self, stage: Stage) -> Iterator[Progress]:
        self._tell(doing=stage.doing, fraction=0.0)
        yield lambda fraction, note: self._tell(fraction=fraction)

    def _tell(self, **changes: Any) -> None:
        self.run = replace(self.run, **changes)
