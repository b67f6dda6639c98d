"""Who may ask the desk's server, and with which headers it answers.

Every path begins with a secret token, and the Host header must name the loopback, so that no other page, nor a name
that was made to point here, can read anything. Whatever writes must come from the page itself (Origin) as JSON.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_LONGEST_ADDRESS = 2000
"""Characters. Python reads no number of more than 4300 digits."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets through only what may come in, without the token in its path."""

    inner: ASGIApp
    token: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = _refusal(Request(scope), self.token)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        inside = {**scope, "path": scope["path"].removeprefix(f"/{self.token}")}
        await self.inner(inside, receive, _with_headers(send))


def _refusal(request: Request, token: str) -> Response | None:
    host = _host(request)
    if host is None or host.hostname not in _LOOPBACK:
        return _no(421, "this server answers to 127.0.0.1 alone")
    if len(str(request.url)) > _LONGEST_ADDRESS:
        return _no(414, f"an address of more than {_LONGEST_ADDRESS} characters")
    first, _, _ = request.url.path.lstrip("/").partition("/")
    if not hmac.compare_digest(first.encode(), token.encode()) or not request.url.path.startswith(f"/{token}/"):
        return _no(403, "open the address that `escaleta review` printed")
    return None if request.method in {"GET", "HEAD"} else _refusal_to_write(request, host)


def _refusal_to_write(request: Request, host: SplitResult) -> Response | None:
    if request.headers.get("origin") != f"http://{host.netloc}":
        return _no(403, "only the desk's own page may write")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return _no(415, "write JSON")
    return None


def _host(request: Request) -> SplitResult | None:
    """What the Host header names, None for nothing."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}")
    except ValueError:
        return None


def _no(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status, headers=_HEADERS)


def _with_headers(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            added = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
            kept = [pair for pair in message["headers"] if pair[0] not in {name for name, _ in added}]
            message = {**message, "headers": kept + added}
        await send(message)

    return sending
