from __future__ import annotations

import locale
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.formats import feed_reading, plain, rss
from pipeline.formats.guids import feed_guid, item_guid
from pipeline.model import Chapter, Enclosure, Feed, Item, Link, Owner, Person, Show, TranscriptLink, Txt

NAMESPACES = feed_reading.NAMESPACES
SHOW = Show("S", "D", "es", "https://e.org/", "https://e.org/feed.xml", "A", Owner("O", "o@e.org"), "c.png")
ITEM = Item(
    guid="1",
    title="T",
    link="https://e.org/t/index.html",
    summary="s",
    description="s\n",
    published=datetime(2023, 3, 26, 3, 30, tzinfo=timezone(timedelta(hours=2))),
    enclosure=Enclosure("https://e.org/t.mp3", 10, "audio/mpeg"),
    duration=61_999,
)
HOSTILE = "]]> <script>alert(1)</script> \x00\x0b\ud800 \u202e &amp; ' \" 👩\u200d🔬 " + "x" * 10_000


def render(*items: Item, **changes: Any) -> bytes:
    show = replace(SHOW, **changes)
    return rss.render(Feed(show, items, datetime(2023, 4, 1, tzinfo=UTC)), cover_url="https://e.org/c.png")


def well_formed(document: bytes) -> etree._Element:
    reading = feed_reading.read(document, where="test")
    assert reading.fault is None
    return reading.channel


def channel(*items: Item, **changes: Any) -> etree._Element:
    return well_formed(render(*items, **changes))


def text(element: etree._Element, path: str) -> str | None:
    return feed_reading.text(element, path)


def test_the_same_feed_gives_the_same_bytes() -> None:
    assert render(ITEM) == render(ITEM)


def test_no_clock() -> None:
    assert text(channel(ITEM), "lastBuildDate") == "Sat, 01 Apr 2023 00:00:00 +0000"


@pytest.mark.parametrize(
    ("head", "built"),
    [
        (render(ITEM)[:2000], datetime(2023, 4, 1, tzinfo=UTC)),
        (b"<lastBuildDate>Sat, 01 Apr 2023 02:00:00 +0200</lastBuildDate>", datetime(2023, 4, 1, tzinfo=UTC)),
        (b"<lastBuildDate>Sat, 01 Apr 2023 00:00:00 -0000</lastBuildDate>", datetime(2023, 4, 1, tzinfo=UTC)),
        (b"<lastBuildDate>yesterday</lastBuildDate>", None),
        (b"<lastBuildDate>\xff</lastBuildDate>", None),
        (b"<rss/>", None),
    ],
)
def test_when_a_feed_was_built_by_its_own_word(head: bytes, built: datetime | None) -> None:
    assert rss.built(head) == built


def test_the_channels_link_is_the_shows() -> None:
    found = channel(ITEM)
    assert text(found, "link") == "https://e.org/"
    assert feed_reading.attribute(found, "atom:link", "href") == "https://e.org/feed.xml"


def test_items_keep_their_order() -> None:
    items = [replace(ITEM, guid=str(n), title=f"T{n}") for n in range(3)]
    assert [text(item, "title") for item in feed_reading.items(channel(*items))] == ["T0", "T1", "T2"]


def test_dates_keep_their_zone_and_durations_are_whole_seconds() -> None:
    (item,) = feed_reading.items(channel(ITEM))
    assert text(item, "pubDate") == "Sun, 26 Mar 2023 03:30:00 +0200"
    assert text(item, "itunes:duration") == "61"


def test_dates_are_english_in_any_locale() -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
        assert b"Sun, 26 Mar 2023" in render(ITEM)
    finally:
        locale.setlocale(locale.LC_ALL, before)


@pytest.mark.parametrize(("explicit", "written"), [(True, "true"), (False, "false")])
def test_explicit_is_true_or_false(explicit: bool, written: str) -> None:
    found = channel(replace(ITEM, explicit=explicit), explicit=explicit)
    (item,) = feed_reading.items(found)
    assert (text(found, "itunes:explicit"), text(item, "itunes:explicit")) == (written, written)


def test_everything_a_show_says() -> None:
    found = channel(
        subcategory="Tech News",
        category="News",
        copyright="© A",
        license="cc-by-4.0",
        funding=(Link("Café", "https://e.org/f"),),
        update_frequency="monthly",
        txt=(Txt("s3cr3t", "verify"), Txt("libre")),
        people=(Person("Ana", "host", href="https://e.org/ana"),),
        guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
    )
    (news,) = feed_reading.every(found, "itunes:category")
    assert (news.get("text"), news[0].get("text")) == ("News", "Tech News")
    assert text(found, "copyright") == "© A"
    assert text(found, "podcast:license") == "cc-by-4.0"
    assert text(found, "podcast:funding") == "Café"
    assert feed_reading.attribute(found, "podcast:funding", "url") == "https://e.org/f"
    assert text(found, "podcast:updateFrequency") == "monthly"
    assert [(txt.text, txt.get("purpose")) for txt in feed_reading.every(found, "podcast:txt")] == [
        ("s3cr3t", "verify"),
        ("libre", None),
    ]
    assert text(found, "podcast:guid") == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    assert dict(feed_reading.every(found, "podcast:person")[0].attrib) == {
        "role": "host",
        "group": "cast",
        "href": "https://e.org/ana",
    }


def test_a_feed_that_directories_shall_not_list() -> None:
    hidden, listed = channel(listed=False), channel()
    assert (text(hidden, "itunes:block"), text(hidden, "podcast:block")) == ("Yes", "yes")
    assert (text(listed, "itunes:block"), text(listed, "podcast:block")) == (None, None)


def test_everything_an_episode_says() -> None:
    full = replace(
        ITEM,
        chapters=(Chapter("Uno", 0, 1417, 0), Chapter("Dos", 1417, 9000, 0, image="https://e.org/2.png")),
        chapters_url="https://e.org/t/chapters.json",
        transcripts=(TranscriptLink("https://e.org/t.vtt", "text/vtt", "es", "captions"),),
        people=(Person("Luis"),),
        image="https://e.org/t.webp",
        season=2,
        number=3,
        kind="bonus",
    )
    (item,) = feed_reading.items(channel(full))
    assert [text(item, f"itunes:{tag}") for tag in ("season", "episode", "episodeType")] == ["2", "3", "bonus"]
    assert feed_reading.attribute(item, "itunes:image", "href") == "https://e.org/t.webp"
    assert [text(item, f"podcast:{tag}") for tag in ("season", "episode", "person")] == ["2", "3", "Luis"]
    assert dict(feed_reading.every(item, "podcast:transcript")[0].attrib) == {
        "url": "https://e.org/t.vtt",
        "type": "text/vtt",
        "language": "es",
        "rel": "captions",
    }
    chapters = feed_reading.every(item, "psc:chapters/psc:chapter")
    assert [dict(chapter.attrib) for chapter in chapters] == [
        {"start": "00:00:00.000", "title": "Uno"},
        {"start": "00:00:01.417", "title": "Dos", "image": "https://e.org/2.png"},
    ]


def test_hostile_words_are_only_words() -> None:
    document = render(
        replace(
            ITEM, title=HOSTILE, description=HOSTILE, people=(Person(HOSTILE),), chapters=(Chapter(HOSTILE, 0, 1, 0),)
        ),
        title=HOSTILE,
        description=HOSTILE,
        author=HOSTILE,
        copyright=HOSTILE,
    )
    found = well_formed(document)
    (item,) = feed_reading.items(found)
    assert "]]> <script>alert(1)</script>" in (text(item, "title") or "")
    assert len(text(item, "title") or "") <= 255
    assert len((text(item, "description") or "").encode()) <= 4000
    assert "<script" not in (text(item, "description") or "")
    assert "x" * 10_000 in (text(item, "content:encoded") or "")
    assert len((text(found, "description") or "").encode()) <= 4000
    assert not feedparser.parse(document).bozo


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1).filter(str.strip), st.text())
def test_any_words_make_a_feed(title: str, summary: str) -> None:
    found = channel(replace(ITEM, title=title + "!", description=summary + "!"), title=title + "!")
    (item,) = feed_reading.items(found)
    assert text(found, "title") == text(item, "title") == plain.title(title + "!")


def test_guids_are_the_standards() -> None:
    """The example of the namespace's own documentation."""
    show = replace(SHOW, feed_url="https://podnews.net/rss")
    assert feed_guid(show) == "9b024349-ccf0-5f69-a609-6b82873eab3c"
    assert feed_guid(replace(show, feed_url="http://podnews.net/rss///")) == feed_guid(show)
    assert feed_guid(replace(show, guid="x")) == "x"


def test_an_episodes_guid_hangs_on_show_and_folder_alone() -> None:
    assert item_guid(SHOW, "mlops") == item_guid(replace(SHOW, title="Otro"), "mlops")
    others = (item_guid(SHOW, "dos"), item_guid(replace(SHOW, guid="x"), "mlops"))
    assert item_guid(SHOW, "mlops") not in others


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def pages(episodes: int, limit: int, **changes: Any) -> dict[str, etree._Element]:
    items = tuple(replace(ITEM, guid=str(n), title=f"T{n}") for n in reversed(range(episodes)))
    feed = Feed(replace(SHOW, **changes), items, datetime(2023, 4, 1, tzinfo=UTC))
    made = rss.documents(feed, cover_url="https://e.org/c.png", limit=limit)
    return {document.name: well_formed(b"".join(document.pieces)) for document in made}


def guids(found: etree._Element) -> list[str]:
    return [text(item, "guid") or "" for item in feed_reading.items(found)]


def links(found: etree._Element) -> dict[str, str]:
    return {link.get("rel") or "": link.get("href") or "" for link in feed_reading.every(found, "atom:link")}


def test_a_feed_that_fits_is_one_document() -> None:
    assert list(pages(600, 10_000_000)) == ["feed.xml"]


def test_a_long_feed_leads_from_document_to_document_without_losing_an_episode() -> None:
    made = pages(700, 200_000)
    assert list(made) == ["feed-1.xml", "feed-2.xml", "feed.xml"]
    assert links(made["feed.xml"])["next"] == links(made["feed.xml"])["prev-archive"] == "https://e.org/feed-2.xml"
    assert links(made["feed-2.xml"]) == {
        "self": "https://e.org/feed-2.xml",
        "current": "https://e.org/feed.xml",
        "next": "https://e.org/feed-1.xml",
        "prev-archive": "https://e.org/feed-1.xml",
    }
    assert "next" not in links(made["feed-1.xml"])
    walked = [guid for name in ("feed.xml", "feed-2.xml", "feed-1.xml") for guid in guids(made[name])]
    assert walked == [str(n) for n in reversed(range(700))]


def test_files_are_called_what_a_server_looks_for() -> None:
    made = pages(300, 1000, feed_url="https://e.org/mi%20programa.xml")
    assert list(made) == ["mi programa-1.xml", "mi programa.xml"]
    assert links(made["mi programa.xml"])["self"] == "https://e.org/mi%20programa.xml"
    assert links(made["mi programa.xml"])["next"] == links(made["mi programa-1.xml"])["self"]
    assert links(made["mi programa-1.xml"])["self"] == "https://e.org/mi%20programa-1.xml"


def test_full_archives_stay_as_they_are() -> None:
    before, after = pages(700, 200_000), pages(701, 200_000)
    assert guids(before["feed-1.xml"]) == guids(after["feed-1.xml"])
    assert guids(before["feed-2.xml"]) == guids(after["feed-2.xml"])
    assert guids(after["feed.xml"])[1:] == guids(before["feed.xml"])


def test_an_archive_is_never_the_whole_feed() -> None:
    assert guids(pages(250, 10)["feed.xml"]) == [str(n) for n in reversed(range(250))]


@pytest.mark.parametrize("episodes", [0, 1, 250, 251, 600])
def test_a_feed_made_part_by_part_is_the_same(episodes: int) -> None:
    items = tuple(replace(ITEM, guid=str(n), title=f"T{n} ]]> </channel>") for n in reversed(range(episodes)))
    feed = Feed(SHOW, items, datetime(2023, 4, 1, tzinfo=UTC))
    (made,) = rss.documents(feed, cover_url="https://e.org/c.png", limit=10_000_000)
    assert b"".join(made.pieces) == render(*items)


def test_the_feed_keeps_as_many_episodes_as_its_limit_takes() -> None:
    """To the byte: the size of what goes to archives is counted, not guessed."""
    items = tuple(replace(ITEM, guid=str(n), title=f"T{n}") for n in reversed(range(700)))
    feed = Feed(SHOW, items, datetime(2023, 4, 1, tzinfo=UTC))

    def sizes(limit: int) -> list[int]:
        made = rss.documents(feed, cover_url="https://e.org/c.png", limit=limit)
        return [sum(map(len, document.pieces)) for document in made]

    (whole,), (_, second) = sizes(10_000_000), sizes(sizes(10_000_000)[0] - 1)
    assert len(sizes(whole)) == 1
    assert len(sizes(second)) == 2
    assert len(sizes(second - 1)) == 3


def test_a_hub_is_named_in_the_feed() -> None:
    assert links(channel(ITEM, hub="https://hub.example/"))["hub"] == "https://hub.example/"
    assert "hub" not in links(channel(ITEM))
