"""The desk's server: for this machine alone, for whoever knows the address (`gate`), and for this one episode.

Files are given by name, from a list made before anybody asks: the page's own, and the master. What is written is small.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipeline.errors import EscaletaError
from pipeline.model import Master
from pipeline.review import listening
from pipeline.review.corrections import Corrections, OvertakenError, save, versions
from pipeline.review.figures import figures_of
from pipeline.review.gate import Gate
from pipeline.review.listening import Listening
from pipeline.review.republishing import Republisher
from pipeline.review.view import programme_version, view, words
from pipeline.runner import job_for
from pipeline.steps import Job
from pipeline.workspace import Workspace

LARGEST = 2_000_000
"""Bytes of a request's body."""

_KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
"""What browsers call the page's files: a system's own table may call them otherwise."""

_BYTES = "application/octet-stream"
_PAGE = resources.files("pipeline.review") / "page"

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
    return Gate(Starlette(routes=routes), token)


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


async def _body(request: Request) -> bytes | None:
    """The request's body; None for one that is too large, which is read no further."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > LARGEST:
            return None
    return bytes(held)


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
