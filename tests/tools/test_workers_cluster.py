"""More than one machine: a real scheduler and two real workers on the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from distributed import Client, KilledWorker

from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Transcript
from pipeline.stages.transcribe import Hearing, transcribe
from pipeline.tools import sound
from pipeline.tools.whisper import Whisper
from pipeline.tools.workers import Workers, cluster_workers, local_workers, versions

CLIP = Path(__file__).parent.parent / "data" / "speech" / "buzon.opus"
DASK = (sys.executable, "-m", "dask")
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")


class Nowhere:
    def get(self, key: str) -> None:
        return None

    def put(self, key: str, data: bytes) -> None:
        return None


def read(workers: Workers) -> Transcript:
    hearing = Hearing(sound, Whisper(), workers, Nowhere(), lambda fraction, note: None)
    return transcribe(hearing, CLIP, language="es")


class Cluster:
    """`dask scheduler` and its workers, by name."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.scheduler = self._start("scheduler", "--port", "0", *LOOPBACK)
        told = self.scheduler.stderr
        assert told is not None
        line = next(line for line in told if "Scheduler at:" in line)
        self.address = line.split()[-1]
        threading.Thread(target=told.read, daemon=True).start()

    def _start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*DASK, *words],
            cwd=self._folder,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if words[0] == "scheduler" else subprocess.DEVNULL,
            text=True,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def work(self, *names: str, path: Path | None = None) -> dict[str, subprocess.Popen[str]]:
        """path: where they find their modules first."""
        options = ("--nthreads", "1", "--no-nanny", *LOOPBACK)
        given = {"PYTHONPATH": str(path)} if path else {}
        started = {name: self._start("worker", self.address, "--name", name, *options, **given) for name in names}
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(names), timeout=60)
        return started


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path_factory.mktemp("dask"), stack)


def test_a_scheduler_without_workers_is_said(cluster: Cluster) -> None:
    with pytest.raises(InputError, match="has no workers"), cluster_workers(cluster.address):
        pass


def test_a_cluster_hears_what_this_machine_does_though_a_worker_is_killed(cluster: Cluster) -> None:
    with local_workers(1) as workers:
        here = read(workers)
    processes = cluster.work("ana", "blas")
    with cluster_workers(cluster.address) as workers:
        assert workers.count == 2
        assert read(workers) == here
    with cluster_workers(cluster.address) as workers, Client(cluster.address, set_as_default=False) as watching:
        victim = threading.Thread(target=kill_at_work, args=(watching, processes))
        victim.start()
        assert read(workers) == here
        victim.join()
        assert len(watching.nthreads()) == 1


def kill_at_work(client: Client, processes: dict[str, subprocess.Popen[str]]) -> None:
    """Kill -9 the first worker that is seen to work."""
    while True:
        busy = [address for address, tasks in client.processing().items() if tasks]
        if busy:
            name = client.scheduler_info()["workers"][busy[0]]["name"]
            processes[name].kill()
            return


def test_a_cluster_whose_last_worker_died_is_given_up(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.tools.workers.ABSENCE", 0)
    cluster.work("carla")
    with pytest.raises(WorkspaceError) as caught, cluster_workers(cluster.address) as workers:
        workers.look()
        workers.executor.submit(os._exit, 1)
        while True:
            workers.look()
    assert caught.value.what == "no worker has been there for 0 s"
    assert caught.value.where == cluster.address


def test_a_cluster_whose_scheduler_died_is_given_up(tmp_path: Path) -> None:
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)
        cluster.work("dora")
        with pytest.raises(WorkspaceError, match="the scheduler is gone"), cluster_workers(cluster.address) as workers:
            stuck = workers.executor.submit(time.sleep, 3600)
            cluster.scheduler.kill()
            stuck.result()


def test_other_versions_and_other_deaths_are_said(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.work("elena")
    with pytest.raises(WorkspaceError, match="4 workers died over the same piece"), cluster_workers(cluster.address):
        raise KilledWorker("hear", None, 3)
    there = versions()["faster-whisper"]
    monkeypatch.setattr("pipeline.tools.workers.version", lambda name: "9.9")
    with pytest.raises(InputError, match="not as this machine") as caught, cluster_workers(cluster.address):
        pass
    assert f"faster-whisper {there}" in caught.value.what
    assert "faster-whisper 9.9" in caught.value.todo


def test_a_worker_without_escaleta_is_said(tmp_path: Path) -> None:
    """It would take what it cannot read, and be gone."""
    (tmp_path / "pipeline.py").write_text("raise ModuleNotFoundError('there is none')\n")
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)
        cluster.work("fe", path=tmp_path)
        with pytest.raises(InputError, match="there is none"), cluster_workers(cluster.address):
            pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tcp://127.0.0.1", "carrier://pigeon:9"])
def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("pipeline.tools.workers.PATIENCE", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler answers"), cluster_workers(address):
        pass


def test_something_else_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a scheduler's page of figures, which has a port of its own: Dask waits for its first word for ever."""
    monkeypatch.setattr("pipeline.tools.workers.PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match="no Dask scheduler answers"), cluster_workers(address):
            pass
