"""What was said, in recording time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording whose every sample was counted. `path` is relative to the workspace; `duration` in ms.

    samples: at 48 kHz, whatever rate the file has.
    """

    path: str
    sha256: str
    duration: int
    sample_rate: int
    channels: int
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `heard` is what the recogniser wrote where a term was corrected, else None."""

    start: int
    end: int
    word: str
    probability: float
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or as much of one as a speaker got out."""

    start: int
    end: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, `start` inside, `end` outside."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """Segments in order of their start. `lost` is speech that no word covers, after every attempt.

    sounds_like: the language that the recording surely has where it was heard in another one, which somebody wrote.
    """

    language: str
    segments: tuple[Segment, ...]
    lost: tuple[Span, ...] = ()
    sounds_like: str | None = None
