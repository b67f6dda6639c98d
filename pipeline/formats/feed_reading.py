"""A feed, anybody's, as elements: parsed without entities, network or unbounded depth."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pipeline.errors import InputError
from pipeline.formats import itunes, podcasting20, psc

LARGEST = 50_000_000
"""Bytes above which a feed is not read at all; the longest known ones have a tenth."""

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    itunes.PREFIX: itunes.NAMESPACE,
    podcasting20.PREFIX: podcasting20.NAMESPACE,
    psc.PREFIX: psc.NAMESPACE,
}


def channel(document: bytes, *, where: str) -> etree._Element:
    """The channel of an RSS document. Raises InputError for anything else."""
    if len(document) > LARGEST:
        raise InputError(f"{len(document)} bytes is no feed", where=where, todo="give the address of an RSS feed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"is not XML: {error}", where=where, todo="give the address of an RSS feed") from None
    found = root.find("channel") if root.tag == "rss" else None
    if found is None:
        raise InputError("is not an RSS feed", where=where, todo="give the address of an RSS feed")
    return found


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
    """How people call an item."""
    return (text(item, "title") or text(item, "guid") or "an item without a title").strip()
