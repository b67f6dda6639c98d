"""Two microphones of one conversation, made from a clip whose every word is known: who says what is found again."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.streams import gather
from pipeline.model import Transcript
from pipeline.stages.mix_tracks import mix_tracks
from pipeline.stages.synchronise import Microphone
from pipeline.stages.transcribe import Hearing, transcribe_voices
from pipeline.store import whole_file
from pipeline.tools import sound
from pipeline.tools.float_wav import float_wav
from pipeline.tools.whisper import Whisper
from pipeline.tools.workers import Workers

DATA = Path(__file__).parent.parent / "data" / "speech"
TRUTH = json.loads((DATA / "buzon.json").read_text("utf-8"))["utterances"]
RATE = 48_000
STARTED = {"Andrés": 0.0, "Nerea": 1.3, "Koldo": -0.4}


class Nowhere:
    def get(self, key: str) -> None:
        return None

    def put(self, key: str, data: bytes) -> None:
        return None


def microphone(name: str, folder: Path, clip: np.ndarray) -> Microphone:
    """Its owner's words, everyone else's 25 dB down and 4 ms late, faint noise; it began when `STARTED` says."""
    own = np.zeros(len(clip), bool)
    for utterance in TRUTH:
        if utterance["speaker"] == name:
            own[round((utterance["start"] - 0.1) * RATE) : round((utterance["end"] + 0.1) * RATE)] = True
    heard = np.where(own, clip, 0) + np.roll(np.where(own, 0, clip), 192) * 10 ** (-25 / 20)
    heard += 0.0003 * np.random.default_rng(len(name)).normal(size=len(heard))
    first = round(STARTED[name] * RATE)
    heard = np.concatenate([np.zeros(max(-first, 0)), heard[max(first, 0) :]])
    path = folder / f"mic_{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.rint(np.clip(heard, -1, 1) * 32_767).astype("<i2").tobytes())
    return Microphone(name, path)


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transcript]:
    folder = tmp_path_factory.mktemp("tracks")
    clip = gather(sound.blocks(DATA / "buzon.opus", channels=1), 1)[:, 0]
    people = [microphone(name, folder, clip) for name in STARTED]
    mixed = mix_tracks(
        people,
        folder / "build",
        ears=sound,
        whole_file=whole_file,
        float_wav=float_wav,
        progress=lambda fraction, note: None,
    )
    assert [clock.offset for clock in mixed.clocks] == pytest.approx(list(STARTED.values()), abs=0.002)
    with ThreadPoolExecutor(1) as pool:
        hearing = Hearing(sound, Whisper(), Workers(pool, 1), Nowhere(), lambda fraction, note: None)
        yield transcribe_voices(hearing, {voice.name: voice.path for voice in mixed.voices}, language="es")


def test_every_sentence_has_the_name_of_who_says_it(transcript: Transcript) -> None:
    origin = -min(STARTED.values())
    for segment in transcript.segments:
        middle = (segment.start + segment.end) / 2000 - origin
        said = next(one for one in TRUTH if one["start"] - 0.3 <= middle <= one["end"] + 0.3)
        assert segment.speaker == said["speaker"], segment.text


def test_nothing_is_lost_or_said_twice(transcript: Transcript) -> None:
    heard = sum(len(segment.words) for segment in transcript.segments)
    assert heard == pytest.approx(sum(len(one["words"]) for one in TRUTH), abs=8)
    assert transcript.lost == ()
    assert [segment.start for segment in transcript.segments] == sorted(one.start for one in transcript.segments)
