"""The tag of a published MP3: ID3v2.3 with chapters (id3.org: id3v2.3.0, id3v2-chapters-1.0).

Version 2.3 and UTF-16, because ffmpeg drops any version 2.4 chapter that holds a sub-frame over 127 bytes. mutagen
sorts frames by size, which shuffles chapters in players that show them as they come: so each frame is saved alone, and
the frames are joined here, the table of contents first and the chapters in order of time.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from mutagen import MutagenError
from mutagen.id3 import (
    APIC,
    CHAP,
    COMM,
    CTOC,
    ID3,
    TALB,
    TCON,
    TDAT,
    TIT2,
    TLAN,
    TPE1,
    TRCK,
    TYER,
    WXXX,
    BitPaddedInt,
    CTOCFlags,
    Encoding,
    Frame,
    ID3NoHeaderError,
    PictureType,
)

from pipeline.errors import InputError
from pipeline.formats import plain
from pipeline.formats.tags import GENRE, Tag
from pipeline.model import Chapter

HEADER = 10
"""Bytes before a tag's frames."""

MOST_CHAPTERS = 255
"""A table of contents counts its entries in one byte."""

_UTF16 = Encoding.UTF16
_NO_OFFSET = 0xFFFFFFFF


def render(tag: Tag) -> bytes:
    """The tag's bytes, to go before the audio's."""
    frames = b"".join(_alone(frame) for frame in _frames(tag))
    return b"ID3\x03\x00\x00" + bytes(BitPaddedInt.to_str(len(frames), width=4)) + frames


def _alone(frame: Frame) -> bytes:
    """One frame as mutagen writes it."""
    scratch = ID3()
    scratch.add(frame)
    out = io.BytesIO()
    scratch.save(out, v1=0, v2_version=3, padding=lambda _: 0)
    return out.getvalue()[HEADER:]


def _frames(tag: Tag) -> Iterator[Frame]:
    language = tag.iso_language or "XXX"
    yield TIT2(encoding=_UTF16, text=plain.title(tag.title))
    yield TPE1(encoding=_UTF16, text=plain.title(tag.artist))
    yield TALB(encoding=_UTF16, text=plain.title(tag.album))
    yield TCON(encoding=_UTF16, text=GENRE)
    if tag.day:
        yield TYER(encoding=_UTF16, text=f"{tag.day:%Y}")
        yield TDAT(encoding=_UTF16, text=f"{tag.day:%d%m}")
    yield TLAN(encoding=_UTF16, text=language)
    if tag.number is not None:
        yield TRCK(encoding=_UTF16, text=str(tag.number))
    if link := plain.url(tag.link):
        yield WXXX(encoding=_UTF16, desc="", url=link)
    yield from _chapters(tag)
    yield COMM(encoding=_UTF16, lang=language, desc="", text=plain.text(tag.comment))
    if tag.picture:
        yield _jpeg(tag.picture, PictureType.COVER_FRONT)


def _jpeg(data: bytes, use: PictureType) -> Frame:
    return APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=use, desc="", data=data)


def _chapters(tag: Tag) -> Iterator[Frame]:
    chapters = tag.chapters
    if not chapters:
        return
    if len(chapters) > MOST_CHAPTERS:
        raise InputError(f"{len(chapters)} chapters; an MP3 holds {MOST_CHAPTERS}", todo="merge some in chapters.yaml")
    ids = [f"chp{number}" for number in range(len(chapters))]
    yield CTOC(element_id="toc", flags=CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED, child_element_ids=ids, sub_frames=[])
    for element_id, chapter in zip(ids, chapters, strict=True):
        yield CHAP(
            element_id=element_id,
            start_time=chapter.start,
            end_time=chapter.end,
            start_offset=_NO_OFFSET,
            end_offset=_NO_OFFSET,
            sub_frames=list(_chapter(chapter, tag.pictures.get(chapter.image or ""))),
        )


def _chapter(chapter: Chapter, picture: bytes | None) -> Iterator[Frame]:
    yield TIT2(encoding=_UTF16, text=plain.title(chapter.title))
    if link := plain.url(chapter.url):
        yield WXXX(encoding=_UTF16, desc="", url=link)
    if picture:
        yield _jpeg(picture, PictureType.OTHER)


def size(head: bytes) -> int:
    """Bytes of the whole tag, from the file's first ten; 0 where there is none."""
    if len(head) < HEADER or not head.startswith(b"ID3"):
        return 0
    footer = HEADER if head[5] & 0x10 else 0
    return HEADER + int(BitPaddedInt(head[6:HEADER])) + footer


def parse_chapters(tag: bytes) -> tuple[tuple[int, str], ...]:
    """Start in ms and title of each chapter in the order of the table of contents.

    Raises ValueError where the tag cannot be read, or its table of contents names a chapter that is not there.
    """
    try:
        frames = ID3(io.BytesIO(tag))
    except ID3NoHeaderError:
        return ()
    except MutagenError as error:
        raise ValueError(f"unreadable tag: {error}") from None
    found = {chapter.element_id: chapter for chapter in frames.getall("CHAP")}
    order = _order(frames.getall("CTOC"), found)
    missing = [name for name in order if name not in found]
    if missing:
        raise ValueError(f"the table of contents names chapters that are not there: {', '.join(missing)}")
    return tuple((found[name].start_time, _title(found[name])) for name in order)


def _order(contents: Iterable[CTOC], found: dict[str, CHAP]) -> list[str]:
    for table in contents:
        if table.flags & CTOCFlags.TOP_LEVEL:
            return list(table.child_element_ids)
    return sorted(found, key=lambda name: found[name].start_time)


def _title(chapter: CHAP) -> str:
    titles = chapter.sub_frames.getall("TIT2")
    return str(titles[0]) if titles else ""
