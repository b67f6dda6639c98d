"""What is public is known from the feed's bytes, also from damaged ones, without a tree of them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.formats import addresses, feed_reading
from pipeline.stages.guards import PublicItem
from pipeline.stages.look import look

FEEDS = sorted((Path(__file__).parent.parent / "data" / "feeds").glob("**/*.xml"))
ITEM = "<item><title>T{0}</title><guid> g{0} </guid><enclosure url='https://a.example.org/s{0}/s.mp3'/></item>"


def by_the_tree(document: bytes) -> Iterator[PublicItem]:
    try:
        channel = feed_reading.read(document, where="test").channel
    except InputError:
        return
    for item in feed_reading.items(channel):
        guid, url = feed_reading.text(item, "guid"), feed_reading.attribute(item, "enclosure", "url")
        yield PublicItem((guid or "").strip(), addresses.episode_file(url or ""), feed_reading.name(item))


def feed(items: str, before: str = "") -> bytes:
    return f"<?xml version='1.0'?>{before}<rss version='2.0'><channel><title>A</title>{items}</channel></rss>".encode()


def test_there_are_feeds() -> None:
    assert FEEDS


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: "-".join(path.parts[-2:]))
def test_items_are_those_of_the_tree_also_of_a_damaged_feed(path: Path) -> None:
    document = path.read_bytes()
    assert look(document).items == tuple(by_the_tree(document))
    for end in range(0, len(document), len(document) // 50 + 1):
        cut = document[:end]
        assert look(cut).items == tuple(by_the_tree(cut[: cut.rfind(b"</item>") + 7]))


def test_a_feed_that_breaks_off_anywhere_names_nothing_that_it_did_not_name() -> None:
    """Half a GUID is nobody's: publishing would ask for an episode that there never was, and leave the feed broken."""
    document = feed("".join(map(ITEM.format, range(4))))
    whole = look(document).items
    assert len(whole) == 4
    for end in range(len(document)):
        found = look(document[:end]).items
        assert found == whole[: document[:end].count(b"</item>")]


def test_only_what_the_channel_holds_is_an_item() -> None:
    nested = f"<image>{ITEM.format(1)}</image>{ITEM.format(2)}<item><title>T3</title>{ITEM.format(4)}</item>"
    assert [item.name for item in look(feed(nested)).items] == ["T2", "T3"]
    assert look(f"<feed>{ITEM.format(1)}</feed>".encode()).items == ()
    assert look(b"").items == look(b"no feed").items == look(b"<item/>").items == ()


def test_nothing_is_read_from_elsewhere_and_nothing_grows(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    outside = f"<!DOCTYPE rss [<!ENTITY e SYSTEM 'file://{secret}'>]>"
    (item,) = look(feed("<item><title>T&e;</title><guid>g&e;</guid></item>", outside)).items
    assert (item.name, item.guid) == ("T", "g")
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    document = feed("<item><title>T&e11;</title></item>", f"<!DOCTYPE rss [<!ENTITY e0 'ha'>{laughs}]>")
    assert look(document).items == tuple(by_the_tree(document))
    assert all(len(item.name) < 100 for item in look(document).items)


def test_a_well_formed_feed_is_never_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_reading, "read", None)
    document = feed("".join(ITEM.format(number) for number in range(1000)))
    assert [item.guid for item in look(document).items] == [f"g{number}" for number in range(1000)]
    at_once = [len(item.getparent()) for item in feed_reading.each_item(document)]
    assert max(at_once) < 500, "as many as a piece of 32 KB holds, that the parser takes at a time"


def test_a_feed_beyond_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    document = feed(ITEM.format(1))
    assert [item.guid for item in look(document).items] == ["g1"]
    monkeypatch.setattr(feed_reading, "LARGEST", len(document) - 1)
    assert look(document).items == ()
