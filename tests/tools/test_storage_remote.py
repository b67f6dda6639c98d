"""S3 and SFTP against real servers on the loopback."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import paramiko
import pytest
from botocore.exceptions import ClientError
from fsspec.implementations.memory import MemoryFileSystem
from paramiko import SFTPFile
from s3fs.errors import translate_boto_error

from pipeline.errors import WorkspaceError
from pipeline.formats import feed_reading
from pipeline.tools import storage_s3, storage_sftp
from pipeline.tools.storage_remote import RemoteFolder, remote
from pipeline.tools.storage_s3 import LASTING, SHORT
from pipeline.tools.storage_sftp import SftpUploads


def content(folder: RemoteFolder, name: str) -> bytes:
    found: bytes = folder.files.cat_file(f"{folder.root}/{name}")
    return found


@pytest.fixture
def folder(place: str) -> RemoteFolder:
    return remote(place)


def test_what_was_put_is_there(folder: RemoteFolder) -> None:
    assert dict(folder.sizes()) == {}
    folder.put("a/ñ b.txt", [b"uno", b"dos"], type="text/plain", lasting=False)
    assert content(folder, "a/ñ b.txt") == b"unodos"
    assert folder.digest("a/ñ b.txt") == hashlib.sha256(b"unodos").hexdigest()
    assert folder.read("a/ñ b.txt") == b"unodos"
    assert dict(folder.sizes()) == {"a/ñ b.txt": 6}
    folder.put("a/ñ b.txt", [b"tres"])
    assert content(folder, "a/ñ b.txt") == b"tres"
    folder.delete("a/ñ b.txt")
    folder.delete("a/ñ b.txt")
    assert dict(folder.sizes()) == {}


def test_what_is_not_there(folder: RemoteFolder) -> None:
    assert folder.digest("x") is None
    assert folder.read("x") is None


def test_more_files_than_one_answer_lists(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what lies beside the folder is not among them."""
    monkeypatch.setattr(storage_s3, "LISTED", 3)
    folder = remote("s3://tertulia/web")
    names = {f"{number}/a.txt" for number in range(7)}
    folder.files.pipe({f"tertulia/{place}/{name}": b"abc" for place in ("web", "web2") for name in names})
    assert dict(folder.sizes()) == dict.fromkeys(names, 3)
    assert len(dict(remote("s3://tertulia").sizes())) == 2 * len(names)


class Guarded(MemoryFileSystem):  # type: ignore[misc]  # fsspec carries no types
    """A server on which one folder may not be read."""

    cachable = False

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        if path.rstrip("/").endswith("/others"):
            raise PermissionError("not yours")
        return super().ls(path, detail=detail, **options)


def test_a_folder_of_others_on_a_server_is_passed_over() -> None:
    files = Guarded()
    for name in ("web/feed.xml", "web/mlops/a.mp3", "web/others/secret", "web/z/b.mp3"):
        files.pipe_file(f"/{name}", b"1234")
    uploads = SftpUploads(files)
    assert dict(uploads.listed("/web")) == {"/web/feed.xml": 4, "/web/mlops/a.mp3": 4, "/web/z/b.mp3": 4}
    with pytest.raises(PermissionError):
        dict(uploads.listed("/web/others"))
    with pytest.raises(FileNotFoundError):
        dict(uploads.listed("/nowhere"))


def test_many_parts(folder: RemoteFolder) -> None:
    block = bytes(range(256)) * 4096
    folder.put("big.mp3", (block for _ in range(20)), type="audio/mpeg", lasting=True)
    assert dict(folder.sizes()) == {"big.mp3": 20 << 20}
    assert folder.digest("big.mp3") == hashlib.sha256(block * 20).hexdigest()
    assert folder.read("big.mp3") == block * 20


def test_a_write_that_fails_leaves_the_old_file(folder: RemoteFolder) -> None:
    def breaks() -> Iterator[bytes]:
        yield b"half" * 3_000_000
        raise RuntimeError

    folder.put("a", [b"whole"])
    with pytest.raises(RuntimeError):
        folder.put("a", breaks())
    assert content(folder, "a") == b"whole"
    assert dict(folder.sizes()) == {"a": 5}


def test_nothing_outside_the_folder(folder: RemoteFolder) -> None:
    for name in ("../x", "/etc/passwd", "a/../../x"):
        with pytest.raises(WorkspaceError, match="outside"):
            folder.put(name, [b""])


def test_a_publication_goes_there_whole_and_once(folder: RemoteFolder, publisher: Any) -> None:
    ready = publisher.release()
    publication = publisher.publish(ready, storage=folder)
    assert publication.written[-1] == "feed.xml"
    assert {file.name: file.length for file in ready.release.files}.items() <= dict(folder.sizes()).items()
    feed = feed_reading.read(content(folder, "feed.xml"), where="remote").channel
    assert [feed_reading.name(item) for item in feed_reading.items(feed)] == ["MLOps: del cuaderno a producción"]
    assert publisher.publish(ready, storage=folder).written == ()


def test_an_interrupted_upload_goes_on_where_it_stopped(folder: RemoteFolder, publisher: Any) -> None:
    ready = publisher.release()
    first = ready.release.files[0]
    folder.put(first.name, [(ready.folder / first.name.split("/")[1]).read_bytes()])
    assert first.name not in publisher.publish(ready, storage=folder).written


KILLED = """
import os, signal, sys
from pipeline.tools.storage_remote import remote
def chunks():
    for number in range(40):
        if number == 30:
            os.kill(os.getpid(), signal.SIGKILL)
        yield bytes([number]) * (1 << 20)
remote(sys.argv[1]).put("a/big.mp3", chunks(), type="audio/mpeg", lasting=True)
"""


@pytest.fixture
def interrupted(place: str) -> None:
    """An upload of 40 MB was killed after 30."""
    done = subprocess.run([sys.executable, "-c", KILLED, place], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def sent(place: str, folder: RemoteFolder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of every write from now on."""
    lengths: list[int] = []
    if place.startswith("s3"):
        call = folder.files.call_s3

        def spy(method: str, **arguments: Any) -> Any:
            lengths.append(len(arguments.get("Body", b"")))
            return call(method, **arguments)

        monkeypatch.setattr(folder.files, "call_s3", spy)
    else:
        write = SFTPFile.write

        def spy_write(self: SFTPFile, data: bytes) -> None:
            lengths.append(len(data))
            write(self, data)

        monkeypatch.setattr(SFTPFile, "write", spy_write)
    return lengths


def test_a_killed_upload_is_no_file_and_goes_on_within_it(
    interrupted: None, folder: RemoteFolder, sent: list[int]
) -> None:
    assert dict(folder.sizes()) == {}
    whole = [bytes([number]) * (1 << 20) for number in range(40)]
    folder.put("a/big.mp3", whole, type="audio/mpeg", lasting=True)
    assert folder.digest("a/big.mp3") == hashlib.sha256(b"".join(whole)).hexdigest()
    assert dict(folder.sizes()) == {"a/big.mp3": 40 << 20}
    assert 0 < sum(sent) <= 20 << 20


def test_what_was_sent_of_other_bytes_is_not_kept(interrupted: None, folder: RemoteFolder, sent: list[int]) -> None:
    """The head is the same, and then it differs; and it is shorter than what was sent."""
    other = [*(bytes([number]) * (1 << 20) for number in range(10)), b"other" * 1_000_000, b"!"]
    folder.put("a/big.mp3", other, type="audio/mpeg", lasting=True)
    assert folder.digest("a/big.mp3") == hashlib.sha256(b"".join(other)).hexdigest()
    assert sum(sent) < sum(map(len, other))


def test_what_nobody_goes_on_with_is_cleared_away(interrupted: None, folder: RemoteFolder, left: Any) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    before = left()
    assert len(before) == 1
    folder.put("b.txt", [b"1"])
    assert folder.settle(soon + timedelta(days=1)) == ()
    assert left() == []
    assert dict(folder.sizes()) == {"b.txt": 1}


@pytest.fixture
def left(place: str, request: pytest.FixtureRequest) -> Callable[[], list[str]]:
    """What half-sent files there are at the place."""
    if place.startswith("s3"):
        uploads = request.getfixturevalue("bucket").multipart_uploads
        return lambda: [upload.object_key for upload in uploads.all()]
    root = Path(place.removeprefix("sftp://casa"))
    return lambda: [path.name for path in root.rglob(".*")]


# ── S3 alone ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_media_types_and_caches(bucket: Any, publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready, storage=remote("s3://tertulia"))
    told = {o.key: (o.Object().content_type, o.Object().cache_control) for o in bucket.objects.all()}
    assert told[ready.release.files[0].name] == ("audio/mpeg", LASTING)
    assert told["mlops/chapters.json"] == ("application/json+chapters", SHORT)
    assert told["mlops/transcript.vtt"] == ("text/vtt", SHORT)
    assert told["feed.xml"] == ("application/rss+xml; charset=utf-8", SHORT)


def test_a_bucket_without_rules_lets_players_on_the_web_read(bucket: Any, publisher: Any) -> None:
    assert publisher.publish(publisher.release(), storage=remote("s3://tertulia")).notes == ()
    (rule,) = bucket.Cors().cors_rules
    assert (rule["AllowedMethods"], rule["AllowedOrigins"]) == (["GET", "HEAD"], ["*"])
    assert "Content-Range" in rule["ExposeHeaders"]


def test_the_owners_rules_stay(bucket: Any, publisher: Any) -> None:
    own = [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://own.example"]}]
    bucket.Cors().put(CORSConfiguration={"CORSRules": own})
    assert publisher.publish(publisher.release(), storage=remote("s3://tertulia")).notes == ()
    assert bucket.Cors().cors_rules == own


@pytest.mark.parametrize("refused", ["get_bucket_cors", "put_bucket_cors"])
def test_rules_that_may_not_be_seen_or_set_are_a_note(
    bucket: Any, publisher: Any, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    folder = remote("s3://tertulia")
    call = folder.files.call_s3

    def refusing(method: str, **arguments: Any) -> Any:
        if method == refused:
            raise PermissionError("Access Denied")
        return call(method, **arguments)

    monkeypatch.setattr(folder.files, "call_s3", refusing)
    publication = publisher.publish(publisher.release(), storage=folder)
    assert publication.written[-1] == "feed.xml"
    (note,) = publication.notes
    assert "Access Denied" in note
    assert "CORS" in note
    assert publisher.publish(publisher.release(), storage=folder).notes == ()


def test_without_the_right_to_list_uploads_all_is_sent(
    bucket: Any, folder_of_s3: RemoteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = folder_of_s3.files.call_s3

    def refusing(method: str, **arguments: Any) -> Any:
        if method.startswith("list_"):
            raise PermissionError("Access Denied")
        return call(method, **arguments)

    monkeypatch.setattr(folder_of_s3.files, "call_s3", refusing)
    folder_of_s3.put("a.mp3", [bytes(1 << 20)] * 20)
    assert bucket.Object("web/a.mp3").content_length == 20 << 20


@pytest.fixture
def folder_of_s3(bucket: Any) -> RemoteFolder:
    return remote("s3://tertulia/web")


def test_a_bucket_that_is_not_there(bucket: Any) -> None:
    with pytest.raises(WorkspaceError) as caught:
        remote("s3://nowhere").put("a", [b"1"])
    assert (caught.value.where, caught.value.todo) == ("s3://nowhere", "make the bucket or folder first")


def test_what_a_bucket_says_is_told_without_a_librarys_number(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = remote("s3://tertulia")
    error = ClientError({"Error": {"Code": "InternalError", "Message": "We are sorry."}}, "ListObjectsV2")

    def fail(*_: object, **__: object) -> None:
        raise translate_boto_error(error)

    monkeypatch.setattr(folder.files, "call_s3", fail)
    with pytest.raises(WorkspaceError) as caught:
        list(folder.sizes())
    assert caught.value.what == "is out of reach: We are sorry."


def test_no_server_and_no_secrets_told(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    with pytest.raises(WorkspaceError, match="out of reach") as caught:
        list(remote("s3://tertulia").sizes())
    assert "s3cr3t" not in f"{caught.value} {remote('s3://tertulia')!r}"


# ── SFTP alone ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_nobody_knows_is_refused(at_home: Path, tmp_path: Path) -> None:
    known = at_home / ".ssh" / "known"
    before = known.read_text()
    known.write_text("")
    try:
        with pytest.raises(WorkspaceError, match="not found in known_hosts"):
            remote(f"sftp://casa{tmp_path}")
    finally:
        known.write_text(before)


@pytest.fixture
def frozen(at_home: Path) -> Iterator[Callable[[], None]]:
    """Freezes whoever serves a connection to the server called `casa`."""
    stopped: list[int] = []

    def children(pid: int) -> list[int]:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def freeze() -> None:
        serving = children(int((at_home / ".ssh" / "pid").read_text()))
        for pid in [*serving, *(below for one in serving for below in children(one))]:
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)

    yield freeze
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the processes of a server")
@pytest.mark.parametrize("amount", [1, 64])
def test_a_server_that_answers_no_more_is_given_up(
    frozen: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amount: int
) -> None:
    """Whether it owes an answer or takes no more bytes; what was there stays."""
    monkeypatch.setattr(storage_sftp, "PATIENCE", 1)
    folder = remote(f"sftp://casa{tmp_path}/web")
    folder.put("a.mp3", [b"uno"])

    def chunks() -> Iterator[bytes]:
        yield b"dos"
        frozen()
        yield from repeat(bytes(1 << 20), amount)

    with pytest.raises(WorkspaceError, match="is out of reach"):
        folder.put("a.mp3", chunks())
    assert (tmp_path / "web" / "a.mp3").read_bytes() == b"uno"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
@pytest.mark.parametrize("chunks", [[b"dos"], [b"dos", b""], [b"\1" * (1 << 20)] * 20])
def test_a_disk_that_is_full_there_leaves_the_old_file(at_home: Path, tmp_path: Path, chunks: list[bytes]) -> None:
    """Nothing but the answers to single writes tells of it, and they come when nobody waits for them any more."""
    folder = remote(f"sftp://casa{tmp_path}/web")
    folder.put("feed.xml", [b"uno"])
    part = Path(storage_sftp.half(str(tmp_path / "web" / "feed.xml")))
    part.symlink_to("/dev/full")
    with pytest.raises(WorkspaceError, match="its disk may be full"):
        folder.put("feed.xml", chunks)
    assert (tmp_path / "web" / "feed.xml").read_bytes() == b"uno"
    part.unlink()
    folder.put("feed.xml", chunks)
    assert (tmp_path / "web" / "feed.xml").read_bytes() == b"".join(chunks)


class Silent(paramiko.ServerInterface):
    """Lets everybody in; answers a request for SFTP late, or at once and then says nothing."""

    def __init__(self, late: Event) -> None:
        self._late = late

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return int(paramiko.AUTH_SUCCESSFUL)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        return self._late.wait()


@pytest.fixture(params=["late", "at once"])
def silent(request: pytest.FixtureRequest, ssh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A place on a host of `~/.ssh/config` that goes silent once one is in."""
    over, keys, folder = Event(), ssh / ".ssh", tmp_path / ".ssh"
    if request.param == "at once":
        over.set()
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        (folder / "known").write_text(f"[127.0.0.1]:{port} {(keys / 'host.pub').read_text()}")
        (folder / "config").write_text(
            f"Host mudo\n  HostName 127.0.0.1\n  Port {port}\n  User me\n"
            f"  IdentityFile {keys}/user\n  UserKnownHostsFile {folder}/known\n"
        )

        def serve() -> None:
            transport = paramiko.Transport(listening.accept()[0])
            transport.add_server_key(paramiko.Ed25519Key.from_private_key_file(str(keys / "host")))
            transport.start_server(event=Event(), server=Silent(over))

        Thread(target=serve, daemon=True).start()
        yield "sftp://mudo/web"
        over.set()


def test_a_server_that_opens_no_session_is_given_up(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_sftp, "PATIENCE", 1)
    with pytest.raises(WorkspaceError, match="is out of reach") as caught:
        remote(silent)
    assert caught.value.where == silent


def connections() -> set[Thread]:
    """Of our own side."""
    return {one for one in enumerate_threads() if isinstance(one, paramiko.Transport) and not one.server_mode}


def test_nobody_holds_a_connection_that_is_done_with_or_came_to_nothing(
    at_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = connections()
    with closing(remote(f"sftp://casa{tmp_path}/web")) as folder:
        folder.put("a.txt", [b"uno"])
        (ours,) = connections() - before
    with pytest.raises(WorkspaceError):
        folder.digest("a.txt")

    def refused(client: paramiko.SSHClient) -> None:
        raise paramiko.SSHException("no such subsystem")

    monkeypatch.setattr(paramiko.SSHClient, "open_sftp", refused)
    with pytest.raises(WorkspaceError, match="no such subsystem"):
        remote(f"sftp://casa{tmp_path}/web")
    ours.join()
    for one in connections() - before:
        one.join()
    assert connections() <= before


def test_a_folder_without_rights(at_home: Path) -> None:
    with pytest.raises(WorkspaceError):
        remote("sftp://casa/proc/web").put("a", [b"1"])


@pytest.mark.parametrize("address", ["ftp://a/b", "s3://", "nothing", "sftp:///x", "sftp://me:secret@casa/x"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        remote(address)
    assert "secret" not in str(caught.value)


def test_an_s3_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library and the one below it both try again, which made more of it than anybody waits for."""
    monkeypatch.setattr("s3fs.S3FileSystem.read_timeout", 0.2)
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(WorkspaceError, match=r"is out of reach: .*imeout"):
            remote("s3://tertulia/web").read("feed.xml")
        mute.setblocking(False)
        assert sum(1 for _ in iter(lambda: accepted(mute), None)) == 2


def accepted(server: socket.socket) -> bool | None:
    """Whether somebody was waiting there."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return None
    return True
