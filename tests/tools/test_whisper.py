"""The real recogniser on a short clip with the truth of every word, and its guards on a model that misbehaves."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from pipeline.audio.speech import Heard, Take
from pipeline.errors import InputError
from pipeline.model import Span, Transcript, Word
from pipeline.stages.transcribe import Hearing, transcribe
from pipeline.tools import sound, whisper
from pipeline.tools.whisper import Whisper, locate
from pipeline.tools.workers import Workers, local_workers

DATA = Path(__file__).parent.parent / "data" / "speech"
TRUTH = json.loads((DATA / "buzon.json").read_text("utf-8"))["utterances"]


class Pieces(dict[str, bytes]):
    def put(self, key: str, data: bytes) -> None:
        self[key] = data


def read(path: Path, workers: Workers, language: str | None = "es", finished: Pieces | None = None) -> Transcript:
    kept = Pieces() if finished is None else finished
    return transcribe(Hearing(sound, Whisper(), workers, kept, lambda fraction, note: None), path, language=language)


@pytest.fixture(scope="module")
def here() -> Iterator[Workers]:
    """This process, where the model stays loaded from test to test."""
    with ThreadPoolExecutor(1) as pool:
        yield Workers(pool, 1)


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    """What `transcript` was put together from."""
    return Pieces()


@pytest.fixture(scope="module")
def transcript(here: Workers, pieces: Pieces) -> Transcript:
    return read(DATA / "buzon.opus", here, finished=pieces)


def test_looking_for_speech_tells_nobody_and_keeps_no_number_of_the_machine(tmp_path: Path) -> None:
    """The runtime behind it sends reports by default, but not where it believes that it is tested."""
    words = "import numpy; from pipeline.tools.whisper import Whisper; Whisper().speech(numpy.zeros(512, 'float32'))"
    told = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "GITHUB_ACTIONS", "XDG_CACHE_HOME", "TF_BUILD"}
    environment = {name: value for name, value in os.environ.items() if name not in told} | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert list(tmp_path.rglob("*")) == []


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[^a-z0-9]", "", folded)


def matched(transcript: Transcript) -> list[tuple[dict[str, Any], Word]]:
    said = [word for utterance in TRUTH for word in utterance["words"]]
    heard = [word for segment in transcript.segments for word in segment.words]
    codes = Levenshtein.opcodes([plain(word["w"]) for word in said], [plain(word.word) for word in heard])
    return [
        (said[code.src_start + k], heard[code.dest_start + k])
        for code in codes
        if code.tag == "equal"
        for k in range(code.src_end - code.src_start)
    ]


def test_nearly_every_word_is_right(transcript: Transcript) -> None:
    assert transcript.language == "es"
    assert transcript.lost == ()
    assert len(matched(transcript)) >= 0.93 * sum(len(utterance["words"]) for utterance in TRUTH)


def test_words_start_when_they_are_said(transcript: Transcript) -> None:
    errors = [word.start - 1000 * said["start"] for said, word in matched(transcript)]
    assert abs(statistics.median(errors)) <= 30
    assert statistics.quantiles(map(abs, errors), n=20)[-1] <= 220


def test_the_sentence_that_brings_the_spot_ends_with_the_voice(transcript: Transcript) -> None:
    cue = next(utterance for utterance in TRUTH if "Veridas" in utterance["text"])
    said = next(segment for segment in transcript.segments if "este programa es posible" in segment.text)
    assert said.end == pytest.approx(1000 * cue["end"], abs=100)
    following = transcript.segments[transcript.segments.index(said) + 1]
    assert following.start == pytest.approx(1000 * (cue["end"] + 1.6), abs=100)


def test_words_are_in_order_and_their_segments_hold_them(transcript: Transcript) -> None:
    words = [word for segment in transcript.segments for word in segment.words]
    assert all(word.start < word.end for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(" " not in word.word for word in words)
    assert all(segment.text == " ".join(word.word for word in segment.words) for segment in transcript.segments)


def test_two_processes_hear_what_one_does(transcript: Transcript) -> None:
    with local_workers(2) as workers:
        assert read(DATA / "buzon.opus", workers) == transcript


def test_the_language_is_heard(here: Workers, transcript: Transcript, pieces: Pieces) -> None:
    assert read(DATA / "buzon.opus", here, None, pieces) == transcript
    assert (transcript.language, transcript.sounds_like) == ("es", None)


def test_another_language_than_somebody_wrote_is_heard(here: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is heard in it here, which would take long."""
    monkeypatch.setattr(Whisper, "hear", lambda recogniser, piece, language: Heard((), ()))
    assert read(DATA / "buzon.opus", here, "en").sounds_like == "es"


def test_a_model_of_one_language_takes_all_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "_load", lambda name: Model([], supported_languages=("en",)))
    assert Whisper("base.en").detect((Take(np.zeros(16_000, np.int16), (), ()),)) == ("en", 1.0)


def test_an_unknown_language_is_refused_with_those_that_are_known(here: Workers) -> None:
    with pytest.raises(InputError, match="does not know the language 'tlh'") as refusal:
        read(DATA / "buzon.opus", here, "tlh")
    assert "es" in refusal.value.todo.split(", ")


@pytest.mark.parametrize("kind", ["silence", "music", "noise"])
def test_where_nobody_speaks_there_are_no_words(tmp_path: Path, here: Workers, kind: str) -> None:
    time = np.arange(20 * 48_000) / 48_000
    rng = np.random.default_rng(1)
    chords = sum(np.sin(2 * np.pi * note * time) for note in (220, 277.2, 329.6, 440)) / 8
    beat = np.exp(-6 * (time % 0.5))
    samples = {"silence": 0 * time, "music": chords * beat, "noise": 0.05 * rng.normal(size=len(time))}[kind]
    write_wav(tmp_path / "talk.wav", samples)
    assert read(tmp_path / "talk.wav", here).segments == ()


def write_wav(path: Path, samples: np.ndarray) -> None:
    from scipy.io import wavfile

    wavfile.write(path, 48_000, samples.astype(np.float32))


# ── a model that misbehaves ─────────────────────────────────────────────────────────────────────────────────────────


def segment(start: float, text: str, **odd: float) -> SimpleNamespace:
    """A sentence of words of half a second."""
    words = [
        SimpleNamespace(word=f" {word}", start=start + k / 2, end=start + (k + 1) / 2, probability=0.9)
        for k, word in enumerate(text.split())
    ]
    measures = {"compression_ratio": 1.2, "no_speech_prob": 0.0, "avg_logprob": -0.2, **odd}
    return SimpleNamespace(words=words, text=text, start=start, end=words[-1].end, **measures)


@dataclass
class Model:
    """Says what it was told to, one answer a call; notes how long each stretch was, in seconds."""

    answers: list[list[SimpleNamespace]]
    asked: list[float] = field(default_factory=list)
    supported_languages: tuple[str, ...] = ("es",)

    def transcribe(self, audio: np.ndarray, **options: object) -> tuple[list[SimpleNamespace], None]:
        self.asked.append(len(audio) / 16_000)
        return self.answers.pop(0) if self.answers else [], None


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Any:
    def hear(*answers: list[SimpleNamespace], seconds: int = 8) -> tuple[Any, Model]:
        model = Model(list(answers))
        monkeypatch.setattr(whisper, "_load", lambda name: model)
        whole = (Span(0, seconds * 1000),)
        return Whisper().hear((Take(np.zeros(seconds * 16_000, np.int16), whole, whole),), "es"), model

    return hear


def texts(result: Any) -> str:
    return " ".join(word.word for word in result.words)


def test_lost_speech_is_heard_again_by_itself(heard: Any) -> None:
    result, model = heard(
        [segment(0, "uno dos tres"), segment(6, "siete ocho nueve diez")],
        [segment(0.5, "cuatro y cinco y seis y siete y ocho")],
    )
    assert texts(result) == "uno dos tres cuatro y cinco y seis y siete y siete ocho nueve diez"
    assert result.lost == ()
    assert model.asked == [8, pytest.approx(5.1, abs=0.5)]


def test_what_stays_lost_is_said(heard: Any) -> None:
    result, model = heard([segment(0, "uno dos tres"), segment(6, "siete ocho nueve diez")])
    assert len(model.asked) == 3
    (gap,) = result.lost
    assert (gap.start, gap.end) == (pytest.approx(1900, abs=200), pytest.approx(5800, abs=200))


def test_a_loop_is_thrown_out(heard: Any) -> None:
    looping = segment(0, "que no que no que no que no que no que no que no", compression_ratio=3.1)
    result, _ = heard([looping], [segment(0, " ".join(["bien"] * 16))])
    assert texts(result) == " ".join(["bien"] * 16)


@pytest.mark.parametrize("text", ["Subtítulos realizados por la comunidad de Amara.org", "¡Suscríbete al canal!"])
def test_the_credits_of_other_people_s_films_are_thrown_out(heard: Any, text: str) -> None:
    result, _ = heard([segment(0, text, no_speech_prob=0.8)])
    assert result.words == ()
    assert result.lost == (Span(0, 8000),)


def test_somebody_may_well_ask_for_subscriptions(heard: Any) -> None:
    result, _ = heard([segment(0, "¡Suscríbete al canal!")], seconds=2)
    assert texts(result) == "¡Suscríbete al canal!"


def test_parts_of_a_word_are_put_together(heard: Any) -> None:
    said = segment(0, "un CI/CD a 3,5 ¡ya!")
    said.words[1].word = " CI"
    said.words.insert(2, SimpleNamespace(word="/CD", start=0.8, end=1.0, probability=0.4))
    result, _ = heard([said], seconds=3)
    assert texts(result) == "un CI/CD a 3,5 ¡ya!"
    assert result.words[1].probability == 0.4


# ── models by name ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks model\.bin and config\.json"):
        locate(str(tmp_path))
    with pytest.raises(InputError, match="no model folder"):
        locate(str(tmp_path / "none"))


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    take = Take(np.zeros(16_000, np.int16), (Span(0, 1000),), (Span(0, 1000),))
    with pytest.raises(InputError, match="the model cannot be loaded"):
        Whisper(str(tmp_path)).hear((take,), "es")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="no model called 'huge'") as refusal:
        locate("huge")
    assert "large-v3-turbo" in refusal.value.todo


def test_a_hub_out_of_reach_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper

    def unreachable(name: str, **options: object) -> str:
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(faster_whisper, "download_model", unreachable)
    with pytest.raises(InputError, match="'small' is not on this machine") as refusal:
        locate("small")
    assert "model: base" in refusal.value.todo


def test_settings_change_with_the_model_alone() -> None:
    assert Whisper().settings == Whisper("base").settings
    assert "d01c3014881c9c6f" in Whisper().settings
