from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import WorkspaceError
from pipeline.store import whole_file
from pipeline.tools.storage import LocalFolder


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    return LocalFolder(tmp_path / "public", whole_file)


def test_what_was_put_is_there(folder: LocalFolder) -> None:
    folder.put("a/b.txt", [b"uno", b"dos"])
    assert (folder.root / "a/b.txt").read_bytes() == b"unodos"
    assert folder.digest("a/b.txt") == hashlib.sha256(b"unodos").hexdigest()
    assert folder.read("a/b.txt") == b"unodos"
    assert dict(folder.sizes()) == {"a/b.txt": 6}
    assert (folder.root / "a/b.txt").stat().st_mode & 0o777 == 0o644


def test_what_is_not_there(folder: LocalFolder) -> None:
    assert folder.digest("x") is None
    assert folder.read("x") is None
    assert dict(folder.sizes()) == {}
    folder.delete("x")


def test_a_write_that_fails_leaves_the_old_file(folder: LocalFolder) -> None:
    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError

    folder.put("a", [b"whole"])
    with pytest.raises(RuntimeError):
        folder.put("a", breaks())
    assert (folder.root / "a").read_bytes() == b"whole"
    assert [path.name for path in folder.root.iterdir()] == ["a"]


def test_hidden_and_half_written_files_do_not_count(folder: LocalFolder) -> None:
    folder.put("a", [b"1"])
    (folder.root / ".a.x.part").write_bytes(b"2")
    assert dict(folder.sizes()) == {"a": 1}


def test_what_others_left_there_that_cannot_be_looked_at_does_not_count(folder: LocalFolder) -> None:
    folder.put("a", [b"1"])
    (folder.root / "nowhere").symlink_to(folder.root / "gone")
    (folder.root / "circle").symlink_to("circle")
    assert dict(folder.sizes()) == {"a": 1}


@pytest.mark.parametrize("method", ["read", "digest"])
def test_a_file_that_may_not_be_read_is_no_fault_of_ours(
    folder: LocalFolder, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """As where a clock runs as somebody else."""
    folder.put("feed.xml", [b"1"])

    def refused(path: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(WorkspaceError, match="cannot be read: Permission denied") as caught:
        getattr(folder, method)("feed.xml")
    assert caught.value.where == str(folder.root / "feed.xml")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x"])
def test_nothing_outside_the_folder(folder: LocalFolder, name: str) -> None:
    for act in (folder.digest, folder.delete, lambda name: folder.put(name, [b""])):
        with pytest.raises(WorkspaceError, match="outside"):
            act(name)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("a file")
    with pytest.raises(WorkspaceError) as caught:
        LocalFolder(tmp_path / "public", whole_file).put("a", [b""])
    assert caught.value.todo


def test_bytes_that_never_change_are_shared_and_others_copied(folder: LocalFolder, tmp_path: Path) -> None:
    source = tmp_path / "ep-1a2b.mp3"
    source.write_bytes(b"sound")
    folder.put_file("ep-1a2b.mp3", source, lasting=True)
    folder.put_file("page.html", source)
    assert (folder.root / "ep-1a2b.mp3").samefile(source)
    assert not (folder.root / "page.html").samefile(source)
    assert (folder.root / "ep-1a2b.mp3").read_bytes() == (folder.root / "page.html").read_bytes() == b"sound"
    source.unlink()
    assert (folder.root / "ep-1a2b.mp3").read_bytes() == b"sound", "either name may go"


def test_where_nothing_can_be_shared_it_is_copied(
    folder: LocalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    source = tmp_path / "ep-1a2b.mp3"
    source.write_bytes(b"sound")
    folder.put_file("a/ep-1a2b.mp3", source, lasting=True)
    assert (folder.root / "a/ep-1a2b.mp3").read_bytes() == b"sound"
    assert list(dict(folder.sizes())) == ["a/ep-1a2b.mp3"]
