"""Links of a feed to its other documents and to its hub, as a feedgen extension (RFC 4287, RFC 5005, W3C WebSub)."""

from __future__ import annotations

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

NAMESPACE = "http://www.w3.org/2005/Atom"


class AtomChannel(BaseExtension):  # type: ignore[misc]  # feedgen carries no types
    """Links besides the one to itself, which feedgen writes. `links`: relation and address."""

    links: tuple[tuple[str, str], ...] = ()

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        """Adds to the channel."""
        for relation, address in self.links:
            etree.SubElement(rss[0], f"{{{NAMESPACE}}}link", {"rel": relation, "href": address})
        return rss


class AtomItem(BaseEntryExtension):  # type: ignore[misc]
    """Nothing in items."""
