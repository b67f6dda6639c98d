"""Two machines, each with a ledger of its own, that publish one show to one place: no lock reaches both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from s3fs.errors import translate_boto_error

from pipeline.errors import FeedOvertakenError, GuardError, WorkspaceError
from pipeline.formats import feed_reading
from pipeline.publishing import publish_show
from pipeline.stages.look import look
from pipeline.tools import storage_sftp
from pipeline.tools.storage_remote import RemoteFolder, remote
from pipeline.tools.storage_s3 import S3Uploads
from pipeline.tools.storage_sftp import SftpUploads
from pipeline.workspace import Workspace

BASE = datetime(2023, 4, 12, 5, tzinfo=UTC)
NOW = datetime(2023, 5, 1, tzinfo=UTC)


@pytest.fixture
def make(workspace: Callable[..., Workspace], place: str) -> Callable[[str], Workspace]:
    """Makes a machine's copy of the show, with no episode."""
    return lambda name: workspace(name, f"storage: {place}\n")


@pytest.fixture
def machines(make: Callable[[str], Workspace], produce: Callable[..., None]) -> tuple[Workspace, Workspace]:
    """Two that know of one public episode, `base`."""
    one, two = make("one"), make("two")
    produce("base", BASE, one, two)
    publish_show(one, NOW)
    bring(one, two)
    return one, two


def bring(source: Workspace, target: Workspace) -> None:
    """As `git pull` brings what another machine has: episodes as people wrote them, the ledger, what went out."""
    unmade = shutil.ignore_patterns("build")
    shutil.copytree(source.root / "episodes", target.root / "episodes", ignore=unmade, dirs_exist_ok=True)
    shutil.copytree(source.feed, target.feed, dirs_exist_ok=True)


def feed(place: str) -> bytes:
    document = remote(place).read("feed.xml")
    assert document is not None
    return document


def public(place: str) -> list[str]:
    channel = feed_reading.read(feed(place), where="public").channel
    return [feed_reading.name(item) for item in feed_reading.items(channel)]


def known(workspace: Workspace) -> set[str]:
    return {entry.slug for entry in workspace.ledger("ledger.yaml").entries}


def test_what_another_machine_published_late_is_not_taken_back(
    machines: tuple[Workspace, Workspace], produce: Callable[..., None], place: str
) -> None:
    """Its date lies before what both know of, so that the public feed looks no newer than the other's ledger."""
    one, two = machines
    produce("tarde", BASE - timedelta(days=9), one)
    produce("suyo", BASE + timedelta(days=9), two)
    built = look(feed(place)).built
    assert publish_show(one, NOW).publication.new == ("tarde",)
    assert look(feed(place)).built == built
    before = feed(place)
    with pytest.raises(GuardError, match="it does not know of what is public: “tarde”") as caught:
        publish_show(two, NOW)
    assert "git pull" in caught.value.todo
    assert (feed(place), known(two)) == (before, {"base"})
    bring(one, two)
    assert publish_show(two, NOW).publication.new == ("suyo",)
    assert public(place) == ["suyo", "base", "tarde"]


def test_what_was_put_off_here_and_is_public_is_not_taken_back(
    machines: tuple[Workspace, Workspace], produce: Callable[..., None], place: str
) -> None:
    one, two = machines
    produce("tarde", BASE - timedelta(days=9), one)
    produce("tarde", NOW + timedelta(days=9), two)
    publish_show(one, NOW)
    with pytest.raises(GuardError, match="“tarde”"):
        publish_show(two, NOW)
    assert public(place) == ["base", "tarde"]


def test_items_that_are_here_as_well_are_no_reason_to_stop(
    machines: tuple[Workspace, Workspace], produce: Callable[..., None], place: str
) -> None:
    """Both have the same episodes, and only the ledger was left behind: nothing would be lost."""
    one, two = machines
    produce("tarde", BASE - timedelta(days=9), one, two)
    publish_show(one, NOW)
    before = feed(place)
    assert publish_show(two, NOW).publication.written == ()
    assert (feed(place), known(two)) == (before, {"base", "tarde"})


def test_two_clocks_over_the_same_episodes_need_no_ledger_from_each_other(
    machines: tuple[Workspace, Workspace], produce: Callable[..., None], place: str
) -> None:
    """The later one finds the very feed that it would have written; what differs is asked for as ever."""
    one, two = machines
    for day in (1, 2, 3):
        due = NOW + timedelta(days=day)
        produce(f"ep{day}", due, one, two)
        first, second = (one, two) if day % 2 else (two, one)
        assert publish_show(first, due).publication.new == (f"ep{day}",)
        before = feed(place)
        assert publish_show(second, due + timedelta(minutes=10)).publication.written == ()
        assert feed(place) == before
    assert known(one) == known(two) == {"base", "ep1", "ep2", "ep3"}
    produce("ep4", NOW + timedelta(days=4), one)
    publish_show(one, NOW + timedelta(days=4))
    with pytest.raises(GuardError, match="it ends at"):
        publish_show(two, NOW + timedelta(days=5))
    assert public(place)[0] == "ep4"


def test_an_episode_that_was_given_up_is_not_asked_for_where_the_feed_was_not_written(
    machines: tuple[Workspace, Workspace], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger says that it is gone; the run ended before the feed said so."""
    one, _ = machines
    shutil.rmtree(one.root / "episodes" / "base")

    def fail(*_: object, **__: object) -> None:
        raise WorkspaceError("the network is gone")

    with monkeypatch.context() as patched, pytest.raises(WorkspaceError, match="network"):
        patched.setattr(RemoteFolder, "replace", fail)
        publish_show(one, NOW, {"removal"})
    assert public(place) == ["base"]
    assert publish_show(one, NOW + timedelta(hours=1)).publication.written == ("feed.xml",)
    assert public(place) == []


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object], type, str], None]:
    """Has something done before the next call of a method, once."""

    def arrange(act: Callable[[], object], owner: type, method: str) -> None:
        real = getattr(owner, method)

        def first(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(owner, method, real)
            act()
            return real(*given, **named)

        monkeypatch.setattr(owner, method, first)

    return arrange


UPLOADS = {"s3": S3Uploads, "sftp": SftpUploads}


@pytest.mark.parametrize("moment", ["looking", "uploading", "writing"])
def test_a_feed_written_meanwhile_stays_and_both_episodes_come_out(
    machines: tuple[Workspace, Workspace],
    produce: Callable[..., None],
    meanwhile: Callable[[Callable[[], object], type, str], None],
    place: str,
    moment: str,
) -> None:
    """Before anything was brought there, while the sound was, and right before the feed is."""
    one, two = machines
    produce("uno", BASE + timedelta(days=1), one)
    produce("dos", BASE + timedelta(days=2), two)
    uploads = UPLOADS[place.partition(":")[0]]
    methods = {"looking": (RemoteFolder, "sizes"), "uploading": (uploads, "put"), "writing": (uploads, "replace")}
    meanwhile(lambda: publish_show(one, NOW), *methods[moment])
    with pytest.raises(FeedOvertakenError, match="another run has published there meanwhile"):
        publish_show(two, NOW)
    assert public(place) == ["uno", "base"]
    assert known(two) == {"base"} | ({"dos"} if moment == "writing" else set())
    with pytest.raises(GuardError, match=r"of what is public|it ends at"):
        publish_show(two, NOW)
    assert public(place) == ["uno", "base"]
    bring(one, two)
    assert publish_show(two, NOW).publication.new == ("dos",)
    assert public(place) == ["dos", "uno", "base"]
    bring(two, one)
    assert publish_show(one, NOW).publication.written == ()


def test_the_same_episode_from_both_at_once_is_out_once(
    machines: tuple[Workspace, Workspace],
    produce: Callable[..., None],
    meanwhile: Callable[[Callable[[], object], type, str], None],
    place: str,
) -> None:
    one, two = machines
    produce("uno", BASE + timedelta(days=1), one, two)
    meanwhile(lambda: publish_show(one, NOW), UPLOADS[place.partition(":")[0]], "replace")
    with pytest.raises(FeedOvertakenError):
        publish_show(two, NOW)
    after = feed(place)
    assert publish_show(two, NOW).publication.written == ()
    assert feed(place) == after
    assert public(place) == ["uno", "base"]


def test_a_feed_is_replaced_only_where_it_is_the_one_that_was_seen(place: str) -> None:
    folder = remote(place)
    with pytest.raises(FeedOvertakenError):
        folder.replace("feed.xml", [b"uno"], type="text/xml", seen="0" * 64)
    assert folder.read("feed.xml") is None
    assert folder.replace("feed.xml", [b"u", b"no"], type="text/xml", seen=None) == ()
    with pytest.raises(FeedOvertakenError):
        folder.replace("feed.xml", [b"dos"], type="text/xml", seen=None)
    assert folder.read("feed.xml") == b"uno"
    assert folder.replace("feed.xml", [b"dos"], type="text/xml", seen=folder.digest("feed.xml")) == ()
    assert folder.read("feed.xml") == b"dos"
    assert dict(folder.sizes()) == {"feed.xml": 3}


# ── S3 alone ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def on_s3(bucket: Any) -> RemoteFolder:
    return remote("s3://tertulia/web")


@pytest.fixture
def answering(on_s3: RemoteFolder, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Lets `act(call, method, arguments)` stand between the folder and its storage."""

    def arrange(act: Callable[..., Any]) -> None:
        call = on_s3.files.call_s3
        monkeypatch.setattr(on_s3.files, "call_s3", lambda method, **arguments: act(call, method, arguments))

    return arrange


@pytest.mark.parametrize("before", [None, b"uno"])
def test_the_bucket_itself_compares_as_it_writes(
    on_s3: RemoteFolder, answering: Callable[..., None], before: bytes | None
) -> None:
    """Between our last look and the write nobody else's feed is lost."""
    other = remote(on_s3.address)
    if before:
        on_s3.put("feed.xml", [before])

    def act(call: Callable[..., Any], method: str, arguments: dict[str, Any]) -> Any:
        if method == "put_object":
            other.put("feed.xml", [b"otra"])
        return call(method, **arguments)

    answering(act)
    with pytest.raises(FeedOvertakenError):
        on_s3.replace("feed.xml", [b"dos"], seen=on_s3.digest("feed.xml"))
    assert on_s3.read("feed.xml") == b"otra"


def test_a_write_whose_answer_was_lost_is_our_own(on_s3: RemoteFolder, answering: Callable[..., None]) -> None:
    """The library sends it again, and the bucket says that the feed is not the one that was seen."""

    def twice(call: Callable[..., Any], method: str, arguments: dict[str, Any]) -> Any:
        if method == "put_object":
            call(method, **arguments)
        return call(method, **arguments)

    answering(twice)
    assert on_s3.replace("feed.xml", [b"uno"], seen=None) == ()
    assert on_s3.read("feed.xml") == b"uno"


def test_a_feed_that_is_replaced_while_it_is_read_is_another_run_and_no_network(on_s3: RemoteFolder) -> None:
    other = remote(on_s3.address)
    other.put("feed.xml", [b"uno"])
    real = on_s3.files.open

    def opened(*given: Any) -> Any:
        file = real(*given)
        other.put("feed.xml", [b"otra"])
        return file

    on_s3.files.open = opened
    with pytest.raises(FeedOvertakenError):
        on_s3.digest("feed.xml")


@pytest.mark.parametrize("code", ["NotImplemented", "InvalidArgument"])
def test_a_storage_that_takes_no_conditions_is_told_of(
    on_s3: RemoteFolder, answering: Callable[..., None], code: str
) -> None:
    def without(call: Callable[..., Any], method: str, arguments: dict[str, Any]) -> Any:
        if arguments.keys() & {"IfMatch", "IfNoneMatch"}:
            raise translate_boto_error(ClientError({"Error": {"Code": code, "Message": "A header"}}, "PutObject"))
        return call(method, **arguments)

    answering(without)
    (note,) = on_s3.replace("feed.xml", [b"uno"], seen=None)
    assert note == (
        "tertulia/web/feed.xml: the storage takes no conditional writes; let one machine alone publish there"
    )
    assert on_s3.read("feed.xml") == b"uno"
    with pytest.raises(FeedOvertakenError):
        on_s3.replace("feed.xml", [b"dos"], seen=None)


def test_an_upload_that_another_machine_went_on_with_and_ended_is_no_missing_bucket(
    on_s3: RemoteFolder, answering: Callable[..., None]
) -> None:
    def ended(call: Callable[..., Any], method: str, arguments: dict[str, Any]) -> Any:
        if method == "upload_part":
            error = {"Error": {"Code": "NoSuchUpload", "Message": "The specified upload does not exist."}}
            raise translate_boto_error(ClientError(error, "UploadPart"))
        return call(method, **arguments)

    answering(ended)
    with pytest.raises(FeedOvertakenError):
        on_s3.put("a.mp3", [bytes(1 << 20)] * 20)


def test_rights_that_are_missing_are_no_other_run(on_s3: RemoteFolder, answering: Callable[..., None]) -> None:
    def refused(call: Callable[..., Any], method: str, arguments: dict[str, Any]) -> Any:
        if method == "put_object":
            error = {"Error": {"Code": "ExpiredToken", "Message": "The provided token has expired."}}
            raise translate_boto_error(ClientError(error, "PutObject"))
        return call(method, **arguments)

    answering(refused)
    with pytest.raises(WorkspaceError, match="refused: The provided token has expired"):
        on_s3.replace("feed.xml", [b"uno"], seen=None)


# ── SFTP alone ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def on_sftp(at_home: Path, tmp_path: Path) -> RemoteFolder:
    return remote(f"sftp://casa{tmp_path}/web")


def test_a_lock_is_waited_out_by_the_next_run_and_an_old_one_is_nobodys(
    on_sftp: RemoteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is as old as the server's own clock says."""
    on_sftp.put("a.txt", [b"1"])
    lock = tmp_path / "web" / ".feed.xml.lock"
    lock.touch()
    with pytest.raises(FeedOvertakenError):
        on_sftp.replace("feed.xml", [b"uno"], seen=None)
    assert {path.name for path in lock.parent.iterdir()} == {"a.txt", lock.name}
    monkeypatch.setattr(storage_sftp, "STALE", timedelta())
    on_sftp.replace("feed.xml", [b"uno"], seen=None)
    assert on_sftp.read("feed.xml") == b"uno"
    assert not lock.exists()


def test_feeds_that_are_sent_at_once_are_never_mixed(on_sftp: RemoteFolder) -> None:
    """Not even by one machine, from two copies of a show."""
    other = remote(on_sftp.address)

    def while_another_sends() -> Iterator[bytes]:
        yield b"a" * 200_000
        other.replace("feed.xml", [b"b" * 30_000] * 8, seen=None)
        yield b"a" * 200_000

    with pytest.raises(FeedOvertakenError):
        on_sftp.replace("feed.xml", while_another_sends(), seen=None)
    assert on_sftp.read("feed.xml") == b"b" * 240_000


def test_two_machines_that_send_the_same_file_do_not_write_into_one(
    on_sftp: RemoteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cut short what the other was sending, or what it had just made public."""
    other, whole = remote(on_sftp.address), [bytes([number]) * 100_000 for number in range(6)]

    def while_another_sends(chunks: Iterable[bytes]) -> Iterator[bytes]:
        for number, chunk in enumerate(chunks):
            if number == 3:
                with monkeypatch.context() as patched:
                    patched.setattr(storage_sftp.platform, "node", lambda: "another machine")
                    other.put("a.mp3", whole)
                assert other.read("a.mp3") == b"".join(whole)
            yield chunk
            if number >= 3:
                assert other.read("a.mp3") == b"".join(whole)

    on_sftp.put("a.mp3", while_another_sends(whole))
    assert on_sftp.read("a.mp3") == b"".join(whole)
