"""Where pieces are worked on, through a `concurrent.futures.Executor`: this machine's cores, or a Dask cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from pipeline.audio.pieces import cores
from pipeline.errors import InputError

PATIENCE = 10.0
"""Seconds in which a scheduler must answer."""


@dataclass(frozen=True, slots=True)
class Workers:
    """`executor` runs `count` calls at a time."""

    executor: Executor
    count: int


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
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_live_by, initargs=(lifeline,))
    try:
        yield Workers(pool, count)
        pool.shutdown()
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        lifeline.close()


@contextlib.contextmanager
def cluster_workers(scheduler: str) -> Iterator[Workers]:
    """The workers of a Dask cluster, which need Escaleta installed, one thread each, and no disk in common.

    scheduler: its address, such as `tcp://10.0.0.7:8786`. What a worker had at hand when it died another one does.
    Raises InputError where nobody answers, nobody works, or `distributed` is not installed.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as missing:
        raise InputError(
            "this installation cannot talk to a cluster", todo="pip install 'escaleta[cluster]'"
        ) from missing
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers at {scheduler}",
            todo="start one with `dask scheduler`, and give the address that it prints",
        ) from fault
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise InputError(
                f"the scheduler at {scheduler} has no workers", todo=f"start some: dask worker --nthreads 1 {scheduler}"
            )
        yield Workers(client.get_executor(pure=False), count)


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
