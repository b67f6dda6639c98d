"""From a microphone a person to one recording, and each person's voice by itself.

The clocks are set right, the voices brought to one loudness and held there as people drift from their microphones, and
what bleeds from one microphone into another is turned down while others than its owner speak. The voices by themselves,
silent where their owner is, are what is transcribed: what two people say at once is lost in a mix, and who speaks comes
free.
"""

from __future__ import annotations

import re
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol
from unicodedata import normalize

import numpy as np
import soxr
from numpy.typing import NDArray

from pipeline.audio.bleed import (
    FRAME_RATE,
    Envelope,
    envelope,
    is_silent,
    loudest,
    open_to_the_room,
    room,
    speaking,
    voice_band,
)
from pipeline.audio.levelling import Fader, by_the_sample, factors, levelled
from pipeline.audio.loudness import measure
from pipeline.audio.speech import RATE, at_16k
from pipeline.audio.streams import Ears, Mono, Tape
from pipeline.audio.tracks import Clock, ends, side_by_side
from pipeline.errors import InputError
from pipeline.model import Progress
from pipeline.stages.material import WholeFile
from pipeline.stages.synchronise import Microphone, synchronise
from pipeline.timecode import SAMPLE_RATE, to_short_clock

LEVEL = -23.0
"""LUFS of each voice while it speaks; the master decides how loud all of it is."""

BLEED, LEAK, FLOOR = -9.0, -24.0, -20.0
"""Decibels by which a microphone is turned down while others than its owner speak: the first; more where they are heard
in it, until they are no louder than the second, or one would hear them twice; no more than the third. Never off: the
room would come and go."""

_FADE = 5
_MISSED = 60.0
_NEVER = 0.001
"""Of the time; who speaks less has said nothing."""
_UNNAMED = re.compile(r"(mic|micro|track|pista|audio|rec)?\d*|[a-z]|[\W\d]+", re.IGNORECASE)


class FloatWav(Protocol):
    """Writes sound that may be louder than full scale. `pipeline.tools.float_wav` has one."""

    def __call__(self, path: Path) -> AbstractContextManager[Callable[[Mono], None]]:
        """A mono WAV at 48 kHz while the block runs: what to call with samples. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """What came of the microphones: the recording, and each person's voice on the same time line.

    clocks: as found, the first microphone's own being the reference.
    notes: what a person should know, such as a recorder that stopped early.
    """

    recording: Path
    voices: tuple[Microphone, ...]
    clocks: tuple[Clock, ...]
    notes: tuple[str, ...] = ()


def name_of(path: Path) -> str:
    """Whose microphone it is: the last part of the file's name that is no word for one, as in `mic_A_Lucía.wav`, with
    all of a name that spaces divide, as in `02 Lucía Gómez.wav`."""
    parts = (groupby(part.split(), _UNNAMED.fullmatch) for part in re.split(r"[_.-]+", normalize("NFC", path.stem)))
    names = [" ".join(words) for part in parts for unnamed, words in part if not unnamed]
    return names[-1] if names else path.stem


def mix_tracks(
    microphones: Sequence[Microphone],
    folder: Path,
    *,
    ears: Ears,
    whole_file: WholeFile,
    float_wav: FloatWav,
    progress: Progress,
) -> Mixed:
    """Write `mix.wav` and a WAV a voice into `folder`, each whole or not at all.

    Voices add up, and who laughs is far above what the voice is brought to: the mix holds floats, as loud as they come,
    for the master to bring down.
    Raises InputError for files that cannot be decoded, two of one name, or tracks that do not belong together.
    """
    _check_names(microphones)
    levels = [envelope(voice_band(at_16k(ears.blocks(one.path, channels=1)))) for one in microphones]
    progress(0.25, "how the clocks differ")
    clocks = synchronise(microphones, levels, ears)
    origin = min(clock.offset for clock in clocks)
    aligned = side_by_side(levels, clocks)
    heard = room(aligned, loudest(levels))
    turns = speaking(aligned, heard)
    progress(0.5, "how loud each voice is")
    closed = np.clip(LEAK - heard.neighbours, FLOOR, BLEED).tolist()
    each = zip(microphones, clocks, turns, open_to_the_room(turns), closed, strict=True)
    tracks = [_Track(origin, ears, *its) for its in each]
    voices = _write(tracks, folder, whole_file, float_wav, progress)
    notes = (*_notes(microphones, levels, clocks), *_nobodys(microphones, levels, turns))
    return Mixed(folder / "mix.wav", voices, clocks, notes)


def _check_names(microphones: Sequence[Microphone]) -> None:
    names = [microphone.name.casefold() for microphone in microphones]
    if len(set(names)) < max(len(names), 2):
        alone = "one track by itself is no conversation"
        raise InputError(
            alone if len(names) == 1 else f"{len(names)} tracks of {len(set(names))} people",
            where=", ".join(str(microphone.path) for microphone in microphones),
            todo="leave one track a person, two or more, and call each file after its owner, as in mic_Lucía.wav;"
            " what holds everyone is called recording.wav, beside the folder tracks",
        )


def _notes(microphones: Sequence[Microphone], levels: Sequence[Envelope], clocks: Sequence[Clock]) -> Iterator[str]:
    begins, finish = [clock.offset for clock in clocks], ends(levels, clocks)
    yield from _missing(microphones, [one - min(begins) for one in begins], "begins {} after the others")
    yield from _missing(microphones, [max(finish) - one for one in finish], "stops {} before the others")
    for microphone, one in zip(microphones, levels, strict=True):
        if is_silent(one):
            yield f"the track of {microphone.name} is silent: nobody is heard in it"


def _missing(microphones: Sequence[Microphone], seconds: Sequence[float], words: str) -> Iterator[str]:
    """Whose recorder did not run for more than a minute that another ran."""
    for microphone, one in zip(microphones, seconds, strict=True):
        if one > _MISSED:
            yield f"the track of {microphone.name} {words.format(to_short_clock(round(one * 1000)))}"


def _nobodys(microphones: Sequence[Microphone], levels: Sequence[Envelope], turns: NDArray[np.bool_]) -> Iterator[str]:
    """Whose track holds nothing but what others say."""
    for microphone, one, speaks in zip(microphones, levels, turns, strict=True):
        if not is_silent(one) and speaks.mean() < _NEVER:
            who = microphone.name
            yield f"only the others are heard in the track of {who}: take it away, if it is a mix or {who} says nothing"


# ── sound ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Track:
    """speaks, is_open: in each frame, its owner, and its gate in the mix. closed: dB that are left of it while shut."""

    origin: float
    ears: Ears
    microphone: Microphone
    clock: Clock
    speaks: NDArray[np.bool_]
    is_open: NDArray[np.bool_]
    closed: float

    def aligned(self) -> Iterator[Mono]:
        """Its samples at 48 kHz on the common time line."""
        yield np.zeros(round((self.clock.offset - self.origin) * SAMPLE_RATE), np.float32)
        stream = soxr.ResampleStream(
            SAMPLE_RATE * (1 + self.clock.drift), SAMPLE_RATE, 1, dtype="float32", quality="VHQ"
        )
        for block in self.ears.blocks(self.microphone.path, channels=1):
            yield stream.resample_chunk(block)[:, 0]
        yield stream.resample_chunk(np.zeros((0, 1), np.float32), last=True)[:, 0]

    def fader(self) -> Fader:
        """The gain in dB of every 100 ms."""
        tape = Tape(self.aligned())
        seconds = range(len(self.speaks) // FRAME_RATE)
        parts = (tape.read(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE) for second in seconds)
        gated = ((part * _openness(self.speaks, second)[: len(part)])[:, None] for second, part in enumerate(parts))
        return levelled(measure(gated).energies, LEVEL)


def _openness(gate: NDArray[np.bool_], second: int) -> Mono:
    """How far a gate is open, 0 to 1, a value a sample; it moves over 50 ms."""
    frames = np.arange(second * FRAME_RATE - _FADE, (second + 1) * FRAME_RATE + _FADE)
    around = gate[np.clip(frames, 0, len(gate) - 1)].astype(np.float32)
    if np.ptp(around) == 0:  # as in most seconds, and spares a tenth of all the mixing
        return np.full(SAMPLE_RATE, around[0], np.float32)
    soft = np.convolve(around, np.ones(_FADE) / _FADE, "same")[_FADE - 1 : 1 - _FADE]
    return by_the_sample(soft.astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Playing:
    """A track on its way into the mix, and what its owner says into a file of its own."""

    track: _Track
    fader: Fader
    tape: Tape
    voice: wave.Wave_write
    lower: soxr.ResampleStream

    def second(self, number: int, *, last: bool) -> Mono:
        """What a second of it adds to the mix; seconds are asked for in order. last: whether the voice ends with it."""
        part = self.tape.read(number * SAMPLE_RATE, (number + 1) * SAMPLE_RATE)
        part = np.pad(part, (0, SAMPLE_RATE - len(part))) * factors(self.fader, number)
        said = part * _openness(self.track.speaks, number)
        self.voice.writeframes(_as_int16(self.lower.resample_chunk(said, last=last)))
        closed = 10 ** (self.track.closed / 20)
        return part * (closed + (1 - closed) * _openness(self.track.is_open, number))


def _write(
    tracks: Sequence[_Track], folder: Path, whole_file: WholeFile, float_wav: FloatWav, progress: Progress
) -> tuple[Microphone, ...]:
    faders = [track.fader() for track in tracks]
    voices = tuple(
        Microphone(track.microphone.name, folder / f"voice-{number}.wav") for number, track in enumerate(tracks, 1)
    )
    seconds = -(-len(tracks[0].speaks) // FRAME_RATE)
    with ExitStack() as stack:
        mix = stack.enter_context(float_wav(stack.enter_context(whole_file(folder / "mix.wav"))))
        playing = [
            _Playing(
                track, fader, Tape(track.aligned()), stack.enter_context(_voice_wav(whole_file, voice.path)), _lower()
            )
            for track, fader, voice in zip(tracks, faders, voices, strict=True)
        ]
        for second in range(seconds):
            mixed = np.zeros(SAMPLE_RATE, np.float32)
            for one in playing:
                mixed += one.second(second, last=second == seconds - 1)
            mix(mixed)
            progress(0.6 + 0.4 * (second + 1) / seconds, "mixing")
    return voices


def _lower() -> soxr.ResampleStream:
    """From the mix's rate to that of recognisers."""
    return soxr.ResampleStream(SAMPLE_RATE, RATE, 1, dtype="float32")


@contextmanager
def _voice_wav(whole_file: WholeFile, path: Path) -> Iterator[wave.Wave_write]:
    with whole_file(path) as scratch, wave.open(str(scratch), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        yield file


def _as_int16(samples: Mono) -> bytes:
    return np.rint(np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()
