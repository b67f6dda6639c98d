"""Bad input gets a clear error and the right exit code, and loses nothing: what was there is there, nothing is half."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline import cli, publishing, runner
from pipeline.errors import InputError, WorkspaceError
from pipeline.store import write
from pipeline.tools import sound
from pipeline.workspace import Workspace

from .conftest import here

REPOSITORY = Path(__file__).parents[2]
RECORDING = REPOSITORY / "episodes" / "mlops" / "recording.mp3"
SPOT = REPOSITORY / "feed" / "spots" / "veridas.opus"
RATE = 16_000
CAMPAIGN = "campaigns:\n  - {name: veridas, audio: spots/veridas.wav}\n"
OUTLINE = """\
# Prueba

## Tertulianos

- Nerea, investigadora, y los cuadernos de experimentos

## Patrocinio

- Este programa es posible gracias a Veridas (meter cuña publicitaria)

## Oyentes

- Nos escribía por Twitter un oyente
"""

Escaleta = Callable[..., subprocess.CompletedProcess[str]]


def excerpt(source: Path, target: Path, start: int, end: int) -> None:
    """Seconds `start` to `end` of a sound file as WAV."""
    with av.open(str(source)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        frames = takewhile(lambda frame: frame.time < end + 1, container.decode(audio=0))
        parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    target.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.concatenate(parts)[start * RATE : end * RATE].tobytes())


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, run: Escaleta) -> Path:
    """A show whose one episode, twenty seconds of the real talk with a spot of two, is public."""
    folder = tmp_path_factory.mktemp("bad") / "show"
    assert run("init", folder, cwd=folder.parent).returncode == 0
    excerpt(RECORDING, folder.parent / "talk.wav", 52, 72)
    excerpt(SPOT, folder / "feed" / "spots" / "veridas.wav", 4, 6)
    (folder.parent / "outline.md").write_text(OUTLINE, encoding="utf-8")
    with (folder / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write(CAMPAIGN)
    made = run("new", "prueba", "--outline", "../outline.md", "--recording", "../talk.wav", cwd=folder)
    assert made.returncode == 0, made.stderr
    done = run("produce", "prueba", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Spot veridas" in done.stdout
    return folder


@pytest.fixture
def show(published: Path, tmp_path: Path) -> Path:
    """A copy of that show to spoil."""
    return shutil.copytree(published, tmp_path / "show")


@pytest.fixture
def episode(show: Path) -> Path:
    return show / "episodes" / "prueba"


def kept(show: Path) -> dict[str, str]:
    """Every file that a person wrote or the public sees, by digest."""
    files = (path for path in show.rglob("*") if path.is_file() and "build" not in path.parts and path.name != ".lock")
    return {str(path.relative_to(show)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def half_written(show: Path) -> list[Path]:
    return [path for path in show.rglob("*") if ".part" in path.name]


@pytest.fixture
def refused(show: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must be refused with exit code 1, and must leave everything as it is; return the message."""

    def run(*words: str) -> str:
        before = kept(show)
        monkeypatch.chdir(show)
        monkeypatch.setattr(sys, "argv", ["escaleta", *words])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        message = capsys.readouterr().err
        assert caught.value.code == 1, message
        assert message.count("Error:") == 1
        assert "→" in message
        assert kept(show) == before
        assert half_written(show) == []
        return message

    return run


# ── recordings ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_recording(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "recording.wav").unlink()
    message = refused("produce", "prueba")
    assert "there is no recording" in message
    assert "episodes/prueba" in message


def test_two_recordings(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "recording.mp3").write_bytes(b"x")
    assert "2 files are called recording.*" in refused("produce", "prueba")


def test_a_recording_that_is_named_but_absent(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "episode.yaml").write_text("recording: charla.wav\n", encoding="utf-8")
    message = refused("produce", "prueba")
    assert "charla.wav" in message
    assert "episode.yaml: recording" in message


def test_an_empty_recording(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "recording.wav").write_bytes(b"")
    assert "recording.wav: the file is empty" in refused("produce", "prueba")


@pytest.mark.parametrize(
    "content", [b"Hola, soy un texto.\n" * 500, b"RIFF\x24\x00\x00\x00WAVEfmt ", random.Random(7).randbytes(4096)]
)
def test_what_is_no_sound(episode: Path, refused: Callable[..., str], content: bytes) -> None:
    (episode / "recording.wav").write_bytes(content)
    assert "recording.wav" in refused("produce", "prueba")


def test_a_text_file_called_wav(episode: Path, refused: Callable[..., str]) -> None:
    shutil.copy(episode / "outline.md", episode / "recording.wav")
    assert "not a sound file, whatever it is called" in refused("produce", "prueba")


def test_a_truncated_mp3(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "recording.wav").unlink()
    (episode / "recording.mp3").write_bytes(RECORDING.read_bytes()[:2_000_000])
    message = refused("produce", "prueba")
    assert "promises 11:10" in message
    assert "cut off" in message


def test_a_truncated_wav(episode: Path) -> None:
    recording = episode / "recording.wav"
    recording.write_bytes(recording.read_bytes()[:200_000])
    with pytest.raises(InputError, match="cut off"):
        sound.probe(recording)


# ── running orders ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_heading(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "outline.md").write_text("- solo\n- una lista\n", encoding="utf-8")
    message = refused("produce", "prueba")
    assert "episodes/prueba/outline.md: the running order has no heading" in message


def test_no_running_order(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "outline.md").unlink()
    assert "episodes/prueba/outline.md: there is no running order" in refused("produce", "prueba")


def test_a_running_order_in_another_encoding(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "outline.md").write_bytes("# Tertulia\n\n## Introducción".encode("latin-1"))
    assert "save it as UTF-8" in refused("produce", "prueba")


# ── the spot ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cue_that_nobody_says(show: Path, episode: Path, refused: Callable[..., str]) -> None:
    outline = (episode / "outline.md").read_text(encoding="utf-8")
    spoilt = outline.replace("Este programa es posible gracias a Veridas", "Nos invitan hoy las Hortalizas Benítez")
    (episode / "outline.md").write_text(spoilt, encoding="utf-8")
    message = refused("produce", "prueba")
    assert "Hortalizas Benítez" in message
    assert "cue_at" in message
    assert "episode.yaml" in message
    with (episode / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("cue_at: 0:16\n")
    done = here("produce", "prueba", "--json", cwd=show)
    assert done.returncode == 0, done.stderr
    assert '"recording_ms": 16000' in done.stdout


def test_a_cue_in_a_recording_without_words(episode: Path, refused: Callable[..., str]) -> None:
    with wave.open(str(episode / "recording.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 16_000 * 5))
    assert "no words are heard in the recording" in refused("produce", "prueba")


def test_a_cue_behind_the_end(episode: Path, refused: Callable[..., str]) -> None:
    with (episode / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("cue_at: 1:20\n")
    assert "correct `cue_at`" in refused("produce", "prueba")


def test_a_spot_longer_than_the_talk(show: Path, refused: Callable[..., str]) -> None:
    excerpt(SPOT, show / "feed" / "spots" / "veridas.wav", 0, 25)
    message = refused("produce", "prueba")
    assert "longer than the whole talk of 0:20" in message
    assert "spots/veridas.wav" in message


def test_a_spot_that_is_not_there(show: Path, refused: Callable[..., str]) -> None:
    (show / "feed" / "spots" / "veridas.wav").unlink()
    message = refused("produce", "prueba")
    assert "feed/spots/veridas.wav" in message
    assert "campaign veridas" in message


# ── what people configure ───────────────────────────────────────────────────────────────────────────────────────────


SHOW_FAULTS = "colour: red\nglossary: MLOps\nsound: {loudness: loud}\n"
EPISODE_FAULTS = 'season: "one"\npublish_at: 2026-02-30T07:00\nkind: long\ntitel: Prueba\n'


def blamed(message: str, file: str) -> set[str]:
    """The fields of a file that a message complains of, line numbers aside."""
    told = (line.removeprefix("Error: ").split(":") for line in message.splitlines())
    return {parts[2].strip() for parts in told if parts[0] == file}


def test_every_fault_of_a_show_at_once(show: Path, refused: Callable[..., str]) -> None:
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write(SHOW_FAULTS)
    assert blamed(refused("produce", "prueba"), "feed/show.yaml") == {"colour", "glossary", "sound.loudness"}


def test_every_fault_of_an_episode_at_once(episode: Path, refused: Callable[..., str]) -> None:
    (episode / "episode.yaml").write_text(EPISODE_FAULTS, encoding="utf-8")
    (episode / "chapters.yaml").write_text("- {start: soon, image: ../x.png}\n", encoding="utf-8")
    message = refused("produce", "prueba")
    assert blamed(message, "episodes/prueba/episode.yaml") == {"season", "publish_at", "kind", "titel"}
    assert blamed(message, "episodes/prueba/chapters.yaml") >= {"0.start", "0.image"}


def test_every_fault_of_every_file_at_once(show: Path, episode: Path, refused: Callable[..., str]) -> None:
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write(SHOW_FAULTS)
    (episode / "episode.yaml").write_text(EPISODE_FAULTS, encoding="utf-8")
    message = refused("produce", "prueba")
    assert blamed(message, "feed/show.yaml") and blamed(message, "episodes/prueba/episode.yaml")


@pytest.mark.parametrize(
    "text", ["title: [\n", "title: a\ntitle: b\n", "- a\n", "\x00", "!!python/object/apply:os.getcwd []\n"]
)
def test_what_is_not_the_yaml_that_is_asked_for(episode: Path, refused: Callable[..., str], text: str) -> None:
    (episode / "episode.yaml").write_text(text, encoding="utf-8")
    assert "episodes/prueba/episode.yaml" in refused("produce", "prueba")


@pytest.mark.parametrize("slug", ["../prueba", "..", "prueba/../../x", "/etc", "Prueba", "a b", "", "-C"])
def test_a_slug_that_leads_elsewhere(show: Path, refused: Callable[..., str], slug: str) -> None:
    around = sorted(show.parent.iterdir())
    arguments = ("--outline", "episodes/prueba/outline.md", "--recording", "episodes/prueba/recording.wav")
    for words in (("produce", "--", slug), ("status", "--", slug), ("new", *arguments, "--", slug)):
        assert "cannot name an episode" in refused(*words)
    assert sorted(show.parent.iterdir()) == around


def test_an_episode_that_is_not_there(refused: Callable[..., str]) -> None:
    message = refused("produce", "otro")
    assert "escaleta new otro" in message
    assert "prueba" in message


def test_new_is_all_or_nothing(show: Path, refused: Callable[..., str]) -> None:
    (show / "text.md").write_text("sin títulos", encoding="utf-8")
    arguments = ("--recording", "episodes/prueba/recording.wav", "nuevo")
    assert "no heading" in refused("new", "--outline", "text.md", *arguments)
    assert "no such file" in refused("new", "--outline", "none.md", *arguments)
    assert "of that name" in refused("new", "--outline", "text.md", *arguments[:2], "prueba")


# ── the disk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spoilt", ["episodes/prueba/build", "feed/public", "feed/public/prueba"])
def test_a_file_where_a_folder_is_needed(show: Path, refused: Callable[..., str], spoilt: str) -> None:
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("copyright: Alguien\n")
    shutil.rmtree(show / spoilt)
    (show / spoilt).write_bytes(b"")
    message = refused("produce", "prueba")
    assert "a file stands where a folder is needed" in message
    assert spoilt in message


class FullDisk:
    """A disk that takes so many files and no more."""

    def __init__(self, files: int) -> None:
        self.left = files

    def fsync(self, handle: int) -> None:
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= 1


def produce_and_publish(show: Path) -> None:
    workspace = Workspace(show)
    runner.run(runner.job_for(workspace.episode("prueba")), lambda stage: nullcontext(lambda fraction, words: None))
    publishing.publish_show(workspace, datetime(2040, 1, 1, tzinfo=UTC))


def public_files(show: Path) -> dict[str, bytes]:
    public = show / "feed" / "public"
    return {str(path.relative_to(public)): path.read_bytes() for path in public.rglob("*") if path.is_file()}


def test_a_disk_that_is_full_at_any_moment(show: Path, episode: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programme is made and published again on a disk with room for one file more at each attempt."""
    whole = public_files(show)
    shutil.rmtree(show / "feed" / "public")
    (show / "feed" / "ledger.yaml").unlink()
    for made in ("edit_list", "programme", "master", "release"):
        (episode / "build" / f"{made}.json").unlink()
    shutil.rmtree(episode / "build" / "release")
    failures = 0
    for room in range(40):
        monkeypatch.setattr(os, "fsync", FullDisk(room).fsync)
        try:
            produce_and_publish(show)
            break
        except WorkspaceError as error:
            assert isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.ENOSPC
            assert "disk" in str(error)
            failures += 1
        assert half_written(show) == []
        partly = public_files(show)
        assert partly.items() <= whole.items()
        assert "feed.xml" not in partly or partly == whole
    assert failures >= 6
    assert public_files(show) == whole


# ── exit codes ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words",
    [
        ("produce",),
        ("produce", "prueba", "--all"),
        ("produce", "prueba", "--loud"),
        ("publish", "--now", "yesterday"),
        ("publish", "--allow", "everything"),
        ("schedule", "--cron", "--github"),
        ("sing",),
    ],
)
def test_bad_usage_is_2(published: Path, words: tuple[str, ...]) -> None:
    assert here(*words, cwd=published).returncode == 2


def test_bad_usage_is_2_for_a_shell(published: Path, run: Escaleta) -> None:
    assert run("sing", cwd=published).returncode == 2


def test_outside_of_a_show_is_1(tmp_path: Path, run: Escaleta) -> None:
    done = run("status", cwd=tmp_path)
    assert done.returncode == 1
    assert "escaleta init" in done.stderr


def test_a_fault_of_ours_is_3_and_leaves_a_log(
    show: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(publishing, "publish_show", broken)
    monkeypatch.setattr(sys, "argv", ["escaleta", "publish", "--workspace", str(show)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 3
    (log,) = tmp_path.rglob("*.log")
    assert "nobody thought of this" in log.read_text(encoding="utf-8")
    assert log.name in capsys.readouterr().err.replace("\n", "")


def lines_until(stream: Iterator[str], words: str) -> list[str]:
    seen = []
    for line in stream:
        seen.append(line)
        if words in line:
            break
    return seen


def test_ctrl_c_is_130_and_the_next_run_goes_on(show: Path, episode: Path, run: Escaleta) -> None:
    before, pieces = public_files(show), episode / "build" / "pieces"
    heard = {piece.name: piece.read_bytes() for piece in pieces.iterdir()}
    shutil.rmtree(episode / "build")
    command = [Path(sys.executable).with_name("escaleta"), "produce", "prueba"]
    with subprocess.Popen(command, cwd=show, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        assert lines_until(process.stderr, "Writing down")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest.splitlines()[-1] == "Stopped. Nothing is lost: the next run goes on from here."
    assert public_files(show) == before
    for name, piece in heard.items():  # it would be heard just so again (test_short.py kills it there, too)
        write(pieces / name, piece)
    assert run("produce", "prueba", cwd=show).returncode == 0
    assert half_written(show) == []
    assert public_files(show) == before


def test_sigterm_says_so_and_is_what_it_died_of(show: Path) -> None:
    """As systemd and others who sent it look for."""
    command = [Path(sys.executable).with_name("escaleta"), "schedule"]
    with subprocess.Popen(command, cwd=show, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate()
    assert process.returncode == -signal.SIGTERM
    assert told.splitlines()[-1] == "Stopped. Nothing is lost: the next run goes on from here."


def test_a_feed_on_another_machine_is_checked_where_it_is_read(show: Path) -> None:
    path = show / "feed" / "show.yaml"
    text = path.read_text("utf-8").replace("https://example.org/feed.xml", "http://127.0.0.1:9/feed.xml")
    path.write_text(text + "storage: s3://bucket/web\n", "utf-8")
    done = here("check", cwd=show)
    assert done.returncode == 1
    assert "http://127.0.0.1:9/feed.xml: cannot be fetched" in done.stderr
