"""A programme in other containers: as long, as loud and as quiet at its peaks as asked, and never half a file."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.audio.edits import TALK
from pipeline.audio.streams import Block, gather
from pipeline.errors import EscaletaError, InputError, WorkspaceError
from pipeline.formats.containers import CONTAINERS, Container
from pipeline.formats.tags import Tag
from pipeline.model import Clip, EditList, Master, Sound, Source
from pipeline.stages.export import Exported, Exporting, export
from pipeline.stages.master import Mastering, master
from pipeline.store import whole_file
from pipeline.tools import lame, muxer, sound

from .conftest import by_ffmpeg

SECOND = 48_000
SAMPLES = 8 * SECOND + 12_345
SUFFIXES = sorted(CONTAINERS)


def talk(channels: int) -> Block:
    """Noise with syllables, pauses and now and then a peak."""
    random = np.random.default_rng(3)
    beats = np.arange(0, SAMPLES + 9600, 9600)
    level = np.interp(np.arange(SAMPLES), beats, random.random(len(beats)) ** 2)
    grain = random.standard_normal((SAMPLES + 2, channels))
    samples = 0.1 * level[:, None] * (grain[2:] + grain[1:-1] + grain[:-2])
    samples[random.integers(0, SAMPLES, 20)] *= 4
    return samples.astype(np.float32)


@dataclass
class Room:
    """A workspace with one talk in it, and its master."""

    folder: Path
    edit_list: EditList
    master: Master

    def export(self, name: str, **changes: Any) -> Exported:
        arguments: dict[str, Any] = {
            "edit_list": self.edit_list,
            "sound": Sound(),
            "tag": tag(),
            "cover": self.folder / "cover.png",
            "workspace": self.folder,
            "ears": sound,
            "muxer": muxer,
            "whole_file": whole_file,
            "progress": lambda done, words: None,
        }
        out = changes.pop("out", self.folder / "out" / name)
        return export(Exporting(**(arguments | changes)), self.master, out=out)

    def heard(self, name: str) -> Block:
        channels = self.edit_list.channels
        return gather(sound.blocks(self.folder / "out" / name, channels=channels), channels)


def tag(**changes: Any) -> Tag:
    return replace(Tag("Título", "La TERTULia", "Programa", date(2023, 4, 12), "es", "Uno.\nDos."), **changes)


@pytest.fixture(scope="module", params=[1, 2], ids=["mono", "stereo"])
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, picture: Any) -> Room:
    return made_room(tmp_path_factory.mktemp("room"), request.param, picture(1400, 1400))


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory, picture: Any) -> Room:
    return made_room(tmp_path_factory.mktemp("mono"), 1, picture(1400, 1400))


def made_room(folder: Path, channels: int, cover: bytes) -> Room:
    (folder / "cover.png").write_bytes(cover)
    with wave.open(str(folder / "talk.wav"), "wb") as file:
        file.setparams((channels, 2, SECOND, 0, "NONE", ""))
        file.writeframes((np.clip(talk(channels), -1, 1) * 32767).astype("<i2").tobytes())
    source = Source(TALK, "talk.wav", hashlib.sha256((folder / "talk.wav").read_bytes()).hexdigest())
    plan = EditList((source,), (Clip(TALK, 0, SAMPLES),), channels=channels)
    out = folder / "master.mp3"
    job = Mastering(plan, Sound(), folder, sound, whole_file, lambda done, words: None, lame)
    return Room(folder, plan, master(job, out=out, relative="m.mp3"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_as_loud_as_the_master_by_a_meter_that_is_not_ours(room: Room, suffix: str) -> None:
    made = room.export(f"loud{suffix}")
    integrated, true_peak = by_ffmpeg(room.folder / "out" / f"loud{suffix}")
    assert integrated == pytest.approx(Sound().target(room.edit_list.channels), abs=0.2)
    assert true_peak <= -1.0 + 0.1
    assert made.loudness.integrated == pytest.approx(integrated, abs=0.06)
    assert made.loudness.true_peak == pytest.approx(true_peak, abs=0.2)
    assert made.loudness.true_peak <= -1.0
    assert made.samples == SAMPLES


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_sample_is_where_it_was(mono: Room, suffix: str) -> None:
    """An MP4 tells players where to stop; FFmpeg decodes the whole last frame, of which the rest is padding."""
    mono.export(f"length{suffix}")
    heard = mono.heard(f"length{suffix}")
    with av.open(str(mono.folder / "out" / f"length{suffix}")) as container:
        promised = container.streams.audio[0].duration
        skipped = 312 if suffix == ".opus" else 0
    assert promised - skipped == SAMPLES
    assert SAMPLES <= len(heard) < SAMPLES + (1 if suffix == ".opus" else 1024)
    assert lag(heard[:, 0], talk(1)[:, 0]) == 0


def lag(heard: Any, reference: Any) -> int:
    """Samples by which `heard` comes late."""
    size = 1 << 18
    spectrum = np.fft.rfft(heard[:size]) * np.conj(np.fft.rfft(reference[:size]))
    place = int(np.fft.irfft(spectrum).argmax())
    return place - size if place > size // 2 else place


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_again_gives_the_same_bytes(mono: Room, suffix: str) -> None:
    names = (f"loud{suffix}", f"again{suffix}")
    for name in names:
        mono.export(name)
    first, second = ((mono.folder / "out" / name).read_bytes() for name in names)
    assert first == second


def test_peaks_that_come_out_too_high_are_turned_down(mono: Room) -> None:
    """As by a codec that adds more than the ceiling leaves: here what is asked lies under the master's ceiling."""
    made = mono.export("strict.opus", sound=Sound(true_peak=-4.0))
    assert made.loudness.true_peak <= -4.0
    assert by_ffmpeg(mono.folder / "out" / "strict.opus")[1] <= -4.0 + 0.1
    assert made.loudness.integrated == pytest.approx(-19, abs=0.2)


class Loud:
    """Writes a WAV that peaks at full scale, whatever it is given, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def write(self, path: Path, container: Container, blocks: Iterable[Block], **options: Any) -> None:
        self.times += 1
        samples = np.concatenate(list(blocks))
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SECOND, 0, "NONE", ""))
            file.writeframes((np.sign(samples) * 32767).astype("<i2").tobytes())


def test_levels_that_nothing_meets(mono: Room) -> None:
    loud = Loud()
    with pytest.raises(InputError, match="after 4 attempts it measures"):
        mono.export("never.m4a", muxer=loud)
    assert loud.times == 4
    assert not (mono.folder / "out" / "never.m4a").exists()


@pytest.mark.parametrize("name", ["x.wav", "x", "m4a", "x.mp3"])
def test_a_suffix_that_nothing_is_exported_to(mono: Room, name: str) -> None:
    with pytest.raises(InputError) as caught:
        mono.export(name)
    assert caught.value.where == name
    assert ".m4a, .mp4, .opus" in caught.value.todo


class Broken:
    """Stops in the middle."""

    def write(self, path: Path, container: Container, blocks: Iterable[Block], **options: Any) -> None:
        path.write_bytes(b"half")
        next(iter(blocks))
        raise OSError(28, "No space left on device")


def test_a_failure_in_the_middle_leaves_what_was_there_and_no_scrap(mono: Room, tmp_path: Path) -> None:
    out = tmp_path / "x.m4a"
    out.write_bytes(b"the old file")
    with pytest.raises(WorkspaceError, match="disk is full"):
        mono.export("x.m4a", out=out, muxer=Broken())
    assert out.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [out]


def test_a_source_that_changed_is_refused(mono: Room) -> None:
    source = replace(mono.edit_list.sources[0], sha256="0" * 64)
    with pytest.raises(InputError, match="changed"):
        mono.export("changed.m4a", edit_list=replace(mono.edit_list, sources=(source,)))
    assert not (mono.folder / "out" / "changed.m4a").exists()


def test_a_cover_that_is_no_picture_stops_a_film_alone(mono: Room, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    cover.write_bytes(b"text")
    with pytest.raises(InputError, match="not a picture"):
        mono.export("film.mp4", cover=cover)
    assert not (mono.folder / "out" / "film.mp4").exists()
    mono.export("nofilm.m4a", cover=cover)


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    absent = Container("mp4", "no_such_codec", "M4A ", {1: 96})
    with pytest.raises(EscaletaError, match="no encoder no_such_codec"):
        muxer.write(tmp_path / "x.m4a", absent, [], channels=1, samples=0, tag=tag(), cover=tmp_path)


def test_progress_goes_from_nothing_to_all(mono: Room) -> None:
    told: list[tuple[float, str]] = []
    mono.export("told.opus", progress=lambda done, words: told.append((done, words)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (1.0, "done")
    assert {words for _, words in told} == {"encode", "check", "done"}
