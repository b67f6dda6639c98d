"""A show's folder of one's own, and the command line as people run it."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from pipeline import cli

ROOT = Path(__file__).parents[2]
ESCALETA = Path(sys.executable).with_name("escaleta")

Run = Callable[..., subprocess.CompletedProcess[str]]


def copy_show(target: Path) -> Path:
    """The repository's own show, without anything that was made from it."""
    made = shutil.ignore_patterns("build", "public", "ledger.yaml", ".lock")
    for name in ("feed", "episodes"):
        shutil.copytree(ROOT / name, target / name, ignore=made)
    return target


def escaleta(*words: str | Path, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the installed command; nothing is raised, whatever it returns."""
    return subprocess.run([ESCALETA, *words], cwd=cwd, capture_output=True, text=True, check=False, **options)


def here(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """As `escaleta`, in this process, where libraries, dictionaries and weights are loaded already."""
    out, err = io.StringIO(), io.StringIO()
    argv = mock.patch.object(sys, "argv", ["escaleta", *map(str, words)])
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(cwd), argv, streams[0], streams[1], pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    assert code is None or isinstance(code, int)
    return subprocess.CompletedProcess(words, code or 0, out.getvalue(), err.getvalue())


@pytest.fixture
def show(tmp_path: Path) -> Path:
    return copy_show(tmp_path / "show")


@pytest.fixture(scope="session")
def produced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example episode, produced once for every test that only looks at it."""
    folder = copy_show(tmp_path_factory.mktemp("produced"))
    done = escaleta("produce", "mlops", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def run() -> Run:
    return escaleta
