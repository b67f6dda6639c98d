"""Covers and chapters' pictures: small enough for a tag, or as large as a film."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import InputError

_SHOWN, _COVER = 600, 1400
"""Pixels a side: what players show, and the least that directories ask of a cover."""

LARGEST = 100_000
"""Bytes at which some players give up."""

_QUALITIES = ("4", "8", "16", "31")
"""MPEG's quantiser, fine to coarse: noise, which is the worst that there is, fits at the last one."""


def small_jpeg(path: Path) -> bytes:
    """A picture as a JPEG of at most 600 pixels a side, coarser where it would pass 100 KB.

    Raises InputError for what is no picture.
    """
    frame = _picture(path)
    scale = min(1.0, _SHOWN / max(frame.width, frame.height))
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    small = frame.reformat(width, height, format="yuvj420p", interpolation="AREA")
    for quality in _QUALITIES:
        jpeg = _jpeg(small, quality)
        if len(jpeg) <= LARGEST:
            break
    return jpeg


def letterboxed(path: Path, width: int, height: int) -> Any:
    """A picture as large as fits into a black `width` by `height`: an `av.VideoFrame`, yuv420p, BT.709.

    Raises InputError for what is no picture.
    """
    import av
    import numpy as np
    from av.video.reformatter import ColorRange, Colorspace

    frame = _picture(path)
    scale = min(width / frame.width, height / frame.height)
    wide, high = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    left, top = (width - wide) // 2, (height - high) // 2
    screen = np.zeros((height, width, 3), np.uint8)
    shown = frame.reformat(wide, high, format="rgb24", interpolation="LANCZOS").to_ndarray()
    screen[top : top + high, left : left + wide] = shown
    return av.VideoFrame.from_ndarray(screen, format="rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )


def _picture(path: Path) -> Any:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path)) as container:
            return next(container.decode(video=0))
    except PermissionError as error:
        raise InputError("the file may not be read", where=str(path), todo="change its permissions") from error
    except (FFmpegError, OSError, StopIteration, IndexError) as error:
        raise InputError("is not a picture", where=str(path), todo="save it as .jpg or .png") from error


def _jpeg(frame: Any, quality: str) -> bytes:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="image2pipe") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuvj420p"
        stream.codec_context.options = {"qmin": quality, "qmax": quality}
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def plain_cover() -> bytes:
    """A square PNG in one dark colour: a place for a cover, until there is one."""
    import av
    import numpy as np

    frame = av.VideoFrame.from_ndarray(np.full((_COVER, _COVER, 3), (24, 32, 52), np.uint8), format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = _COVER, _COVER, "rgb24"
    encoder.time_base = Fraction(1)
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
