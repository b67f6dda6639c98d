"""Chapters and a cover as Vorbis comments, which is what an Opus file has for tags (RFC 7845, section 5.2).

Chapters by the Chapter Extension of wiki.xiph.org: `CHAPTERnnn=hh:mm:ss.mmm`, `CHAPTERnnnNAME`, `CHAPTERnnnURL`, from
000. FFmpeg would write them itself, but rounds the seconds up where milliseconds follow that pass a half.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from mutagen.flac import Picture
from mutagen.id3 import PictureType

from pipeline.errors import InputError
from pipeline.formats import pictures, plain
from pipeline.formats.tags import Tag
from pipeline.timecode import to_clock

MOST_CHAPTERS = 1000
"""They are numbered in three digits."""


def comments(tag: Tag) -> Iterator[tuple[str, str]]:
    """Names and values for chapters and cover. Raises InputError where there are too many chapters."""
    if len(tag.chapters) > MOST_CHAPTERS:
        raise InputError(
            f"{len(tag.chapters)} chapters; an Opus file holds {MOST_CHAPTERS}", todo="merge some in chapters.yaml"
        )
    for number, chapter in enumerate(tag.chapters):
        name = f"CHAPTER{number:03d}"
        yield name, to_clock(chapter.start)
        yield f"{name}NAME", plain.title(chapter.title)
        if link := plain.url(chapter.url):
            yield f"{name}URL", link
    if tag.picture:
        yield "METADATA_BLOCK_PICTURE", _block(tag.picture)


def _block(jpeg: bytes) -> str:
    """A FLAC picture block (RFC 9639, section 8.8) in base64."""
    block = Picture()
    block.type, block.mime, block.data = PictureType.COVER_FRONT, "image/jpeg", jpeg
    block.width, block.height = pictures.size(jpeg)
    block.depth = 24
    return base64.b64encode(block.write()).decode("ascii")
