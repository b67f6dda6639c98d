"""Check: a feed, and the files that it names, as listeners' apps get them. Works on anybody's feed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from lxml import etree
from mutagen.mp3 import HeaderNotFoundError, MPEGInfo

from pipeline.formats import carrier_rules, chapters_json, description, id3, pictures, psc
from pipeline.formats.caption_rules import caption_findings
from pipeline.formats.carrier_rules import Chapters
from pipeline.formats.element_rules import is_web
from pipeline.formats.feed_reading import attribute, duration, every, items, name, number, read, text
from pipeline.formats.feed_rules import feed_findings
from pipeline.formats.findings import Answer, Finding, folded
from pipeline.timecode import from_seconds

_LARGEST_TEXT = 20_000_000
_LARGEST_TAG = 20_000_000
_FRAMES = 4096
_AT_ONCE = 8


class Site(Protocol):
    """Where the feed's files are looked at: a local folder, or the web. Several threads ask at once."""

    def ask(self, url: str) -> Answer:
        """Whether the file is there, and how long."""

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length` of it, fewer at the end. Raises OSError where they cannot be had."""


def check(document: bytes, site: Site, *, where: str) -> tuple[Finding, ...]:
    """All findings: the feed's own by its rules, then those of the files it names, in the feed's order.

    What holds of many episodes alike is one finding. where: what to call the feed. Raises InputError where it is none.
    """
    reading = read(document, where=where)
    found = [*feed_findings(reading, document), *_cover(reading.channel, site)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for findings in pool.map(lambda item: _files(item, site), items(reading.channel)):
            found += findings
    return folded(found)


def _files(item: etree._Element, site: Site) -> list[Finding]:
    return [*_sound(item, site), *_chapters(item, site), *_transcripts(item, site)]


def _absent(rule: str, place: str, answer: Answer) -> Finding:
    return Finding(rule, "error", place, f"is not there {answer.why}".strip(), "put it there, or mend the address")


# ── artwork ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cover(feed: etree._Element, site: Site) -> Iterator[Finding]:
    url = attribute(feed, "itunes:image", "href") or ""
    place = f"feed: {url}"
    answer = site.ask(url) if is_web(url) else Answer("unknown")
    if answer.state == "absent":
        yield _absent("apple/image", place, answer)
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
    url, length = attribute(item, "enclosure", "url") or "", number(attribute(item, "enclosure", "length"))
    if not is_web(url):
        return
    place = f"{name(item)}: {url}"
    answer = site.ask(url)
    if answer.state == "absent":
        yield _absent("apple/head", place, answer)
    if answer.state != "there":
        return
    if answer.why:
        yield Finding("apple/head", "warning", place, answer.why, "let the server answer HEAD, with which Apple asks")
    if None not in (answer.length, length) and answer.length != length:
        yield Finding(
            "psp-1/enclosure",
            "error",
            place,
            f"has {answer.length} bytes, the feed says {length}",
            "let the feed give the file's own length",
        )
    if answer.ranges is False:
        yield Finding("apple/range", "error", place, "parts cannot be asked for", "serve it with byte ranges")
    yield from _length(item, url, site, place)


def _length(item: etree._Element, url: str, site: Site, place: str) -> Iterator[Finding]:
    told, real = duration(item), _mp3_duration(url, site)
    if real is not None and told is not None and abs(told - real) > 1000:
        yield Finding(
            "psp-1/duration",
            "error",
            place,
            f"lasts {real / 1000:.1f} s, the feed says {told / 1000:g}",
            "give its own length: players show the feed's before they have the file",
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
    for carrier, chapters_of in _CARRIERS.items():
        place = f"{name(item)}: chapters in {carrier}"
        try:
            if found := chapters_of(item, site):
                carriers[carrier] = found
        except (OSError, ValueError) as error:
            yield Finding("escaleta/chapters", "error", place, f"cannot be read: {error}", "write them again")
    place = f"{name(item)}: chapters"
    if len(carriers) > 1:
        yield from carrier_rules.agree(carriers, place=place)
    wanted = [carrier for carrier in _CARRIERS if carrier != "ID3" or _is_mp3(item)]
    yield from carrier_rules.everywhere(carriers, wanted, place=place)


def _is_mp3(item: etree._Element) -> bool:
    return (attribute(item, "enclosure", "type") or "").lower() in {"audio/mpeg", "audio/mp3"}


def _from_id3(item: etree._Element, site: Site) -> Chapters:
    url = attribute(item, "enclosure", "url")
    if not url or not is_web(url) or site.ask(url).state != "there":
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
    answer = site.ask(url) if is_web(url) else Answer("unknown")
    if answer.state == "absent":
        raise OSError(f"{url} is not there {answer.why}".strip())
    return answer.state == "there"


def _text(url: str, site: Site) -> str:
    """A BOM may stand before it, whatever the standards of the formats say."""
    return site.read(url, 0, _LARGEST_TEXT).decode("utf-8-sig")


# ── transcripts and chapters, as text ───────────────────────────────────────────────────────────────────────────────


def _transcripts(item: etree._Element, site: Site) -> Iterator[Finding]:
    for transcript in every(item, "podcast:transcript"):
        url, kind = transcript.get("url") or "", (transcript.get("type") or "").split(";")[0]
        place = f"{name(item)}: {url}"
        try:
            if _visible(url, site):
                yield from caption_findings(_text(url, site), kind, duration(item), place)
        except (OSError, ValueError) as error:
            yield Finding("podcasting-2.0/transcript", "error", place, f"cannot be read: {error}", "write it again")
        yield from _shared(url, site, place)
    url = attribute(item, "podcast:chapters", "url") or ""
    yield from _shared(url, site, f"{name(item)}: {url}")


def _shared(url: str, site: Site, place: str) -> Iterator[Finding]:
    """Players on the web fetch texts from pages of their own (Fetch standard, section 3.3)."""
    if is_web(url) and site.ask(url).shared is False:
        yield Finding(
            "podcasting-2.0/cors",
            "warning",
            place,
            "players on the web cannot read it",
            "let the server send `Access-Control-Allow-Origin: *` with it",
        )
