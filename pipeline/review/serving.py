"""`escaleta review`: the desk on a port of this machine, until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from pipeline.errors import InputError
from pipeline.review.server import Desk, app
from pipeline.store import Store
from pipeline.workspace import Workspace

_PATIENCE = 2
"""Seconds that the end waits for who still reads: a browser at rest keeps a long talk open, and takes no more of it."""


def serve(workspace: Workspace, slug: str, *, port: int, browser: bool, say: Callable[[str], None]) -> None:
    """Serve the desk of a produced episode. port: 0 for any that is free.

    Raises InputError where the episode was never produced, or the port is taken.
    """
    folder = workspace.episode(slug)
    if not all(Store(folder.build).path(name).exists() for name in ("programme", "master")):
        todo = f"run `escaleta produce {slug}` first"
        raise InputError("there is nothing to look at yet", where=f"episodes/{slug}", todo=todo)
    desk = Desk(workspace, slug)
    desk.view()
    with listen(port) as door:
        address, server = prepare(desk, door)
        say(address)
        if browser:
            webbrowser.open(address)
        server.run(sockets=[door])
    desk.republisher.wait()


def prepare(desk: Desk, door: socket.socket) -> tuple[str, uvicorn.Server]:
    """The secret address of a desk behind `door`, and what is to run there."""
    token = secrets.token_urlsafe(24)
    config = uvicorn.Config(
        app(desk, token),
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_PATIENCE,
    )
    return f"http://127.0.0.1:{door.getsockname()[1]}/{token}/", uvicorn.Server(config)


def listen(port: int) -> socket.socket:
    """A door on the loopback. port: 0 for any that is free. Raises InputError where it is taken."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        # Whoever opens the address before the server is up waits for it.
        door.listen()
    except OSError as error:
        door.close()
        raise InputError(f"port {port} cannot be used: {error.strerror}", todo="choose another with --port") from error
    return door
