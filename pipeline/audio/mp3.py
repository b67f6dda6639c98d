"""MPEG-1 layer III as bytes: frame headers, and the Info header that tells players what to leave out.

Sources: ISO/IEC 11172-3 section 2.4.1.3; the Xing/Info header with Gabriel Bouvigne's LAME extension (Mp3 Info Tag
rev 1). Our frames are constant in rate, 48 kHz, without bit reservoir, so each stands alone and has one size.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.streams import MP3_FRAME
from pipeline.model import Bitrate
from pipeline.timecode import SAMPLE_RATE

BITRATES: tuple[int, ...] = get_args(Bitrate)
"""kbit/s, by header index from 1."""

ENCODER_DELAY = 576
"""Samples that LAME puts in front. A decoder adds 529 of its own; players leave both out."""

_FROM_48_KHZ = 0b10 << 6
_STEREO_MODE = {1: 0 << 2, 2: 3 << 2}
"""Mono and joint stereo, in the byte that also says what rate the source had."""

_SIDE_INFO = {1: 17, 2: 32}
_TAG = 4 + 4 + 4 + 4 + 100 + 4 + 36


def frame_bytes(bitrate: int) -> int:
    """Bytes of every frame at `bitrate` kbit/s and 48 kHz: there is no padding at this rate."""
    return MP3_FRAME // 8 * bitrate * 1000 // SAMPLE_RATE


def info_frame(*, frames: int, samples: int, bitrate: int, channels: int, lowpass: int, music_crc: int) -> bytes:
    """The silent first frame that tells a player how many frames follow and which samples to leave out.

    frames: without this one. samples: as a player shall hear. lowpass: Hz. music_crc: `crc16` over all frames.
    """
    own = _info_bitrate(bitrate, channels)
    padding = frames * MP3_FRAME - ENCODER_DELAY - samples
    length = frame_bytes(own) + frames * frame_bytes(bitrate)
    toc = bytes(min(255, 256 * percent // 100) for percent in range(100))
    tag = b"Info" + struct.pack(">III", 0b1111, frames, length) + toc + struct.pack(">I", 50)
    tag += b"LAME4.0  " + bytes([0x01, min(lowpass // 100, 255)]) + bytes(4 + 2 + 2)
    tag += bytes([0x00, min(bitrate, 255)]) + (ENCODER_DELAY << 12 | padding).to_bytes(3, "big")
    tag += bytes([_FROM_48_KHZ | _STEREO_MODE[channels], 0]) + struct.pack(">H", bitrate)
    tag += struct.pack(">IH", length, music_crc)
    head = _header(own, channels) + bytes(_SIDE_INFO[channels]) + tag
    return (head + struct.pack(">H", crc16(head))).ljust(frame_bytes(own), b"\0")


def info_bytes(bitrate: int, channels: int) -> int:
    """Bytes of the frame that `info_frame` makes."""
    return frame_bytes(_info_bitrate(bitrate, channels))


def _info_bitrate(bitrate: int, channels: int) -> int:
    """The lowest rate from `bitrate` up whose frame holds the header."""
    needed = 4 + _SIDE_INFO[channels] + _TAG
    return next(rate for rate in BITRATES if rate >= bitrate and frame_bytes(rate) >= needed)


def _header(bitrate: int, channels: int) -> bytes:
    return bytes(
        [0xFF, 0xFB, (BITRATES.index(bitrate) + 1) << 4 | 0b0100, 0b1100_0100 if channels == 1 else 0b0100_0100]
    )


def crc16(data: bytes | memoryview, start: int = 0) -> int:
    """CRC-16/ARC, as the LAME extension wants it; `start` is the value so far.

    Words of two bytes are joined in pairs, then pairs of pairs: the earlier half is carried over the later one's
    length. Zeros in front change nothing.
    """
    powers = max(len(data) - 1, 1).bit_length()
    padded = np.zeros(1 << powers, np.uint8)
    padded[len(padded) - len(data) :] = np.frombuffer(data, np.uint8)
    values = padded.view("<u2")
    for power in range(1, powers):
        values = _carried(power)[values[0::2]] ^ values[1::2]
    before = start
    for power in range(len(data).bit_length()):
        if len(data) >> power & 1:
            before = int(_carried(power)[before])
    return int(_carried(1)[values[0]]) ^ before


@cache
def _carried(power: int) -> NDArray[np.uint16]:
    """What becomes of each of the 65 536 values over 2**power bytes of zeros."""
    if power:
        half = _carried(power - 1)
        return half[half]
    values: NDArray[np.uint16] = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(8):
        values = (values >> 1 ^ (values & 1) * 0xA001).astype(np.uint16)
    return values


def promised_samples(file: BinaryIO) -> int:
    """Samples, at the file's own rate, that an MP3's Xing or Info header promises; 0 where there is none.

    Encoder delay and padding are taken off. Reads the beginning of `file` only, past an ID3v2 tag.
    """
    start = file.read(10)
    skip = 10 + _syncsafe(start[6:10]) if start[:3] == b"ID3" and len(start) == 10 else 0
    file.seek(skip)
    frame = file.read(4096)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return 0
    version = frame[1] >> 3 & 3
    mono = frame[3] >> 6 == 3
    side = {(3, False): 32, (3, True): 17, (2, False): 17, (0, False): 17}.get((version, mono), 9)
    return _promise(frame[4 + side :], 1152 if version == 3 else 576)


def _promise(tag: bytes, per_frame: int) -> int:
    if tag[:4] not in {b"Xing", b"Info"} or len(tag) < 12 or not tag[7] & 1:
        return 0
    flags, frames = int.from_bytes(tag[4:8], "big"), int.from_bytes(tag[8:12], "big")
    extension = 8 + 4 * bool(flags & 1) + 4 * bool(flags & 2) + 100 * bool(flags & 4) + 4 * bool(flags & 8)
    trimmed = int.from_bytes(tag[extension + 21 : extension + 24], "big")
    return max(frames * per_frame - (trimmed >> 12) - (trimmed & 0xFFF), 0)


def _syncsafe(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(data))
