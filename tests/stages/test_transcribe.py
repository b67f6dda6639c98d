"""The transcription stage, with a recogniser that says one word for each stretch of speech."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.speech import Heard, Piece, duration
from pipeline.audio.streams import Block
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Span, Transcript, Word
from pipeline.stages.transcribe import Hearing, transcribe, transcribe_voices
from pipeline.tools import sound

RATE = 48_000


@dataclass
class Ears:
    """Speech is any sound but zero: `seconds` of talk, a pause of two seconds in every ten."""

    seconds: int

    def probe(self, path: Path) -> object:
        raise NotImplementedError

    def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        assert channels == 1
        for second in range(self.seconds):
            yield np.full((RATE, 1), 0.0 if second % 10 >= 8 else 0.5, np.float32)


@dataclass
class Recogniser:
    """Hears speech in what is loud; is interrupted at the call of that number."""

    settings: str = "one"
    fails_at: int = -1
    language: str = "es"
    sure: float = 0.95
    heard: list[int] = field(default_factory=list)

    def speech(self, samples: np.ndarray) -> np.ndarray:
        frames = np.pad(samples, (0, -len(samples) % 512)).reshape(-1, 512)
        return np.abs(frames).max(axis=1) * 2

    def detect(self, piece: Piece) -> tuple[str, float]:
        return self.language, self.sure

    def hear(self, piece: Piece, language: str) -> Heard:
        if len(self.heard) == self.fails_at:
            raise KeyboardInterrupt
        self.heard.append(piece[0].speech[0].start)
        for take in piece:
            assert len(take.samples) == sum(16 * (span.end - span.start) for span in take.kept)
        words = tuple(Word(span.start, span.end, f"{language}.", 1.0) for take in piece for span in take.speech)
        return Heard(words, (Span(words[0].start, words[0].start + 1),))


@dataclass
class Workers:
    executor: Executor
    count: int
    look: Callable[[], None] = lambda: None


class Here(Executor):
    """Runs at once, in this thread."""

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Dead(Executor):
    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:
        future: Future[object] = Future()
        future.set_exception(BrokenExecutor())
        return future


class Asleep(Executor):
    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:
        return Future()


class Pieces(dict[str, bytes]):
    def put(self, key: str, data: bytes) -> None:
        self[key] = data


def run(
    seconds: int = 400,
    *,
    recogniser: Recogniser | None = None,
    workers: Workers | None = None,
    finished: Pieces | None = None,
    language: str | None = "es-ES",
    told: list[tuple[float, str]] | None = None,
) -> Transcript:
    hearing = Hearing(
        Ears(seconds),
        recogniser or Recogniser(),
        workers or Workers(Here(), 1),
        Pieces() if finished is None else finished,
        progress=lambda fraction, note: None if told is None else told.append((fraction, note)),
    )
    return transcribe(hearing, Path("talk"), language=language)


def read(path: Path, recogniser: Recogniser) -> Transcript:
    hearing = Hearing(sound, recogniser, Workers(Here(), 1), Pieces(), lambda fraction, note: None)
    return transcribe(hearing, path, language="es")


def test_every_stretch_is_heard_once_in_order_and_in_time() -> None:
    transcript = run()
    assert transcript.language == "es"
    assert [segment.start for segment in transcript.segments] == pytest.approx(range(0, 400_000, 10_000), abs=64)
    assert [segment.end for segment in transcript.segments] == pytest.approx(range(8_000, 400_000, 10_000), abs=64)


def test_neither_the_number_of_workers_nor_their_order_shows() -> None:
    with ThreadPoolExecutor(3) as pool:
        assert run(workers=Workers(pool, 3)) == run()


def test_what_was_lost_is_in_the_transcript() -> None:
    assert len(run().lost) == 4


def test_a_run_that_was_stopped_goes_on_where_it_was() -> None:
    finished, first = Pieces(), Recogniser(fails_at=3)
    with pytest.raises(KeyboardInterrupt):
        run(recogniser=first, finished=finished)
    kept = len(finished)
    assert kept >= 1
    second = Recogniser()
    assert run(recogniser=second, finished=finished) == run()
    assert len(second.heard) == 4 - kept


def test_nothing_is_heard_twice_unless_settings_or_language_change() -> None:
    finished = Pieces()
    run(finished=finished)
    again, other, foreign = Recogniser(), Recogniser(settings="two"), Recogniser()
    run(recogniser=again, finished=finished)
    run(recogniser=other, finished=finished)
    run(recogniser=foreign, finished=finished, language="en")
    assert (len(again.heard), len(other.heard), len(foreign.heard)) == (0, 4, 4)


def test_a_damaged_piece_is_heard_again() -> None:
    finished = Pieces()
    whole = run(finished=finished)
    damaged = next(iter(finished))
    finished[damaged] = finished[damaged][:-9]
    again = Recogniser()
    assert run(recogniser=again, finished=finished) == whole
    assert len(again.heard) == 1


def test_the_language_is_detected_where_nobody_says_it() -> None:
    told: list[tuple[float, str]] = []
    assert run(language=None, recogniser=Recogniser(language="eu"), told=told).language == "eu"
    assert any("eu" in note for _, note in told)


def test_a_language_in_doubt_is_asked_for() -> None:
    with pytest.raises(InputError, match="in doubt: eu with 59%") as caught:
        run(language=None, recogniser=Recogniser(language="eu", sure=0.59))
    assert "language: es" in caught.value.todo


@pytest.mark.parametrize(
    ("written", "detected", "sure", "told"),
    [("es", "en", 0.9, "en"), ("es-ES", "es", 1.0, None), ("es", "gl", 0.89, None), ("EN", "en", 1.0, None)],
)
def test_a_language_that_somebody_wrote_is_followed_and_doubted(
    written: str, detected: str, sure: float, told: str | None
) -> None:
    heard = run(language=written, recogniser=Recogniser(language=detected, sure=sure))
    assert heard.segments[0].text == f"{written[:2].lower()}."
    assert (heard.language, heard.sounds_like) == (written[:2].lower(), told)


def test_where_nobody_speaks_no_language_is_doubted() -> None:
    assert run(0, language="en").sounds_like is None


@dataclass
class Table(Ears):
    """Ana laughs once, at the beginning; Blas says a word now and then for five minutes, and talks for ten more."""

    seconds: int = 900
    silent: bool = False

    def blocks(self, path: Path, *, channels: int, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        for second in range(self.seconds):
            ana, blas = second == 3, second % 10 < (1 if second < 300 else 8) and second > 10
            speaks = (ana if path.stem == "Ana" else blas) and not self.silent
            yield np.full((RATE, 1), 0.5 if speaks else 0.0, np.float32)


@dataclass
class Doubtful(Recogniser):
    """Takes less than a minute of speech for Korean."""

    def detect(self, piece: Piece) -> tuple[str, float]:
        return "es" if duration(span for take in piece for span in take.speech) > 60_000 else "ko", 1.0


def table(ears: Table, language: str | None = None, told: list[float] | None = None) -> Transcript:
    hearing = Hearing(
        ears,
        Doubtful(),
        Workers(Here(), 1),
        Pieces(),
        progress=lambda fraction, note: None if told is None else told.append(fraction),
    )
    return transcribe_voices(hearing, {name: Path(name) for name in ("Ana", "Blas")}, language=language)


def test_the_language_is_that_of_who_speaks_most_where_they_do() -> None:
    """Who comes first in the alphabet may only laugh, and be taken for Korean; so may what was said first."""
    heard = table(Table())
    assert heard.language == "es"
    assert {segment.text for segment in heard.segments} == {"es."}
    assert heard.segments[0].speaker == "Ana"
    assert {segment.speaker for segment in heard.segments[1:]} == {"Blas"}


def test_several_voices_are_one_progress() -> None:
    told: list[float] = []
    table(Table(), told=told)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_a_table_where_nobody_speaks_has_the_language_that_is_asked_for() -> None:
    assert table(Table(silent=True)) == Transcript("und", ())
    assert table(Table(silent=True), language="es-ES") == Transcript("es", ())


def test_silence_has_no_words_and_no_language() -> None:
    assert run(0, language=None) == Transcript("und", ())


def test_progress_never_goes_back_and_ends_whole() -> None:
    told: list[tuple[float, str]] = []
    run(told=told)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert "real time" in told[-1][1]


def test_a_dead_worker_says_what_to_do() -> None:
    with pytest.raises(WorkspaceError, match="run again: finished pieces are kept"):
        run(workers=Workers(Dead(), 1))


@pytest.mark.parametrize("language", ["es", None])
def test_workers_who_never_finish_are_looked_at_until_they_are_given_up(
    language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages.transcribe.LOOK", 0)
    looks = iter((True, True, False))

    def look() -> None:
        if not next(looks):
            raise WorkspaceError("nobody is there")

    with pytest.raises(WorkspaceError, match="nobody is there"):
        run(workers=Workers(Asleep(), 1, look), language=language)
    assert list(looks) == []


def test_a_text_called_wav_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    path.write_text("hola a todos")
    with pytest.raises(InputError, match="not a sound file"):
        read(path, Recogniser())


@dataclass
class Attentive(Recogniser):
    def speech(self, samples: np.ndarray) -> np.ndarray:
        return super().speech(samples * 3)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 6), (48_000, 2)])
def test_any_rate_and_number_of_channels_keeps_its_time(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "talk.wav"
    tone = 9000 * np.sin(2 * np.pi * 440 * np.arange(10 * rate) / rate)
    samples = np.zeros((60 * rate, channels), "<i2")
    samples[20 * rate : 30 * rate] = tone.astype("<i2")[:, None]
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    (segment,) = read(path, Attentive()).segments
    assert (segment.start, segment.end) == pytest.approx((20_000, 30_000), abs=64)


def test_a_fifth_of_a_second_is_long_enough_to_hold_nothing(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 9_600))
    assert read(path, Recogniser()) == Transcript("es", ())
