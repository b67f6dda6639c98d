"""Chapters in ID3, JSON, Podlove and the description: written, read back, hostile titles and all."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from mutagen.id3 import ID3

from pipeline.errors import InputError
from pipeline.formats import chapters_json, description, id3, plain, psc
from pipeline.formats.tags import Tag
from pipeline.model import Chapter, Link, Person, Sponsor

TITLES = st.text(min_size=1, max_size=300).filter(lambda title: plain.title(title) != "")

MP3_FRAMES = (b"\xff\xfb\x14\xc4" + bytes(92)) * 20
"""MPEG-1 layer III, 32 kbit/s, mono: enough of it for a reader to believe that it is MP3."""


@st.composite
def chapter_lists(draw: st.DrawFn) -> tuple[Chapter, ...]:
    gaps = draw(st.lists(st.integers(1, 4_000_000), min_size=1, max_size=12))
    starts = [sum(gaps[:n]) for n in range(len(gaps))]
    return tuple(Chapter(draw(TITLES), start, start + 1, start) for start in starts)


def plainly(chapters: tuple[Chapter, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((chapter.start, plain.title(chapter.title)) for chapter in chapters)


def tag(chapters: tuple[Chapter, ...], pictures: Mapping[str, bytes] | None = None) -> bytes:
    return id3.render(Tag("t", "a", "b", date(2023, 4, 12), "es", "c", chapters=chapters, pictures=pictures or {}))


@settings(max_examples=60, deadline=None)
@given(chapter_lists())
def test_every_carrier_reads_back_as_it_was(chapters: tuple[Chapter, ...]) -> None:
    item = etree.Element("item")
    item.append(psc.element(chapters))
    assert id3.parse_chapters(tag(chapters)) == plainly(chapters)
    assert chapters_json.parse(chapters_json.render(chapters, episode="e", show="s", author="a")) == plainly(chapters)
    assert psc.parse(etree.fromstring(etree.tostring(item))) == plainly(chapters)


@settings(max_examples=60, deadline=None)
@given(chapter_lists())
def test_the_description_counts_whole_seconds(chapters: tuple[Chapter, ...]) -> None:
    text = description.render("Resumen.", language="es", people=(), chapters=chapters, links=(), sponsors=())
    cut = tuple((start // 1000 * 1000, title) for start, title in plainly(chapters))
    if all(start < 100 * 3_600_000 for start, _ in cut):
        assert description.parse_chapters(text) == cut
        assert description.parse_chapters(description.from_html(description.to_html(text))) == cut


def test_thirty_long_chapters_keep_their_order() -> None:
    chapters = tuple(
        Chapter("x" * (200 - 6 * n), 60_000 * n, 60_000 * (n + 1), 0, url="https://e.org/" + "y" * n) for n in range(30)
    )
    assert id3.parse_chapters(tag(chapters)) == plainly(chapters)


def test_more_chapters_than_a_table_of_contents_counts() -> None:
    with pytest.raises(InputError, match="256 chapters"):
        tag(tuple(Chapter(str(n), n, n + 1, n) for n in range(256)))


def test_a_chapter_shows_its_own_picture_and_keeps_its_place() -> None:
    """FFmpeg takes the chapters as they come, mutagen reads what is in them."""
    pictures = {"a.jpg": b"\xff\xd8" + bytes(90_000), "b.jpg": b"\xff\xd8" + bytes(range(256))}
    shown = ("a.jpg", None, "b.jpg", "a.jpg", "https://e.org/absent.jpg")
    chapters = tuple(
        Chapter(f"Número {n}", n * 1417, (n + 1) * 1417, 0, image=name, url="https://e.org/")
        for n, name in enumerate(shown)
    )
    data = tag(chapters, pictures)
    frames = {frame.element_id: frame.sub_frames for frame in ID3(io.BytesIO(data)).getall("CHAP")}
    held = [[picture.data for picture in frames[f"chp{n}"].getall("APIC")] for n in range(len(shown))]
    assert held == [[pictures[name]] if name in pictures else [] for name in shown]
    assert {picture.mime for frame in frames.values() for picture in frame.getall("APIC")} == {"image/jpeg"}
    assert id3.parse_chapters(data) == plainly(chapters)
    with av.open(io.BytesIO(data + MP3_FRAMES), format="mp3") as container:
        read = [(chapter["start"], chapter["metadata"]["title"]) for chapter in container.chapters()]
    assert read == list(plainly(chapters))


def test_a_tag_knows_its_size() -> None:
    data = tag((Chapter("Uno", 0, 1000, 0),))
    assert id3.size(data[:10]) == len(data)
    assert id3.size(b"\xff\xfb\x90\x00" * 3) == 0


@pytest.mark.parametrize(("day", "told"), [(date(2023, 4, 12), ["2023-04-12"]), (None, [])])
def test_a_tag_of_a_draft_bears_no_date(day: date | None, told: list[str]) -> None:
    made = ID3(io.BytesIO(id3.render(Tag("t", "a", "b", day, "es", "c")) + MP3_FRAMES))
    assert [str(text) for frame in made.getall("TDRC") for text in frame.text] == told
    assert str(made["TIT2"]) == "t"


def test_a_tag_that_is_damaged() -> None:
    data = tag((Chapter("Uno", 0, 1000, 0), Chapter("Dos", 1000, 2000, 0)))
    with pytest.raises(ValueError, match="not there: chp1"):
        id3.parse_chapters(data.replace(b"CHAP", b"XXXX", 2).replace(b"XXXX", b"CHAP", 1))


def test_json_says_what_the_standard_asks() -> None:
    chapter = Chapter("Uno", 1417, 2000, 0, url="https://e.org/a+b", image="https://e.org/i.png")
    assert json.loads(chapters_json.render([chapter], episode="E", show="S", author="A")) == {
        "version": "1.2.0",
        "title": "E",
        "podcastName": "S",
        "author": "A",
        "chapters": [
            {
                "startTime": 1.417,
                "title": "Uno",
                "img": "https://e.org/i.png",
                "url": "https://e.org/a%2Bb",
                "endTime": 2.0,
            }
        ],
    }


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"chapters": 3}', '{"chapters": [3]}', '{"chapters": [{"title": "x"}]}']
)
def test_json_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        chapters_json.parse(text)


def test_description_in_full() -> None:
    text = description.render(
        "Uno.\n\nDos.",
        language="es-ES",
        people=(Person("Ana", "host"), Person("Luis", href="https://example.org/luis")),
        chapters=(Chapter("Inicio", 0, 90_999, 0), Chapter("Debate", 90_999, 99_000, 0)),
        links=(Link("Informe", "https://example.org/i"), Link("", "https://example.org/i"), Link("x", "javascript:x")),
        sponsors=(Sponsor("Veridas", "https://veridas.com/", "Identidad digital"),),
    )
    assert text == (
        "Uno.\n\nDos.\n\nCon:\n- Ana (presenta)\n- Luis (participa) https://example.org/luis\n\n"
        "Capítulos:\n00:00:00 Inicio\n00:01:30 Debate\n\nEnlaces:\n- Informe: https://example.org/i\n\n"
        "Patrocina Veridas. Identidad digital\nhttps://veridas.com/\n"
    )


def test_description_as_html_is_escaped_and_linked() -> None:
    html = description.to_html("Un <script> & https://example.org/?a=1&b=2.\nsegunda")
    assert html == (
        "<p>Un &lt;script&gt; &amp; "
        '<a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a>.<br>segunda</p>'
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6000), st.integers(0, 80), st.integers(0, 60))
def test_a_long_description_is_cut_for_feeds_but_keeps_its_chapters(size: int, chapters: int, links: int) -> None:
    made = tuple(Chapter(f"Capítulo número {n}", n * 60_000, n * 60_000 + 1, 0) for n in range(chapters))
    text = description.render(
        "palabra & " * (size // 10),
        language="es",
        people=(),
        chapters=made,
        links=tuple(Link(f"Enlace {n}", f"https://example.org/{n}") for n in range(links)),
        sponsors=(),
    )
    html = description.shortened(text)
    assert len(html.encode()) <= 4000
    assert description.parse_chapters(description.from_html(html)) == plainly(made)
    assert html.count("<p>") == html.count("</p>")
