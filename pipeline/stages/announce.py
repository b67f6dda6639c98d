"""Announce: hubs are told that the feed has changed, once it can be read where listeners read it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.errors import EscaletaError
from pipeline.formats.ledger import Ledger

Teller = Callable[[str], None]
"""Tells one hub of a feed's address. Raises EscaletaError where the hub did not take it."""


def announce(
    feed_url: str,
    digest: str,
    ledger: Ledger,
    *,
    read_back: Callable[[str], bytes],
    tellers: Sequence[Teller],
    record: Callable[[Ledger], None],
) -> tuple[str, ...]:
    """Tells every hub, unless they know this very feed already; what stood in the way, a sentence each.

    digest: SHA-256 of the feed as it was published; read_back: fetches the public one. Nothing here fails a
    publication: the next run tries again.
    """
    if not tellers or ledger.announced == digest:
        return ()
    troubles = _public(feed_url, digest, read_back) or _told(feed_url, tellers)
    if not troubles:
        record(replace(ledger, announced=digest))
    return troubles


def _public(feed_url: str, digest: str, read_back: Callable[[str], bytes]) -> tuple[str, ...]:
    """What keeps listeners from reading the new feed."""
    try:
        public = read_back(feed_url)
    except EscaletaError as error:
        return (str(error),)
    if hashlib.sha256(public).hexdigest() != digest:
        return (f"{feed_url}: an older feed is still served there; a cache may hold it for some minutes",)
    return ()


def _told(feed_url: str, tellers: Sequence[Teller]) -> tuple[str, ...]:
    troubles = []
    for tell in tellers:
        try:
            tell(feed_url)
        except EscaletaError as error:
            troubles.append(str(error))
    return tuple(troubles)
