from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audio.promises import matroska_end, ogg_end, riff_rest, riff_sound

OPEN = 0xFFFFFFFF
FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 48_000, 96_000, 2, 16)


def wave(name: bytes, data: int, ds64: int | None = None, odd: bytes = b"") -> BinaryIO:
    long = b"" if ds64 is None else struct.pack("<4sIQQQI", b"ds64", 28, ds64 + 72, ds64, ds64 // 2, 0)
    chunks = long + odd + FORMAT + struct.pack("<4sI", b"data", data)
    return io.BytesIO(name + struct.pack("<I4s", OPEN, b"WAVE") + chunks)


@pytest.mark.parametrize(
    ("file", "claimed"),
    [
        (wave(b"RIFF", 9_600), 9_600),
        (wave(b"RIFF", 9_600, odd=b"LIST\x03\0\0\0abc\0"), 9_600),
        (wave(b"RIFF", OPEN), 0),
        (wave(b"RF64", OPEN, 5 << 32), 5 << 32),
        (wave(b"BW64", OPEN, 5 << 32, odd=b"JUNK\x01\0\0\0a\0"), 5 << 32),
        (wave(b"RF64", OPEN, 0), 0),
        (wave(b"RF64", OPEN), 0),
        (io.BytesIO(b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0\1"), 0),
        (io.BytesIO(b"fLaC"), 0),
    ],
)
def test_how_much_sound_a_wave_file_claims(file: BinaryIO, claimed: int) -> None:
    assert riff_sound(file) == claimed


def recorded(claimed: int, real: int, behind: bytes = b"", name: bytes = b"RIFF", ds64: int | None = None) -> BinaryIO:
    return io.BytesIO(wave(name, claimed, ds64).read() + b"\7" * real + behind)


@pytest.mark.parametrize(
    ("file", "rest"),
    [
        (recorded(96, 96), 0),
        (recorded(96, 90), 0),
        (recorded(96, 960), 864),
        (recorded(0, 960), 0),
        (recorded(OPEN, 960), 0),
        (recorded(OPEN, 960, name=b"RF64", ds64=96), 864),
        (recorded(96, 96, b"LIST\4\0\0\0abcdid3 \2\0\0\0ab"), 0),
        (recorded(95, 95, b"\0LIST\3\0\0\0abc"), 0),
        (recorded(95, 95, b"LIST\3\0\0\0abc\0"), 0),
        (recorded(96, 96, b"LIST\4\0\0\0abcd" + b"\7" * 50), 50),
        (recorded(96, 96, bytes(5000)), 0),
    ],
)
def test_what_lies_behind_the_sound_of_a_wave_file(file: BinaryIO, rest: int) -> None:
    assert riff_rest(file) == rest


HEAD = b"\x1a\x45\xdf\xa3\x84abcd"


@pytest.mark.parametrize(
    ("more", "end"),
    [
        (b"\x18\x53\x80\x67\x85", 9 + 5 + 5),
        (b"\x18\x53\x80\x67\x01\0\0\0\0\0\x10\0", 9 + 12 + 4096),
        (b"\x18\x53\x80\x67\xff", 0),
        (b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", 0),
        (b"\xec\x81\0\x18\x53\x80\x67\x85", 0),
        (b"", 0),
    ],
)
def test_where_a_matroska_file_claims_to_end(more: bytes, end: int) -> None:
    assert matroska_end(io.BytesIO(HEAD + more)) == end


def page(size: int) -> bytes:
    table = bytes([255] * (size // 255) + [size % 255])
    return b"OggS" + bytes(22) + bytes([len(table)]) + table + bytes(size)


@pytest.mark.parametrize("size", [1, 100, 255, 60_000])
def test_where_an_ogg_file_ends_at_the_least(size: int) -> None:
    whole = page(300) * 500 + page(size)
    assert ogg_end(io.BytesIO(whole)) == len(whole)
    assert ogg_end(io.BytesIO(whole + b"TAG")) == len(whole)
    for lost in (1, size, size + 1, len(page(size)) - 5):
        assert ogg_end(io.BytesIO(whole[:-lost])) > len(whole) - lost
    assert ogg_end(io.BytesIO(bytes(70_000))) == 0


@pytest.mark.parametrize("read", [riff_sound, riff_rest, matroska_end, ogg_end])
@given(data=st.binary(max_size=80), head=st.sampled_from([b"", b"RF64", b"RIFF1234WAVE", HEAD, b"OggS"]))
def test_any_bytes_can_be_asked(read: Callable[[BinaryIO], int], head: bytes, data: bytes) -> None:
    assert read(io.BytesIO(head + data)) >= 0
