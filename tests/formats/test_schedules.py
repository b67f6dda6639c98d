from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
import yaml

from pipeline.formats import schedules

ODD = PurePosixPath("/home/a b/100%/it's $HOME")


def test_systemd_reads_its_own_words(tmp_path: Path) -> None:
    files = schedules.systemd(PurePosixPath("/bin/true"), tmp_path)
    parser = configparser.ConfigParser(interpolation=None)
    for text in files.values():
        parser.read_string(text)
    assert parser["Timer"]["persistent"] == "true"
    assert parser["Timer"]["oncalendar"] == "*:0/10"
    assert parser["Service"]["workingdirectory"] == str(tmp_path)
    analyse = shutil.which("systemd-analyze")
    if not analyse:
        pytest.skip("systemd-analyze is not here to verify them")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [analyse, "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    assert "escaleta" not in done.stderr


def test_odd_paths_in_systemd() -> None:
    service = schedules.systemd(ODD / "escaleta", ODD)["escaleta.service"]
    assert "WorkingDirectory=/home/a b/100%%/it's $HOME\n" in service
    assert 'ExecStart="/home/a b/100%%/it\'s $$HOME/escaleta" publish\n' in service


def test_odd_paths_in_cron(tmp_path: Path) -> None:
    line = schedules.cron(ODD / "escaleta", ODD)
    assert line.startswith("*/10 * * * * cd ")
    command = line.split(" ", 5)[5].replace("\\%", "%")
    assert shlex.split(command)[1] == str(ODD)
    assert line.count("%") == line.count("\\%") == 2
    assert line.count("\n") == 1


def test_crons_command_runs(tmp_path: Path) -> None:
    folder = tmp_path / "it's 100%"
    folder.mkdir()
    program = folder / "my escaleta"
    program.write_text('#!/bin/sh\npwd > told; echo "$@" >> told\n')
    program.chmod(0o755)
    command = schedules.cron(program, folder).split(" ", 5)[5].replace("\\%", "%")
    subprocess.run(["/bin/sh", "-c", command], check=True, env=dict(os.environ))
    assert (folder / "told").read_text() == f"{folder}\npublish\n"


def test_the_workflow_is_one() -> None:
    workflow = yaml.safe_load(schedules.github())
    assert workflow[True]["schedule"] == [{"cron": "*/10 * * * *"}]
    steps = workflow["jobs"]["publish"]["steps"]
    (produce,) = [step for step in steps if "escaleta produce" in step.get("run", "")]
    assert produce["env"]["AWS_ACCESS_KEY_ID"] == "${{ secrets.AWS_ACCESS_KEY_ID }}"
    assert "secrets" not in schedules.github().replace("${{ secrets.AWS_", "")


def test_the_workflow_keeps_ledgers_and_what_they_speak_of_though_somebody_pushed_meanwhile(
    tmp_path: Path, required: Callable[[str | None, str], str]
) -> None:
    git = required("git", "install it")

    def run(*words: str | Path, cwd: Path = tmp_path) -> str:
        me = ("-c", "user.name=me", "-c", "user.email=me@example.org")
        return subprocess.run([git, *me, *words], cwd=cwd, check=True, capture_output=True, text=True).stdout

    run("init", "--bare", "--initial-branch=main", "origin")
    address, editor, runner = f"file://{tmp_path}/origin", tmp_path / "editor", tmp_path / "runner"
    run("clone", address, editor)
    for name in ("show.yaml", "ledger.yaml"):
        (editor / "feed").mkdir(exist_ok=True)
        (editor / "feed" / name).write_text("before\n")
    run("add", ".", cwd=editor)
    run("commit", "-m", "A show", cwd=editor)
    run("push", "origin", "HEAD:main", cwd=editor)
    run("clone", "--depth=1", "--branch=main", address, runner)
    (editor / "feed" / "show.yaml").write_text("after\n")
    run("commit", "-am", "Another", cwd=editor)
    run("push", "origin", "HEAD:main", cwd=editor)
    kept = ("ledger.yaml", "ledger-ad-free.yaml", "released/otro.json", "released-ad-free/otro.json")
    for name in kept:
        (runner / "feed" / name).parent.mkdir(exist_ok=True)
        (runner / "feed" / name).write_text("after\n")
    (runner / "feed" / ".lock").touch()
    keep = yaml.safe_load(schedules.github())["jobs"]["publish"]["steps"][-1]["run"]
    subprocess.run(["/bin/sh", "-ec", keep], cwd=runner, check=True, capture_output=True)
    for name in ("show.yaml", *kept):
        assert run("show", f"main:feed/{name}", cwd=tmp_path / "origin") == "after\n"
    there = run("ls-tree", "-r", "--name-only", "main", cwd=tmp_path / "origin").splitlines()
    assert sorted(there) == sorted(f"feed/{name}" for name in ("show.yaml", *kept))


def test_the_workflow_has_nothing_to_keep_where_nothing_went_out(
    tmp_path: Path, required: Callable[[str | None, str], str]
) -> None:
    subprocess.run([required("git", "install it"), "init"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "secret").touch()
    keep = yaml.safe_load(schedules.github())["jobs"]["publish"]["steps"][-1]["run"]
    subprocess.run(["/bin/sh", "-ec", keep], cwd=tmp_path, check=True, capture_output=True)
    status = subprocess.run(["git", "status", "--short"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert status.stdout == "?? secret\n"
