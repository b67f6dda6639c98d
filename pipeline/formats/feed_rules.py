"""What others ask of a feed: the Podcast Standards Project (PSP-1), Apple, Spotify, Podcasting 2.0, W3C.

A rule looks at the channel or at one item. What needs the files themselves is in `pipeline.stages.check`.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.formats import channel_rules, item_rules
from pipeline.formats.feed_reading import Reading, items
from pipeline.formats.findings import Finding

LARGEST_FEED = 5_000_000
"""Bytes that W3C's validator takes."""


def feed_findings(reading: Reading, document: bytes) -> Iterator[Finding]:
    """Everything that can be said of a feed without fetching what it names."""
    if reading.fault:
        todo = "mend the XML: many apps refuse the whole feed, others lose what comes behind"
        yield Finding("rss/xml", "error", "feed", f"is not well-formed: {reading.fault}", todo)
    if len(document) > LARGEST_FEED:
        yield Finding(
            "w3c/size",
            "warning",
            "feed",
            f"{len(document)} bytes; validators stop at {LARGEST_FEED}",
            "let the feed be split into pages (RFC 5005)",
        )
    for look in channel_rules.RULES:
        yield from look(reading.channel)
    for item in items(reading.channel):
        for rule in item_rules.RULES:
            yield from rule(item)
