"""Feeds in the shapes of other producers, with what is wrong in each; their shows and words are made up.

A case is a folder of `tests/data/feeds` with `feed.xml` and `expected.txt`: a line a finding.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.formats import feed_reading
from pipeline.formats.feed_rules import feed_findings
from pipeline.formats.findings import Finding, folded

CASES = sorted((Path(__file__).parents[1] / "data" / "feeds").glob("*/feed.xml"))


def found(document: bytes) -> tuple[Finding, ...]:
    return folded(feed_findings(feed_reading.read(document, where="feed.xml"), document))


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_what_is_found(case: Path) -> None:
    told = [f"{one.severity:8}{one.rule:26}{one.place}: {one.what}" for one in found(case.read_bytes())]
    assert told == (case.parent / "expected.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    document = f"{declared}<rss><channel><title>Año</title></channel></rss>"
    reading = feed_reading.read(document.encode(encoding), where="x")
    assert (feed_reading.text(reading.channel, "title"), reading.fault) == ("Año", None)


ITEMS = "".join(f"<item><title>T{n}</title><guid isPermaLink='false'>{n}</guid></item>" for n in range(5))
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{ENTITIES}]>'


@pytest.mark.parametrize(
    "document",
    [
        f"{BOMB}<rss><channel><title>&l11;</title></channel></rss>",
        f'{BOMB}<rss><channel><title a="&l11;">x</title></channel></rss>',
        "<rss><channel>" + "<a>" * 50_000,
        "<rss><channel><title>" + "x" * 11_000_000,
        "<rss><channel><title>a & b &nbsp; \x08 < c</title></channel></rss>",
        "<rss><channel><item><title>cut sho",
        "<rss><channel>" + "&" * 1_000_000,
    ],
    ids=["entities", "entities in an attribute", "depth", "length", "signs", "cut", "faults"],
)
def test_what_strict_readers_refuse_is_a_finding(document: str) -> None:
    faults = [one for one in found(document.encode()) if one.rule == "rss/xml"]
    assert [one.severity for one in faults] == ["error"]
    assert len(str(faults[0])) < 1000


def test_numbers_without_end() -> None:
    digits = "9" * 5000
    document = (
        '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:psc="http://podlove.org/simple-chapters">'
        f'<channel><item><title>T</title><enclosure url="https://e.org/a.mp3" length="{digits}" type="audio/mpeg"/>'
        f"<itunes:duration>{digits}</itunes:duration><pubDate>Mon, {digits} Jan {digits} 00:00:00 +{digits}</pubDate>"
        f'<psc:chapters><psc:chapter start="{digits}:00:00" title="x"/></psc:chapters></item></channel></rss>'
    )
    rules = {one.rule for one in found(document.encode())}
    assert {"psp-1/enclosure", "psp-1/duration", "apple/date", "podlove/start"} <= rules


def test_what_holds_of_many_is_said_once() -> None:
    told = [one for one in found(f"<rss><channel>{ITEMS}</channel></rss>".encode()) if "enclosure" in one.place]
    assert [(one.place, one.what) for one in told] == [("T0: enclosure", "is missing (and so in 4 more)")]


def test_nothing_that_a_terminal_acts_upon_is_told() -> None:
    document = f"<rss><channel><item><title>\x9b31m\u202e{'x' * 10_000}</title></item></channel></rss>"
    for one in found(document.encode()):
        assert (one.place + one.what).isprintable()
        assert len(one.place) < 200
