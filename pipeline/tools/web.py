"""Feeds and their files on the web, as podcast apps ask for them."""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pipeline.errors import InputError
from pipeline.formats.findings import Answer

T = TypeVar("T")

TIMEOUT = 20.0
"""Seconds without a byte after which a server counts as absent."""

PATIENCE = 300.0
"""Seconds for the head of one answer, and for its body, however steadily they drip."""

_AGENT = "Escaleta (podcast feed check)"
_ORIGIN = "https://player.example"
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"


def is_address(text: str) -> bool:
    """Whether it is an address rather than a path."""
    return text.lower().startswith(("http://", "https://"))


def fetch(url: str, largest: int) -> bytes:
    """A small document. Raises InputError where it cannot be had or has more than `largest` bytes."""
    try:
        with _ask(url, _Way({})) as response:
            document = _unpacked(_body(response, largest + 1), largest + 1)
    except (OSError, zlib.error) as error:
        raise InputError(f"cannot be fetched: {error}", where=url, todo="look at the address and the network") from None
    if len(document) > largest:
        raise InputError(f"has more than {largest} bytes", where=url, todo="give the address of an RSS feed")
    return document


def opened(ask: Callable[[], T]) -> T:
    """What a request gives once its answer has begun. Raises what it raises, TimeoutError where its head drips.

    A head comes in one call that knows no limit but that between two bytes: it is left to a thread that nobody waits
    for.
    """
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=work, name="asking", daemon=True).start()
    try:
        return answer.result(PATIENCE)
    except TimeoutError as error:
        raise TimeoutError(str(error) or f"no answer after {PATIENCE:.0f} s") from error


@dataclass(frozen=True, slots=True)
class WebSite:
    """Files wherever they are served. An address is asked about once; a host that gave no answer is left alone."""

    known: dict[str, Answer] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)

    def ask(self, url: str) -> Answer:
        """Whether it is there, how long, and whether parts can be had: HEAD first, as Apple asks."""
        if url not in self.known:
            self.known[url] = self._answer(url)
        return self.known[url]

    def read(self, url: str, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length`. Raises OSError where they cannot be had."""
        with self._ask(url, range=f"bytes={start}-{start + length - 1}") as response:
            if response.status == 206:
                return _body(response, length)
            # A server without ranges sends everything from the start.
            return _body(response, start + length)[start:]

    def _answer(self, url: str) -> Answer:
        try:
            with self._ask(url, method="HEAD") as response:
                ranges = response.headers.get("Accept-Ranges", "").lower() == "bytes" or bool(self._part(url))
                return Answer("there", _length(response.headers.get("Content-Length")), ranges, _shared(response))
        except HTTPError as error:
            refused = f"HEAD answers {error.code} {error.reason}"
            return self._part(url, refused) or Answer("absent", why=f"({refused})")
        except OSError as error:
            return Answer("absent", why=f"({error})")

    def _part(self, url: str, why: str = "") -> Answer | None:
        """What a request for the first byte tells; None where a part cannot be had."""
        try:
            with self._ask(url, range="bytes=0-0") as response:
                if response.status != 206:
                    return None
                total = response.headers.get("Content-Range", "").rpartition("/")[2]
                return Answer("there", _length(total), True, _shared(response), why)
        except OSError:
            return None

    @contextmanager
    def _ask(self, url: str, **options: str) -> Iterator[http.client.HTTPResponse]:
        way, answered = _Way(self.silent), False
        try:
            with _ask(url, way, **options) as response:
                answered = True
                yield response
        except OSError as error:
            why = getattr(error, "reason", error)
            if isinstance(why, TimeoutError) or (isinstance(why, OSError) and not answered):
                self.silent[way.host] = str(error)
            raise


def _shared(response: http.client.HTTPResponse) -> bool:
    return response.headers.get("Access-Control-Allow-Origin") in {"*", _ORIGIN}


def _length(told: str | None) -> int | None:
    return int(told) if told and told.isdecimal() and len(told) < 16 else None


class _Way(HTTPRedirectHandler):
    """Redirects on the web alone, past hosts known to be silent; HEAD stays HEAD, which urllib makes a GET.

    host: the one that was asked last, who is to answer for what went wrong.
    """

    def __init__(self, silent: Mapping[str, str]) -> None:
        self.host = ""
        self._silent = silent

    def http_request(self, request: Request) -> Request:
        """Every request passes here, those that follow a redirect among them. Raises URLError."""
        self.host = request.host
        if self.host in self._silent:
            raise URLError(self._silent[self.host])
        return request

    https_request = http_request

    def redirect_request(self, req: Request, *answer: Any) -> Request | None:
        followed = super().redirect_request(req, *answer)
        if followed and not is_address(followed.full_url):
            raise URLError(f"leads to {followed.full_url}, which is no web address")
        if followed and req.get_method() == "HEAD":
            followed.method = "HEAD"
        return followed


@contextmanager
def _ask(url: str, way: _Way, method: str = "GET", range: str | None = None) -> Iterator[http.client.HTTPResponse]:
    """One request. Raises OSError (urllib's errors are such) for every failure, a broken answer included."""
    if not is_address(url):
        raise URLError(f"{url} is no web address")
    headers = {"User-Agent": _AGENT, "Origin": _ORIGIN} | ({"Range": range} if range else {})
    try:
        # http and https alone, see above.
        request = Request(url, headers=headers, method=method)  # noqa: S310
        with opened(lambda: build_opener(way).open(request, timeout=TIMEOUT)) as response:
            yield response
    except (http.client.HTTPException, ValueError) as error:
        raise URLError(str(error)) from error


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    """At most `most` bytes. Raises OSError where they break off, or come too slowly to wait for."""
    body, last = bytearray(), time.monotonic() + PATIENCE
    while len(body) < most and (chunk := response.read1(min(_CHUNK, most - len(body)))):
        body += chunk
        if time.monotonic() > last:
            raise TimeoutError(f"not complete after {PATIENCE:.0f} s")
    if len(body) < most and response.length:
        raise ConnectionError(f"breaks off {response.length} bytes before its end")
    return bytes(body)


def _unpacked(body: bytes, most: int) -> bytes:
    """Some servers pack what nobody asked them to pack."""
    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, most) if body.startswith(_GZIP) else body
