"""The desk's server: for this machine alone, for whoever knows the address, and for this one episode.

Every path begins with a secret token, and the Host header must name the loopback, so that no other page, nor a name
that was made to point here, can read anything. Whatever writes must come from the page itself (Origin) as JSON, and
small. Files are given by name, from a list made before anybody asks: the page's own, and the master.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import EscaletaError
from pipeline.model import Master
from pipeline.review import listening
from pipeline.review.corrections import Corrections, OvertakenError, save, versions
from pipeline.review.figures import figures_of
from pipeline.review.listening import Listening
from pipeline.review.republishing import Republisher
from pipeline.review.view import programme_version, view, words
from pipeline.runner import job_for
from pipeline.steps import Job
from pipeline.workspace import Workspace

LARGEST = 2_000_000
"""Bytes of a request's body."""

_LONGEST_ADDRESS = 2000
"""Characters. Python reads no number of more than 4300 digits."""

_KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
"""What browsers call the page's files: a system's own table may call them otherwise."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_BYTES = "application/octet-stream"
_PAGE = resources.files("pipeline.review") / "page"
_LOOPBACK = {"127.0.0.1", "localhost"}

_corrections: TypeAdapter[Corrections] = TypeAdapter(Corrections)


@dataclass
class Desk:
    """One episode on the desk."""

    workspace: Workspace
    slug: str

    @cached_property
    def republisher(self) -> Republisher:
        """What brings its files up to date."""
        return Republisher(self.workspace, self.slug)

    @cached_property
    def listening(self) -> Listening:
        """What draws its sound."""
        return Listening(self.job.folder.build)

    @property
    def job(self) -> Job:
        """The episode as its files are now."""
        return job_for(Workspace(self.workspace.root).episode(self.slug))

    def view(self) -> dict[str, Any]:
        """What the page shows."""
        self.listening.begin(self.job)
        return view(Workspace(self.workspace.root), self.slug) | {"run": self.republisher.told()}


def app(desk: Desk, token: str) -> ASGIApp:
    """The server's application; its address is `/{token}/`."""
    routes = [
        Route("/", _static(_PAGE / "index.html")),
        *(Route(f"/{file.name}", _static(file)) for file in _PAGE.iterdir() if PurePath(file.name).suffix in _KINDS),
        Route("/api/episode", _read(desk, lambda desk, request: desk.view())),
        Route("/api/standing", _read(desk, _standing)),
        Route("/api/run", _read(desk, lambda desk, request: desk.republisher.told())),
        Route("/api/words/{place:int}", _read(desk, _words)),
        Route("/api/sound", _read(desk, _sound)),
        Route("/api/columns/{level:int}", _read(desk, _columns)),
        Route("/api/samples", _read(desk, _samples)),
        Route("/api/plots", _read(desk, lambda desk, request: Response(figures_of(desk.job), media_type="text/html"))),
        Route("/audio.mp3", _read(desk, lambda desk, request: FileResponse(desk.job.master, media_type="audio/mpeg"))),
        Route("/api/save", _save(desk), methods=["POST"]),
        Route("/api/republish", _republish(desk), methods=["POST"]),
    ]
    return _Guard(Starlette(routes=routes), token)


# ── who may ask ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Guard:
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


async def _body(request: Request) -> bytes | None:
    """The request's body; None for one that is too large, which is read no further."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > LARGEST:
            return None
    return bytes(held)


# ── what is given ───────────────────────────────────────────────────────────────────────────────────────────────────

Endpoint = Callable[[Request], Awaitable[Response]]


def _static(file: Traversable) -> Callable[[Request], Response]:
    kind = _KINDS[PurePath(file.name).suffix]
    return lambda request: Response(file.read_bytes(), media_type=kind)


def _read(desk: Desk, ask: Callable[[Desk, Request], Any]) -> Endpoint:
    """Answers with what `ask` returns, a response or a value for JSON; it may read files, and takes its time apart."""

    async def endpoint(request: Request) -> Response:
        try:
            answer = await run_in_threadpool(ask, desk, request)
            return answer if isinstance(answer, Response) else _json(answer)
        except EscaletaError as error:
            return _json({"error": str(error), "overtaken": isinstance(error, OvertakenError)}, 409)
        except IndexError:
            return _json({"error": "there is nothing of that number"}, 404)

    return endpoint


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), status, media_type="application/json")


def _words(desk: Desk, request: Request) -> Any:
    return words(desk.job, request.path_params["place"], request.query_params.get("made", ""))


def _standing(desk: Desk, request: Request) -> Any:
    """What a page compares with what it has."""
    job = desk.job
    return {"versions": versions(job.folder), "made": programme_version(job), "run": desk.republisher.told()}


def _sound(desk: Desk, request: Request) -> Any:
    drawn = desk.listening.drawn
    if drawn is None:
        return {"ready": False}
    return {
        "ready": True,
        "digest": desk.listening.digest[:12],
        "columns": [len(level) for level in drawn.levels],
        "pauses": [[span.start, span.end] for span in drawn.pauses],
    }


def _number(request: Request, name: str, most: int) -> int:
    text = request.query_params.get(name, "0")
    return min(int(text), most) if text.isascii() and text.isdigit() else 0


def _columns(desk: Desk, request: Request) -> Response:
    levels = desk.listening.drawn.levels if desk.listening.drawn else ()
    first, count = _number(request, "first", 10**9), _number(request, "count", 1 << 16)
    columns = levels[request.path_params["level"]][first : first + count]
    return Response(columns.tobytes(), media_type=_BYTES)


def _samples(desk: Desk, request: Request) -> Response:
    start, end, job = _number(request, "start", 10**9), _number(request, "end", 10**9), desk.job
    heard = listening.samples(job.master, job.store.load("master", Master), start, end)
    return Response(heard.astype("<i2").tobytes(), media_type=_BYTES)


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────────────


def _save(desk: Desk) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _json({"error": "the page went away"}, 400)
        if body is None:
            return _json({"error": f"more than {LARGEST} bytes"}, 413)
        return await run_in_threadpool(_saved, desk, body)

    return endpoint


def _saved(desk: Desk, body: bytes) -> Response:
    try:
        corrections = _corrections.validate_json(body, strict=True, extra="forbid")
        made = save(Workspace(desk.workspace.root).episode(desk.slug), corrections)
    except OvertakenError as error:
        return _json({"error": error.what, "overtaken": True}, 409)
    except (ValidationError, EscaletaError) as error:
        return _json({"error": str(error)}, 400)
    desk.republisher.start()
    return _json({"versions": made, "run": desk.republisher.told()})


def _republish(desk: Desk) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        desk.republisher.start()
        return _json(desk.republisher.told(), 202)

    return endpoint
