"""Feeds and their files on the web, as podcast apps ask for them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from pipeline.errors import InputError
from pipeline.formats.findings import Answer

TIMEOUT = 20.0
"""Seconds without a byte after which a server counts as absent."""

_AGENT = "Escaleta (podcast feed check)"
_NO_HEAD = {403, 405, 501}


def is_address(text: str) -> bool:
    """Whether it is an address rather than a path."""
    return text.lower().startswith(("http://", "https://"))


def fetch(url: str, largest: int) -> bytes:
    """A small document. Raises InputError where it cannot be had or has more than `largest` bytes."""
    try:
        with _ask(url) as response:
            document = response.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot be fetched: {error}", where=url, todo="look at the address and the network") from None
    if len(document) > largest:
        raise InputError(f"has more than {largest} bytes", where=url, todo="give the address of an RSS feed")
    return document


@dataclass(frozen=True, slots=True)
class WebSite:
    """Files wherever they are served. An address is asked about once."""

    known: dict[str, Answer] = field(default_factory=dict)

    def ask(self, url: str) -> Answer:
        """Whether it is there, how long, and whether parts can be had: HEAD first, as Apple asks."""
        if url not in self.known:
            self.known[url] = _answer(url)
        return self.known[url]

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length`. Raises OSError where they cannot be had."""
        with _ask(url, range=f"bytes={start}-{start + length - 1}") as response:
            if response.status == 206:
                return response.read(length)
            # A server without ranges sends everything from the start.
            response.read(start)
            return response.read(length)


def _answer(url: str) -> Answer:
    try:
        with _ask(url, method="HEAD") as response:
            length = response.headers.get("Content-Length", "")
            ranges = response.headers.get("Accept-Ranges", "").lower() == "bytes" or _gives_parts(url)
            return Answer("there", int(length) if length.isdecimal() else None, ranges)
    except HTTPError as error:
        if error.code in _NO_HEAD and _gives_parts(url):
            return Answer("there", None, True)
        return Answer("absent", why=f"(HEAD answers {error.code} {error.reason})")
    except OSError as error:
        return Answer("absent", why=f"({error})")


def _gives_parts(url: str) -> bool:
    try:
        with _ask(url, range="bytes=0-0") as response:
            return response.status == 206
    except OSError:
        return False


@contextmanager
def _ask(url: str, method: str = "GET", range: str | None = None) -> Iterator[http.client.HTTPResponse]:
    """One request. Raises OSError (urllib's errors are such) for every failure, a broken answer included."""
    if not is_address(url):
        raise URLError(f"{url} is no web address")
    headers = {"User-Agent": _AGENT} | ({"Range": range} if range else {})
    try:
        request = Request(url, headers=headers, method=method)  # noqa: S310 — http and https alone, see above
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            yield response
    except (http.client.HTTPException, ValueError) as error:
        raise URLError(str(error)) from error
