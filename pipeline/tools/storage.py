"""A local folder as the place where a release or the public site lies."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import FeedOvertakenError, WorkspaceError


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """Files under `root` by their names, with forward slashes.

    whole_file: gives a temporary path that takes the file's place when all went well (`pipeline.store.whole_file`).
    """

    root: Path
    whole_file: Callable[[Path], AbstractContextManager[Path]]

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file's name and length in bytes; hidden files, half-written ones among them, are left out."""
        for folder, _, names in os.walk(self.root):
            place = Path(folder).relative_to(self.root).as_posix()
            for name in names:
                length = None if name.startswith(".") else _length(Path(folder, name))
                if length is not None:
                    yield f"{place}/{name}".removeprefix("./"), length

    def digest(self, name: str) -> str | None:
        """SHA-256 of what lies there now; None where no file does."""
        path = self._path(name)
        with _readable(path), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
        return None

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        path = self._path(name)
        with _readable(path):
            return path.read_bytes()
        return None

    def put(self, name: str, chunks: Iterable[bytes], *, type: str = "", lasting: bool = False) -> None:
        """Writes a file, whole or not at all. `type` and `lasting` are the web server's business here."""
        with self.whole_file(self._path(name)) as temporary, temporary.open("wb") as file:
            file.writelines(chunks)

    def put_file(self, name: str, source: Path, *, type: str = "", lasting: bool = False) -> None:
        """As `put`, from a file. One whose bytes are `lasting` becomes a second name of the same file if it can."""
        with self.whole_file(self._path(name)) as temporary:
            if not (lasting and _linked(source, temporary)):
                shutil.copyfile(source, temporary)

    def replace(
        self, name: str, chunks: Iterable[bytes], *, type: str = "", seen: str | None = None
    ) -> tuple[str, ...]:
        """As `put`, where what lies there still has the SHA-256 `seen`, None for nothing; else FeedOvertakenError."""
        if self.digest(name) != seen:
            raise FeedOvertakenError(name)
        self.put(name, chunks)
        return ()

    def delete(self, name: str) -> None:
        """Removes a file, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def settle(self, now: datetime) -> tuple[str, ...]:
        """Nothing is left to do: whoever holds the feed's lock sweeps half files before, servers say who may read."""
        return ()

    def _path(self, name: str) -> Path:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise WorkspaceError("lies outside the folder", where=name, todo="name a file inside it")
        return path


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Ends where there is no such file; one that may not be read is the user's to mend."""
    try:
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            yield
    except OSError as error:
        todo = "look at its rights and at the disk; a clock may run as somebody else than you"
        raise WorkspaceError(f"cannot be read: {error.strerror}", where=str(path), todo=todo) from error


def _length(path: Path) -> int | None:
    """In bytes; None for what is not there: others' files come and go, and a link may lead nowhere."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _linked(source: Path, temporary: Path) -> bool:
    """Whether `temporary` is now another name of `source`: not across disks, nor on every file system."""
    temporary.unlink()
    try:
        temporary.hardlink_to(source.resolve())
    except OSError:
        return False
    return True
