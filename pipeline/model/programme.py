"""What the listener hears, in programme time."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model.placed import Chapters
from pipeline.model.said import Transcript


@dataclass(frozen=True, slots=True)
class Source:
    """A file that clips are taken from. `name` is how clips call it, `path` is relative to the workspace."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Samples `source_in` to `source_out` of a source (at 48 kHz), with linear fades in samples and a gain in dB."""

    source: str
    source_in: int
    source_out: int
    fade_in: int = 0
    fade_out: int = 0
    gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A clip mixed over the timeline from sample `at` of the programme; it moves nothing."""

    clip: Clip
    at: int


@dataclass(frozen=True, slots=True)
class EditList:
    """The programme as ordered clips; their lengths add up to its length. `channels` is the master's."""

    sources: tuple[Source, ...]
    clips: tuple[Clip, ...]
    overlays: tuple[Overlay, ...] = ()
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A sponsor's spot in place: where it cuts the recording, and where it stands in the programme."""

    name: str
    recording_ms: int
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Programme:
    """What the edit list makes of chapters and transcript; all in programme time."""

    duration: int
    chapters: Chapters
    transcript: Transcript
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Loudness:
    """Measured as BS.1770-4 / EBU R 128 on decoded audio: LUFS, dBTP, LU."""

    integrated: float
    true_peak: float
    range: float


@dataclass(frozen=True, slots=True)
class Master:
    """Encoded audio without tags. `samples` at 48 kHz as a player hears them, encoder delay and padding left out.

    gain, ceiling: what the limiter was given, dB and dBTP, so that a piece can be rendered again.
    """

    path: str
    sha256: str
    samples: int
    channels: int
    bitrate: int
    loudness: Loudness
    gain: float = 0.0
    ceiling: float = 0.0
