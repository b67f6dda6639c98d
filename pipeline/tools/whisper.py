"""faster-whisper: speech to words that are complete, with the times corrected and what was lost named."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.sentences import UNSPACED
from pipeline.audio.speech import FRAME, RATE, Heard, Piece, Take, excerpt
from pipeline.audio.word_times import settle, uncovered
from pipeline.errors import InputError
from pipeline.model import Span, Word
from pipeline.tools.embedded_model import embedded_model

EMBEDDED = "base"

_VERSION = 1
"""Of what this module does to words; raise it when finished pieces must be heard again."""

_DECODING: Mapping[str, Any] = MappingProxyType(
    {
        "beam_size": 5,
        "temperature": 0.0,  # sampling would give other words on every run
        "condition_on_previous_text": False,
        "word_timestamps": True,
    }
)

_SECOND_TRIES: Sequence[Mapping[str, Any]] = ({}, {"no_repeat_ngram_size": 4})

_LOOPING = 2.4
"""OpenAI's limit: text that gzip makes smaller than this is a recogniser going round in circles."""

_CREDITS = re.compile(
    r"subt[ií]tulos (realizados |hechos )?por|amara\.org|subtitl(es|ed|ing) by|thanks? (you )?for watching"
    r"|suscr[ií]bete( al canal)?[.!]*$|gracias por ver el v[ií]deo",
    re.IGNORECASE,
)
"""What Whisper learnt from the end of other people's films and says where there is nothing to hear."""


@dataclass(frozen=True, slots=True)
class Whisper:
    """A model by name: `base` for the embedded one, a folder, or any other name that faster-whisper knows."""

    model: str = EMBEDDED

    @property
    def settings(self) -> str:
        """All that the words depend on besides the audio."""
        import ctranslate2
        import faster_whisper

        with (locate(self.model) / "model.bin").open("rb") as file:
            weights = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{_VERSION} {weights} {faster_whisper.__version__} {ctranslate2.__version__} {dict(_DECODING)}"

    def speech(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """How probably each frame of 512 samples holds speech (Silero)."""
        # Its runtime would else tell its makers of every run, under a number that it keeps in the user's cache folder;
        # it reads this once, as it loads. Who wants it writes ORT_DISABLE_TELEMETRY=0.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        from faster_whisper.vad import get_vad_model

        padded = np.pad(samples, (0, -len(samples) % FRAME))
        return np.asarray(get_vad_model()(padded), np.float32).reshape(-1)

    def detect(self, piece: Piece) -> tuple[str, float]:
        """The language of most of a piece's first two minutes, and how sure that is."""
        model, sound = _load(self.model), np.concatenate([_float(take.samples) for take in piece])
        if len(model.supported_languages) == 1:
            return str(model.supported_languages[0]), 1.0
        with _one_thread():
            # No half minute is so sure of itself that the others are not asked.
            guess, sure, _ = model.detect_language(
                sound, language_detection_segments=4, language_detection_threshold=1.0
            )
        return str(guess), float(sure)

    def hear(self, piece: Piece, language: str) -> Heard:
        """The words of a piece; speech that none covers is heard again by itself.

        Raises InputError for a language that the model does not know.
        """
        model = _load(self.model)
        _check(language, model.supported_languages, self.model)
        with _one_thread():
            heard = [_hear(model, take, language) for take in piece]
        return Heard(
            tuple(word for part in heard for word in part.words), tuple(span for part in heard for span in part.lost)
        )


def _one_thread() -> AbstractContextManager[object]:
    """BLAS splits its sums by threads: with one, words are the same on every worker."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits


def _hear(model: Any, take: Take, language: str) -> Heard:
    words = _decode(model, take, language, {})
    for options in _SECOND_TRIES:
        for span in uncovered(take.speech, words):
            again = _decode(model, excerpt(take, span), language, options)
            words = sorted([*words, *_fitting(again, span)], key=lambda word: word.start)
    return Heard(tuple(words), uncovered(take.speech, words))


def locate(model: str) -> Path:
    """The folder of a model; another name than the default's is asked for at the hub once, unless it is here.

    Raises InputError: no such folder or name, or the hub is out of reach.
    """
    if model == EMBEDDED:
        return embedded_model()
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _checked(folder)
    if folder.is_absolute() or model.startswith(("~", ".")):
        raise InputError(f"there is no model folder {model}", todo="correct `model` in show.yaml")
    return _from_hub(model)


def _checked(folder: Path) -> Path:
    missing = [name for name in ("model.bin", "config.json") if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"not a faster-whisper model: it lacks {' and '.join(missing)}",
            where=str(folder),
            todo="convert it with ct2-transformers-converter, or name another `model` in show.yaml",
        )
    return folder


def _from_hub(model: str) -> Path:
    from faster_whisper import available_models, download_model
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if "/" not in model and model not in available_models():
        raise InputError(
            f"there is no model called {model!r}",
            todo=f"set `model` in show.yaml to a folder or one of {', '.join(available_models())}",
        )
    try:
        return Path(download_model(model, local_files_only=True))
    except OSError:
        pass
    try:
        return Path(download_model(model))
    except (OSError, HfHubHTTPError, HFValidationError) as fault:
        raise InputError(
            f"the model {model!r} is not on this machine and could not be fetched from huggingface.co",
            todo=f"check the connection and the name, or set `model: {EMBEDDED}`, which needs no network",
        ) from fault


@cache
def _load(model: str) -> Any:
    """One thread each: pieces side by side use the cores better than one piece that all share."""
    from faster_whisper import WhisperModel

    folder = locate(model)
    try:
        return WhisperModel(str(folder), compute_type="int8", cpu_threads=1)
    except (RuntimeError, ValueError) as fault:
        raise InputError(
            f"the model cannot be loaded: {fault}", where=str(folder), todo="remove the folder and run again"
        ) from fault


def _check(language: str, known: Sequence[str], model: str) -> None:
    if language not in known:
        raise InputError(
            f"the model {model!r} does not know the language {language!r}",
            todo=f"set `language` in episode.yaml or show.yaml to one of {', '.join(sorted(known))}",
        )


def _decode(model: Any, take: Take, language: str, options: Mapping[str, Any]) -> list[Word]:
    """The words of a take, in recording time, fitted to its speech."""
    from faster_whisper.transcribe import restore_speech_timestamps

    segments, _ = model.transcribe(_float(take.samples), language=language, **{**_DECODING, **options})
    chunks = [{"start": span.start * RATE // 1000, "end": span.end * RATE // 1000} for span in take.kept]
    sound = (segment for segment in segments if not _hallucinated(segment))
    timed = restore_speech_timestamps(sound, chunks, RATE)
    said = [word for segment in timed for word in _whole_words(segment.words, spaced=language not in UNSPACED)]
    return list(settle(said, take.speech))


def _hallucinated(segment: Any) -> bool:
    dubious = segment.no_speech_prob > 0.5 or segment.avg_logprob < -0.6
    return bool(segment.compression_ratio > _LOOPING or (dubious and _CREDITS.search(segment.text)))


def _whole_words(parts: Iterable[Any], *, spaced: bool) -> Sequence[Word]:
    """A segment's words without their leading spaces; `CI`, `/CD` and `3`, `,5` are one word each."""
    words: list[Word] = []
    for part in parts:
        text, probability = part.word.strip(), round(float(part.probability), 3)
        if words and spaced and not part.word.startswith(" "):
            first = words.pop()
            words.append(Word(first.start, _ms(part.end), first.word + text, min(first.probability, probability)))
        elif text:
            words.append(Word(_ms(part.start), _ms(part.end), text, probability))
    return words


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)


def _fitting(words: Iterable[Word], span: Span) -> Iterator[Word]:
    """What a second try says in the gap itself, not around it."""
    return (word for word in words if span.start <= (word.start + word.end) // 2 < span.end)


def _float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32767)
