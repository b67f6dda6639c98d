"""What readers that nobody here wrote make of a published episode."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import feedparser
import podcastparser
import pytest
import webvtt
from mutagen.id3 import ID3
from mutagen.mp3 import MP3, BitrateMode

PARTYTIME = "podcast-partytime@5.0.0"
TITLES = ["Introducción", "Experimentación · Debate", "¿Sale rentable entrenar en la nube?", "Despedida"]
STARTS = [0, 31_417, 70_003, 121_999]


@pytest.fixture(scope="module")
def audio(published: Any) -> Path:
    (path,) = (published.public / "mlops").glob("*.mp3")
    return path


def test_podcastparser(published: Any, audio: Path) -> None:
    feed = podcastparser.parse(published.show.feed_url, io.BytesIO(published.feed()))
    (episode,) = feed["episodes"]
    assert feed["title"] == published.show.title
    assert feed["link"] == "https://tertulia.example.org/"
    assert feed["cover_url"].startswith("https://tertulia.example.org/cover-")
    assert feed["explicit"] is False
    assert feed["itunes_owner"] == {"name": "La TERTULia", "email": "hola@tertulia.example.org"}
    assert episode["title"] == "MLOps: del cuaderno a producción"
    assert episode["published"] == 1_681_275_600
    assert episode["total_time"] == 150
    assert (episode["number"], episode["season"], episode["type"]) == (12, 1, "full")
    assert episode["enclosures"] == [
        {
            "url": f"https://tertulia.example.org/mlops/{audio.name}",
            "file_size": audio.stat().st_size,
            "mime_type": "audio/mpeg",
        }
    ]
    assert [(c["start"], c["title"]) for c in episode["chapters"]] == [
        (start // 1000, title) for start, title in zip(STARTS, TITLES, strict=True)
    ]
    assert "De qué hablamos cuando hablamos de MLOps." in episode["description_html"]


def test_feedparser(published: Any, audio: Path) -> None:
    feed = feedparser.parse(published.feed())
    (entry,) = feed.entries
    assert not feed.bozo
    assert feed.feed.link == "https://tertulia.example.org/"
    assert feed.feed.language == "es"
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [published.show.feed_url]
    assert entry.published_parsed[:5] == (2023, 4, 12, 5, 0)
    assert entry.guidislink is False
    assert entry.enclosures[0].length == str(audio.stat().st_size)
    assert entry.podcast_chapters["url"] == "https://tertulia.example.org/mlops/chapters.json"


def test_mutagen_reads_the_tag(audio: Path) -> None:
    tag = ID3(audio)
    assert tag.version == (2, 3, 0)
    assert str(tag["TIT2"]) == "MLOps: del cuaderno a producción"
    assert str(tag["TALB"]) == "La TERTULia de la Inteligencia Artificial"
    assert str(tag["TDRC"]) == "2023-04-12"
    assert str(tag["TRCK"]) == "12"
    (table,) = tag.getall("CTOC")
    chapters = [tag[f"CHAP:{name}"] for name in table.child_element_ids]
    assert table.flags == 3
    assert [(c.start_time, str(c.sub_frames["TIT2"])) for c in chapters] == list(zip(STARTS, TITLES, strict=True))
    assert [c.end_time for c in chapters] == [*STARTS[1:], 150_000]
    assert {(c.start_offset, c.end_offset) for c in chapters} == {(0xFFFFFFFF, 0xFFFFFFFF)}
    assert chapters[1].sub_frames["WXXX:"].url == "https://example.org/notes?q=a%2Bb"
    assert str(tag.getall("COMM")[0]).startswith("De qué hablamos")


def test_frames_stand_in_order_of_time(audio: Path) -> None:
    data = audio.read_bytes()
    places = [data.index(f"chp{number}\x00".encode(), data.index(b"CHAP")) for number in range(len(TITLES))]
    assert places == sorted(places)
    assert data.index(b"CTOC") < data.index(b"CHAP")


def test_mutagen_measures_the_sound(audio: Path) -> None:
    info = MP3(audio).info
    assert info.bitrate_mode is not BitrateMode.VBR
    assert abs(info.length - 150) < 0.1


def test_ffmpeg_reads_chapters(audio: Path) -> None:
    with av.open(str(audio)) as container:
        found = [
            (round(chapter["start"] * chapter["time_base"] * 1000), chapter["metadata"]["title"])
            for chapter in container.chapters()
        ]
    assert found == list(zip(STARTS, TITLES, strict=True))


@pytest.mark.parametrize(
    ("name", "read", "who"), [("transcript.vtt", webvtt.read, ""), ("transcript.srt", webvtt.from_srt, "Andrés: ")]
)
def test_webvtt_py(published: Any, name: str, read: Callable[[str], Any], who: str) -> None:
    captions = list(read(str(published.public / "mlops" / name)))
    first = captions[0]
    assert (first.start_in_seconds, first.text.replace("\n", " ")) == (2, f"{who}Esto es MLOps, y no es tan difícil.")
    assert captions[-1].end_in_seconds <= 150


def test_webvtt_py_hears_the_voices(published: Any) -> None:
    captions = list(webvtt.read(str(published.public / "mlops" / "transcript.vtt")))
    assert [caption.voice for caption in captions[:4]] == ["Andrés", "Lucía", "Andrés", "Lucía"]


@pytest.fixture(scope="session")
def partytime(tmp_path_factory: pytest.TempPathFactory, required: Callable[[str, str], str]) -> Callable[[bytes], Any]:
    """Podcast Index's own parser, from npm."""
    node, npm = (required(name, "install Node.js 18 or later") for name in ("node", "npm"))
    folder = tmp_path_factory.mktemp("partytime")
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PARTYTIME]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        required(None, f"npm could not install {PARTYTIME}: {done.stderr[-300:]}")
    script = folder / "parse.js"
    script.write_text(
        'const { parseFeed } = require("podcast-partytime");\n'
        'const xml = require("fs").readFileSync(0, "utf8");\n'
        "process.stdout.write(JSON.stringify(parseFeed(xml, { allowMissingGuid: false })));\n"
    )

    def parse(document: bytes) -> Any:
        done = subprocess.run([node, str(script)], input=document, capture_output=True, check=True, cwd=folder)
        return json.loads(done.stdout[done.stdout.index(b"{") :])

    return parse


def test_partytime(published: Any, audio: Path, partytime: Callable[[bytes], Any]) -> None:
    feed = partytime(published.feed())
    (item,) = feed["items"]
    assert feed["title"] == published.show.title
    assert feed["guid"] == "76f0741f-4949-5a7c-a137-1670afe5739b"
    assert feed["locked"] is True
    assert feed["podcastOwner"] == "hola@tertulia.example.org"
    assert feed["podcastFunding"] == [{"message": "Invítanos a un café", "url": "https://tertulia.example.org/cafe"}]
    assert feed["license"]["identifier"] == "cc-by-4.0"
    assert feed["pubsub"]["self"] == published.show.feed_url
    assert feed["itunesCategory"] == ["Technology"]
    assert item["title"] == "MLOps: del cuaderno a producción"
    assert item["enclosure"] == {
        "url": f"https://tertulia.example.org/mlops/{audio.name}",
        "length": audio.stat().st_size,
        "type": "audio/mpeg",
    }
    assert item["guid"] == "9b6e43d8-5798-554d-bc39-268ce34fa8b0"
    assert item["pubDate"] == "2023-04-12T05:00:00.000Z"
    assert item["duration"] == 150
    assert [(t["url"].rpartition("/")[2], t["language"], t.get("rel")) for t in item["podcastTranscripts"]] == [
        ("transcript.vtt", "es", "captions"),
        ("transcript.srt", "es", "captions"),
        ("transcript.json", "es", None),
    ]
    assert item["podcastChapters"] == {
        "url": "https://tertulia.example.org/mlops/chapters.json",
        "type": "application/json+chapters",
    }
    assert [(p["name"], p["role"]) for p in item["podcastPeople"]] == [("Andrés", "Host"), ("Lucía", "Guest")]
    assert (item["podcastSeason"]["number"], item["podcastEpisode"]["number"]) == (1, 12)
