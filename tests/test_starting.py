"""New shows and episodes."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import starting
from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.workspace import Workspace

GENERATED = "episodes/*/build/\nfeed/public/\nfeed/ad-free/\n"


def deaf(path: Path) -> None:
    """Takes anything for sound."""


def start(folder: Path) -> None:
    starting.init(folder, title="Prueba", language="es", timezone="Europe/Madrid")


def given(folder: Path) -> tuple[Path, Path]:
    """A show that is begun, and a running order and a recording for it."""
    start(folder)
    outline, recording = folder / "outline.md", folder / "talk.wav"
    outline.write_text("# Uno\n")
    recording.write_bytes(b"RIFF")
    return outline, recording


@pytest.mark.parametrize("title", ["🎤 Café: «uno» & 'dos' \"tres\" \\U0001F389", "null", "- #1", "Uno\u00a0dos"])
def test_a_title_is_read_back_as_it_was_typed(tmp_path: Path, title: str) -> None:
    starting.init(tmp_path, title=title, language="es", timezone="Europe/Madrid")
    assert Workspace(tmp_path).show.title == title
    assert ("🎤" in (tmp_path / "feed" / "show.yaml").read_text("utf-8")) == ("🎤" in title)


def test_a_cover_that_is_there_stays(tmp_path: Path) -> None:
    cover = tmp_path / "feed" / "cover.png"
    cover.parent.mkdir()
    cover.write_bytes(b"the user's own")
    start(tmp_path)
    assert cover.read_bytes() == b"the user's own"


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (None, GENERATED),
        ("secret.key\n", f"secret.key\n{GENERATED}"),
        ("secret.key", f"secret.key\n{GENERATED}"),
        ("feed/public/\r\n", "feed/public/\r\nepisodes/*/build/\nfeed/ad-free/\n"),
        (f"# ours\n{GENERATED}x", f"# ours\n{GENERATED}x"),
    ],
)
def test_what_git_ignores_is_added_to(tmp_path: Path, said: str | None, then: str) -> None:
    ignored = tmp_path / ".gitignore"
    if said is not None:
        ignored.write_bytes(said.encode())
    start(tmp_path)
    assert ignored.read_bytes().decode() == then


@pytest.mark.parametrize(
    ("option", "said"),
    [("--timezone", "Nowhere/X"), ("--language", "???"), ("--language", "es\nx: 1"), ("--title", " ")],
)
def test_what_show_yaml_may_not_say_is_refused_by_its_option(tmp_path: Path, option: str, said: str) -> None:
    done = CliRunner().invoke(app, ["init", str(tmp_path / "show"), option, said])
    assert done.exit_code == 2
    assert f"'{option}'" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", ["2023-05-04", "tomorrow", "", "2023-03-26T02:30"])
def test_a_time_that_episode_yaml_may_not_say_is_refused_by_its_option(tmp_path: Path, said: str) -> None:
    outline, recording = given(tmp_path)
    files = ["--outline", str(outline), "--recording", str(recording)]
    done = CliRunner().invoke(app, ["new", "uno", *files, "--workspace", str(tmp_path), "--publish-at", said])
    assert done.exit_code == 2
    assert "'--publish-at'" in done.output
    assert list((tmp_path / "episodes").iterdir()) == []


def test_a_recording_that_may_not_be_read_is_named_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is forbidden to root, who may run the tests: the operating system's word is put in its mouth."""
    outline, recording = given(tmp_path)
    copy = shutil.copyfile

    def forbidden(source: Path, target: Path) -> None:
        if source == recording:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(source))
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", forbidden)
    with pytest.raises(InputError, match="cannot be read: Permission denied") as caught:
        starting.new(Workspace(tmp_path), "uno", outline, recording, publish_at=None, refused=deaf)
    assert caught.value.where == str(recording)
    assert list((tmp_path / "episodes").iterdir()) == []


def test_an_episode_begins_with_a_folder_of_tracks(tmp_path: Path) -> None:
    outline, _ = given(tmp_path)
    tracks = tmp_path / "zoom"
    tracks.mkdir()
    with pytest.raises(InputError, match="no tracks"):
        starting.new(Workspace(tmp_path), "one", outline, tracks, publish_at=None, refused=deaf)
    (tracks / "mic_A_Lucía.wav").touch()
    with pytest.raises(InputError, match="one track") as caught:
        starting.new(Workspace(tmp_path), "one", outline, tracks, publish_at=None, refused=deaf)
    assert "mic_A_Lucía.wav" in caught.value.todo
    for name in ("mic_A_Lucía.wav", "mic_B_Koldo.wav", ".DS_Store"):
        (tracks / name).write_bytes(name.encode())
    folder = starting.new(Workspace(tmp_path), "one", outline, tracks, publish_at=None, refused=deaf)
    assert {file.name: file.read_bytes().decode() for file in (folder / "tracks").iterdir()} == {
        name: name for name in ("mic_A_Lucía.wav", "mic_B_Koldo.wav")
    }
    assert Workspace(tmp_path).episode("one").recorded.tracks == tuple(sorted((folder / "tracks").iterdir()))


def test_a_recording_that_is_no_sound_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    outline, _ = given(tmp_path)
    tracks = tmp_path / "zoom"
    tracks.mkdir()
    for name in ("Ana.wav", "Leo.wav", "notes.txt"):
        (tracks / name).write_text("# Uno\n" * 100)
    for recording, named in ((outline, outline), (tracks, tracks / "Ana.wav")):
        files = ["--outline", str(outline), "--recording", str(recording), "--workspace", str(tmp_path)]
        done = CliRunner().invoke(app, ["new", "uno", *files])
        assert isinstance(done.exception, InputError)
        assert done.exception.what == "this is not a sound file, whatever it is called"
        assert done.exception.where == str(named)
        assert list((tmp_path / "episodes").iterdir()) == []


def test_a_first_summary_has_titles_as_listeners_read_them(tmp_path: Path) -> None:
    outline, recording = given(tmp_path)
    outline.write_text("# Uno\n\n## 1. Saludos\n\n## 2. Preguntas (~5 min)\n", "utf-8")
    starting.new(Workspace(tmp_path), "uno", outline, recording, publish_at=None, refused=deaf)
    assert Workspace(tmp_path).episode("uno").episode.summary == "En este episodio: Saludos, Preguntas."


def test_what_is_no_sound_in_a_folder_of_tracks_is_left_out_and_told(tmp_path: Path) -> None:
    outline, _ = given(tmp_path)
    tracks = tmp_path / "zoom"
    tracks.mkdir()
    for name in ("Ana.wav", "Leo.wav", "Thumbs.db", "notes.txt"):
        (tracks / name).touch()
    folder = starting.new(Workspace(tmp_path), "uno", outline, tracks, publish_at=None, refused=deaf)
    assert {file.name for file in (folder / "tracks").iterdir()} == {"Ana.wav", "Leo.wav"}
    assert starting.left_out(tracks) == ("notes.txt",)
    assert starting.left_out(outline) == ()
