from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest
import webvtt
from lxml import etree
from mutagen.id3 import ID3

from pipeline.errors import InputError
from pipeline.formats import id3, podcasting20
from pipeline.formats.page import parts
from pipeline.model import Campaign, Chapters, Person, Programme, Segment, Sponsor, Spot, Transcript
from pipeline.rules import needed
from pipeline.stages.check import check
from pipeline.tools.reach import LocalSite


@pytest.fixture
def titled(talk: Callable[[], Programme]) -> Callable[[str], Programme]:
    """The programme with another title for its first chapter."""

    def make(title: str) -> Programme:
        programme = talk()
        chapters = (replace(programme.chapters.chapters[0], title=title), *programme.chapters.chapters[1:])
        return replace(programme, chapters=replace(programme.chapters, chapters=chapters))

    return make


KINDS = ["audio", "chapters", "vtt", "srt", "transcript", "description", "page"]


def test_what_is_released_is_what_lies_there(publisher: Any) -> None:
    ready = publisher.release()
    assert [file.kind for file in ready.release.files] == KINDS
    for file in ready.release.files:
        data = (ready.folder / file.name.removeprefix("mlops/")).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.length, file.sha256)
    assert {path.name for path in ready.folder.iterdir()} == {f.name.split("/")[1] for f in ready.release.files}


def test_the_name_tells_the_bytes_and_the_enclosure_names_them(publisher: Any) -> None:
    release = publisher.release().release
    audio = release.files[0]
    assert audio.name == f"mlops/mlops-{audio.sha256[:8]}.mp3"
    assert release.item.enclosure.url == f"https://tertulia.example.org/{audio.name}"
    assert (release.item.enclosure.length, release.item.enclosure.type) == (audio.length, "audio/mpeg")


def test_the_sound_is_the_masters(publisher: Any) -> None:
    ready = publisher.release()
    data = (ready.folder / ready.release.files[0].name.split("/")[1]).read_bytes()
    assert data[id3.size(data[:10]) :] == publisher.tone.read_bytes()
    assert ready.release.item.duration == 150_000


def test_the_same_again_gives_the_same(publisher: Any) -> None:
    assert publisher.release() == publisher.release()


def test_a_changed_title_changes_tags_and_lists_alone(publisher: Any, titled: Any) -> None:
    before = publisher.release()
    after = publisher.release(programme=titled("Otro título"))
    changed = {
        kind
        for kind, a, b in zip(KINDS, before.release.files, after.release.files, strict=True)
        if a.sha256 != b.sha256
    }
    assert changed == {"audio", "chapters", "description", "page"}
    assert not (before.folder / before.release.files[0].name.split("/")[1]).exists()
    data = (after.folder / after.release.files[0].name.split("/")[1]).read_bytes()
    assert data.endswith(publisher.tone.read_bytes())


def test_no_summary_anywhere(publisher: Any) -> None:
    with pytest.raises(InputError) as caught:
        publisher.release(summary=None)
    assert caught.value.where == "episodes/mlops/episode.yaml: summary"
    assert caught.value.todo == f"write {needed('mlops', 'summary')}"


def test_nothing_is_left_half_done(publisher: Any) -> None:
    before = publisher.release()
    with pytest.raises(InputError):
        publisher.release(summary=" \n")
    assert {path.name for path in before.folder.iterdir()} == {f.name.split("/")[1] for f in before.release.files}


def test_references_of_what_was_not_talked_about_are_left_out(publisher: Any) -> None:
    description = publisher.release().release.item.description
    assert "https://example.org/a%2Bb" in description
    assert "oculta" not in description


def test_a_sponsor_whose_spot_is_not_in_the_programme_is_not_named(publisher: Any) -> None:
    publisher.show = replace(
        publisher.show,
        sponsors=(
            Sponsor("Veridas", "https://veridas.com/"),
            Sponsor("Otra", "https://otra.example/"),
            Sponsor("Amiga", "https://amiga.example/"),
        ),
        campaigns=(Campaign("veridas", "v.flac", "Veridas"), Campaign("otra", "o.flac", "Otra")),
    )
    description = publisher.release().release.item.description
    assert "Patrocina Veridas" in description
    assert "Patrocina Amiga" in description
    assert "Otra" not in description


SAYS = "¿Cuántas contraseñas has olvidado? La mejor llave eres tú."


def told_of(publisher: Any, talk: Any, campaign: Campaign, *, start: int = 60_000, end: int = 66_000) -> list[Any]:
    """The transcript's segments at a spot that lies there, as released; nothing else is said meanwhile."""
    programme = talk()
    others = tuple(s for s in programme.transcript.segments if s.end <= start or s.start >= end)
    publisher.show = replace(publisher.show, campaigns=(campaign,))
    publisher.ready = publisher.release(
        programme=replace(
            programme,
            transcript=replace(programme.transcript, segments=others),
            spots=(Spot(campaign.name, 0, start, end, ""),),
        )
    )
    segments = json.loads((publisher.ready.folder / "transcript.json").read_text("utf-8"))["segments"]
    assert [one["startTime"] for one in segments] == sorted(one["startTime"] for one in segments)
    return [one for one in segments if start <= one["startTime"] * 1000 < end]


def test_what_a_spot_says_is_read_where_it_is_heard(publisher: Any, talk: Any) -> None:
    first, second = told_of(publisher, talk, Campaign("spring", "v.flac", "Veridas", says=SAYS))
    assert first == {
        "speaker": "Veridas",
        "startTime": 60.0,
        "endTime": 64.0,
        "body": "(Publicidad) ¿Cuántas contraseñas has olvidado?",
    }
    assert second == {"speaker": "Veridas", "startTime": 64.0, "endTime": 66.0, "body": "La mejor llave eres tú."}
    cues = webvtt.read(str(publisher.ready.folder / "transcript.vtt"))
    at = {cue.start: (cue.voice, cue.text) for cue in cues}
    assert at["00:01:00.000"] == ("Veridas", "(Publicidad) ¿Cuántas contraseñas has olvidado?")
    assert at["00:01:04.000"] == ("Veridas", "La mejor llave eres tú.")
    subrip = (publisher.ready.folder / "transcript.srt").read_text("utf-8")
    assert "00:01:00,000 --> 00:01:04,000\nVeridas: (Publicidad) ¿Cuántas\ncontraseñas has olvidado?\n" in subrip
    html = (publisher.ready.folder / "index.html").read_text("utf-8")
    assert '<b>Veridas</b> <span data-t="60.0">(Publicidad) ¿Cuántas contraseñas has olvidado?</span>' in html


def test_a_spot_whose_words_nobody_wrote_is_told_of(publisher: Any, talk: Any) -> None:
    (only,) = told_of(publisher, talk, Campaign("spring", "v.flac", "Veridas"))
    assert only == {"speaker": "Veridas", "startTime": 60.0, "endTime": 66.0, "body": "(Publicidad)"}


def test_where_no_name_is_known_the_notice_names_the_sponsor(publisher: Any, talk: Any) -> None:
    unnamed = talk()
    segments = tuple(replace(segment, speaker=None) for segment in unnamed.transcript.segments)
    unnamed = replace(unnamed, transcript=replace(unnamed.transcript, segments=segments))
    first, second = told_of(publisher, lambda: unnamed, Campaign("spring", "v.flac", "Veridas", says=SAYS))
    assert (first["body"], second["body"]) == (
        "(Publicidad: Veridas) ¿Cuántas contraseñas has olvidado?",
        "La mejor llave eres tú.",
    )
    assert "speaker" not in first
    assert "<v " not in (publisher.ready.folder / "transcript.vtt").read_text("utf-8")


def test_a_spot_is_a_paragraph_of_its_own() -> None:
    said = (
        Segment(0, 900, "Antes."),
        Segment(1000, 1900, "Cuña."),
        Segment(2000, 3000, "Más."),
        Segment(3200, 4000, "Sigo."),
    )
    transcript, spots = Transcript("es", said), (Spot("spring", 0, 1000, 3100, ""),)
    (part,) = parts(transcript, (), spots)
    assert [[one.text for one in paragraph.sentences] for paragraph in part.paragraphs] == [
        ["Antes."],
        ["Cuña.", "Más."],
        ["Sigo."],
    ]


def test_a_spot_of_the_shows_own_is_no_advertisement(publisher: Any, talk: Any) -> None:
    assert [one["body"] for one in told_of(publisher, talk, Campaign("thanks", "t.flac", says="Gracias."))] == [
        "Gracias."
    ]
    assert told_of(publisher, talk, Campaign("thanks", "t.flac")) == []


def test_what_the_show_says_of_a_person_holds_where_the_episode_says_nothing(publisher: Any) -> None:
    publisher.show = replace(
        publisher.show, people=(Person("Andrés", "host", href="https://e.org/a", img="https://e.org/a.jpg"),)
    )
    people = publisher.release(people=(Person("Andrés", "guest host", href="https://e.org/b"), Person("Lucía"))).release
    assert people.item.people == (
        Person("Andrés", "guest host", "cast", href="https://e.org/b", img="https://e.org/a.jpg"),
        Person("Lucía", "guest", "cast"),
    )


@pytest.mark.parametrize(
    ("person", "group"),
    [
        (Person("A", "Audio Editor"), "audio post-production"),
        (Person("A", "editor"), "writing"),
        (Person("A", "editor", "video post-production"), "video post-production"),
    ],
)
def test_a_person_is_of_the_group_of_their_role(publisher: Any, person: Person, group: str) -> None:
    assert publisher.release(people=(person,)).release.item.people[-1].group == group
    publisher.show = replace(publisher.show, people=(person,))
    publisher.publish()
    (told,) = etree.fromstring(publisher.feed()).iterfind(f"channel/{{{podcasting20.NAMESPACE}}}person")
    assert told.get("group") == group


def test_pictures_are_published_under_a_name_of_their_own(publisher: Any) -> None:
    picture = publisher.root / "debate.png"
    picture.write_bytes(b"\xff\xd8\xffa picture")
    ready = publisher.release(image="debate.png", pictures={"debate.png": picture})
    (file,) = [file for file in ready.release.files if file.kind == "image"]
    assert ready.release.item.image == f"https://tertulia.example.org/{file.name}"
    name = file.name.split("/")[1]
    assert (ready.folder / name).read_bytes() == b"\xff\xd8\xffa picture"
    assert f'<img src="{name}" alt=""' in (ready.folder / "index.html").read_text("utf-8")


def test_a_picture_is_found_whatever_it_is_called(publisher: Any, talk: Any) -> None:
    called = "50 % más #1+?.png"
    (publisher.root / called).write_bytes(publisher.cover.read_bytes())
    programme = talk()
    first, *others = programme.chapters.chapters
    chapters = replace(programme.chapters, chapters=(replace(first, image=called), *others))
    made = {"programme": replace(programme, chapters=chapters), "pictures": {called: publisher.root / called}}
    ready = publisher.release(image=called, **made)
    publisher.publish(ready)
    site = LocalSite(publisher.public, "https://tertulia.example.org/")
    page = (publisher.public / "mlops" / "index.html").read_text("utf-8")
    shown = [urljoin(ready.release.item.link, source) for source in re.findall(r'<img src="([^"]+)"', page)]
    told = json.loads((publisher.public / "mlops" / "chapters.json").read_text("utf-8"))["chapters"][0]["img"]
    assert shown == [ready.release.item.image, told]
    assert [site.ask(url).state for url in shown] == ["there", "there"]


def test_a_cover_is_found_whatever_it_is_called(publisher: Any) -> None:
    publisher.cover_name = "50 % más #1+?.png"
    (publisher.root / "cover.png").rename(publisher.cover)
    ready = publisher.release()
    publisher.publish(ready)
    site = LocalSite(publisher.public, "https://tertulia.example.org/")
    for page in (publisher.public / "index.html", publisher.public / "mlops" / "index.html"):
        address = f"https://tertulia.example.org/{page.relative_to(publisher.public)}"
        (source,) = re.findall(r'<img src="([^"]+)"', page.read_text("utf-8"))
        assert site.ask(urljoin(address, source)).state == "there"
    assert check(publisher.feed(), site, where="feed.xml") == ()


def test_an_episode_without_a_picture_shows_the_cover(publisher: Any) -> None:
    page = (publisher.release().folder / "index.html").read_text("utf-8")
    assert re.search(r'<div class="head">\s*<img src="../cover-[0-9a-f]{8}.png" alt=""', page)


def test_a_chapters_picture_is_in_the_tag_where_the_chapter_is(publisher: Any, talk: Any) -> None:
    picture = publisher.root / "debate.png"
    picture.write_bytes(b"\xff\xd8\xffa picture")
    programme = talk()
    chapters = list(programme.chapters.chapters)
    chapters[1] = replace(chapters[1], image="debate.png")
    programme = replace(programme, chapters=replace(programme.chapters, chapters=tuple(chapters)))
    ready = publisher.release(
        programme=programme, pictures={"debate.png": picture}, thumbnails={"debate.png": b"\xff\xd8small"}
    )
    tag = (ready.folder / ready.release.files[0].name.split("/")[1]).read_bytes()
    held = [frame.sub_frames.getall("APIC") for frame in ID3(io.BytesIO(tag)).getall("CHAP")]
    assert sum(len(pictures) for pictures in held) == 1
    (shown,) = [frame for frame in ID3(io.BytesIO(tag)).getall("CHAP") if frame.sub_frames.getall("APIC")]
    assert (shown.start_time, shown.sub_frames["APIC:"].data) == (31_417, b"\xff\xd8small")
    document = json.loads((ready.folder / "chapters.json").read_text())
    assert [chapter.get("img") for chapter in document["chapters"]] == [None, ready.release.item.chapters[1].image] + [
        None
    ] * 2


def test_a_picture_that_is_not_there(publisher: Any) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        publisher.release(pictures={"x.png": publisher.root / "x.png"})


def test_a_picture_that_is_none(publisher: Any) -> None:
    (publisher.root / "x.png").write_bytes(b"garbage\n")
    with pytest.raises(InputError, match="is not a picture"):
        publisher.release(image="x.png", pictures={"x.png": publisher.root / "x.png"})


def test_an_episode_without_chapters(publisher: Any, talk: Any) -> None:
    ready = publisher.release(programme=replace(talk(), chapters=Chapters(())))
    assert "chapters" not in [file.kind for file in ready.release.files]
    assert ready.release.item.chapters_url is None
    assert "Capítulos" not in ready.release.item.description


def test_captions_are_in_programme_time(publisher: Any) -> None:
    ready = publisher.release()
    document = json.loads((ready.folder / "transcript.json").read_text())
    captions = list(webvtt.read(str(ready.folder / "transcript.vtt")))
    assert document["segments"][0]["startTime"] == 2.0
    assert captions[0].start == "00:00:02.000"


def test_a_template_of_the_shows_own(publisher: Any) -> None:
    """From when it is there, though pages were made before."""
    templates = publisher.root / "templates"
    assert "<script>" in (publisher.release(templates=templates).folder / "index.html").read_text()
    templates.mkdir()
    (templates / "episode.html").write_text("<h1>{{ item.title }}</h1>")
    ready = publisher.release(title="A <b> & C", templates=templates)
    assert (ready.folder / "index.html").read_text() == "<h1>A &lt;b&gt; &amp; C</h1>"


def test_hostile_words_come_out_harmless(publisher: Any, titled: Any) -> None:
    hostile = "]]> <script>alert(1)</script> \x00 \u202e {{ 7 * 7 }} " + "x" * 10_000
    ready = publisher.release(programme=titled(hostile), title=hostile, summary=hostile)
    page = (ready.folder / "index.html").read_text()
    assert "<script>alert" not in page
    assert "49" not in page.split("</style>")[1].split("<h2")[0]
    tag = (ready.folder / ready.release.files[0].name.split("/")[1]).read_bytes()
    assert id3.parse_chapters(tag)[0][1].startswith("]]> <script>alert(1)</script> {{ 7 * 7 }} x")
    assert len(ready.release.item.title) <= 255
