"""Another spot in a finished master gives the very file that a full render gives."""

from __future__ import annotations

import hashlib
import shutil
import wave
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.audio import kept_levels
from pipeline.audio.streams import Block
from pipeline.errors import InputError
from pipeline.model import Cue, EditList, Master, Segment, Sound, Transcript
from pipeline.stages.edit import SpotOrder, edit
from pipeline.stages.master import Mastering, master
from pipeline.stages.mix import mix
from pipeline.stages.respot import Previous, respot
from pipeline.store import whole_file
from pipeline.tools import lame, sound

SECOND = 48_000
CUE = Cue(12_000, "said there")


def voice(seconds: float, channels: int, seed: int) -> Block:
    """Coloured noise with syllables, room tone beneath, and a pause of two seconds from 12 s on."""
    random = np.random.default_rng(seed)
    count = round(seconds * SECOND)
    beats = np.arange(0, count + 9600, 9600)
    level = np.interp(np.arange(count), beats, random.random(len(beats)) ** 2)
    level[12 * SECOND : 14 * SECOND] = 0.003
    grain = random.standard_normal((count + 3, channels))
    return (0.05 * level[:, None] * (grain[3:] + grain[2:-1] + grain[1:-2])).astype(np.float32)


class Room:
    """A workspace with a talk of 30 s, music, and spots of several lengths."""

    def __init__(self, folder: Path, channels: int) -> None:
        self.folder, self.channels = folder, channels
        for name, seconds in {"talk": 30, "a": 7.3, "b": 11.9, "c": 3.0, "intro": 8, "outro": 8}.items():
            self.save(name, voice(seconds, channels, seed=len(name) + round(seconds * 10)))
        self.recording = mix(folder / "talk.wav", "talk.wav", sound)

    def save(self, name: str, samples: Block) -> None:
        with wave.open(str(self.folder / f"{name}.wav"), "wb") as file:
            file.setparams((samples.shape[1], 2, SECOND, 0, "NONE", ""))
            file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())

    def edit(self, *spots: tuple[str, str], music: bool = True) -> EditList:
        words = Transcript("es", (Segment(500, 12_000, "x"), Segment(14_000, 29_500, "y")))
        orders = [SpotOrder(name, place, f"{name}.wav") for place, name in spots]
        names = {"intro": "intro.wav" if music else None, "outro": "outro.wav" if music else None}
        return edit(self.recording, words, CUE, orders, workspace=self.folder, ears=sound, **names)[0]

    def master(
        self, plan: EditList, name: str, previous: Previous | None = None, **options: Any
    ) -> tuple[Path, Master]:
        out = self.folder / "build" / name
        settings: dict[str, Any] = {"sound": Sound(), "workspace": self.folder, "ears": sound, "encoder": lame}
        settings |= {"whole_file": whole_file, "progress": lambda done, words: None} | options
        job = Mastering(plan, **settings)
        make = partial(respot, previous=previous) if previous else master
        return out, make(job, out=out, relative="m.mp3")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return Room(tmp_path_factory.mktemp("room"), 1)


@pytest.fixture(scope="module")
def old(room: Room) -> Previous:
    plan = room.edit(("cue", "a"))
    path, made = room.master(plan, "old.mp3")
    return Previous(path, plan, made)


Anew = Callable[..., tuple[bytes, Master]]


@pytest.fixture(scope="module")
def anew(room: Room) -> Anew:
    """The file that a plan gives when everything is made, and what is said of it; once for all tests that ask."""

    @cache
    def made(plan: EditList, **options: Any) -> tuple[bytes, Master]:
        path, master = room.master(plan, "full.mp3", **options)
        return path.read_bytes(), master

    return made


@pytest.fixture
def copy(room: Room, old: Previous) -> Path:
    """The old master, to be changed, with its levels beside it."""
    path = room.folder / "build" / "copy.mp3"
    shutil.copy(kept_levels.place(old.path), kept_levels.place(path))
    return Path(shutil.copy(old.path, path))


class Counted:
    """LAME, counting the samples that it is given."""

    lowpass = staticmethod(lame.lowpass)

    def __init__(self) -> None:
        self.samples = 0

    def encode(self, samples: Block, bitrate: int) -> bytes:
        self.samples += len(samples)
        return lame.encode(samples, bitrate)


SWAPS = {
    "longer": [("cue", "b")],
    "shorter": [("cue", "c")],
    "none": [],
    "two": [("cue", "b"), ("cue", "c")],
    "before and behind": [("pre", "c"), ("cue", "a"), ("post", "b")],
}


@pytest.mark.parametrize("name", SWAPS)
def test_the_file_is_the_same_bit_for_bit_as_made_anew(room: Room, old: Previous, anew: Anew, name: str) -> None:
    plan, encoder = room.edit(*SWAPS[name]), Counted()
    path, made = room.master(plan, f"{name} swapped.mp3", old, encoder=encoder)
    full, wanted = anew(plan)
    assert path.read_bytes() == full
    assert made == wanted
    assert encoder.samples < made.samples * 0.8


def test_stereo_too(tmp_path: Path) -> None:
    room = Room(tmp_path, 2)
    first, second = room.edit(("cue", "a")), room.edit(("cue", "b"))
    path, made = room.master(first, "first.mp3")
    swapped = room.master(second, "swapped.mp3", Previous(path, first, made))[0]
    assert swapped.read_bytes() == room.master(second, "full.mp3")[0].read_bytes()


def test_a_swap_of_a_swap_and_the_way_back(room: Room, old: Previous) -> None:
    there = room.edit(("cue", "b"))
    path, made = room.master(there, "there.mp3", old)
    back, again = room.master(old.edit_list, "back.mp3", Previous(path, there, made))
    assert back.read_bytes() == old.path.read_bytes()
    assert again == old.master


def test_in_place(room: Room, old: Previous, copy: Path, anew: Anew) -> None:
    plan, encoder = room.edit(("cue", "c")), Counted()
    _, made = room.master(plan, copy.name, Previous(copy, old.edit_list, old.master), encoder=encoder)
    assert encoder.samples < made.samples * 0.8
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == made.sha256 == anew(plan)[1].sha256


ANEW: dict[str, dict[str, Any]] = {
    "another loudness": {"sound": Sound(loudness=-20.0)},
    "another bitrate": {"sound": Sound(bitrate=112)},
}


@pytest.mark.parametrize("name", ANEW)
def test_other_settings_make_it_anew(room: Room, old: Previous, anew: Anew, name: str) -> None:
    plan, encoder = room.edit(("cue", "c")), Counted()
    _, made = room.master(plan, "other.mp3", old, encoder=encoder, **ANEW[name])
    assert made == anew(plan, **ANEW[name])[1]
    assert encoder.samples > made.samples


def test_other_music_makes_it_anew(room: Room, old: Previous, anew: Anew) -> None:
    plan, encoder = room.edit(("cue", "c"), music=False), Counted()
    assert room.master(plan, "other.mp3", old, encoder=encoder)[1] == anew(plan)[1]
    assert encoder.samples > 25 * SECOND


def test_an_old_master_that_is_not_what_was_said_is_not_used(room: Room, old: Previous, copy: Path, anew: Anew) -> None:
    plan, data = room.edit(("cue", "c")), bytearray(copy.read_bytes())
    data[5000] ^= 1
    copy.write_bytes(data)
    _, made = room.master(plan, "new.mp3", Previous(copy, old.edit_list, old.master))
    assert made == anew(plan)[1]


def test_a_changed_recording_is_refused(room: Room, old: Previous, tmp_path: Path) -> None:
    other = Room(tmp_path, 1)
    plan = other.edit(("cue", "c"))
    other.save("talk", voice(30, 1, seed=99))
    with pytest.raises(InputError, match="changed"):
        other.master(plan, "x.mp3", old)
