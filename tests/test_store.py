"""Files are whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Absent, Chapter, Chapters, Span, Transcript
from pipeline.store import Store, digest_value, from_json, to_json, whole_file, write


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write(target, b"old")
    with pytest.raises(RuntimeError), whole_file(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    assert write(target, b"x")
    before = target.stat().st_mtime_ns
    assert not write(target, b"x")
    assert target.stat().st_mtime_ns == before
    assert write(target, b"y")


@pytest.mark.parametrize(("umask", "folders"), [(0o077, 0o755), (0o002, 0o775)])
def test_who_serves_what_was_written_may_be_somebody_else(tmp_path: Path, umask: int, folders: int) -> None:
    tmp_path.chmod(0o700)
    before = os.umask(umask)
    try:
        write(tmp_path / "public" / "mlops" / "a.json", b"x")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, *tmp_path.rglob("*"))}
    assert modes == {tmp_path.name: 0o700, "public": folders, "mlops": folders, "a.json": 0o644}


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.json"
    write(target, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError, match="the disk is full") as caught:
        write(target, b"new")
    assert caught.value.where == str(target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EISDIR])
def test_a_source_that_cannot_be_read_is_the_sources_fault(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(InputError, match=f"cannot be read: {os.strerror(number)}") as caught,
        whole_file(tmp_path / "a"),
    ):
        raise OSError(number, os.strerror(number), "talk.wav")
    assert caught.value.where == "talk.wav"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_while_a_file_is_copied_is_full(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="the disk is full"), whole_file(tmp_path / "a") as temporary:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "talk.wav", None, str(temporary))


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forbidden to root, who may run the tests: the operating system's word is put in its mouth."""

    def forbidden(*_: object, **__: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", forbidden)
    with pytest.raises(WorkspaceError, match="no permission to write here"):
        write(tmp_path / "a.json", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("in the way")
    with pytest.raises(WorkspaceError, match="a file stands where a folder is needed"):
        write(tmp_path / "build" / "a.json", b"x")


def test_values_come_back(tmp_path: Path) -> None:
    found = (Chapter("Introducción", 0, 1000, 0, 2, ("MLOPS", "Introducción"), 0.5),)
    chapters = Chapters(found, (Absent(1, 0.9, review=False),), ("x",))
    data = to_json(Chapters, chapters)
    assert from_json(Chapters, data) == chapters
    assert to_json(Chapters, from_json(Chapters, data)) == data
    store = Store(tmp_path)
    store.save("chapters", Chapters, chapters)
    assert store.load("chapters", Chapters) == chapters


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"start": "0", "end": 1}', b'{"start": 0, "end": 1, "x": 2}'])
def test_a_damaged_artefact_is_named(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    write(store.path("span"), damage)
    with pytest.raises(WorkspaceError, match="the span of an earlier stage cannot be read"):
        store.load("span", Span)


def test_a_digest_follows_the_bytes(tmp_path: Path) -> None:
    store, path = Store(tmp_path), tmp_path / "recording.wav"
    assert store.file_digest(path) is None
    path.write_bytes(b"1")
    first = store.file_digest(path)
    path.write_bytes(b"22")
    assert store.file_digest(path) != first


@pytest.mark.parametrize("damage", ["", "[]", "3", '{"a": null}', "[[1]]"])
def test_digests_that_cannot_be_read_are_made_anew(tmp_path: Path, damage: str) -> None:
    (tmp_path / "hashes.json").write_text(damage)
    (tmp_path / "a").write_bytes(b"x")
    assert Store(tmp_path).file_digest(tmp_path / "a") == hashlib.sha256(b"x").hexdigest()


def test_the_digest_of_a_value_tells_values_apart() -> None:
    make: Callable[[int], Transcript] = lambda end: Transcript("es", (), (Span(0, end),))  # noqa: E731
    assert digest_value(make(1)) == digest_value(make(1)) != digest_value(make(2))
