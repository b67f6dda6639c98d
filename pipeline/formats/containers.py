"""What a finished programme can be exported to, beside the MP3 that is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class Container:
    """How one kind of file is made.

    muxer, codec: FFmpeg's names. brand: the major brand of an MP4 (ISO/IEC 14496-12, section 4.3), None for an Ogg.
    bitrates: kbit/s of the sound by its channels.
    film: whether the cover is the picture of a film.
    """

    muxer: str
    codec: str
    brand: str | None
    bitrates: Mapping[int, int]
    film: bool = False


CONTAINERS = {
    ".m4a": Container("mp4", "aac", "M4A ", {1: 96, 2: 128}),
    ".mp4": Container("mp4", "aac", "isom", {1: 128, 2: 192}, film=True),
    ".opus": Container("opus", "libopus", None, {1: 64, 2: 96}),
}
"""By suffix."""


def container_of(name: str) -> Container:
    """The container that a file's name asks for. Raises InputError where it asks for none of them."""
    suffix = Path(name).suffix.lower()
    if suffix not in CONTAINERS:
        raise InputError(
            f"{suffix or 'no suffix'} is nothing that is exported to", where=name, todo=f"take {', '.join(CONTAINERS)}"
        )
    return CONTAINERS[suffix]
