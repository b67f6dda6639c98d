"""What sound files say of their own length, as bytes: whoever copied or recorded them may have stopped before.

Sources: RIFF, EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64); RFC 8794 (EBML) and RFC 9559 (Matroska); RFC 3533 (Ogg).
"""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import BinaryIO

_OPEN_LENGTH = 0xFFFFFFFF
"""What a recorder writes into a WAV's header when it cannot know or say how much will follow."""

_OPEN_LENGTH_64 = 0xFFFFFFFFFFFFFFFF

_SEGMENT = b"\x18\x53\x80\x67"
_PAGE = struct.Struct("<4sBBqIIIB")
_LONGEST_PAGE = _PAGE.size + 255 + 255 * 255


def riff_sound(file: BinaryIO) -> int:
    """Bytes of sound that the data chunk of a WAV, an RF64 or a BW64 claims; 0 where a recorder left that open."""
    if file.read(12)[:4] not in (b"RIFF", b"RF64", b"BW64"):
        return 0
    long = 0
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            return long if size == _OPEN_LENGTH else int(size)
        follows = file.tell() + size + size % 2
        if name == b"ds64":
            _, long = struct.unpack("<QQ", file.read(16).ljust(16, b"\0"))
            long = 0 if long == _OPEN_LENGTH_64 else long
        file.seek(follows)
    return 0


def riff_rest(file: BinaryIO) -> int:
    """Bytes behind the sound of a WAV that are in none of its chunks, as where a recorder never wrote the true length.

    0 for nothing but zeros, which some recorders fill a file up with. `file` is anywhere; a length that is left open
    leaves nothing behind it.
    """
    file.seek(0)
    size = riff_sound(file)
    length = file.seek(0, io.SEEK_END)
    if not size:
        return 0
    at = _behind_chunks(file, _data_start(file) + size, length)
    file.seek(at)
    return length - at if any(any(part) for part in iter(partial(file.read, 1 << 20), b"")) else 0


def _data_start(file: BinaryIO) -> int:
    """Where the sound begins, in a file of which `riff_sound` says how much there is."""
    file.seek(12)
    while True:
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            return file.tell()
        file.seek(size + size % 2, io.SEEK_CUR)


def _behind_chunks(file: BinaryIO, at: int, length: int) -> int:
    """Where the chunks that begin at `at` end. Not every program pads an odd one."""
    while at < length:
        for begin in (at + at % 2, at):
            file.seek(begin)
            name, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
            if name.isascii() and name.decode().isprintable() and begin + 8 + size <= length:
                at = begin + 8 + size
                break
        else:
            return at
    return length


def matroska_end(file: BinaryIO) -> int:
    """Bytes that a Matroska file claims to have; 0 where a recorder left that open."""
    file.seek(4)
    file.seek(_ebml_size(file), io.SEEK_CUR)
    if file.read(4) != _SEGMENT:
        return 0
    size = _ebml_size(file)
    return file.tell() + size if size else 0


def _ebml_size(file: BinaryIO) -> int:
    """The size of an element, in as many bytes as the zeros before its first bit say; 0 where it is left open."""
    first = (file.read(1) or b"\0")[0]
    length = 9 - first.bit_length()
    size = int.from_bytes(bytes([first]) + file.read(length - 1), "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else size


def ogg_end(file: BinaryIO) -> int:
    """Bytes that an Ogg file has at least, by its last page."""
    begin = max(file.seek(0, io.SEEK_END) - _LONGEST_PAGE, 0)
    file.seek(begin)
    tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0:
        return 0
    table = at + _PAGE.size
    if table > len(tail):
        return begin + table
    segments = tail[table - 1]
    return begin + table + segments + sum(tail[table : table + segments])
