"""What a listener gets: level, peak, length and place of every sample, and never half a file."""

from __future__ import annotations

import hashlib
import os
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from mutagen.mp3 import MP3, BitrateMode

from pipeline.audio.edits import SPOT, TALK, insert, length
from pipeline.audio.streams import Block, gather
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Clip, EditList, Master, Sound, Source
from pipeline.stages.master import Mastering, levels_beside, master
from pipeline.store import whole_file
from pipeline.tools import lame, sound

from .conftest import by_ffmpeg

SECOND = 48_000


def voice(seconds: float, channels: int = 1, seed: int = 1) -> Block:
    """Noise with syllables, pauses and now and then a peak."""
    random = np.random.default_rng(seed)
    count = round(seconds * SECOND)
    beats = np.arange(0, count + 9600, 9600)
    level = np.interp(np.arange(count), beats, random.random(len(beats)) ** 2)
    samples = 0.1 * level[:, None] * random.standard_normal((count, channels))
    samples[random.integers(0, count, 40)] *= 6
    return samples.astype(np.float32)


def save(path: Path, samples: Block) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[1], 2, SECOND, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


class Room:
    """A workspace whose files are sources, and a master made of an edit list over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "build" / "master.mp3"

    def source(self, name: str, samples: Block) -> Source:
        path = self.folder / f"{name.replace(':', '')}.wav"
        save(path, samples)
        return Source(name, path.name, hashlib.sha256(path.read_bytes()).hexdigest())

    def talk(self, seconds: float = 20.0, channels: int = 1) -> EditList:
        samples = voice(seconds, channels)
        return EditList((self.source(TALK, samples),), (Clip(TALK, 0, len(samples)),), channels=channels)

    def master(self, plan: EditList, sound_: Sound = Sound(), **options: Any) -> Master:  # noqa: B008
        tools: dict[str, Any] = {"ears": sound, "encoder": lame, "whole_file": whole_file}
        tools |= {"progress": lambda done, words: None}
        job = Mastering(plan, sound_, self.folder, **(tools | options))
        return master(job, out=self.out, relative="m.mp3")

    def heard(self, channels: int = 1) -> Block:
        return gather(sound.blocks(self.out, channels=channels), channels)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize(("channels", "target"), [(1, -19.0), (2, -16.0)])
def test_loudness_and_true_peak_by_a_meter_that_is_not_ours(room: Room, channels: int, target: float) -> None:
    made = room.master(room.talk(channels=channels))
    integrated, true_peak = by_ffmpeg(room.out)
    assert integrated == pytest.approx(target, abs=0.1 + 0.05)
    assert true_peak <= -1.0 + 0.1
    assert made.loudness.integrated == pytest.approx(integrated, abs=0.06)
    assert made.loudness.true_peak == pytest.approx(true_peak, abs=0.2)
    assert made.loudness.integrated == pytest.approx(target, abs=0.1)
    assert made.loudness.true_peak <= -1.0
    assert (made.channels, made.bitrate) == (channels, {1: 96, 2: 128}[channels])


def test_a_show_sets_its_own_figures(room: Room) -> None:
    made = room.master(room.talk(), Sound(loudness=-23.0, true_peak=-6.0, bitrate=64))
    assert made.loudness.integrated == pytest.approx(-23.0, abs=0.1)
    assert made.loudness.true_peak <= -6.0
    assert made.bitrate == 64


@pytest.mark.parametrize("samples", [9_600, 48_001, 600 * 1152, 600 * 1152 + 1, 601 * 1152 - 577])
def test_length_is_exact_at_every_size(room: Room, samples: int) -> None:
    plan = room.talk(seconds=15)
    made = room.master(replace(plan, clips=(Clip(TALK, 0, samples),)))
    assert made.samples == samples == len(room.heard())


def test_others_read_a_constant_rate_and_the_right_length(room: Room) -> None:
    room.master(room.talk(seconds=20.5))
    info = MP3(room.out).info
    assert (info.bitrate, info.bitrate_mode, info.sample_rate, info.channels) == (96_000, BitrateMode.CBR, SECOND, 1)
    assert info.length == pytest.approx(20.5, abs=1e-4)
    assert MP3(room.out).tags is None
    with av.open(str(room.out)) as container:
        assert container.streams.audio[0].frames in {0, (room.out.stat().st_size - 288) // 288}


def frequency(samples: Block) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(spectrum.argmax() * SECOND / len(samples))


def test_tones_on_both_sides_of_a_splice_prove_the_sample_in_the_decoded_master(room: Room) -> None:
    time = np.arange(20 * SECOND)[:, None] / SECOND
    talk = room.source(TALK, (0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32))
    spot = room.source(SPOT + "a", (0.3 * np.sin(2 * np.pi * 3000 * time[: 3 * SECOND])).astype(np.float32))
    plan = insert(
        EditList((talk,), (Clip(TALK, 0, 20 * SECOND),)), 7 * SECOND, [Clip(SPOT + "a", 0, 3 * SECOND)], [spot]
    )
    room.master(plan)
    samples = room.heard()
    assert len(samples) == 23 * SECOND
    for at, before, after in ((7 * SECOND, 1000, 3000), (10 * SECOND, 3000, 1000)):
        assert frequency(samples[at - 2400 : at]) == pytest.approx(before, abs=20)
        assert frequency(samples[at : at + 2400]) == pytest.approx(after, abs=20)
        assert abs(turn(samples, at, 3000) - at) <= 24
    phase = np.angle(np.exp(-2j * np.pi * 1000 * time[: 5 * SECOND, 0]) @ samples[SECOND : 6 * SECOND, 0])
    later = np.angle(np.exp(-2j * np.pi * 1000 * time[: 5 * SECOND, 0]) @ samples[12 * SECOND : 17 * SECOND, 0])
    assert abs(phase - later) < 2 * np.pi * 1000 / SECOND / 10


def turn(samples: Block, near: int, hz: float) -> int:
    """Where a tone of `hz` comes or goes: its envelope crosses the half, within a few wavelengths."""
    span = np.arange(near - 960, near + 960)
    carrier = np.exp(-2j * np.pi * hz / SECOND * np.arange(near - 984, near + 984))
    envelope = np.abs(np.convolve(samples[near - 984 : near + 984, 0] * carrier, np.ones(48) / 48, "same"))[24:-24]
    half = envelope.max() / 2
    crossing = np.flatnonzero(np.diff(envelope > half))
    return int(span[crossing[np.abs(span[crossing] - near).argmin()]])


def test_the_same_again_gives_the_same_bytes(room: Room) -> None:
    plan = room.talk(seconds=40, channels=2)
    first = room.master(plan)
    data = room.out.read_bytes()
    assert room.master(plan) == first
    assert room.out.read_bytes() == data
    assert first.sha256 == hashlib.sha256(data).hexdigest()


def test_a_clipped_quiet_or_loud_recording_still_meets_its_figures(room: Room) -> None:
    samples = np.clip(voice(20) * 30, -1, 1)
    plan = EditList((room.source(TALK, samples),), (Clip(TALK, 0, len(samples)),))
    made = room.master(plan)
    assert made.loudness.integrated == pytest.approx(-19, abs=0.1)
    assert made.loudness.true_peak <= -1.0


def test_silence_is_refused_and_nothing_is_left(room: Room) -> None:
    plan = EditList((room.source(TALK, np.zeros((SECOND, 1), np.float32)),), (Clip(TALK, 0, SECOND),))
    with pytest.raises(InputError, match="silent"):
        room.master(plan)
    assert not room.out.exists()


def test_a_source_that_changed_is_refused(room: Room) -> None:
    plan = room.talk()
    save(room.folder / "talk.wav", voice(20, seed=2))
    with pytest.raises(InputError, match="changed") as caught:
        room.master(plan)
    assert caught.value.where == "talk.wav"


@pytest.mark.parametrize("bytes_now", [b"", b"no sound at all"])
def test_a_source_that_is_sound_no_more_is_said_to_have_changed(room: Room, bytes_now: bytes) -> None:
    plan = room.talk()
    (room.folder / "talk.wav").write_bytes(bytes_now)
    with pytest.raises(InputError, match="changed since"):
        room.master(plan)
    assert not room.out.exists()


def test_a_source_that_is_gone_is_said_to_be_gone(room: Room) -> None:
    plan = room.talk()
    (room.folder / "talk.wav").unlink()
    with pytest.raises(InputError, match="there is no such file"):
        room.master(plan)
    assert not room.out.exists()


def test_a_source_that_changes_while_it_is_read_is_refused(room: Room) -> None:
    plan = room.talk()

    def change(done: float, words: str) -> None:
        if words == "encode":
            save(room.folder / "talk.wav", voice(20, seed=2))

    room.out.parent.mkdir()
    room.out.write_bytes(b"the old master")
    with pytest.raises(InputError, match="changed"):
        room.master(plan, progress=change)
    assert room.out.read_bytes() == b"the old master"
    assert list(room.out.parent.iterdir()) == [room.out]


@pytest.mark.parametrize(("written", "times"), [(False, 1), (True, 2)])
def test_a_source_is_hashed_again_only_if_it_was_written_to(room: Room, written: bool, times: int) -> None:
    plan, hashed = room.talk(), list[str]()

    def digest(path: Path) -> str:
        hashed.append(path.name)
        return sound.digest(path)

    def touch(done: float, words: str) -> None:
        if written and words == "encode":
            os.utime(room.folder / "talk.wav", ns=(1, 1))

    ears = SimpleNamespace(probe=sound.probe, blocks=sound.blocks, digest=digest)
    room.master(plan, ears=ears, progress=touch)
    assert hashed.count("talk.wav") == times


class Breaking:
    """An encoder that stops in the middle."""

    lowpass = staticmethod(lame.lowpass)

    def __init__(self) -> None:
        self.pieces: Iterator[int] = iter(range(2))

    def encode(self, samples: Block, bitrate: int) -> bytes:
        if next(self.pieces, None) is None:
            raise OSError(28, "No space left on device")
        return lame.encode(samples, bitrate)


def test_a_failure_in_the_middle_leaves_the_old_master_and_no_scrap(room: Room) -> None:
    room.out.parent.mkdir()
    room.out.write_bytes(b"the old master")
    with pytest.raises(WorkspaceError, match="the disk is full"):
        room.master(room.talk(seconds=60), encoder=Breaking())
    assert room.out.read_bytes() == b"the old master"
    assert list(room.out.parent.iterdir()) == [room.out]


def test_progress_goes_from_nothing_to_all(room: Room) -> None:
    told: list[float] = []
    room.master(room.talk(), progress=lambda done, words: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert length(room.talk().clips) == 20 * SECOND


def test_a_master_that_nothing_was_kept_of_has_no_levels(tmp_path: Path) -> None:
    assert levels_beside(tmp_path / "master.mp3", "ab" * 32) is None
