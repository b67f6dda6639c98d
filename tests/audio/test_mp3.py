"""The Info header as others read it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.mp3 import MP3, BitrateMode
from mutagen.mp3._util import XingHeader

from pipeline.audio.mp3 import BITRATES, crc16, frame_bytes, info_frame, promised_samples


def by_the_book(data: bytes, crc: int = 0) -> int:
    """CRC-16/ARC bit by bit."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def test_the_checksum_of_the_catalogue() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(max_size=5000), st.binary(max_size=3000))
def test_the_checksum_in_lanes_and_in_pieces(one: bytes, other: bytes) -> None:
    assert crc16(other, crc16(one)) == by_the_book(one + other)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bitrate", [32, 96, 128, 320])
def test_mutagen_and_our_own_reader_read_the_header(bitrate: int, channels: int) -> None:
    head = info_frame(frames=101, samples=115_000, bitrate=bitrate, channels=channels, lowpass=17_000, music_crc=7)
    silent = info_frame(frames=1, samples=0, bitrate=bitrate, channels=channels, lowpass=0, music_crc=0)[:4]
    frame = silent[:2] + bytes([(BITRATES.index(bitrate) + 1) << 4 | 4]) + silent[3:]
    file = io.BytesIO(head + frame.ljust(frame_bytes(bitrate), b"\0") * 101)
    info = MP3(file).info
    assert info.encoder_info.startswith("LAME 4.0")
    assert (info.sample_rate, info.channels) == (48_000, channels)
    assert info.bitrate_mode == BitrateMode.CBR
    assert info.length == pytest.approx(115_000 / 48_000, abs=0.001)
    file.seek(0)
    assert promised_samples(file) == 115_000


@pytest.mark.parametrize("channels", [1, 2])
def test_the_header_says_that_the_source_had_48_khz(channels: int) -> None:
    head = info_frame(frames=101, samples=115_000, bitrate=128, channels=channels, lowpass=17_000, music_crc=7)
    lame = XingHeader(io.BytesIO(head[head.index(b"Info") :])).lame_header
    assert lame is not None
    assert (lame.source_sample_frequency_enum, lame.stereo_mode) == (2, 0 if channels == 1 else 3)
    assert (lame.bitrate, lame.lowpass_filter, lame.music_crc) == (128, 17_000, 7)


def test_no_header_promises_nothing() -> None:
    assert promised_samples(io.BytesIO(b"")) == 0
    assert promised_samples(io.BytesIO(b"ID3\4\0\0\0\0\0\5hello" + b"\xff\xfb\x94\xc4" + bytes(400))) == 0
