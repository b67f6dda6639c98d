"""The default model: joined once, never used unless it is what was published."""

import hashlib
from pathlib import Path

import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.tools import embedded_model as module
from pipeline.tools.embedded_model import FILES, Part, embedded_model


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return embedded_model(tmp_path_factory.mktemp("cache"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_halves_make_the_published_model(joined: Path) -> None:
    assert (joined / "model.bin").stat().st_size == 145_217_532
    assert {name: digest(joined / name) for name in FILES} == {name: part.sha256 for name, part in FILES.items()}


def test_a_second_start_reads_nothing_again(joined: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(module, "_digest", never)
    assert embedded_model(joined.parent.parent) == joined


def test_a_damaged_file_is_made_again(joined: Path) -> None:
    with (joined / "vocabulary.txt").open("r+b") as file:
        file.write(b"nonsense")
    (joined / ".vocabulary.txt.part").write_bytes(b"what a killed run left")
    assert embedded_model(joined.parent.parent) == joined
    assert digest(joined / "vocabulary.txt") == FILES["vocabulary.txt"].sha256
    assert not list(joined.glob(".*"))


def test_other_bytes_than_the_published_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Part(FILES["config.json"].sources, "0" * 64)
    monkeypatch.setattr(module, "FILES", {"config.json": config})
    with pytest.raises(InputError, match=r"config\.json is not the one that was published") as refusal:
        embedded_model(tmp_path)
    assert "pip install --force-reinstall" in refusal.value.todo
    assert [path.name for path in (tmp_path / "models").rglob("*") if path.is_file()] in ([], ["whisper-base.lock"])


def test_a_missing_half_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILES", {"model.bin": Part((("no_such_half", "model.bin.part1"),), "0" * 64)})
    with pytest.raises(InputError, match=r"no_such_half lacks model\.bin\.part1"):
        embedded_model(tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where a folder is needed")
    with pytest.raises(WorkspaceError, match="cannot be put together") as refusal:
        embedded_model(tmp_path)
    assert str(tmp_path) in refusal.value.where
