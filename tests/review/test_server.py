"""The desk answers its own page, and nobody else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from pipeline import publishing
from pipeline.review.server import Desk
from pipeline.review.serving import listen, prepare
from pipeline.store import digest
from pipeline.workspace import Workspace


def ask(address: str, path: str = "", body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """One request, as the page sends it unless `headers` say otherwise ("_" stands for "-" in their names)."""
    parts = urlsplit(address)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"Origin": f"http://{parts.netloc}", "Content-Type": "application/json"} if data is not None else {}
    sent = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    line = HTTPConnection(parts.netloc, timeout=30)
    line.request("POST" if data is not None else "GET", parts.path + path, data, {k: v for k, v in sent.items() if v})
    answer = line.getresponse()
    result = answer.status, answer.read(), dict(answer.getheaders())
    line.close()
    return result


def told(address: str, path: str, body: Any = None) -> Any:
    return json.loads(ask(address, path, body)[1])


def settled(address: str) -> dict[str, Any]:
    """The republication's end."""
    while (run := told(address, "api/run"))["running"]:
        pass
    return dict(run)


def test_only_the_address_that_was_printed_opens_anything(looked_at: str) -> None:
    assert ask(looked_at)[0] == 200
    parts = urlsplit(looked_at)
    base = f"http://{parts.netloc}/"
    for path in ("", "wrong/", "wrong/api/episode", parts.path[1:-2] + "/", "api/episode", parts.path[1:-1]):
        assert ask(base + path)[0] == 403, path


def test_a_name_that_was_made_to_point_here_is_refused(looked_at: str) -> None:
    assert ask(looked_at, "api/episode", Host="evil.example.org")[0] == 421
    assert ask(looked_at, "api/episode", Host="127.0.0.1.evil.example.org")[0] == 421


def test_an_address_that_is_none_is_refused(looked_at: str) -> None:
    assert ask(looked_at, "api/episode", Host="[::1")[0] == 421
    assert ask(looked_at, f"api/samples?start={'9' * 5000}")[0] == 414
    assert ask(looked_at, f"api/words/{'9' * 5000}")[0] == 414
    assert ask(looked_at, f"api/samples?start={'9' * 1000}")[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://127.0.0.1:1", ""])
def test_no_other_page_writes(looked_at: str, origin: str) -> None:
    assert ask(looked_at, "api/save", {"base": {}}, Origin=origin)[0] == 403
    assert ask(looked_at, "api/republish", {}, Origin=origin)[0] == 403


def test_a_form_cannot_write(looked_at: str) -> None:
    assert ask(looked_at, "api/save", b"base=1", Content_Type="application/x-www-form-urlencoded")[0] == 415


@pytest.mark.parametrize(
    "path",
    [
        "../episode.yaml",
        "..%2fepisode.yaml",
        "%2e%2e/%2e%2e/feed/show.yaml",
        "....//feed/show.yaml",
        "api/../../etc/passwd",
        "//etc/passwd",
        "audio.mp3/../../episode.yaml",
        "episode.yaml",
        "server.py",
        "desk.js%00.css",
    ],
)
def test_nothing_but_the_page_and_the_sound_is_given(looked_at: str, path: str) -> None:
    status, body, _ = ask(looked_at, path)
    assert status in {403, 404}
    assert b"publish_at" not in body and b"root:" not in body and b"feed_url" not in body


def test_a_body_that_is_too_large_is_not_read(looked_at: str) -> None:
    assert ask(looked_at, "api/save", b"[" + b" " * 2_000_001)[0] == 413
    assert ask(looked_at, "api/episode")[0] == 200


def test_every_answer_says_what_a_browser_may_do_with_it(looked_at: str) -> None:
    for path in ("", "desk.js", "api/episode", "audio.mp3", "nothing"):
        headers = {name.lower(): value for name, value in ask(looked_at, path)[2].items()}
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_sound_is_given_by_ranges(looked_at: str) -> None:
    status, body, headers = ask(looked_at, "audio.mp3", Range="bytes=100-199")
    assert (status, len(body)) == (206, 100)
    assert headers["content-range"].startswith("bytes 100-199/")


def test_two_writers_lose_nothing(desk: str, show: Path) -> None:
    """The second is told, and writes again on top of what the first wrote."""
    first = second = told(desk, "api/episode")["versions"]
    mine = {"section": "Preguntas", "title": "Cartas", "start": None, "url": None, "image": None, "drop": False}
    status, _, _ = ask(desk, "api/save", {"base": first, "chapters": [mine]})
    assert status == 200
    assert settled(desk)["error"] is None
    theirs = mine | {"section": "Producción", "title": "En producción"}
    status, body, _ = ask(desk, "api/save", {"base": second, "chapters": [theirs]})
    assert (status, json.loads(body)["overtaken"]) == (409, True)
    file = show / "episodes" / "mlops" / "chapters.yaml"
    assert yaml.safe_load(file.read_text("utf-8")) == [{"section": "Preguntas", "title": "Cartas"}]
    fresh = told(desk, "api/episode")
    assert [entry["title"] for entry in fresh["entries"]] == ["Cartas"]
    assert ask(desk, "api/save", {"base": fresh["versions"], "chapters": [mine, theirs]})[0] == 200
    settled(desk)
    assert [chapter["title"] for chapter in told(desk, "api/episode")["chapters"]][1] == "Cartas"


def test_a_text_editor_is_a_writer_too(desk: str, show: Path) -> None:
    base = told(desk, "api/episode")["versions"]
    episode = show / "episodes" / "mlops" / "episode.yaml"
    episode.write_text(episode.read_text("utf-8") + "season: 2\n", "utf-8")
    assert ask(desk, "api/save", {"base": base, "cue": {"at": "0:44.5"}})[0] == 409
    assert "0:44.5" not in episode.read_text("utf-8")


@pytest.mark.parametrize(
    "entry",
    [
        {"section": "Preguntas", "start": "soon"},
        {"section": "Preguntas", "url": "javascript:alert(1)"},
        {"section": "Preguntas", "image": "../../feed/cover.png"},
        {"title": "no start"},
        {"section": "Preguntas", "colour": "red"},
    ],
)
def test_what_would_not_be_read_back_is_not_written(desk: str, show: Path, entry: dict[str, str]) -> None:
    base = told(desk, "api/episode")["versions"]
    assert ask(desk, "api/save", {"base": base, "chapters": [entry]})[0] == 400
    assert not (show / "episodes" / "mlops" / "chapters.yaml").exists()


@pytest.mark.parametrize("at", ["garbage", "1:99", ""])
def test_a_cue_that_is_no_time_is_not_written(desk: str, show: Path, at: str) -> None:
    episode = show / "episodes" / "mlops" / "episode.yaml"
    before, base = episode.read_bytes(), told(desk, "api/episode")["versions"]
    status, body, _ = ask(desk, "api/save", {"base": base, "cue": {"at": at}})
    assert (status, "cue_at" in json.loads(body)["error"]) == (400, True)
    assert episode.read_bytes() == before


@pytest.mark.parametrize("text", [b"- {a: [\n", b"a: b\n", b"&a [*a]\n", b"\xff\xfe", b"- {titel: X}\n"])
@pytest.mark.parametrize("name", ["chapters.yaml", "episode.yaml"])
def test_a_file_that_cannot_be_read_is_not_written_over(desk: str, show: Path, name: str, text: bytes) -> None:
    file = show / "episodes" / "mlops" / name
    file.write_bytes(text)
    base = {name: digest(text)[:16]}
    mine = {"title": "Mío", "start": "5", "section": None, "url": None, "image": None, "drop": False}
    made = {"chapters": [mine]} if name == "chapters.yaml" else {"cue": {"at": "7"}}
    status, body, _ = ask(desk, "api/save", {"base": base} | made)
    assert (status, name in json.loads(body)["error"]) == (400, True)
    assert file.read_bytes() == text


def test_more_chapters_than_anybody_writes(desk: str) -> None:
    base = told(desk, "api/episode")["versions"]
    entry = {"section": None, "url": None, "image": None, "drop": False}
    many = [entry | {"title": f"x{n}", "start": str(n)} for n in range(2001)]
    status, body, _ = ask(desk, "api/save", {"base": base, "chapters": many})
    assert status == 400
    assert "at most 2000" in json.loads(body)["error"]


def test_what_is_saved_while_a_run_is_on_is_published(desk: str, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run stands still behind its stages, which have read the files, until the second word is saved."""
    stands, goes_on, publish = threading.Event(), threading.Event(), publishing.publish_show

    def waiting(*arguments: Any) -> Any:
        stands.set()
        assert goes_on.wait(60)
        return publish(*arguments)

    monkeypatch.setattr(publishing, "publish_show", waiting)
    mine = {"section": "Preguntas", "title": "Uno", "start": None, "url": None, "image": None, "drop": False}
    base = told(desk, "api/episode")["versions"]
    first = json.loads(ask(desk, "api/save", {"base": base, "chapters": [mine]})[1])
    assert stands.wait(60)
    second = {"base": first["versions"], "chapters": [mine | {"title": "Dos"}]}
    assert ask(desk, "api/save", second)[0] == 200
    goes_on.set()
    assert settled(desk)["error"] is None
    chapters = json.loads((show / "feed" / "public" / "mlops" / "chapters.json").read_text("utf-8"))["chapters"]
    assert [chapter["title"] for chapter in chapters][1] == "Dos"
    assert told(desk, "api/episode")["stale"] == []


def unsay(show: Path) -> None:
    """Take from the episode what it cannot go out without."""
    file = show / "episodes" / "mlops" / "episode.yaml"
    lines = file.read_text("utf-8").splitlines(True)
    file.write_text("".join(line for line in lines if not line.startswith(("summary:", "publish_at:"))), "utf-8")


def test_a_draft_is_saved_and_is_up_to_date(desk: str, show: Path) -> None:
    unsay(show)
    shutil.rmtree(show / "feed" / "public")
    (show / "feed" / "ledger.yaml").unlink()
    publishing.publish_show(Workspace(show), datetime.now(UTC))
    mine = {"section": "Preguntas", "title": "Cartas", "start": None, "url": None, "image": None, "drop": False}
    base = told(desk, "api/episode")["versions"]
    assert ask(desk, "api/save", {"base": base, "chapters": [mine]})[0] == 200
    run = settled(desk)
    assert (run["error"], run["written"]) == (None, [])
    assert "release" not in run["ran"]
    fresh = told(desk, "api/episode")
    assert (fresh["chapters"][1]["title"], fresh["stale"], fresh["publish_at"]) == ("Cartas", [], None)


def test_what_is_public_and_no_longer_ready_is_not_up_to_date(desk: str, show: Path) -> None:
    unsay(show)
    page = show / "feed" / "public" / "mlops" / "index.html"
    before = page.read_bytes()
    mine = {"section": "Preguntas", "title": "Cartas", "start": None, "url": None, "image": None, "drop": False}
    base = told(desk, "api/episode")["versions"]
    assert ask(desk, "api/save", {"base": base, "chapters": [mine]})[0] == 200
    run = settled(desk)
    assert run["error"].startswith("episodes/mlops: is public, and not ready to go out as it is now")
    assert "`publish_at` in episodes/mlops/episode.yaml" in run["error"]
    assert "`summary` in episodes/mlops/episode.yaml" in run["error"]
    assert ("align" in run["ran"], page.read_bytes()) == (True, before)


def test_a_contradiction_is_shown(desk: str, show: Path) -> None:
    folder = show / "episodes" / "mlops"
    (folder / "chapters.yaml").write_text("- {section: Nada de eso, title: X}\n", "utf-8")
    (folder / "words.yaml").write_text("- {at: 0:02, heard: nunca dicho, say: X}\n", "utf-8")
    assert [one["stage"] for one in told(desk, "api/episode")["stale"]][:2] == ["align", "cue"]
    ask(desk, "api/republish", {})
    assert settled(desk)["error"] is None
    conflicts = told(desk, "api/episode")["conflicts"]
    assert len(conflicts) == 2
    assert "'Nada de eso'" in conflicts[0]
    assert "nunca dicho" in conflicts[1]
    assert "Nada de eso" in (folder / "chapters.yaml").read_text("utf-8")


@pytest.mark.parametrize("path", ["api/episode", "api/words/0", "api/samples", "api/plots", "audio.mp3"])
def test_a_file_that_cannot_be_read_is_named_wherever_one_asks(desk: str, show: Path, path: str) -> None:
    (show / "episodes" / "mlops" / "chapters.yaml").write_text("- {titel: X}\n", "utf-8")
    status, body, _ = ask(desk, path)
    assert status == 409
    assert "chapters.yaml" in json.loads(body)["error"]


def test_the_end_waits_for_nobody_who_reads_no_further(show: Path) -> None:
    """As a browser with the page left open on a long talk: it has asked for the sound, and takes none."""
    master = show / "episodes" / "mlops" / "build" / "master.mp3"
    os.truncate(master, 64_000_000)
    desk = Desk(Workspace(show), "mlops")
    with listen(0) as door, socket.socket() as reader:
        address, server = prepare(desk, door)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        parts = urlsplit(address)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((parts.hostname, parts.port))
        reader.sendall(f"GET {parts.path}audio.mp3 HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
        server.should_exit = True
        thread.join(30)
        ended = not thread.is_alive()
    thread.join()
    assert ended
