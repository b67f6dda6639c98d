"""Words that mean harm, in every place where people's words go, as every carrier's reader gets them."""

from __future__ import annotations

import io
import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import feedparser
import pytest
import webvtt
from lxml import etree
from mutagen.mp3 import MP3

from pipeline.model import Link, Person, Sponsor, Txt

KINDS = {
    "markup": "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>",
    "XML": "]]> <![CDATA[ &amp; &#0; &lol; --> <!-- <?php ?>",
    "control": "a\x00\x08\x0b\x1b[31m\x7f\x9b31m\ufffe b",
    "direction": "uno \u202egpj.exe\u2066 dos\u2069\u200f tres",
    "emoji": "👩‍🔬👨‍👩‍👧‍👦🏳️‍🌈 ñandú",
    "surrogate": "medio \ud83d par",
    "long": "palabra " * 1250,
    "one word": "x" * 10_000,
    "templates": "{{ 7 * 7 }} {% raw %} ${x} %s {0}",
    "captions": "WEBVTT\r\n\r\nNOTE\r\n1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<v Ana>",
}
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Tags(HTMLParser):
    """The elements of a page with their attributes' names: what words may never add to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"p", "br"}:
            self.found[tag, *sorted(name for name, _ in attrs)] += 1


def tags(page: Path) -> Counter[tuple[str, ...]]:
    reader = Tags()
    reader.feed(page.read_text("utf-8"))
    return reader.found


def harmful(text: str) -> set[str]:
    return {sign for sign in text if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cs"}} | TURNING & set(text)


@pytest.fixture
def spoken(publisher: Any, talk: Callable[[], Any]) -> Callable[[str], Path]:
    """Publishes an episode and a show that say the same thing everywhere; gives the public folder."""

    def publish(words: str) -> Path:
        programme = talk()
        chapters = tuple(replace(chapter, title=words) for chapter in programme.chapters.chapters)
        first, *others = programme.transcript.segments
        segments = (replace(first, text=words, speaker=words, words=()), *others)
        spoken = replace(
            programme,
            chapters=replace(programme.chapters, chapters=chapters),
            transcript=replace(programme.transcript, segments=segments),
        )
        publisher.show = replace(
            publisher.show,
            title=words,
            description=words,
            author=words,
            copyright=words,
            funding=(Link(words, "https://e.org/"),),
            txt=(Txt(words, words),),
            sponsors=(Sponsor("Veridas", "https://e.org/", words),),
            people=(Person(words, "host"),),
        )
        publisher.publish(
            publisher.release(
                programme=spoken, title=words, summary=words, people=(Person(f"{words}!", href="https://e.org/"),)
            )
        )
        return Path(publisher.public)

    return publish


@pytest.fixture
def harmless(published: Any) -> dict[str, Counter[tuple[str, ...]]]:
    """The elements of the pages of the same episode, with words of no malice."""
    return {name: tags(published.public / name) for name in ("mlops/index.html", "index.html")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_carrier(spoken: Callable[[str], Path], harmless: dict[str, Any], kind: str) -> None:
    public = spoken(KINDS[kind])
    for name, expected in harmless.items():
        told = tags(public / name)
        assert (told - expected, expected - told) == (Counter(), Counter())
    episode = public / "mlops"
    for path in (p for p in public.rglob("*") if p.suffix in {".html", ".xml", ".json", ".vtt", ".srt", ".txt"}):
        assert not harmful(path.read_text("utf-8")), path
    check_feed((public / "feed.xml").read_bytes())
    check_captions(episode)
    check_json(episode)
    check_tag(next(episode.glob("*.mp3")).read_bytes())


def check_feed(document: bytes) -> None:
    etree.fromstring(document)
    read = feedparser.parse(document)
    (entry,) = read.entries
    assert not read.bozo
    assert 0 < len(entry.title) <= 255 and 0 < len(read.feed.title) <= 255
    assert len(etree.fromstring(document).findtext("channel/item/description", "").encode()) <= 4000
    assert len(entry.psc_chapters.chapters if "psc_chapters" in entry else "1234") == 4


def check_captions(episode: Path) -> None:
    vtt, srt = ((episode / f"transcript.{suffix}").read_text("utf-8") for suffix in ("vtt", "srt"))
    cues = webvtt.from_buffer(io.StringIO(vtt)).captions
    assert len(cues) == vtt.count("-->") > 0
    blocks = srt.strip().split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == [str(number) for number in range(1, len(blocks) + 1)]
    assert srt.count("-->") == len(blocks)
    assert "{\\" not in srt and "<" not in srt


def check_json(episode: Path) -> None:
    chapters = json.loads((episode / "chapters.json").read_text("utf-8"))["chapters"]
    assert [0 < len(chapter["title"]) <= 255 for chapter in chapters] == [True] * 4
    transcript = json.loads((episode / "transcript.json").read_text("utf-8"))
    assert not any(harmful(segment["body"] + segment.get("speaker", "")) for segment in transcript["segments"])


def check_tag(sound: bytes) -> None:
    tag = MP3(io.BytesIO(sound)).tags
    titles = [str(tag["TIT2"]), *(str(chapter.sub_frames["TIT2"]) for chapter in tag.getall("CHAP"))]
    assert len(titles) == 5
    assert all(0 < len(title) <= 255 and not harmful(title) for title in titles)
    assert not any(harmful(str(comment)) for comment in tag.getall("COMM"))
