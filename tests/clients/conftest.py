"""A static server that knows byte ranges, as podcast hosts must; and a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ASKED_EVERY = 0.01
"""Seconds after which a server looks whether it is to end: of its own accord only twice a second, and a test waits."""


class Handler(SimpleHTTPRequestHandler):
    """http.server's, with one range a request (RFC 9110, section 14)."""

    ranges = True
    shared = True

    def do_GET(self) -> None:
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not self.ranges or not match or not path.is_file():
            super().do_GET()
            return
        data = path.read_bytes()
        start, end = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        self.wfile.write(data[start : end + 1])

    def end_headers(self) -> None:
        if self.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if self.shared:
            self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Rangeless(Handler):
    """A server that sends everything or nothing."""

    ranges = False


class Headless(Handler):
    """A server that answers GET alone."""

    def do_HEAD(self) -> None:
        self.send_error(405)


class Closed(Handler):
    """A server that lets no page of another origin read."""

    shared = False


class Breaking(Handler):
    """A server that sends half of what it promised."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        data = source.read()
        outputfile.write(data[: len(data) // 2])


def moving(target: str) -> type[Handler]:
    """A server that has moved to `target`."""

    class Moved(Handler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", target.rstrip("/") + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

    return Moved


@pytest.fixture
def closed() -> type[Handler]:
    """See `Closed`."""
    return Closed


@pytest.fixture
def breaking() -> type[Handler]:
    """See `Breaking`."""
    return Breaking


@pytest.fixture
def moved_to() -> Callable[[str], type[Handler]]:
    """See `moving`."""
    return moving


@pytest.fixture
def rangeless() -> type[Handler]:
    """See `Rangeless`."""
    return Rangeless


@pytest.fixture
def headless() -> type[Handler]:
    """See `Headless`."""
    return Headless


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    """Serves a folder on the loopback and gives its address, with a slash at the end."""
    servers: list[ThreadingHTTPServer] = []

    def serve(folder: Path, handler: type[Handler] = Handler) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, args=(ASKED_EVERY,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
