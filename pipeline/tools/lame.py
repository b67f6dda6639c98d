"""MP3 frames by LAME, in pieces that join byte for byte as if encoded in one go.

lameenc's wheel carries LAME with its public C interface in the open; its Python class lacks what makes pieces
possible: the bit reservoir off, and LAME's adaptive hearing threshold off, which remembers for seconds. What is left
remembers three frames at most. Where a wheel hides the interface, PyAV's or the system's libmp3lame is taken: the same
encoder, but slower.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.audio.mp3 import BITRATES
from pipeline.audio.streams import SECOND, Block
from pipeline.errors import EscaletaError, InputError
from pipeline.timecode import SAMPLE_RATE

_QUALITY = 5
_JOINT, _MONO = 1, 3
_SETTERS = (
    "in_samplerate",
    "out_samplerate",
    "num_channels",
    "mode",
    "brate",
    "quality",
    "disable_reservoir",
    "bWriteVbrTag",
    "athaa_type",
)


def encode(samples: Block, bitrate: int) -> bytes:
    """Every MP3 frame for `samples` (n, 1 or 2; 48 kHz), flushed, without an Info header.

    bitrate: kbit/s, one of MPEG-1 layer III's. Works in any thread, and lets others work meanwhile.
    """
    if bitrate not in BITRATES:
        raise InputError(f"MP3 has no {bitrate} kbit/s", where="bitrate", todo=f"take one of {BITRATES}")
    library, channels = _library(), samples.shape[1]
    handle = _encoder(channels, bitrate, 1 / _turned_down(channels, bitrate))
    try:
        return b"".join(_frames(library, handle, samples))
    finally:
        library.lame_close(handle)


@cache
def lowpass(channels: int, bitrate: int) -> int:
    """Where LAME cuts the treble, Hz."""
    handle = _encoder(channels, bitrate, 1.0)
    try:
        return int(_library().lame_get_lowpassfreq(handle))
    finally:
        _library().lame_close(handle)


@cache
def _turned_down(channels: int, bitrate: int) -> float:
    """The factor by which LAME's own preset attenuates (0.95 up to 160 kbit/s); a master's level is ours to set."""
    handle = _encoder(channels, bitrate, 1.0)
    try:
        return float(_library().lame_get_scale(handle))
    finally:
        _library().lame_close(handle)


def _encoder(channels: int, bitrate: int, scale: float) -> int:
    library = _library()
    handle = library.lame_init()
    values = (SAMPLE_RATE, SAMPLE_RATE, channels, _MONO if channels == 1 else _JOINT, bitrate, _QUALITY, 1, 0, 0)
    for setter, value in zip(_SETTERS, values, strict=True):
        getattr(library, f"lame_set_{setter}")(handle, value)
    library.lame_set_scale(handle, scale)
    if library.lame_init_params(handle) < 0:
        library.lame_close(handle)
        raise EscaletaError(f"LAME refuses {bitrate} kbit/s with {channels} channels")
    return int(handle)


def _frames(library: Any, handle: int, samples: Block) -> Iterator[bytes]:
    buffer = ctypes.create_string_buffer(SECOND * 5 // 4 + 7200)
    planes = np.ascontiguousarray(samples.T, dtype=np.float32)
    for start in range(0, len(samples), SECOND):
        count = min(SECOND, len(samples) - start)
        left, right = (planes[side, start:].ctypes.data for side in (0, -1))
        size = library.lame_encode_buffer_ieee_float(handle, left, right, count, buffer, len(buffer))
        yield _taken(buffer, size)
    yield _taken(buffer, library.lame_encode_flush(handle, buffer, len(buffer)))


def _taken(buffer: Any, size: int) -> bytes:
    if size < 0:
        raise EscaletaError(f"LAME stopped with code {size}")
    return ctypes.string_at(buffer, size)


@cache
def _library() -> Any:
    for path in _candidates():
        library = ctypes.CDLL(str(path))
        if hasattr(library, "lame_set_disable_reservoir"):
            return _typed(library)
    raise EscaletaError("no MP3 encoder is installed", todo="install the package lameenc again")


def _candidates() -> Iterator[Path | str]:
    if (lameenc := importlib.util.find_spec("lameenc")) and lameenc.origin:
        yield lameenc.origin
    if (av := importlib.util.find_spec("av")) and av.origin:
        site = Path(av.origin).parent
        yield from sorted([*site.with_name("av.libs").glob("libmp3lame*"), *(site / ".dylibs").glob("libmp3lame*")])
    if system := ctypes.util.find_library("mp3lame"):
        yield system


def _typed(library: Any) -> Any:
    handle, number, real, data = ctypes.c_void_p, ctypes.c_int, ctypes.c_float, ctypes.c_void_p
    library.lame_init.restype = handle
    library.lame_get_scale.restype = real
    for setter in _SETTERS:
        getattr(library, f"lame_set_{setter}").argtypes = [handle, number]
    library.lame_set_scale.argtypes = [handle, real]
    for function in ("lame_init_params", "lame_close", "lame_get_scale", "lame_get_lowpassfreq"):
        getattr(library, function).argtypes = [handle]
    library.lame_encode_buffer_ieee_float.argtypes = [handle, data, data, number, data, number]
    library.lame_encode_flush.argtypes = [handle, data, number]
    return library
