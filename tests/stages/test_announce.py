from __future__ import annotations

import hashlib
from typing import Any

import pytest

from pipeline.errors import InputError, WorkspaceError
from pipeline.formats.ledger import Ledger
from pipeline.stages.announce import Announcement, announce

FEED = "https://tertulia.example.org/feed.xml"


class Desk:
    """What was told, what is public, what is on record."""

    def __init__(self) -> None:
        self.ledger, self.public, self.told = Ledger(), b"feed", list[str]()

    def run(self, document: bytes = b"feed", **options: Any) -> Announcement:
        arguments: dict[str, Any] = {"read_back": lambda _: self.public, "tellers": [self.told.append]} | options
        return announce(FEED, hashlib.sha256(document).hexdigest(), self.ledger, record=self._record, **arguments)

    def _record(self, ledger: Ledger) -> None:
        self.ledger = ledger


@pytest.fixture
def hubs() -> Desk:
    return Desk()


def test_once_for_each_change(hubs: Desk) -> None:
    assert hubs.run() == hubs.run() == Announcement(done=True)
    assert hubs.told == [FEED]
    hubs.public = b"newer"
    hubs.run(b"newer")
    assert hubs.told == [FEED, FEED]


def test_not_before_it_is_public(hubs: Desk) -> None:
    hubs.public = b"older"
    announcement = hubs.run()
    assert not announcement.done
    assert "older feed" in announcement.troubles[0]
    assert hubs.told == []
    hubs.public = b"feed"
    assert hubs.run().done
    assert hubs.told == [FEED]


def test_a_feed_that_cannot_be_read_back(hubs: Desk) -> None:
    def refuses(_: str) -> bytes:
        raise InputError("cannot be fetched", where=FEED)

    assert hubs.run(read_back=refuses).troubles == (f"{FEED}: cannot be fetched",)
    assert hubs.ledger.announced is None


def test_one_deaf_hub_keeps_nobody_else_from_hearing_and_is_told_again(hubs: Desk) -> None:
    def deaf(_: str) -> None:
        raise WorkspaceError("answers 500", where="hub")

    announcement = hubs.run(tellers=[deaf, hubs.told.append])
    assert (announcement.done, announcement.troubles) == (False, ("hub: answers 500",))
    assert hubs.told == [FEED]
    assert hubs.run().done


def test_nobody_to_tell(hubs: Desk) -> None:
    assert hubs.run(tellers=[], read_back=lambda _: pytest.fail("nothing to read back for")).done
    assert hubs.ledger == Ledger()
