"""From a recording to a transcript: where people speak, pieces of it to every core, sentences back.

Work goes on where it stopped: each finished piece is kept under a key made of its own samples and the recogniser's
settings. The transcript depends on these alone, never on how many workers there were or in which order they ended.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.sentences import sentences
from pipeline.audio.speech import FRAME, RATE, Heard, Piece, Plan, at_16k, cut_out, deal, duration, find_speech, plan
from pipeline.audio.streams import Ears, windows
from pipeline.audio.word_times import rejoined
from pipeline.errors import InputError, WorkspaceError
from pipeline.model import Progress, Span, Transcript, Word
from pipeline.timecode import to_short_clock

T = TypeVar("T")

UNKNOWN = "und"
"""BCP 47's word for the language of a recording in which nobody speaks."""

_DOUBT, _SURE = 0.6, 0.9
"""Below the one a language that nobody wrote is asked for; from the other on, one that somebody wrote is doubted."""

_WINDOW, _WARM_UP = 1875 * FRAME, 64 * FRAME
"""A minute at a time; the detector forgets in less than two seconds what it heard before."""

LOOK = 10.0
"""Seconds between two looks at whether anybody is at work at all."""

_LISTENING = 0.04
"""The part of the whole that finding the speech takes."""


class Recogniser(Protocol):
    """Hears words. Small: it is pickled to wherever a piece is heard."""

    @property
    def settings(self) -> str:
        """All that its words depend on besides the audio: model, versions, decoding."""

    def speech(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """How probably each frame of 512 samples at 16 kHz holds speech."""

    def detect(self, piece: Piece) -> tuple[str, float]:
        """The language that a piece sounds like, and how sure that is, 0 to 1."""

    def hear(self, piece: Piece, language: str) -> Heard:
        """The words of a piece. Raises InputError for a language that the model does not know."""


class Workers(Protocol):
    """Where pieces are heard: `executor` runs `count` of them at a time.

    look: raises WorkspaceError where nobody will ever finish them.
    """

    @property
    def executor(self) -> Executor: ...

    @property
    def count(self) -> int: ...

    @property
    def look(self) -> Callable[[], None]: ...


class Pieces(Protocol):
    """Keeps finished pieces between runs. `put` is atomic; `get` gives None for what was never put."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, data: bytes) -> None: ...


def transcribe(hearing: Hearing, recording: Path, *, language: str | None) -> Transcript:
    """The words of a recording in sentences, recording time; empty where nobody speaks.

    language: a code such as `es` or `es-ES`; None to detect it.
    Raises InputError where the recording or the language cannot be used, WorkspaceError where a worker dies.
    """
    (heard,) = hearing.transcripts([recording], language)
    return heard


def transcribe_voices(hearing: Hearing, voices: Mapping[str, Path], *, language: str | None) -> Transcript:
    """As `transcribe`, from one recording a person on one time line: what each says, with the name, in order of start.

    Raises as `transcribe` does.
    """
    heard = hearing.transcripts(voices.values(), language)
    said = [replace(one, speaker=name) for name, part in zip(voices, heard, strict=True) for one in part.segments]
    lost = (span for part in heard for span in part.lost)
    return Transcript(
        heard[0].language,
        tuple(sorted(said, key=lambda segment: segment.start)),
        tuple(sorted(lost, key=lambda span: span.start)),
        heard[0].sounds_like,
    )


def _primary(language: str | None) -> str | None:
    return language.partition("-")[0].lower() if language else None


@dataclass(frozen=True, slots=True)
class _Talk:
    """A recording, as long as `length` ms, where people speak in it, and what is to be cut out for the recogniser."""

    path: Path
    length: int
    speech: tuple[Span, ...]
    pieces: tuple[tuple[Plan, ...], ...]


@dataclass(slots=True)
class _Tally:
    """How far the hearing is, in ms of speech, and how fast it went in this run."""

    total: int
    progress: Progress
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    new: int = 0

    def add(self, speech: int, *, new: bool) -> None:
        self.done += speech
        self.new += speech if new else 0
        fraction = _LISTENING + (1 - _LISTENING) * self.done / self.total
        self.progress(fraction, f"{to_short_clock(self.done)} of {to_short_clock(self.total)} of speech{self._speed()}")

    def _speed(self) -> str:
        taken = (time.monotonic() - self.started) * 1000
        if not self.new or not taken:
            return ""
        left = round((self.total - self.done) * taken / self.new)
        return f", {self.new / taken:.1f}× real time, {to_short_clock(left)} left"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What recordings are heard with; `finished` keeps what a run that is interrupted need not hear again."""

    ears: Ears
    recogniser: Recogniser
    workers: Workers
    finished: Pieces
    progress: Progress

    def transcripts(self, recordings: Iterable[Path], language: str | None) -> tuple[Transcript, ...]:
        """Of each recording its own; all are in one language. What is free hears the next piece, whosever it is."""
        talks: list[_Talk] = []
        for path in recordings:
            talks.append(self._talk(path, sum(talk.length for talk in talks)))
        tally = _Tally(sum(duration(talk.speech) for talk in talks), self.progress)
        try:
            spoken, other = self._languages(talks, _primary(language))
            pieces = chain.from_iterable(self._cut(talk, talk.pieces) for talk in talks)
            heard = iter(self._heard(pieces, spoken, tally))
        except BrokenExecutor as death:
            raise WorkspaceError(
                "a process that was transcribing died; most likely the memory ran out",
                todo="close other programs and run again: finished pieces are kept",
            ) from death
        written = (_written(list(islice(heard, len(talk.pieces))), spoken, talk.speech) for talk in talks)
        return tuple(replace(one, sounds_like=other) for one in written)

    def _talk(self, path: Path, before: int) -> _Talk:
        """Where people speak in a recording. before: ms of others that were listened to already."""
        probabilities, length = [], 0
        for window in windows(at_16k(self.ears.blocks(path, channels=1)), _WINDOW, _WARM_UP, 0):
            probabilities.append(self.recogniser.speech(window.samples)[window.before // FRAME :])
            length += len(window.inner) * 1000 // RATE
            self.progress(0, f"looking for speech, {to_short_clock(before + length)} so far")
        speech = find_speech(np.concatenate(probabilities), length) if probabilities else ()
        return _Talk(path, length, speech, deal(plan(speech, length)))

    def _cut(self, talk: _Talk, pieces: Iterable[Sequence[Plan]]) -> Iterator[Piece]:
        return cut_out(at_16k(self.ears.blocks(talk.path, channels=1)), pieces)

    def _languages(self, talks: Sequence[_Talk], written: str | None) -> tuple[str, str | None]:
        """The one to hear in, and another that the talk surely has; what somebody wrote is followed all the same.

        Raises InputError where nobody wrote one, and it is in doubt.
        """
        detected, sure = self._detected(talks)
        if written:
            return written, detected if detected not in (written, UNKNOWN) and sure >= _SURE else None
        if sure < _DOUBT:
            raise InputError(
                f"the language is in doubt: {detected} with {sure:.0%}",
                todo="set `language` in episode.yaml or show.yaml, as in `language: es`",
            )
        self.progress(_LISTENING, f"the language is {detected}")
        return detected, None

    def _detected(self, talks: Sequence[_Talk]) -> tuple[str, float]:
        """The language of whoever speaks most, where they speak most: others may only greet, or laugh."""
        talk = max(talks, key=lambda talk: duration(talk.speech))
        if not talk.pieces:
            return UNKNOWN, 1.0
        fullest = max(talk.pieces, key=lambda plans: sum(duration(one.speech) for one in plans))
        (piece,) = self._cut(talk, [fullest])
        asked = self.workers.executor.submit(self.recogniser.detect, piece)
        self._wait([asked])
        return asked.result()

    def _heard(self, pieces: Iterable[Piece], language: str, tally: _Tally) -> list[Heard]:
        """Every piece's words in the order of the pieces; what is at work at a time is bounded, so memory is too."""
        settings = f"{self.recogniser.settings} {language}"
        heard: dict[int, Heard] = {}
        running: dict[Future[Heard], _Sent] = {}
        for number, piece in enumerate(pieces):
            sent = _Sent(number, _key(piece, settings), sum(duration(take.speech) for take in piece))
            if (kept := _recall(self.finished.get(sent.key))) is not None:
                heard[number] = kept
                tally.add(sent.speech, new=False)
                continue
            if len(running) >= 2 * self.workers.count:
                self._collect(running, heard, tally)
            running[self.workers.executor.submit(self.recogniser.hear, piece, language)] = sent
        while running:
            self._collect(running, heard, tally)
        return [heard[number] for number in sorted(heard)]

    def _collect(self, running: dict[Future[Heard], _Sent], heard: dict[int, Heard], tally: _Tally) -> None:
        """Shelve what has finished, at once."""
        for future in self._wait(running):
            sent = running.pop(future)
            heard[sent.number] = future.result()
            self.finished.put(sent.key, _to_bytes(heard[sent.number]))
            tally.add(sent.speech, new=True)

    def _wait(self, running: Collection[Future[T]]) -> set[Future[T]]:
        """The first to finish. Raises WorkspaceError where none will."""
        while not (done := wait(running, LOOK, FIRST_COMPLETED).done):
            self.workers.look()
        return done


def _written(heard: Sequence[Heard], language: str, speech: Sequence[Span]) -> Transcript:
    words = rejoined([word for part in heard for word in part.words], speech)
    return Transcript(language, sentences(words, language), tuple(span for part in heard for span in part.lost))


@dataclass(frozen=True, slots=True)
class _Sent:
    """A piece that is being heard: which one, what it is kept under, and its ms of speech."""

    number: int
    key: str
    speech: int


def _key(piece: Piece, settings: str) -> str:
    """What a piece's words depend on."""
    content = hashlib.sha256(settings.encode())
    for take in piece:
        content.update(repr((take.kept, take.speech)).encode())
        content.update(take.samples.tobytes())
    return content.hexdigest()


def _to_bytes(heard: Heard) -> bytes:
    words = [[word.start, word.end, word.word, word.probability] for word in heard.words]
    return json.dumps({"words": words, "lost": [[span.start, span.end] for span in heard.lost]}).encode()


def _recall(data: bytes | None) -> Heard | None:
    """A kept piece; None where there is none, or it cannot be read and must be heard again."""
    try:
        kept = json.loads(data or b"")
        return Heard(tuple(Word(*word) for word in kept["words"]), tuple(Span(*span) for span in kept["lost"]))
    except (ValueError, KeyError, TypeError):
        return None
