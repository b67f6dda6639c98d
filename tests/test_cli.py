"""How a run ends that nobody foresaw."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import cli


@pytest.fixture(autouse=True)
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def app() -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(cli, "app", app)


def ends_with(code: int, capsys: pytest.CaptureFixture[str]) -> str:
    """What it says."""
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_a_fault_of_our_own_is_logged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda name, ensure_exists: tmp_path)
    told = ends_with(3, capsys)
    (log,) = tmp_path.iterdir()
    assert told == f"Error: this is a fault of Escaleta's own; what happened is in {log}\n"
    assert "RuntimeError: nobody foresaw this" in log.read_text("utf-8")


def test_the_newest_logs_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda name, ensure_exists: tmp_path)
    for day in range(10, 30):
        (tmp_path / f"202001{day}T120000.log").write_text("old")
    (tmp_path / "notes.txt").write_text("somebody's")
    monkeypatch.setattr(cli, "_LOGS", 3)
    told = ends_with(3, capsys)
    first, second, third = sorted(tmp_path.glob("*.log"))
    assert (first.name, second.name) == ("20200128T120000.log", "20200129T120000.log")
    assert str(third) in told
    assert (tmp_path / "notes.txt").exists()


def test_where_no_log_can_be_written_it_is_all_told_there_and_then(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As by a clock whose user has no home."""
    monkeypatch.setattr("platformdirs.user_log_path", lambda name, ensure_exists: tmp_path / "none")
    told = ends_with(3, capsys)
    assert told.startswith("Error: this is a fault of Escaleta's own; no log of it can be written (No such file")
    assert told.endswith("RuntimeError: nobody foresaw this\n\n")


def test_a_disk_that_went_away_is_no_fault_of_our_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "/media/show/feed/show.yaml")

    monkeypatch.setattr(cli, "app", app)
    told = ends_with(1, capsys)
    assert told.startswith("Error: /media/show/feed/show.yaml: the disk does not answer: Input/output error\n")
    assert "mount it again" in told


def test_ctrl_c_before_anything_is_loaded_leaves_no_traceback() -> None:
    program = """
import os, signal, sys
class Pressed:
    def find_spec(self, name, *rest):
        if name == "pipeline.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Pressed())
from pipeline.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
