"""What people install: the wheel holds all of `pipeline/`, and its command runs where no source tree is."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; a PYTHONPATH would lead it to a source tree."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the sources, so that building leaves nothing among them."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "pipeline", source / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", cwd=source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that holds the wheel alone, and finds what it needs in the one that runs the tests."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder.parent)
    packages = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder.parent).strip()
    )
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)), encoding="utf-8")
    return folder


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipeline").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert any(name.endswith(".html") for name in files)
    assert held == files


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        about = email.message_from_bytes(archive.read(names["METADATA"]))
        commands = archive.read(names["entry_points.txt"]).decode()
    assert (about["Name"], about["Version"], about["License-Expression"]) == ("escaleta", PROJECT["version"], "MIT")
    assert about["Requires-Python"] == PROJECT["requires-python"]
    assert len(about.get_all("Requires-Dist", [])) >= len(PROJECT["dependencies"])
    assert commands.split() == ["[console_scripts]", "escaleta", "=", "pipeline.__main__:main"]
    assert "LICENSE" in names


def test_the_installed_command_runs_without_the_source_tree(environment: Path, tmp_path: Path) -> None:
    where = run(environment / "bin" / "python", "-c", "import pipeline; print(pipeline.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(environment)
    told = run(environment / "bin" / "escaleta", "--help", cwd=tmp_path)
    assert all(verb in told for verb in ("init", "new", "produce", "status", "publish", "check"))


def test_the_installed_command_starts_a_workspace(environment: Path, tmp_path: Path) -> None:
    run(environment / "bin" / "escaleta", "init", tmp_path / "show", cwd=tmp_path)
    assert (tmp_path / "show" / "feed" / "show.yaml").is_file()


def test_every_module_of_the_wheel_is_importable(environment: Path, wheel: Path, tmp_path: Path) -> None:
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py")
    )
    assert len(modules) > 30
    run(environment / "bin" / "python", "-c", "; ".join(f"import {name}" for name in modules), cwd=tmp_path)
