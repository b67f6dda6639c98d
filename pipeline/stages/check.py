"""Check: a feed, and the files that it names, as listeners' apps get them. Works on anybody's feed."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Protocol

from lxml import etree
from mutagen.mp3 import HeaderNotFoundError, MPEGInfo

from pipeline.formats import chapters_json, description, id3, pictures, plain, psc, webvtt
from pipeline.formats.feed_reading import attribute, channel, every, items, name, text
from pipeline.formats.feed_rules import feed_findings
from pipeline.formats.findings import Answer, Finding
from pipeline.timecode import from_seconds

_LARGEST_TEXT = 20_000_000
_LARGEST_TAG = 20_000_000
_FRAMES = 4096

Chapters = tuple[tuple[int, str], ...]


class Site(Protocol):
    """Where the feed's files are looked at: a local folder, or the web."""

    def ask(self, url: str) -> Answer:
        """Whether the file is there, and how long."""

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length` of it, fewer at the end. Raises OSError where they cannot be had."""


def check(document: bytes, site: Site, *, where: str, newest: int | None = None) -> tuple[Finding, ...]:
    """All findings: the feed's own by its rules, then those of the files it names, in the feed's order.

    where: what to call the feed. newest: how many episodes' files are looked at, from the feed's top; None for all.
    Raises InputError where it is no feed.
    """
    feed = channel(document, where=where)
    found = [*feed_findings(feed, document), *_cover(feed, site)]
    for item in itertools.islice(items(feed), newest):
        found += _sound(item, site)
        found += _chapters(item, site)
        found += _transcripts(item, site)
    return tuple(found)


def agree(carriers: dict[str, Chapters], *, place: str) -> Iterator[Finding]:
    """Whether all carriers tell the same chapters.

    ID3, JSON and Podlove count milliseconds and must be equal; a description counts whole seconds, cut, not rounded.
    Titles must be equal everywhere.
    """
    reference, *others = carriers.items()
    for other in others:
        coarse = any(carrier[0] == "description" for carrier in (reference, other))
        a, b = (_comparable(chapters, coarse) for _, chapters in (reference, other))
        if a != b:
            yield Finding(
                "escaleta/chapters-agree",
                "error",
                place,
                f"{reference[0]} and {other[0]} differ: {_difference(a, b)}",
                "write all of them from one list: `escaleta produce`, then `escaleta publish`",
            )


def _comparable(chapters: Chapters, coarse: bool) -> Chapters:
    unit = 1000 if coarse else 1
    return tuple((start // unit * unit, plain.line(title)) for start, title in chapters)


def _difference(a: Chapters, b: Chapters) -> str:
    number, (x, y) = next((n, pair) for n, pair in enumerate(itertools.zip_longest(a, b), 1) if pair[0] != pair[1])
    told = [f"{chapter[0] / 1000:g} s {chapter[1]!r}" if chapter else "nothing" for chapter in (x, y)]
    return f"chapter {number} is {told[0]} and {told[1]}"


# ── artwork ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cover(feed: etree._Element, site: Site) -> Iterator[Finding]:
    url = attribute(feed, "itunes:image", "href") or ""
    place = f"feed: {url}"
    answer = site.ask(url) if url else Answer("unknown")
    if answer.state == "absent":
        yield Finding("apple/image", "error", place, f"is not there {answer.why}".strip(), "publish again")
    if answer.state != "there":
        return
    try:
        width, height = pictures.size(site.read(url, 0, pictures.HEAD))
    except (OSError, ValueError) as error:
        yield Finding("apple/image", "error", place, str(error), "save the cover as a JPEG or PNG")
        return
    if width != height or not 1400 <= width <= 3000:
        yield Finding(
            "apple/image", "error", place, f"{width} × {height} pixels", "make it square, 1400 to 3000 pixels a side"
        )


# ── sound ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sound(item: etree._Element, site: Site) -> Iterator[Finding]:
    url, length = attribute(item, "enclosure", "url"), attribute(item, "enclosure", "length") or ""
    if not url:
        return
    place = f"{name(item)}: {url}"
    answer = site.ask(url)
    if answer.state == "absent":
        yield Finding("apple/head", "error", place, f"is not there {answer.why}".strip(), "publish again")
    if answer.state != "there":
        return
    if answer.length is not None and length.isdecimal() and answer.length != int(length):
        yield Finding(
            "psp-1/enclosure",
            "error",
            place,
            f"has {answer.length} bytes, the feed says {length}",
            "publish again: the feed must give the file's length",
        )
    if answer.ranges is False:
        yield Finding("apple/range", "error", place, "parts cannot be asked for", "serve it with byte ranges")
    yield from _length(item, url, site, place)


def _length(item: etree._Element, url: str, site: Site, place: str) -> Iterator[Finding]:
    told = (text(item, "itunes:duration") or "").strip()
    real = _mp3_duration(url, site)
    if real is not None and told.isdecimal() and abs(int(told) - real / 1000) > 1:
        yield Finding(
            "psp-1/duration",
            "error",
            place,
            f"lasts {real / 1000:.1f} s, the feed says {told}",
            "publish again: players show the feed's length before they have the file",
        )


def _mp3_duration(url: str, site: Site) -> int | None:
    """By the count of frames that an encoder leaves in the first one; None where there is none."""
    try:
        size = id3.size(site.read(url, 0, id3.HEADER))
        frames = site.read(url, size, _FRAMES)
        if b"Info" in frames[:256] or b"Xing" in frames[:256]:
            return from_seconds(MPEGInfo(io.BytesIO(frames)).length)
    except (OSError, HeaderNotFoundError):
        return None
    return None


# ── chapters ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _chapters(item: etree._Element, site: Site) -> Iterator[Finding]:
    carriers: dict[str, Chapters] = {}
    for carrier, read in _CARRIERS.items():
        place = f"{name(item)}: chapters in {carrier}"
        try:
            if found := read(item, site):
                carriers[carrier] = found
        except (OSError, ValueError) as error:
            yield Finding("escaleta/chapters", "error", place, f"cannot be read: {error}", "publish again")
    if len(carriers) > 1:
        yield from agree(carriers, place=f"{name(item)}: chapters")
    if carriers and (missing := [carrier for carrier in _CARRIERS if carrier not in carriers]):
        yield Finding(
            "escaleta/chapters-everywhere",
            "warning",
            f"{name(item)}: chapters",
            f"not in {', '.join(missing)}; each app reads another carrier",
            "write them into all four",
        )


def _from_id3(item: etree._Element, site: Site) -> Chapters:
    url = attribute(item, "enclosure", "url")
    if not url or site.ask(url).state != "there":
        return ()
    size = id3.size(site.read(url, 0, id3.HEADER))
    return id3.parse_chapters(site.read(url, 0, min(size, _LARGEST_TAG))) if size else ()


def _from_json(item: etree._Element, site: Site) -> Chapters:
    url = attribute(item, "podcast:chapters", "url")
    return chapters_json.parse(_text(url, site)) if url and _visible(url, site) else ()


def _from_podlove(item: etree._Element, site: Site) -> Chapters:
    return psc.parse(item)


def _from_description(item: etree._Element, site: Site) -> Chapters:
    whole = text(item, "content:encoded") or text(item, "description") or ""
    return description.parse_chapters(description.from_html(whole))


_CARRIERS: dict[str, Callable[[etree._Element, Site], Chapters]] = {
    "JSON": _from_json,
    "ID3": _from_id3,
    "Podlove": _from_podlove,
    "description": _from_description,
}


def _visible(url: str, site: Site) -> bool:
    """Whether it can be read here; a file that should be there and is not is an error of its own."""
    answer = site.ask(url)
    if answer.state == "absent":
        raise OSError(f"{url} is not there {answer.why}".strip())
    return answer.state == "there"


def _text(url: str, site: Site) -> str:
    return site.read(url, 0, _LARGEST_TEXT).decode()


# ── transcripts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _transcripts(item: etree._Element, site: Site) -> Iterator[Finding]:
    told = (text(item, "itunes:duration") or "").strip()
    duration = int(told) * 1000 if told.isdecimal() else None
    for transcript in every(item, "podcast:transcript"):
        url, kind = transcript.get("url") or "", (transcript.get("type") or "").split(";")[0]
        place = f"{name(item)}: {url}"
        try:
            if _visible(url, site):
                yield from _TRANSCRIPTS.get(kind, _any)(_text(url, site), duration, place)
        except (OSError, ValueError) as error:
            yield Finding("podcasting-2.0/transcript", "error", place, f"cannot be read: {error}", "publish again")


def _any(content: str, duration: int | None, place: str) -> Iterator[Finding]:
    if not content.strip():
        yield Finding("podcasting-2.0/transcript", "error", place, "is empty", "publish again")


def _vtt(content: str, duration: int | None, place: str) -> Iterator[Finding]:
    cues = webvtt.parse(content)
    wide = max((len(line) for cue in cues for line in cue.lines), default=0)
    if wide > webvtt.WIDTH:
        yield Finding(
            "podcasting-2.0/captions", "advice", place, f"a line of {wide} characters", f"keep to {webvtt.WIDTH}"
        )
    yield from _times([(cue.start, cue.end) for cue in cues], duration, place)


def _json(content: str, duration: int | None, place: str) -> Iterator[Finding]:
    document = json.loads(content)
    segments = document.get("segments") if isinstance(document, dict) else None
    if not isinstance(segments, list) or not all(isinstance(segment, dict) for segment in segments):
        raise ValueError("no segments")
    try:
        times = [(from_seconds(segment["startTime"]), from_seconds(segment["endTime"])) for segment in segments]
    except (KeyError, TypeError) as error:
        raise ValueError(f"a segment without times: {error!r}") from None
    yield from _times(times, duration, place)


def _times(times: list[tuple[int, int]], duration: int | None, place: str) -> Iterator[Finding]:
    if any(end <= start for start, end in times):
        yield Finding("escaleta/captions", "error", place, "one ends before it starts", "publish again")
    if any(later[0] < earlier[0] for earlier, later in itertools.pairwise(times)):
        yield Finding("escaleta/captions", "error", place, "the starts do not ascend", "publish again")
    if times and duration is not None and times[-1][1] > duration + 1000:
        yield Finding(
            "escaleta/captions", "error", place, "they go on after the sound ends", "make them from the same programme"
        )


_TRANSCRIPTS: dict[str, Callable[[str, int | None, str], Iterator[Finding]]] = {
    "text/vtt": _vtt,
    "application/json": _json,
}
