"""Where pieces are worked on, through a `concurrent.futures.Executor`: this machine's cores, or a Dask cluster."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pipeline.audio.pieces import cores
from pipeline.errors import InputError, WorkspaceError

if TYPE_CHECKING:
    from distributed import Client

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 10.0
"""Seconds in which a scheduler must answer."""

ABSENCE = 120.0
"""Seconds without a single worker after which a cluster counts as lost; a nanny brings one back in a few."""


def _at_work() -> None:
    """A pool of processes says by itself that one died."""


@dataclass(frozen=True, slots=True)
class Workers:
    """`executor` runs `count` calls at a time. `look` raises WorkspaceError where nobody will ever finish them."""

    executor: Executor
    count: int
    look: Callable[[], None] = _at_work


@contextlib.contextmanager
def local_workers(count: int | None = None) -> Iterator[Workers]:
    """One process a core, started when work comes.

    count: None for as many as this process may use cores.
    When the block is left early, or this process is killed, the workers die at once: each holds one end of a pipe
    and ends when the other is closed, which the operating system sees to whatever happens here.
    """
    count = count or cores()
    context = multiprocessing.get_context("spawn")
    lifeline, ours = context.Pipe(duplex=False)
    _start_tracker()
    pool = _Pool(count, mp_context=context, initializer=_live_by, initargs=(lifeline,))
    try:
        yield Workers(pool, count)
        pool.shutdown()
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        lifeline.close()


class _Pool(ProcessPoolExecutor):
    """Its processes, which it starts when work comes, do not hear Ctrl-C while they start: it is ours to say so."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with _deaf():
            return super().submit(fn, *args, **kwargs)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C waits until the end of the block; processes that are started in it never hear of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def cluster_workers(scheduler: str) -> Iterator[Workers]:
    """The workers of a Dask cluster, which need Escaleta installed, one thread each, and no disk in common.

    scheduler: its address, such as `tcp://10.0.0.7:8786`. What a worker had at hand when it died another one does.
    Raises InputError where nobody answers, nobody works, a worker has other versions than this machine, or
    `distributed` is not installed; WorkspaceError where the cluster is lost while the block is at work.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as missing:
        raise InputError(
            "this installation cannot talk to a cluster", todo="pip install 'escaleta[cluster]'"
        ) from missing
    with _reached(partial(Client, scheduler, timeout=PATIENCE, set_as_default=False), scheduler) as client:
        count = sum(client.nthreads().values())
        if not count:
            raise InputError(
                f"the scheduler at {scheduler} has no workers", todo=f"start some: dask worker --nthreads 1 {scheduler}"
            )
        _check_alike(client, scheduler)
        with _told(scheduler):
            yield Workers(client.get_executor(pure=False), count, _Roll(client, scheduler).call)


def _reached(connect: Callable[[], Client], scheduler: str) -> Client:
    """A client of the scheduler. Raises InputError where none answers.

    Dask waits for ever for a first word from whatever else may listen there, as its own page of figures does.
    """
    from distributed.comm.addressing import resolve_address

    found: Future[Client] = Future()

    def knock() -> None:
        try:
            found.set_result(connect())
        except Exception as fault:
            found.set_exception(fault)

    try:
        resolve_address(scheduler)
        threading.Thread(target=knock, daemon=True).start()
        return found.result(2 * PATIENCE)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers at {scheduler or 'an empty address'}",
            todo="start one with `dask scheduler`, and give the address that it prints",
        ) from fault


def versions() -> dict[str, str]:
    """Of all that must be the same on every machine for the same words."""
    return {name: version(name) for name in ("escaleta", "faster-whisper", "ctranslate2")}


def _check_alike(client: Client, scheduler: str) -> None:
    """Raises InputError. A worker that cannot read what it is to do would leave the cluster without a word."""
    here = versions()
    told = {address: _differing(there, here) for address, there in client.run(versions, on_error="return").items()}
    if others := [f"{address} ({what})" for address, what in sorted(told.items()) if what]:
        wanted = ", ".join(f"{name} {number}" for name, number in here.items())
        raise InputError(
            f"workers are not as this machine: {', '.join(others)}",
            where=scheduler,
            todo=f"install there what is here: {wanted}",
        )


def _differing(there: dict[str, str] | Exception, here: dict[str, str]) -> str:
    if isinstance(there, Exception):
        return str(there)
    return ", ".join(f"{name} {there.get(name)}" for name in here if there.get(name) != here[name])


@dataclass(slots=True)
class _Roll:
    """Calls a cluster's workers: Dask waits for the first of them, and for ever. `seen`: when one was last there."""

    client: Client
    scheduler: str
    seen: float = field(default_factory=time.monotonic)

    def call(self) -> None:
        """Raises WorkspaceError where none has been there for long."""
        if self._anybody():
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > ABSENCE:
            raise _lost(f"no worker has been there for {ABSENCE:.0f} s", self.scheduler)

    def _anybody(self) -> bool:
        # A client that has closed has neither a scheduler nor a loop.
        with contextlib.suppress(OSError, AttributeError, RuntimeError):
            return bool(self.client.sync(self.client.scheduler.nthreads, callback_timeout=PATIENCE))
        return False


@contextlib.contextmanager
def _told(scheduler: str) -> Iterator[None]:
    """A cluster's own ends, as faults that the user can mend."""
    from distributed import KilledWorker
    from distributed.client import ClosedClientError

    # What it says there is said below, in one message.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        yield
    except KilledWorker as death:
        what = f"{death.allowed_failures + 1} workers died over the same piece; most likely their memory ran out"
        raise _lost(what, scheduler) from death
    except (CancelledError, ClosedClientError) as loss:
        raise _lost("the scheduler is gone", scheduler) from loss


def _lost(what: str, scheduler: str) -> WorkspaceError:
    todo = "look at the scheduler and its workers, and run again: finished pieces are kept"
    return WorkspaceError(what, where=scheduler, todo=todo)


def _start_tracker() -> None:
    """Python's tracker cleans up the semaphores of a program that was stopped; it need not warn that it had to."""
    given = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (given, "ignore:resource_tracker")))
    try:
        resource_tracker.ensure_running()
    finally:
        if given is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = given


def _live_by(lifeline: Connection) -> None:
    """Runs first in every worker. Ctrl-C reaches the whole terminal group: a worker has nothing to say about it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)
