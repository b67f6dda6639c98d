"""Artefacts and receipts on disk. A file is either whole or not there; a receipt says what it was made from."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import EscaletaError, InputError, WorkspaceError

T = TypeVar("T")

_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "free some space and run again; nothing was lost"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run again; nothing was lost"),
    errno.EACCES: (
        "no permission to write here",
        "make the folder writable, or move the workspace",
    ),
    errno.EPERM: ("no permission to write here", "make the folder writable, or move the workspace"),
    errno.EROFS: ("the file system is read-only", "move the workspace to a place that can be written"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "move that file away and run again"),
    errno.EEXIST: ("a file stands where a folder is needed", "move that file away and run again"),
    errno.EISDIR: ("a folder stands where a file is needed", "move that folder away and run again"),
}


_UNREACHED = {
    getattr(errno, name, None)
    for name in ("EIO", "ESTALE", "ENOTCONN", "ENODEV", "ENXIO", "EHOSTDOWN", "ETIMEDOUT", "EREMOTEIO")
} - {None}
"""What a disk says that was pulled out, broke, or lies on a server that went away; no system knows them all."""


def unreached(error: BaseException) -> WorkspaceError | None:
    """What it means for the user that the disk with a file does not answer; None for anything else."""
    if isinstance(error, OSError) and error.filename and error.errno in _UNREACHED:
        return WorkspaceError(
            f"the disk does not answer: {error.strerror}",
            where=str(error.filename),
            todo="look whether it is connected and sound, mount it again, and run again",
        )
    return None


def workspace_error(error: OSError, path: Path) -> WorkspaceError:
    """What an operating system's refusal to write means for the user."""
    what, todo = _REMEDIES.get(error.errno or 0, (error.strerror or str(error), "mend that and run again"))
    return WorkspaceError(what, where=str(path), todo=todo)


def _blamed(error: OSError, path: Path, temporary: Path | None) -> EscaletaError:
    """Whose an error within the block is: the file's that is written, unless it names another, which is read then.

    `shutil.copyfile` names both where the disk is full.
    """
    named = {str(name) for name in (error.filename, error.filename2) if name is not None}
    if temporary is None or not named or named & {str(temporary), str(path)}:
        return workspace_error(error, path)
    todo = "make it a file that can be read, and run again"
    return InputError(f"cannot be read: {error.strerror}", where=", ".join(sorted(named)), todo=todo)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well, and vanishes when it does not.

    The bytes are on the disk before the name changes (fsync, then `os.replace`). Raises WorkspaceError where the
    folder cannot be written or the disk is full, InputError where what the block reads cannot be read.
    """
    temporary: Path | None = None
    try:
        _make(path.parent)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=f".part{path.suffix}", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise _blamed(error, path, temporary) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    """A folder as open as the files in it: who serves it may be somebody else, whatever the umask of a clock is."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        one.chmod(one.stat().st_mode | 0o755)


def write(path: Path, data: bytes) -> bool:
    """Put `data` at `path`, whole, unless it stands there already. True where something was written."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return False
    with whole_file(path) as temporary:
        temporary.write_bytes(data)
    return True


_typed: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def to_json(kind: Any, value: object) -> bytes:
    """A frozen value as UTF-8 JSON, two spaces deep; the same value gives the same bytes."""
    return _typed(kind).dump_json(value, indent=2, warnings="error") + b"\n"


def from_json(kind: type[T], data: bytes) -> T:
    """The value that `to_json` wrote. Raises ValueError for anything else."""
    value: T = _typed(kind).validate_json(data, strict=True, extra="forbid")
    return value


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_value(value: object) -> str:
    """SHA-256 of any frozen value, mapping or sequence of such."""
    return digest(_typed(Any).dump_json(value))


def clean_leftovers(folder: Path) -> None:
    """Remove what a killed run left half-written. Only for whoever holds the folder's lock."""
    for leftover in folder.glob("**/.*.part*"):
        leftover.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a stage was run with and what came out: digests by name, in the order in which the stage names them."""

    stage: str
    version: int
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass
class Store:
    """The build folder of one episode.

    Files are hashed once and remembered by size and modification time, as make and git do, in `hashes.json`.
    """

    build: Path

    @cached_property
    def _hashes(self) -> dict[str, list[Any]]:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            stored = json.loads((self.build / "hashes.json").read_bytes())
            return {str(key): list(value) for key, value in stored.items()}
        return {}

    def path(self, name: str) -> Path:
        """Where the artefact of that name lies."""
        return self.build / f"{name}.json"

    def load(self, name: str, kind: type[T]) -> T:
        """The artefact of that name. Raises WorkspaceError where it is absent or not what it should be."""
        path = self.path(name)
        try:
            return from_json(kind, path.read_bytes())
        except (OSError, ValidationError) as error:
            todo = f"remove {self.build / 'receipts'} and run again"
            raise WorkspaceError(
                f"the {name} of an earlier stage cannot be read", where=str(path), todo=todo
            ) from error

    def save(self, name: str, kind: Any, value: object) -> None:
        """Keep an artefact."""
        write(self.path(name), to_json(kind, value))

    def file_digest(self, path: Path) -> str | None:
        """SHA-256 of a file's bytes, None where there is no such file."""
        try:
            stat = path.stat()
            stamp = [stat.st_size, stat.st_mtime_ns]
            known = self._hashes.get(str(path))
            if known and known[:2] == stamp:
                return str(known[2])
            with path.open("rb") as file:
                value = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        self._hashes[str(path)] = [*stamp, value]
        return value

    def receipt(self, stage: str) -> Receipt | None:
        """The receipt of a stage's last success, None where it never succeeded."""
        try:
            return from_json(Receipt, self._receipt(stage).read_bytes())
        except (OSError, ValidationError):
            return None

    @property
    def signed(self) -> bool:
        """Whether any stage ever succeeded."""
        return (self.build / "receipts").is_dir()

    def sign(self, receipt: Receipt) -> None:
        """Write a success down. It comes after everything that it speaks of."""
        write(self._receipt(receipt.stage), to_json(Receipt, receipt))
        write(self.build / "hashes.json", json.dumps(self._hashes, indent=1, sort_keys=True).encode())

    def _receipt(self, stage: str) -> Path:
        return self.build / "receipts" / f"{stage}.json"
