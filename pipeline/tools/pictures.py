"""A cover small enough for a tag."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

from pipeline.errors import InputError

EDGE = 600
"""Pixels: what players show, and well under the 100 KB at which some give up."""


def small_jpeg(path: Path, edge: int = EDGE) -> bytes:
    """A picture as a JPEG of at most `edge` pixels a side. Raises InputError for what is no picture."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
    except (FFmpegError, OSError, StopIteration, IndexError) as error:
        raise InputError(f"is not a picture: {error}", where=str(path), todo="save it as .jpg or .png") from None
    scale = min(1.0, edge / max(frame.width, frame.height))
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    small = frame.reformat(width, height, format="yuvj420p", interpolation="AREA")
    out = io.BytesIO()
    with av.open(out, "w", format="image2pipe") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.options = {"qscale": "4"}
        container.mux(stream.encode(small))
        container.mux(stream.encode(None))
    return out.getvalue()


def plain_cover(edge: int = 1400) -> bytes:
    """A square PNG in one dark colour: a place for a cover, until there is one."""
    import av
    import numpy as np

    frame = av.VideoFrame.from_ndarray(np.full((edge, edge, 3), (24, 32, 52), np.uint8), format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = edge, edge, "rgb24"
    encoder.time_base = Fraction(1)
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
