"""A feed, anybody's, as elements: parsed without entities, network or unbounded depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from pipeline.errors import InputError
from pipeline.formats import atom, itunes, plain, podcasting20, psc
from pipeline.timecode import parse_clock

LARGEST = 50_000_000
"""Bytes above which a feed is not read at all; the longest known ones have a tenth."""

NAMESPACES = {
    "atom": atom.NAMESPACE,
    "content": "http://purl.org/rss/1.0/modules/content/",
    itunes.PREFIX: itunes.NAMESPACE,
    podcasting20.PREFIX: podcasting20.NAMESPACE,
    psc.PREFIX: psc.NAMESPACE,
}

_MEANT = {
    "http://www.itunes.com/dtds/podcast-1.0.dtd": itunes.NAMESPACE,
    "https://www.itunes.com/dtds/podcast-1.0.dtd": itunes.NAMESPACE,
    "https://podcastindex.org/namespace/1.0": podcasting20.NAMESPACE,
    "http://podcastindex.org/namespace/1.0": podcasting20.NAMESPACE,
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": podcasting20.NAMESPACE,
    "http://podlove.org/simple-chapters": psc.NAMESPACE,
    "https://podlove.org/simple-chapters": psc.NAMESPACE,
    "http://podlove.de/simple-chapters": psc.NAMESPACE,
}
"""What producers write, in lower case and without the end slash, and what they mean."""

_DIGITS = 15
_NAME = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """A channel, and what a strict parser says of the document; None where it takes it."""

    channel: etree._Element
    fault: str | None = None


def read(document: bytes, *, where: str) -> Reading:
    """What can be had of a document that calls itself RSS. Raises InputError where that is no channel."""
    try:
        return Reading(_channel(document, where, recover=False))
    except etree.XMLSyntaxError as error:
        fault = str(error).removesuffix(f" (<string>, line {error.lineno})")
    try:
        return Reading(_channel(document, where, recover=True), fault)
    except etree.XMLSyntaxError:
        raise InputError(f"is not XML: {fault}", where=where, todo="give the address of an RSS feed") from None


def _channel(document: bytes, where: str, *, recover: bool) -> etree._Element:
    if len(document) > LARGEST:
        raise InputError(f"{len(document)} bytes is no feed", where=where, todo="give the address of an RSS feed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover)
    root = etree.fromstring(document, parser)
    found = root.find("channel") if root is not None and root.tag == "rss" else None
    if found is None:
        raise InputError("is not an RSS feed", where=where, todo="give the address of an RSS feed")
    for written, meant in misnamed(found).items():
        for element in found.iter(f"{{{written}}}*"):
            element.tag = f"{{{meant}}}{etree.QName(element).localname}"
    return found


def each_item(document: bytes) -> Iterator[etree._Element]:
    """The items of a channel in the feed's order, none of them there any more when the next is asked for.

    With the guards of `read`, and without its tree, which takes many times the bytes of its text. Raises XMLSyntaxError
    where a strict parser does, after what it had taken till there.
    """
    if len(document) > LARGEST:
        return
    guards = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    for _, item in etree.iterparse(BytesIO(document), tag="item", **guards):
        around = list(item.iterancestors())
        if [element.tag for element in around] == ["channel", "rss"]:
            yield item
            item.clear()
            # Not the item itself: the parser is still at work behind it.
            for before in tuple(item.itersiblings(preceding=True)):
                around[0].remove(before)


def misnamed(channel: etree._Element) -> dict[str, str]:
    """Namespaces that the document declares, and the ones that they stand for in other spellings."""
    declared = {uri: _MEANT.get(uri.lower().rstrip("/"), uri) for uri in channel.nsmap.values()}
    return {written: meant for written, meant in declared.items() if written != meant}


def items(channel: etree._Element) -> Iterator[etree._Element]:
    """The channel's items in the feed's order."""
    yield from channel.iterfind("item")


def text(parent: etree._Element, path: str) -> str | None:
    """The text of the first element there, None for none; as it stands, edge spaces included."""
    found = parent.find(path, NAMESPACES)
    return None if found is None else str(found.xpath("string()"))


def attribute(parent: etree._Element, path: str, name: str) -> str | None:
    """An attribute of the first element there, None for none."""
    found = parent.find(path, NAMESPACES)
    return None if found is None else found.get(name)


def every(parent: etree._Element, path: str) -> list[etree._Element]:
    """All elements there."""
    return parent.findall(path, NAMESPACES)


def name(item: etree._Element) -> str:
    """How people call an item: harmless, and short enough for a line."""
    named = (plain.line(text(item, path) or "") for path in ("title", "guid"))
    return plain.fit(next(filter(None, named), "an item without a title"), _NAME)


def number(value: str | None) -> int | None:
    """A count as feeds write it; None for anything else, numbers without end among it."""
    value = (value or "").strip()
    return int(value) if value.isdecimal() and value.isascii() and len(value) <= _DIGITS else None


def duration(item: etree._Element) -> int | None:
    """How long an item says that it lasts, in ms, whether in seconds or as a clock; None where it does not."""
    told = (text(item, "itunes:duration") or "").strip()
    try:
        return parse_clock(told) if len(told) <= _DIGITS else None
    except ValueError:
        return None
