"""A check of a feed on the web: a real server, HEAD and ranges and what goes wrong with them."""

from __future__ import annotations

import gzip
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.formats.findings import Finding
from pipeline.stages.check import check
from pipeline.tools.web import WebSite, fetch


@pytest.fixture
def online(publisher: Any, served: Callable[..., str]) -> Callable[..., tuple[Path, str]]:
    """Publishes an episode at a server's address: gives the folder and the feed's address."""

    def publish(**options: Any) -> tuple[Path, str]:
        publisher.public.mkdir()
        base = served(publisher.public, **options)
        publisher.show = replace(publisher.show, feed_url=f"{base}feed.xml")
        publisher.publish(publisher.release())
        return publisher.public, f"{base}feed.xml"

    return publish


def findings(url: str) -> list[Finding]:
    return list(check(fetch(url, 1_000_000), WebSite(), where=url))


def test_what_we_publish_has_nothing_to_complain_about_but_the_missing_s(online: Any) -> None:
    _, url = online()
    assert {finding.rule for finding in findings(url)} == {"apple/https"}


def test_a_server_without_ranges(online: Any, rangeless: type) -> None:
    _, url = online(handler=rangeless)
    assert {finding.rule for finding in findings(url)} == {"apple/https", "apple/range"}


def test_a_server_without_head(online: Any, headless: type) -> None:
    _, url = online(handler=headless)
    (finding,) = (finding for finding in findings(url) if finding.rule == "apple/head")
    assert (finding.severity, finding.what) == ("warning", "HEAD answers 405 Method Not Allowed")


def test_players_on_the_web_must_be_let_in(online: Any, closed: type) -> None:
    _, url = online(handler=closed)
    (told,) = (finding for finding in findings(url) if finding.rule == "podcasting-2.0/cors")
    assert told.place.endswith("transcript.vtt")
    assert told.what == "players on the web cannot read it (and so in 3 more)"


def test_head_stays_head_where_it_is_sent_on(
    online: Any, served: Callable[..., str], moved_to: Any, headless: type
) -> None:
    folder, _ = online()
    path = next(folder.glob("mlops/*.mp3"))
    answer = WebSite().ask(served(folder, handler=moved_to(served(folder, handler=headless))) + f"mlops/{path.name}")
    assert (answer.state, answer.length) == ("there", path.stat().st_size)
    assert answer.why == "HEAD answers 405 Method Not Allowed"
    assert WebSite().ask(served(folder, handler=moved_to("ftp://127.0.0.1/"))).state == "absent"


def test_a_feed_that_comes_packed(online: Any, tmp_path: Path, served: Callable[..., str]) -> None:
    folder, _ = online()
    document = (folder / "feed.xml").read_bytes()
    (tmp_path / "packed.xml").write_bytes(gzip.compress(document))
    (tmp_path / "bomb.xml").write_bytes(gzip.compress(bytes(2_000_000)))
    (tmp_path / "broken.xml").write_bytes(gzip.compress(document)[:9] + b"nothing")
    base = served(tmp_path)
    assert fetch(f"{base}packed.xml", 1_000_000) == document
    for name in ("bomb", "broken"):
        with pytest.raises(InputError):
            fetch(f"{base}{name}.xml", 1_000_000)


def test_an_answer_that_breaks_off(tmp_path: Path, served: Callable[..., str], breaking: type) -> None:
    (tmp_path / "feed.xml").write_bytes(bytes(1000))
    with pytest.raises(InputError, match="breaks off 500 bytes"):
        fetch(f"{served(tmp_path, handler=breaking)}feed.xml", 2000)


def test_a_host_that_gave_no_answer_is_left_alone() -> None:
    site = WebSite()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        assert site.ask(f"{base}a").state == "absent"
        nobody.listen()
        # Now there is one, which is not even asked.
        assert site.ask(f"{base}b").state == "absent"
        nobody.setblocking(False)
        with pytest.raises(BlockingIOError):
            nobody.accept()


def test_only_the_host_that_gave_no_answer_is_left_alone(
    tmp_path: Path, served: Callable[..., str], moved_to: Any
) -> None:
    site = WebSite()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        moved = served(tmp_path, handler=moved_to(dead))
        assert site.ask(f"{moved}a").state == "absent"
        nobody.listen()
        assert site.ask(f"{moved}b").state == "absent"
        nobody.setblocking(False)
        with pytest.raises(BlockingIOError):
            nobody.accept()
    assert list(site.silent) == [dead.split("/")[2]]


def test_what_is_gone(online: Any) -> None:
    folder, url = online()
    shutil.rmtree(folder / "mlops")
    found = {finding.rule: finding for finding in findings(url)}
    assert {"apple/head", "escaleta/chapters", "podcasting-2.0/transcript"} <= found.keys()
    assert "404" in found["apple/head"].what


def test_a_feed_that_is_not_there(online: Any) -> None:
    _, url = online()
    for bad in (url + "x", "http://127.0.0.1:9/feed.xml", "file:///etc/passwd", "http://[::1"):
        with pytest.raises(InputError) as caught:
            fetch(bad, 1000)
        assert caught.value.where == bad


def test_a_feed_without_end(online: Any) -> None:
    _, url = online()
    with pytest.raises(InputError, match="more than 100 bytes"):
        fetch(url, 100)
