"""From a microphone a person to one recording and a voice each."""

from __future__ import annotations

import errno
import os
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.bleed import envelope, voice_band
from pipeline.audio.speech import at_16k
from pipeline.audio.streams import Block, gather
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Progress
from pipeline.stages.mix_tracks import LEVEL, Mixed, mix_tracks, name_of
from pipeline.stages.synchronise import Microphone, synchronise
from pipeline.store import whole_file
from pipeline.tools import sound
from pipeline.tools.float_wav import float_wav

RATE = 48_000
SECONDS = 90
OFFSET = 0.75


LATE = 200
"""Samples by which either is heard later in the other's microphone."""


@cache
def conversation(bleed: float = 0.05, seconds: int = SECONDS) -> tuple[np.ndarray, np.ndarray]:
    """What Ana's microphone hears, and Blas's, who is 5 dB fainter: a second each or more, syllables and pauses."""
    rng = np.random.default_rng(8)
    turn, count = np.repeat(turns(seconds), RATE), 1000 * seconds // SECONDS
    loudness = (0.2 * 10 ** (rng.uniform(-30, 0, size=count) / 20)).astype(np.float32)
    voice = np.repeat(loudness, rng.integers(RATE // 12, RATE // 4, size=count))[: len(turn)]
    voice *= rng.standard_normal(len(turn), np.float32)
    ana, blas = voice * turn, np.float32(10 ** (-5 / 20)) * voice * ~turn
    noise = np.float32(0.0003) * rng.standard_normal((2, len(turn)), np.float32)
    bleed = np.float32(bleed)
    return ana + bleed * np.roll(blas, LATE) + noise[0], blas + bleed * np.roll(ana, LATE) + noise[1]


def turns(seconds: int = SECONDS) -> np.ndarray:
    """Which seconds are Ana's."""
    return np.random.default_rng(8).random(seconds) < 0.5


@lru_cache(2)
def track(name: str, ears: Ears) -> np.ndarray:
    """What is in a file of `ears`: it is read many times over."""
    ana, blas = conversation(ears.bleed, ears.seconds)
    heard = ana if name == "Ana" else blas[round(OFFSET * RATE) : (ears.seconds - ears.shorter) * RATE]
    if ears.drift and name != "Ana":
        moments = np.arange(int(len(heard) * (1 + ears.drift))) / (1 + ears.drift)
        heard = np.interp(moments, np.arange(len(heard)), heard).astype(np.float32)
    return heard[::-1] if ears.strange and name != "Ana" else heard


@dataclass(frozen=True)
class Ears:
    """Blas began later; `shorter` seconds are cut off his end, his clock is too fast by `drift`; `strange`: it is
    another conversation."""

    shorter: int = 0
    strange: bool = False
    drift: float = 0.0
    bleed: float = 0.05
    seconds: int = SECONDS

    def probe(self, path: Path) -> object:
        raise NotImplementedError

    def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        yield from np.array_split(track(path.stem, self)[:, None], 40)


def quiet(fraction: float, note: str) -> None:
    """Progress that nobody wants to hear of."""


def mixed(folder: Path, ears: Ears, progress: Progress = quiet) -> Mixed:
    return made([Microphone(name, folder / f"{name}.wav") for name in ("Ana", "Blas")], folder, ears, progress)


def made(people: Sequence[Microphone], folder: Path, ears: Ears, progress: Progress = quiet) -> Mixed:
    return mix_tracks(
        people, folder / "build", ears=ears, whole_file=whole_file, float_wav=float_wav, progress=progress
    )


def heard(voice: Microphone) -> tuple[int, np.ndarray]:
    with wave.open(str(voice.path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767


def mix_of(result: Mixed) -> np.ndarray:
    facts = sound.probe(result.recording)
    assert (facts.sample_rate, facts.channels) == (RATE, 1)
    return gather(sound.blocks(result.recording, channels=1), 1)[:, 0]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    return mixed(tmp_path_factory.mktemp("tracks"), Ears())


def loud(samples: np.ndarray, rate: int, seconds: list[int]) -> float:
    inner = [samples[second * rate + rate // 2 : (second + 1) * rate - rate // 3] for second in seconds]
    return float(10 * np.log10(np.mean(np.square(np.concatenate(inner))) + 1e-12))


def test_the_clocks_agree(result: Mixed) -> None:
    assert result.notes == ()
    assert result.clocks[1].offset == pytest.approx(OFFSET, abs=0.001)
    assert result.clocks[1].drift == pytest.approx(0, abs=5e-6)


def test_the_clocks_of_a_short_talk_agree_to_its_end(tmp_path: Path) -> None:
    """Windows overlapped, and a tape does not go back: the first alone told of a minute and a half, and of no drift."""
    clock = mixed(tmp_path, Ears(drift=100e-6)).clocks[1]
    assert clock.drift == pytest.approx(100e-6, abs=5e-6)
    assert clock.offset == pytest.approx(OFFSET, abs=0.001)


@pytest.mark.parametrize("drift", [300e-6, -300e-6])
def test_the_clocks_of_a_longer_talk_agree_however_far_they_part(tmp_path: Path, drift: float) -> None:
    """A tenth of a second, more than delays are looked for in: what is looked at is set right roughly before."""
    ears = Ears(drift=drift, seconds=330)
    both = [Microphone(name, tmp_path / f"{name}.wav") for name in ("Ana", "Blas")]
    levels = [envelope(voice_band(at_16k(ears.blocks(one.path, channels=1)))) for one in both]
    clock = synchronise(both, levels, ears)[1]
    for moment in (1, 165, 329):
        assert clock.place(moment) == pytest.approx((moment - OFFSET) * (1 + drift), abs=0.0003)


def test_nobody_is_heard_twice_who_sits_near_the_others_microphone(tmp_path: Path) -> None:
    """A voice and its own echo 4 ms later sound hollow: what returns is 22 dB down, not 13."""
    rate, samples = RATE, mix_of(mixed(tmp_path, Ears(bleed=0.4)))
    spoken = turns()
    alone = [k for k in range(2, SECONDS - 2) if spoken[k - 1 : k + 2].all()]
    parts = [samples[k * rate + rate // 10 : (k + 1) * rate - rate // 10] for k in alone]
    echo = sum(float(part[LATE:] @ part[:-LATE]) for part in parts) / sum(float(part @ part) for part in parts)
    assert 20 * np.log10(abs(echo)) < -22


def test_each_voice_is_alone_in_its_own_file(result: Mixed) -> None:
    spoken = turns()
    alone = [k for k in range(2, SECONDS - 2) if spoken[k] == spoken[k - 1] == spoken[k + 1]]
    for voice, his in zip(result.voices, (True, False), strict=True):
        rate, samples = heard(voice)
        assert rate == 16_000
        own = loud(samples, rate, [k for k in alone if spoken[k] == his])
        others = loud(samples, rate, [k for k in alone if spoken[k] != his])
        assert own - others > 25


def test_the_mix_holds_both_as_loud_as_each_other(result: Mixed) -> None:
    samples = mix_of(result)
    assert len(samples) == pytest.approx(SECONDS * RATE, abs=RATE)
    spoken = turns()
    hers, his = (loud(samples, RATE, [k for k in range(1, SECONDS - 2) if spoken[k] == who]) for who in (1, 0))
    assert hers == pytest.approx(his, abs=1)
    assert hers == pytest.approx(LEVEL, abs=4)


def test_two_who_laugh_at_once_are_not_clipped(tmp_path: Path) -> None:
    """Neither is in their own microphone; what each is brought to adds up to more than full scale."""
    laugh = slice(40 * RATE, 42 * RATE)
    together = np.random.default_rng(5).normal(scale=0.05, size=(2, 2 * RATE))
    together[:, :: RATE // 200] = 0.95

    class Laughing(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            heard = np.stack(conversation())
            heard[:, laugh] = together
            yield from np.array_split(heard[int(path.stem == "Blas")][:, None], 40)

    assert np.abs(mix_of(mixed(tmp_path, Laughing()))[laugh]).max() > 1.2


def test_the_room_stays_while_nobody_speaks(tmp_path: Path) -> None:
    """Where all gates shut, it was 6 dB fainter half a second after a sentence, and back with the next."""

    class Pausing(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            heard = np.concatenate(list(super().blocks(path, channels=channels)))[:, 0]
            first = round((40 - (0 if path.stem == "Ana" else OFFSET)) * RATE)
            noise = np.random.default_rng(len(path.stem)).normal(scale=0.001, size=4 * RATE)
            heard[first : first + len(noise)] = noise
            yield from np.array_split(heard[:, None], 40)

    samples = mix_of(mixed(tmp_path, Pausing()))
    just_after, later = (samples[round(a * RATE) : round(b * RATE)] for a, b in ((40.05, 40.17), (41, 43)))
    assert 20 * np.log10(later.std() / just_after.std()) == pytest.approx(0, abs=1)


def test_a_recorder_that_stopped_early_is_told(tmp_path: Path) -> None:
    short = mixed(tmp_path, Ears(shorter=61))
    assert short.notes == ("the track of Blas stops 1:01 before the others",)
    assert short.clocks[1].offset == pytest.approx(OFFSET, abs=0.02)


def test_a_recorder_that_was_started_late_is_told(tmp_path: Path) -> None:
    class Late(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            whole = np.concatenate(list(super().blocks(path, channels=channels)))
            yield from np.array_split(whole if path.stem == "Ana" else whole[61 * RATE :], 40)

    late = mixed(tmp_path, Late())
    assert late.notes == ("the track of Blas begins 1:01 after the others",)
    assert late.clocks[1].offset == pytest.approx(61 + OFFSET, abs=0.001)


def test_tracks_that_do_not_belong_together_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the track of Blas does not belong to that of Ana"):
        mixed(tmp_path, Ears(strange=True))
    assert not list(tmp_path.rglob("*.wav"))


def test_a_full_disk_is_said_to_be_full_and_nothing_is_left(tmp_path: Path) -> None:
    def full(fraction: float, note: str) -> None:
        if note == "mixing":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WorkspaceError, match="the disk is full"):
        mixed(tmp_path, Ears(), full)
    assert list((tmp_path / "build").iterdir()) == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("silent", "shorter"), [("Blas", 0), ("Blas", 5), ("Ana", 5)])
def test_a_silent_track_is_told_and_keeps_no_other_from_being_mixed(tmp_path: Path, silent: str, shorter: int) -> None:
    class Muted(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            heard = super().blocks(path, channels=channels)
            yield from (0 * block for block in heard) if path.stem == silent else heard

    result = mixed(tmp_path, Muted(shorter=shorter))
    assert result.notes == (f"the track of {silent} is silent: nobody is heard in it",)
    _, samples = heard(result.voices[silent == "Ana"])
    assert np.mean(samples != 0) > 0.75  # what a silent microphone would hear is nobody's word, and closes no gate


def test_a_mix_among_the_tracks_is_told_of(tmp_path: Path) -> None:
    class Everything(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            ana, blas = conversation()
            heard = {"Ana": ana, "Blas": blas, "Todo": ana + blas}[path.stem]
            yield from np.array_split(heard[:, None], 40)

    people = [Microphone(name, tmp_path / f"{name}.wav") for name in ("Ana", "Blas", "Todo")]
    result = made(people, tmp_path, Everything())
    note = "only the others are heard in the track of Todo: take it away, if it is a mix or Todo says nothing"
    assert result.notes == (note,)
    assert not heard(result.voices[2])[1].any(), "all that it holds is written down already"


def test_a_track_may_end_in_a_block_of_few_samples(tmp_path: Path) -> None:
    """As one at 44.1 kHz does, whose last block holds what the resampler had left."""

    class Few(Ears):
        def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
            whole = np.concatenate(list(super().blocks(path, channels=channels)))
            yield from np.split(whole, [len(whole) - 500, len(whole) - 100])

    assert mixed(tmp_path, Few()).clocks[1].offset == pytest.approx(OFFSET, abs=0.001)


def test_two_files_of_one_person_are_refused(tmp_path: Path) -> None:
    twice = [Microphone("Ana", tmp_path / "a.wav"), Microphone("ana", tmp_path / "b.wav")]
    with pytest.raises(InputError, match="2 tracks of 1 people"):
        made(twice, tmp_path, Ears())
    with pytest.raises(InputError, match="one track by itself is no conversation") as caught:
        made(twice[:1], tmp_path, Ears())
    assert "recording.wav, beside the folder tracks" in caught.value.todo


@pytest.mark.parametrize(
    ("file", "name"),
    [
        *(
            ("mic_A_Lucía.opus", "Lucía"),
            ("track1-Koldo.wav", "Koldo"),
            ("Nerea.flac", "Nerea"),
            ("mic_1.wav", "mic_1"),
        ),
        ("2023 Andrés.wav", "Andrés"),
        ("02 Lucía Gómez.wav", "Lucía Gómez"),
        ("track2 Koldo (1).wav", "Koldo"),
        ("Nerea 🎤.mp3", "Nerea"),
        ("mic_A_Luci\u0301a.wav", "Lucía"),
    ],
)
def test_a_file_is_called_after_its_owner(file: str, name: str) -> None:
    assert name_of(Path(file)) == name
