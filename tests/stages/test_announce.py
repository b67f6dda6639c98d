from __future__ import annotations

import hashlib
from typing import Any

import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.formats.ledger import Ledger
from pipeline.stages.announce import announce

FEED = "https://tertulia.example.org/feed.xml"


class Hubs:
    """What was told, what is public, what is on record."""

    def __init__(self) -> None:
        self.ledger, self.public, self.told = Ledger(), b"feed", list[str]()

    def run(self, document: bytes = b"feed", **options: Any) -> tuple[str, ...]:
        arguments: dict[str, Any] = {"read_back": lambda _: self.public, "tellers": [self.told.append]} | options
        return announce(FEED, hashlib.sha256(document).hexdigest(), self.ledger, record=self._record, **arguments)

    def _record(self, ledger: Ledger) -> None:
        self.ledger = ledger


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


def test_once_for_each_change(hubs: Hubs) -> None:
    assert hubs.run() == hubs.run() == ()
    assert hubs.told == [FEED]
    hubs.public = b"newer"
    hubs.run(b"newer")
    assert hubs.told == [FEED, FEED]


def test_not_before_it_is_public(hubs: Hubs) -> None:
    hubs.public = b"older"
    (trouble,) = hubs.run()
    assert "older feed" in trouble
    assert hubs.told == []
    hubs.public = b"feed"
    assert hubs.run() == ()
    assert hubs.told == [FEED]


def test_a_feed_that_cannot_be_read_back(hubs: Hubs) -> None:
    def refuses(_: str) -> bytes:
        raise InputError("cannot be fetched", where=FEED)

    assert hubs.run(read_back=refuses) == (f"{FEED}: cannot be fetched",)
    assert hubs.ledger.announced is None


def test_one_deaf_hub_keeps_nobody_else_from_hearing_and_is_told_again(hubs: Hubs) -> None:
    def deaf(_: str) -> None:
        raise WorkspaceError("answers 500", where="hub")

    assert hubs.run(tellers=[deaf, hubs.told.append]) == ("hub: answers 500",)
    assert hubs.told == [FEED]
    assert hubs.run() == ()


def test_nobody_to_tell(hubs: Hubs) -> None:
    assert hubs.run(tellers=[], read_back=lambda _: pytest.fail("nothing to read back for")) == ()
    assert hubs.ledger == Ledger()
