"""How large a picture is, from its first bytes."""

from __future__ import annotations

import re
import struct

_BEGINNINGS = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF.{4}WEBP", re.DOTALL)

HEAD = 1 << 19
"""Bytes that hold the size in every picture but those with enormous metadata before it."""

_SIZES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_BARE = {0x01, *range(0xD0, 0xD9)}


def is_picture(head: bytes) -> bool:
    """Whether a file begins as a picture that is published does: a PNG, a JPEG or a WebP (RFC 9649, 2.4)."""
    return bool(_BEGINNINGS.match(head))


def size(head: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG (ISO 15948, 11.2.2) or JPEG (ITU T.81, B.2.2).

    Raises ValueError for anything else, and where the size stands further behind.
    """
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
            width, height = struct.unpack(">II", head[16:24])
            return width, height
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
    except (struct.error, IndexError):
        raise ValueError("the picture is cut short") from None
    raise ValueError("neither JPEG nor PNG")


def _jpeg(head: bytes) -> tuple[int, int]:
    place = 2
    while head[place] == 0xFF:
        marker = head[place + 1]
        if marker in _SIZES:
            height, width = struct.unpack(">HH", head[place + 5 : place + 9])
            return width, height
        place += _step(head, place, marker)
    raise ValueError("not a JPEG after all")


def _step(head: bytes, place: int, marker: int) -> int:
    """To the next marker: fill bytes and bare markers have no length."""
    if marker == 0xFF:
        return 1
    if marker in _BARE:
        return 2
    return 2 + int(struct.unpack(">H", head[place + 2 : place + 4])[0])
