"""Sound into a container, with tags, cover and chapters, in one pass: PyAV's encoders and FFmpeg's muxers.

An MP4 gets its chapters twice, as a QuickTime text track for Apple's players and as Nero's `chpl` for the rest. A film
of the cover costs next to nothing: one group of pictures is encoded, and written again and again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.audio.streams import SECOND, Block
from pipeline.errors import EscaletaError
from pipeline.formats import pictures, plain
from pipeline.formats.containers import Container
from pipeline.formats.tags import GENRE, Tag
from pipeline.formats.vorbis_comments import comments
from pipeline.timecode import SAMPLE_RATE
from pipeline.tools.pictures import letterboxed

FILM = 1920, 1080
"""Pixels."""

GROUP = 30
"""Frames of a film, one a second, from one key frame to the next."""

_TICK = Fraction(1, SAMPLE_RATE)
_LAYOUTS = {1: "mono", 2: "stereo"}

_CHPL_CHAPTERS = 255
_CHPL_BYTES = 255
"""Nero counts chapters, and the bytes of a title, in one byte."""

_H264 = "libx264"
_STILL = {
    "preset": "veryfast",
    "tune": "stillimage",
    "qp": "18",
    "x264-params": f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:bframes=0",
}
"""One quantiser for all: nothing pulses from key frame to key frame, and no frames are held back to choose another."""
_BT709 = 1
"""Primaries, transfer and matrix by ITU-T H.273."""


def write(
    path: Path, container: Container, blocks: Iterable[Block], *, channels: int, samples: int, tag: Tag, cover: Path
) -> None:
    """Encode `blocks`, which hold `samples` in all, into a file at `path`; the same again gives the same bytes.

    cover: the picture that a film shows. Raises InputError where the cover is no picture or there are more chapters
    than the container holds, EscaletaError where PyAV lacks an encoder, OSError where the file cannot be written.
    """
    import av

    _check_codecs(container)
    options = _movie(container.brand, tag) if container.brand else {}
    with av.open(str(path), "w", format=container.muxer, options={"fflags": "+bitexact", **options}) as out:
        parts: list[Iterable[Any]] = [_heard(out, container, channels, tag, blocks)]
        out.metadata.update(_words(tag))
        if container.brand:
            out.set_chapters(_chapters(tag))
        else:
            out.metadata.update(comments(tag))
        if container.film:
            parts.append(_shown(out, letterboxed(cover, *FILM), samples))
        elif container.brand and tag.picture:
            parts.append(_art(out, tag.picture))
        out.start_encoding()
        for packet in heapq.merge(*parts, key=lambda packet: packet.dts * packet.time_base):
            out.mux(packet)


def _check_codecs(container: Container) -> None:
    import av

    for codec in (container.codec, *([_H264] if container.film else [])):
        if codec not in av.codecs_available:
            raise EscaletaError(
                f"PyAV has no encoder {codec} here",
                todo="install PyAV from its wheel: pip install --force-reinstall av",
            )


# ── sound ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _heard(out: Any, container: Container, channels: int, tag: Tag, blocks: Iterable[Block]) -> Iterator[Any]:
    """Packets of sound; the stream is there at once."""
    bit_rate = container.bitrates[channels] * 1000
    stream = out.add_stream(container.codec, rate=SAMPLE_RATE, layout=_LAYOUTS[channels], bit_rate=bit_rate)
    stream.metadata["language"] = tag.iso_language or "und"
    return _encoded(stream, blocks, _LAYOUTS[channels])


def _encoded(stream: Any, blocks: Iterable[Block], layout: str) -> Iterator[Any]:
    import av
    import numpy as np

    position = 0
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, position, _TICK
        position += len(block)
        yield from stream.encode(frame)
    yield from stream.encode(None)


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _words(tag: Tag) -> dict[str, str]:
    """By FFmpeg's names, which its muxers turn into iTunes atoms and Vorbis comments."""
    description = plain.text(tag.comment)
    words = {
        "title": plain.title(tag.title),
        "artist": plain.title(tag.artist),
        "album": plain.title(tag.album),
        "date": tag.day.isoformat() if tag.day else "",
        "genre": GENRE,
        "comment": description,
        "description": description,
        "track": "" if tag.number is None else str(tag.number),
    }
    return {name: text for name, text in words.items() if text}


def _movie(brand: str, tag: Tag) -> dict[str, str]:
    """Options of FFmpeg's MP4 muxer: the index in front, lengths to the sample, all chapters or none in `chpl`."""
    flags = "+faststart" if len(tag.chapters) <= _CHPL_CHAPTERS else "+faststart+disable_chpl"
    return {"brand": brand, "movie_timescale": str(SAMPLE_RATE), "movflags": flags}


def _chapters(tag: Tag) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "start": chapter.start,
            "end": chapter.end,
            "time_base": Fraction(1, 1000),
            "metadata": {"title": plain.fit_bytes(plain.title(chapter.title), _CHPL_BYTES)},
        }
        for number, chapter in enumerate(tag.chapters)
    ]


def _art(out: Any, jpeg: bytes) -> list[Any]:
    """The one packet of a stream that the muxer makes a `covr` atom of."""
    from av.stream import Disposition

    width, height = pictures.size(jpeg)
    stream = out.add_mux_stream("mjpeg", width=width, height=height, time_base=_TICK)
    stream.disposition = Disposition.attached_pic
    return [_packet(stream, jpeg, 0, 1, key=True)]


# ── film ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _shown(out: Any, picture: Any, samples: int) -> Iterator[Any]:
    """Packets of a film of one picture, a frame a second, as long as the sound; the stream is there at once."""
    stream = out.add_stream(_H264, rate=1, options=_STILL)
    stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
    codec = stream.codec_context
    codec.time_base, codec.thread_count, codec.color_range = _TICK, 1, _BT709
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    return _repeated(stream, picture, samples)


def _repeated(stream: Any, picture: Any, samples: int) -> Iterator[Any]:
    """One group of pictures over and over: each starts with an IDR picture, so it can follow itself.

    The last frame stays until the sound ends, up to two seconds.
    """
    group = _group(stream, picture)
    count = max(samples // SECOND, 1)
    for number in range(count):
        last = number == count - 1
        length = samples - number * SECOND if last else SECOND
        place = number % GROUP
        yield _packet(stream, group[place], number * SECOND, length, key=place == 0)


def _group(stream: Any, picture: Any) -> list[bytes]:
    packets = []
    for number in range(GROUP):
        picture.pts, picture.time_base = number * SECOND, _TICK
        packets += stream.encode(picture)
    return [bytes(packet) for packet in (*packets, *stream.encode(None))]


def _packet(stream: Any, data: bytes, at: int, length: int, *, key: bool) -> Any:
    """`at`, `length`: in samples."""
    import av

    packet = av.Packet(data)
    packet.stream, packet.time_base, packet.is_keyframe = stream, _TICK, key
    packet.pts = packet.dts = at
    packet.duration = length
    return packet
