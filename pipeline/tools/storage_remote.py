"""S3-compatible storage and SFTP as the place where the public site lies, through fsspec.

Credentials are never asked for, written or shown: S3 takes them from the environment or `~/.aws` as every AWS program
does (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, and `AWS_ENDPOINT_URL` for other providers), SFTP from `~/.ssh/config`, keys
and the agent. A server whose key is not in `~/.ssh/known_hosts` is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import FeedOvertakenError, WorkspaceError
from pipeline.tools.storage_s3 import S3Uploads
from pipeline.tools.storage_sftp import SftpUploads, connect

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_CHUNK = 1 << 20

_TRIES = 2
"""Of a call to S3; each is five of botocore's, which last 15 s where a server does not answer, and hold the feed."""


def remote(address: str) -> RemoteFolder:
    """The folder at `s3://bucket/folder` or `sftp://user@host:port/folder`.

    Raises WorkspaceError where the address is none of these, a package is not installed, or the place is out of reach.
    """
    parts = urlsplit(address)
    if parts.scheme not in _OPENERS or not parts.netloc:
        raise WorkspaceError("is no storage", where=address, todo=f"write one of {', '.join(_EXAMPLES)}")
    if parts.password:
        raise WorkspaceError(
            "holds a password",
            where=f"{parts.scheme}://{parts.hostname}",
            todo="take it out; use a key or the environment",
        )
    with _told(address):
        return _OPENERS[parts.scheme](parts)


class Uploads(Protocol):
    """How files come to a place, by their whole paths, and which are there."""

    def listed(self, root: str) -> Iterator[tuple[str, int]]:
        """Every file under `root` and its length in bytes. Raises FileNotFoundError where there is no such place."""

    def put(self, path: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        """Writes a file, whole or not at all, and goes on where an interrupted run stopped."""

    def replace(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        type: str,
        seen: str | None,
        digest: Callable[[], str | None],
    ) -> tuple[str, ...]:
        """As `put`, where what `digest` finds there is still `seen`; else FeedOvertakenError.

        Returns what stood in the way of being sure of that, a sentence each.
        """

    def settle(self, root: str, now: datetime) -> tuple[str, ...]:
        """What is to be done when all is there; what stood in the way, a sentence each."""


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """Files under `root` by their names, with forward slashes.

    close: hangs up, where somebody must; a schedule that runs for a year would hold a connection for every look.
    """

    files: AbstractFileSystem
    root: str
    address: str
    uploads: Uploads
    close: Callable[[], None] = lambda: None

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file's name and length in bytes; hidden files, half-written ones among them, are left out."""
        with _told(self.address), suppress(FileNotFoundError):
            for path, length in self.uploads.listed(self.root):
                if not path.rpartition("/")[2].startswith("."):
                    yield path.removeprefix(f"{self.root}/"), length

    def digest(self, name: str) -> str | None:
        """SHA-256 of what lies there now, read back whole; None where nothing does."""
        digest = hashlib.sha256()
        with _told(self.address):
            try:
                for chunk in self._chunks(name):
                    digest.update(chunk)
            except FileNotFoundError:
                return None
        return digest.hexdigest()

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        with _told(self.address), suppress(FileNotFoundError):
            return b"".join(self._chunks(name))
        return None

    def put(self, name: str, chunks: Iterable[bytes], *, type: str = "", lasting: bool = False) -> None:
        """Writes a file, whole or not at all; an upload that was interrupted goes on where it stopped."""
        path = self._path(name)
        with _told(self.address):
            self.uploads.put(path, chunks, type=type, lasting=lasting)
            self.files.invalidate_cache()

    def replace(
        self, name: str, chunks: Iterable[bytes], *, type: str = "", seen: str | None = None
    ) -> tuple[str, ...]:
        """As `put`, where what lies there still has the SHA-256 `seen`, None for nothing; else FeedOvertakenError.

        Returns what stood in the way of being sure of that, a sentence each.
        """
        path = self._path(name)
        with _told(self.address):
            notes = self.uploads.replace(path, chunks, type=type, seen=seen, digest=partial(self.digest, name))
            self.files.invalidate_cache()
            return notes

    def settle(self, now: datetime) -> tuple[str, ...]:
        """Clears away what interrupted uploads left, and lets pages of other origins read where nothing says who may.

        Returns what stood in the way, a sentence each.
        """
        with _told(self.address):
            return self.uploads.settle(self.root, now)

    def put_file(self, name: str, source: Path, *, type: str = "", lasting: bool = False) -> None:
        """As `put`, from a file."""
        with source.open("rb") as file:
            self.put(name, iter(partial(file.read, _CHUNK), b""), type=type, lasting=lasting)

    def delete(self, name: str) -> None:
        """Removes a file, if it is there."""
        with _told(self.address), suppress(FileNotFoundError):
            self.files.rm_file(self._path(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        self.files.invalidate_cache()
        with self.files.open(self._path(name), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _path(self, name: str) -> str:
        if name.startswith("/") or ".." in name.split("/"):
            raise WorkspaceError("lies outside the folder", where=name, todo="name a file inside it")
        return f"{self.root}/{name}"


def _s3(parts: SplitResult) -> RemoteFolder:
    import s3fs

    # Everything else, endpoint and credentials included, is botocore's to find.
    files = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    files.retries = _TRIES
    root = f"{parts.netloc}/{parts.path.strip('/')}".rstrip("/")
    return RemoteFolder(files, root, parts.geturl(), S3Uploads(files))


def _sftp(parts: SplitResult) -> RemoteFolder:
    files = connect(parts.hostname or "", username=parts.username, port=parts.port)
    root = parts.path.rstrip("/") or "/"
    return RemoteFolder(files, root, parts.geturl(), SftpUploads(files), files.client.close)


_OPENERS: dict[str, Callable[[SplitResult], RemoteFolder]] = {"s3": _s3, "sftp": _sftp}
_EXAMPLES = ("s3://bucket/folder", "sftp://user@host/folder")


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What goes wrong on the way, as a fault that the user can mend; without credentials, whatever the library says."""
    try:
        yield
    except FileNotFoundError as error:
        raise WorkspaceError("there is no such place", where=address, todo="make the bucket or folder first") from error
    except PermissionError as error:
        todo = "look at your credentials and rights"
        raise WorkspaceError(f"refused: {_said(error)}", where=address, todo=todo) from error
    except ImportError as error:
        raise WorkspaceError(f"needs {error.name}", where=address, todo='pip install "escaleta[storage]"') from error
    except Exception as error:
        if type(error).__name__ == "FileExpired":  # s3fs's own, which is not loaded for SFTP
            raise FeedOvertakenError(address) from error
        if type(error).__module__.split(".")[0] in _NETWORK or isinstance(error, OSError | EOFError):
            todo = "look at the network and your credentials; what arrived stays, the next run goes on from there"
            raise WorkspaceError(f"is out of reach: {_said(error)}", where=address, todo=todo) from error
        raise


def _said(error: Exception) -> str:
    """What the other side said, without the number that a library gave it."""
    why = getattr(error, "strerror", None) or str(error)
    return _UNSAID.get(why, why)


_UNSAID = {
    "": "it does not answer",
    "Failure": "it fails, and does not say at what; its disk may be full, or only to be read",
}
"""What errors say that say nothing; SFTP has no word for a full disk (draft-ietf-secsh-filexfer-02, section 7)."""


_NETWORK = {"botocore", "aiobotocore", "paramiko", "aiohttp"}
"""Packages whose own errors mean that the other side did not answer as it should."""
