from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.commands.arguments import workspace_at
from pipeline.errors import InputError
from pipeline.formats.ledger import Ledger
from pipeline.shelf import Shelf
from pipeline.workspace import Workspace

SHOW = (Path(__file__).parent / "data" / "show.yaml").read_text("utf-8")
TOLD = "podping: true\nhub: https://hub.example.org/\n"


def workspace(root: Path, more: str = "") -> Workspace:
    (root / "feed").mkdir(exist_ok=True)
    (root / "feed" / "show.yaml").write_text(SHOW + TOLD + more, "utf-8")
    return Workspace(root)


def test_the_address_of_a_members_feed_is_not_sent_to_everybody(tmp_path: Path) -> None:
    own, free = workspace(tmp_path, "ad_free: {feed_url: https://b.example.org/secret.xml}\n").editions
    assert (own.show.podping, free.show.podping) == (True, False)


def test_directories_list_the_talk_once_unless_they_shall_list_it_twice(tmp_path: Path) -> None:
    address = "feed_url: https://b.example.org/feed.xml"
    own, free = workspace(tmp_path, f"ad_free: {{{address}}}\n").editions
    assert (own.show.listed, free.show.listed) == (True, False)
    own, free = workspace(tmp_path, f"ad_free: {{{address}, listed: true}}\n").editions
    assert (own.show.listed, free.show.listed) == (True, True)


def test_a_members_feed_keeps_its_identity_wherever_it_lies(tmp_path: Path) -> None:
    own, there = workspace(tmp_path, "ad_free: {feed_url: https://b.example.org/feed.xml}\n").editions
    _, here = workspace(tmp_path, "ad_free: {feed_url: https://c.example.org/feed.xml}\n").editions
    assert there.show.guid == here.show.guid
    assert there.show.guid not in (None, own.show.guid)


def test_the_shows_own_feed_does_not_change_with_the_other(tmp_path: Path) -> None:
    (alone,) = workspace(tmp_path).editions
    own, _ = workspace(tmp_path, "ad_free: {feed_url: https://b.example.org/feed.xml}\n").editions
    assert alone.show == own.show


def test_only_a_ledger_that_is_not_there_says_that_nothing_went_out(tmp_path: Path) -> None:
    show = workspace(tmp_path)
    assert show.ledger("ledger.yaml") == Ledger()
    (show.feed / "ledger.yaml").write_bytes(b"")
    with pytest.raises(InputError, match="it is empty") as caught:
        show.ledger("ledger.yaml")
    assert caught.value.where == "feed/ledger.yaml"


def test_an_episode_is_found_without_looking_at_all_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "episodes" / "a").mkdir(parents=True)
    (tmp_path / "episodes" / "a" / "outline.md").write_text("# A\n")
    monkeypatch.setattr(Workspace, "slugs", None)
    assert workspace(tmp_path).episode("a").slug == "a"


def test_a_track_that_lies_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "show" / "episodes" / "a" / "tracks"
    folder.mkdir(parents=True)
    (folder.parent / "outline.md").write_text("# A\n")
    (folder / "ana.wav").write_bytes(b"")
    episode = workspace(tmp_path / "show").episode("a")
    assert episode.recorded.tracks == (folder / "ana.wav",)
    (tmp_path / "elsewhere.wav").write_bytes(b"")
    (folder / "leo.wav").symlink_to(tmp_path / "elsewhere.wav")
    with pytest.raises(InputError, match=r"leo\.wav lies outside the workspace"):
        _ = workspace(tmp_path / "show").episode("a").recorded.tracks


def test_a_track_that_episode_yaml_names_is_there_however_its_accents_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "show" / "episodes" / "a" / "tracks"
    folder.mkdir(parents=True)
    (folder / "Luci\u0301a.wav").write_bytes(b"")
    yaml = folder.parent / "episode.yaml"
    yaml.write_text("tracks: [{file: Lucía.wav, name: Lucía Gómez}]\n", encoding="utf-8")
    episode = workspace(tmp_path / "show").episode("a")
    assert [path.parent for path in episode.recorded.tracks] == [folder]
    assert episode.recorded.named == {"Lucía.wav": "Lucía Gómez"}
    yaml.write_text("tracks: [{file: zoom3.wav, name: Lucía}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no zoom3\.wav in tracks/") as caught:
        _ = workspace(tmp_path / "show").episode("a").recorded.tracks
    assert caught.value.todo == "take one of: Lucía.wav"


def test_tracks_beside_a_recording_are_told_of_unless_episode_yaml_says_which_counts(tmp_path: Path) -> None:
    folder = tmp_path / "show" / "episodes" / "a"
    (folder / "tracks").mkdir(parents=True)
    (folder / "episode.yaml").write_text("title: A\n")
    (folder / "recording.wav").write_bytes(b"")
    show = workspace(tmp_path / "show")
    assert show.episode("a").recorded.unheard == ()
    (folder / "tracks" / "ana.wav").write_bytes(b"")
    assert show.episode("a").recorded.tracks == ()
    assert show.episode("a").recorded.unheard == (
        "what lies in tracks/ is left out, as recording.wav holds all; take that away to mix them",
    )
    (folder / "episode.yaml").write_text("recording: recording.wav\n")
    assert show.episode("a").recorded.unheard == ()


def test_what_is_an_episode(tmp_path: Path) -> None:
    """A killed `escaleta new` leaves `.ep2.part`; a template is no episode, and may have been meant for one."""
    for name in ("ep1", ".ep2.part", "Mi plantilla"):
        (tmp_path / "episodes" / name).mkdir(parents=True)
        (tmp_path / "episodes" / name / "outline.md").write_text("# A\n")
    (tmp_path / "episodes" / "notes").mkdir()
    assert workspace(tmp_path).slugs() == ("ep1",)
    assert workspace(tmp_path).names() == ("Mi plantilla", "ep1")


def test_a_running_order_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "episodes" / "a" / "outline.md").mkdir(parents=True)
    (tmp_path / "episodes" / "a" / "episode.yaml").touch()
    with pytest.raises(InputError, match="cannot be read: Is a directory") as caught:
        _ = workspace(tmp_path).episode("a").outline
    assert caught.value.where == "episodes/a/outline.md"


def test_a_running_order_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forbidden to root, who may run the tests: the operating system's word is put in its mouth."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    show = workspace(tmp_path)
    (tmp_path / "mine.md").write_text("# A\n")
    monkeypatch.setattr(Path, "read_text", forbidden)
    with pytest.raises(InputError, match="cannot be read: Permission denied") as caught:
        show.outline(tmp_path / "mine.md", "../mine.md")
    assert caught.value.where == "../mine.md"


PUBLISH_AT = (
    "`publish_at` in episodes/mlops/episode.yaml: when it goes out, as in `publish_at: 2023-05-04T07:00 Europe/Madrid`"
)
SUMMARY = (
    "`summary` in episodes/mlops/episode.yaml: two or three sentences that tell listeners what the episode is about"
)


@pytest.mark.parametrize(
    ("said", "resumen", "reasons"),
    [
        (None, "WIP", (PUBLISH_AT, SUMMARY)),
        ("summary: Hola.", "WIP", (PUBLISH_AT,)),
        ("publish_at: 2026-01-01T07:00", "WIP", (SUMMARY,)),
        ('publish_at: 2026-01-01T07:00\nsummary: " \\n\\x07"', "De qué hablamos.", (SUMMARY,)),
        ("publish_at: 2026-01-01T07:00", "De qué hablamos.", ()),
        ("publish_at: 2026-01-01T07:00\nsummary: Hola.", "WIP", ()),
    ],
)
def test_why_an_episode_cannot_go_out_yet(
    tmp_path: Path, said: str | None, resumen: str, reasons: tuple[str, ...]
) -> None:
    folder = tmp_path / "episodes" / "mlops"
    folder.mkdir(parents=True)
    (folder / "outline.md").write_text(f"# MLOps\n\n## Resumen\n\n{resumen}\n\n## A\n", "utf-8")
    if said:
        (folder / "episode.yaml").write_text(said, "utf-8")
    episode = workspace(tmp_path).episode("mlops")
    assert episode.unready == reasons
    error = episode.not_ready("is not ready")
    assert (error.what, error.where, error.todo) == ("is not ready", "episodes/mlops", f"write {'; '.join(reasons)}")


def test_a_current_folder_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(InputError, match="the current folder is gone"):
        workspace_at(None)
    assert workspace_at(workspace(tmp_path).root).root == tmp_path


@pytest.mark.parametrize("name", ["feed", "episodes", "episodes/uno/build"])
def test_a_folder_that_may_not_be_entered_is_said_and_is_not_an_empty_one(
    tmp_path: Path, name: str, close: Callable[[Path], None]
) -> None:
    show, closed = workspace(tmp_path), tmp_path / name
    (tmp_path / "episodes" / "uno" / "build").mkdir(parents=True)
    (tmp_path / "episodes" / "uno" / "outline.md").write_text("# Uno\n\n## A\n", "utf-8")
    close(closed)
    with pytest.raises(InputError, match="may not be looked into") as caught:
        Shelf(Workspace.find(tmp_path), show.editions[0]).holds(*show.names())
    assert caught.value.where == str(closed)


def test_what_a_system_or_a_person_leaves_beside_tracks_is_no_track(tmp_path: Path) -> None:
    folder = tmp_path / "show" / "episodes" / "a"
    (folder / "tracks").mkdir(parents=True)
    (folder / "outline.md").write_text("# A\n")
    for name in ("ana.wav", "leo.WAV", "Thumbs.db", "desktop.ini", ".DS_Store", "._ana.wav", "zoom"):
        (folder / "tracks" / name).touch()
    episode = workspace(tmp_path / "show").episode("a")
    assert [path.name for path in episode.recorded.tracks] == ["ana.wav", "leo.WAV", "zoom"]
    assert episode.recorded.unheard == ()
    for name in ("notes.TXT", "ana.wav.reapeaks"):
        (folder / "tracks" / name).touch()
    episode = workspace(tmp_path / "show").episode("a")
    assert [path.name for path in episode.recorded.tracks] == ["ana.wav", "leo.WAV", "zoom"]
    assert episode.recorded.unheard == ("what is no sound in tracks/ is left out: ana.wav.reapeaks, notes.TXT",)


def test_what_an_editor_keeps_beside_the_recording_is_no_second_one(tmp_path: Path) -> None:
    folder = tmp_path / "show" / "episodes" / "a"
    (folder / "tracks").mkdir(parents=True)
    (folder / "outline.md").write_text("# A\n")
    (folder / "tracks" / "notes.txt").touch()
    for name in ("recording.wav", "recording.wav.reapeaks", "recording.txt"):
        (folder / name).touch()
    recorded = workspace(tmp_path / "show").episode("a").recorded
    assert (recorded.recording, recorded.tracks, recorded.unheard) == (folder / "recording.wav", (), ())
