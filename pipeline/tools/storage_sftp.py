"""Uploads behind SFTP: beside their place, moved there when they are whole, and gone on with after an interruption."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any
from uuid import getnode, uuid4

from pipeline.errors import FeedOvertakenError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

ABANDONED = timedelta(days=1)
"""How long half a file may wait for the run that goes on with it."""

PATIENCE = 60
"""Seconds without an answer after which a server counts as gone: a clock's run shall end, and say so."""

STALE = timedelta(minutes=5)
"""How old a lock is that nobody holds any more: it is for two answers of a server, which has `PATIENCE` for each."""

_SUFFIX = ".part"
_LOCK = ".lock"


def half(path: str) -> str:
    """Where half a file lies: this machine's alone, since another may be sending the same one. It names nobody."""
    machine = hashlib.sha256(f"{platform.node()} {getnode()}".encode()).hexdigest()[:8]
    return _beside(path, f".{machine}{_SUFFIX}")


def _beside(path: str, suffix: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}{suffix}"


@dataclass(frozen=True, slots=True)
class SftpUploads:
    """Files at absolute paths. Media types and caches are the web server's business there."""

    files: AbstractFileSystem

    def put(self, path: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        """Writes a file, whole or not at all; what of it an interrupted run has sent is compared and kept."""
        self.files.mv(self._sent(path, chunks, half(path)), path)

    def replace(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        type: str,
        seen: str | None,
        digest: Callable[[], str | None],
    ) -> tuple[str, ...]:
        """As `put`, where what `digest` finds there is still `seen`; else FeedOvertakenError."""
        part = self._sent(path, chunks, _beside(path, f".{uuid4().hex[:8]}{_SUFFIX}"))
        try:
            with self._held(path, part):
                if digest() != seen:
                    raise FeedOvertakenError(path)
                self.files.mv(part, path)
        except FeedOvertakenError:
            self.files.rm_file(part)
            raise
        return ()

    @contextmanager
    def _held(self, path: str, part: str) -> Iterator[None]:
        """While nobody else writes there; SFTP compares nothing as it renames. `part` tells the server's time."""
        held = _beside(path, _LOCK)
        if not self._took(held):
            if self._written(part) - self._written(held) < STALE:
                raise FeedOvertakenError(path)
            self.files.rm_file(held)
            if not self._took(held):
                raise FeedOvertakenError(path)
        try:
            yield
        finally:
            self.files.rm_file(held)

    def _took(self, held: str) -> bool:
        """Whether a file was made that was not there; the server has but one word for all that keeps it from that."""
        try:
            self.files.ftp.open(held, "wx").close()
        except OSError:
            if self.files.exists(held):
                return False
            raise
        return True

    def _written(self, path: str) -> datetime:
        moment: datetime = self.files.info(path)["mtime"]
        return moment

    def _sent(self, path: str, chunks: Iterable[bytes], part: str) -> str:
        """`part`, beside the file's place, when all of it has arrived."""
        self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
        rest = iter(chunks)
        kept, differing = self._kept(part, rest)
        held = b""
        with self.files.open(part, "r+b" if kept else "wb") as file:
            if kept:
                file.truncate(kept)
                file.seek(kept)
            for chunk in filter(None, chain(differing, rest)):
                file.write(held)
                held = chunk
            # The last answer is waited for, and with it all before: a full disk shows in nothing else.
            file.set_pipelined(False)
            file.write(held)
        return part

    def listed(self, root: str) -> Iterator[tuple[str, int]]:
        """Every file under `root` and its length in bytes, a folder at a time; others' folders are passed over."""

        def missed(error: OSError) -> None:
            if not isinstance(error, PermissionError | FileNotFoundError):
                raise error

        self.files.ls(root, detail=False)  # raises what is only passed over further down
        for _, _, files in self.files.walk(root, detail=True, on_error=missed):
            for about in files.values():
                yield about["name"], about["size"]

    def settle(self, root: str, now: datetime) -> tuple[str, ...]:
        """Removes half files that nobody goes on with. Who may read is the web server's to say."""
        for path, about in self.files.find(root, detail=True).items():
            name = path.rpartition("/")[2]
            if name.startswith(".") and name.endswith(_SUFFIX) and about["mtime"] < now - ABANDONED:
                self.files.rm_file(path)
        return ()

    def _kept(self, part: str, chunks: Iterator[bytes]) -> tuple[int, list[bytes]]:
        """How many bytes at the head of `part` are those of `chunks`, in whole chunks; and the first that differs."""
        kept = 0
        try:
            file = self.files.open(part, "rb")
        except FileNotFoundError:
            return 0, []
        with file:
            for chunk in chunks:
                if file.read(len(chunk)) != chunk:
                    return kept, [chunk]
                kept += len(chunk)
        return kept, []


def connect(host: str, **given: Any) -> AbstractFileSystem:
    """fsspec's SFTP, which by itself trusts any server and knows nothing of the user's own configuration."""
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    class KnownHosts(SFTPFileSystem):  # type: ignore[misc]  # fsspec carries no types
        def _connect(self) -> None:
            options = _ssh_options(self.host)
            self.client = paramiko.SSHClient()
            self.client.load_system_host_keys(options.pop("userknownhostsfile", None))
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            limits = {"timeout": PATIENCE, "channel_timeout": PATIENCE}
            with ExitStack() as failed:
                failed.callback(self.client.close)
                self.client.connect(**(limits | options | self.ssh_kwargs))
                with _given_up(self.client):
                    self.ftp = self.client.open_sftp()
                self.ftp.get_channel().settimeout(PATIENCE)
                failed.pop_all()

        def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            """Without waiting for the answer to every 32 KB."""
            file = super()._open(path, mode, **options)
            file.prefetch() if mode == "rb" else file.set_pipelined(True)
            return file

    return KnownHosts(host, skip_instance_cache=True, **_given(**given))


@contextmanager
def _given_up(client: Any) -> Iterator[None]:
    """Hangs up after `PATIENCE`, unless the block has ended by then: paramiko waits for a session without limit."""
    hang_up = Timer(PATIENCE, client.close)
    hang_up.daemon = True
    hang_up.start()
    try:
        yield
    finally:
        hang_up.cancel()


def _ssh_options(host: str) -> dict[str, Any]:
    """What `~/.ssh/config` says of a host, in paramiko's words."""
    import paramiko

    path = Path("~/.ssh/config").expanduser()
    said = paramiko.SSHConfig.from_path(str(path)).lookup(host) if path.exists() else {}
    return {"hostname": said.get("hostname", host)} | _given(
        username=said.get("user"),
        port=int(said["port"]) if "port" in said else None,
        key_filename=said.get("identityfile"),
        userknownhostsfile=said.get("userknownhostsfile", "").split(" ")[0] or None,
    )


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
