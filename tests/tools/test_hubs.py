"""Hubs that answer on the loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.errors import EscaletaError
from pipeline.tools import web
from pipeline.tools.hubs import TOKEN, podping, websub

FEED = "https://tertulia.example.org/feed.xml?a=1&b=ñ"


class Hub(BaseHTTPRequestHandler):
    """Writes down what it hears; `/broken` answers 500, and the head of the answer of `/drips` never ends."""

    heard: list[dict[str, Any]]
    closing: threading.Event

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def _answer(self, form: str) -> None:
        self.heard.append(
            {name: values[0] for name, values in parse_qs(form).items()} | {"token": self.headers["Authorization"]}
        )
        if self.path.startswith("/drips"):
            self.wfile.write(b"HTTP/1.1 204 No Content\r\nX: ")
            while not self.closing.wait(0.05):
                self.wfile.write(b"a")
        self.send_response(500 if self.path.startswith("/broken") else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []
    closing = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), type("Listening", (Hub,), {"heard": heard, "closing": closing}))
    # It looks whether it is to end of its own accord only twice a second, and every test waits for that.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", heard
    closing.set()
    server.shutdown()
    server.server_close()


def test_websub(hub: tuple[str, list[dict[str, Any]]]) -> None:
    websub(hub[0], FEED)
    assert hub[1] == [{"hub.mode": "publish", "hub.url": FEED, "hub.topic": FEED, "token": None}]


def test_podping(hub: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "s3cr3t")
    podping(FEED, hub[0])
    assert hub[1] == [{"url": FEED, "reason": "update", "medium": "podcast", "token": "s3cr3t"}]


def test_podping_without_a_token(hub: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    with pytest.raises(EscaletaError, match=TOKEN):
        podping(FEED, hub[0])
    assert hub[1] == []


@pytest.mark.parametrize("bad", ["broken", "http://127.0.0.1:9/", "file:///etc/passwd", "http://[::1"])
def test_hubs_that_do_not_hear(
    hub: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setenv(TOKEN, "s3cr3t")
    address = hub[0] + bad if bad == "broken" else bad
    for tell in (lambda: websub(address, FEED), lambda: podping(FEED, address)):
        with pytest.raises(EscaletaError) as caught:
            tell()
        assert caught.value.todo
        assert "s3cr3t" not in str(caught.value)


def test_a_hub_whose_answer_never_begins_is_given_up(
    hub: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.3)
    with pytest.raises(EscaletaError, match=r"is out of reach: no answer after 0 s"):
        websub(f"{hub[0]}drips", FEED)
    assert len(hub[1]) == 1
