"""A check of a feed on the web: a real server, HEAD and ranges and what goes wrong with them."""

from __future__ import annotations

import shutil
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
def online(desk: Any, served: Callable[..., str]) -> Callable[..., tuple[Path, str]]:
    """Publishes an episode at a server's address: gives the folder and the feed's address."""

    def publish(**options: Any) -> tuple[Path, str]:
        desk.public.mkdir()
        base = served(desk.public, **options)
        desk.show = replace(desk.show, feed_url=f"{base}feed.xml")
        desk.publish(desk.release())
        return desk.public, f"{base}feed.xml"

    return publish


def findings(url: str, **options: Any) -> list[Finding]:
    return list(check(fetch(url, 1_000_000), WebSite(), where=url, **options))


def test_what_we_publish_has_nothing_to_complain_about_but_the_missing_s(online: Any) -> None:
    _, url = online()
    assert [finding.rule for finding in findings(url)] == ["apple/https"]


def test_a_server_without_ranges(online: Any, rangeless: type) -> None:
    _, url = online(handler=rangeless)
    assert {finding.rule for finding in findings(url)} == {"apple/https", "apple/range"}


def test_a_server_without_head(online: Any, headless: type) -> None:
    _, url = online(handler=headless)
    assert "apple/head" not in {finding.rule for finding in findings(url)}


def test_what_is_gone(online: Any) -> None:
    folder, url = online()
    shutil.rmtree(folder / "mlops")
    found = {finding.rule: finding for finding in findings(url)}
    assert {"apple/head", "escaleta/chapters", "podcasting-2.0/transcript"} <= found.keys()
    assert "404" in found["apple/head"].what


def test_only_the_newest_are_looked_at(online: Any) -> None:
    folder, url = online()
    shutil.rmtree(folder / "mlops")
    assert "apple/head" not in {finding.rule for finding in findings(url, newest=0)}


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
