"""What people write, and what they are told when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import chapter_edits, cut_edits, load_edits, load_episode, load_show
from pipeline.errors import ConfigError, EscaletaError, InputError
from pipeline.formats import yaml_text
from pipeline.model import CutEdit, Family
from pipeline.rules import check_slug, publish_time
from pipeline.workspace import Workspace

SHOW = """\
title: La TERTULia
description: De inteligencia artificial
language: es
link: https://tertulia.example.org/
feed_url: https://tertulia.example.org/feed.xml
author: La TERTULia
owner: {name: La TERTULia, email: hola@tertulia.example.org}
cover: cover.jpg
timezone: Europe/Madrid
sponsors: [{name: Veridas, url: https://veridas.com/}]
campaigns: [{name: spring, audio: spots/spring.flac, sponsor: Veridas, first: "2026-03-01"}]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return put


def faults(error: ConfigError) -> list[tuple[int, str]]:
    return [(fault.line, fault.field) for fault in error.faults]


def test_a_show(write: Callable[[str, str], Path]) -> None:
    show = load_show(write("show.yaml", SHOW))
    assert show.owner.email == "hola@tertulia.example.org"
    assert show.campaigns[0].first is not None
    assert (show.campaigns[0].first.year, show.campaigns[0].place) == (2026, "cue")
    assert show.sound.true_peak == -1.0


def test_every_fault_at_once_with_line_and_field(write: Callable[[str, str], Path]) -> None:
    text = SHOW.replace("title: La TERTULia\n", "title: 3\n", 1).replace("link: https", "link: gopher")
    text = text.replace("cover: cover.jpg", "cover: ../../cover.jpg\nlangauge: es").replace(
        "sponsor: Veridas", "sponsor: X"
    )
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    assert sorted(faults(caught.value)) == [(1, "title"), (4, "link"), (8, "cover"), (9, "langauge")]
    assert "feed/show.yaml:9: langauge: not a field that is known here; language is" in str(caught.value)


def test_of_a_field_that_is_not_known_the_nearest_in_its_place_is_told(write: Callable[[str, str], Path]) -> None:
    text = SHOW.partition("\npeople:")[0] + (
        "\npeople: [{apodo: Ana, name: Ana, rol: host}]\n"
        "categories: Technology\n"
        "music: {intros: a.flac}\n"
        "ad_free: {feed_url: https://free.example.org/feed.xml, feedurl: x}\n"
        "quite_another: 1\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    told = {fault.field: fault.what.removeprefix("not a field that is known here") for fault in caught.value.faults}
    assert told == {
        "people.0.apodo": "",
        "people.0.rol": "; role is",
        "categories": "; category is",
        "music.intros": "; intro is",
        "ad_free.feedurl": "; feed_url is",
        "quite_another": "",
    }


@pytest.mark.parametrize(
    "address",
    [
        "https://tertulia.example.org",
        "https://tertulia.example.org/feed.xml?token=a/b",
        "https://tertulia.example.org/feed.xml#new",
        "https://ana:secret@tertulia.example.org/feed.xml",
        "https://tertulia.example.org/../feed.xml",
        "https://[tertulia/feed.xml",
        "https://tertulia.example.org/%2e%2e/feed.xml",
        "https://tertulia.example.org/%2e%2e",
        "https://tertulia.example.org/a%2Fb.xml",
        "https://tertulia.example.org/feed%0a.xml",
        "https://tertulia.example.org/feed%00.xml",
        "https://tertulia.example.org/feed%ff.xml",
        "https://tertulia.example.org/.feed.xml",
        "https://tertulia.example.org/index.html",
        "https://tertulia.example.org/%69ndex.HTML",
        f"https://tertulia.example.org/{'a' * 300}.xml",
    ],
)
def test_a_feeds_address_names_a_file(write: Callable[[str, str], Path], address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", SHOW.replace("https://tertulia.example.org/feed.xml", f'"{address}"')))
    assert faults(caught.value) == [(5, "feed_url")]


def test_figures_that_cannot_be_meant(write: Callable[[str, str], Path]) -> None:
    text = SHOW + "sound: {loudness: 3, bitrate: 77, longest_silence: 0}\nchapters: {review_below: 50}\n"
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    told = {fault.field: fault.what for fault in caught.value.faults}
    assert set(told) == {"sound.loudness", "sound.bitrate", "sound.longest_silence", "chapters.review_below"}
    assert told["sound.loudness"] == "should be from -40 to -8"
    assert "320" in told["sound.bitrate"]


def test_a_role_is_one_of_the_podcast_taxonomy_s(write: Callable[[str, str], Path]) -> None:
    text = SHOW.partition("\npeople:")[0] + (
        "\npeople:\n"
        "  - {name: A, role: Co-Host}\n"
        "  - {name: B, role: hosts}\n"
        "  - {name: C, role: presentadora}\n"
        "  - {name: D, role: composer, group: Audio Post-Production}\n"
        "  - {name: E, group: audio}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    told = {fault.field: fault.what for fault in caught.value.faults if fault.field.startswith("people")}
    usual = "a role is one of the Podcast Taxonomy's, as in host, co-host, guest, producer, audio editor"
    assert told["people.1.role"] == f"'hosts' is not known; 'host' is: {usual}"
    assert told["people.2.role"] == f"'presentadora' is not known: {usual}"
    assert set(told) == {"people.1.role", "people.2.role", "people.4.group"}


def test_a_show_adds_what_its_hosts_say(write: Callable[[str, str], Path]) -> None:
    show = load_show(write("show.yaml", SHOW + "phrases: {move: [al lío], closing: [que os vaya bonito, agur]}\n"))
    assert show.phrases == {"move": ("al lío",), "closing": ("que os vaya bonito", "agur")}


def test_phrases_of_no_family_and_what_is_no_phrase(write: Callable[[str, str], Path]) -> None:
    text = SHOW + "phrases:\n  movee: [al lío]\n  closing: [3]\n  turn: ['']\n  topic: al lío\n"
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    told = {fault.field: (fault.line, fault.what) for fault in caught.value.faults}
    first = len(SHOW.splitlines()) + 2
    assert told["phrases.movee"][0] == first
    assert all(repr(name) in told["phrases.movee"][1] for name in get_args(Family))
    assert told["phrases.closing.0"] == (first + 1, "should be text (put it in quotes)")
    assert told["phrases.turn.0"] == (first + 2, "should not be empty")
    assert told["phrases.topic"] == (first + 3, "should be a list")


def test_what_is_no_answer_to_whether_a_feed_is_listed(write: Callable[[str, str], Path]) -> None:
    text = SHOW + "ad_free: {feed_url: https://free.example.org/feed.xml, listed: everywhere}\n"
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", text))
    (fault,) = caught.value.faults
    assert (fault.field, fault.what) == ("ad_free.listed", "should be true or false")


@pytest.mark.parametrize(
    ("ad_free", "field"),
    [
        ("{feed_url: https://tertulia.example.org/free.xml}", "ad_free.feed_url"),
        ("{feed_url: http://TERTULIA.example.org/free.xml}", "ad_free.feed_url"),
        ("{feed_url: https://free.example.org/feed.xml, storage: s3://a/b/}", "ad_free.storage"),
        ("{feed_url: https://free.example.org/feed.xml, storage: s3://a/free}", None),
    ],
)
def test_two_feeds_never_lie_on_top_of_each_other(
    write: Callable[[str, str], Path], ad_free: str, field: str | None
) -> None:
    path = write("show.yaml", SHOW + f"storage: s3://a/b\nad_free: {ad_free}\n")
    if field is None:
        assert load_show(path).ad_free is not None
        return
    with pytest.raises(ConfigError) as caught:
        load_show(path)
    assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("sftp://me@casa:2222/web", None),
        ("sftp://casa", None),
        ("s3://arn:aws:s3:eu-west-1:1:accesspoint/web", None),
        ("sftp://casa:web/x", "should have a number from 1 to 65535 as its port"),
        ("sftp://casa:65536/x", "should have a number from 1 to 65535 as its port"),
        ("sftp://me:secret@casa/x", "without a password"),
        ("ftp://casa/x", "should be s3://bucket/folder or sftp://user@host/folder"),
    ],
)
def test_where_the_public_folder_lies(write: Callable[[str, str], Path], place: str, what: str | None) -> None:
    path = write("show.yaml", SHOW + f"storage: {place}\n")
    if what is None:
        assert load_show(path).storage == place
        return
    with pytest.raises(ConfigError) as caught:
        load_show(path)
    (fault,) = caught.value.faults
    assert fault.field == "storage"
    assert what in fault.what
    assert "secret" not in str(caught.value)


def test_cuts(write: Callable[[str, str], Path]) -> None:
    text = '- {start: 1:02.5, end: "1:10"}\n- {start: 0:05, end: 0:07, keep: true}\n'
    assert load_edits(write("cuts.yaml", text), "cuts.yaml", cut_edits) == (
        CutEdit("1:02.5", "1:10"),
        CutEdit("0:05", "0:07", keep=True),
    )
    with pytest.raises(ConfigError) as caught:
        load_edits(write("cuts.yaml", "- {start: 0:07, end: 0:05}\n"), "cuts.yaml", cut_edits)
    assert str(caught.value.faults[0]) == "cuts.yaml:1: 0.end: should be later than its start"


def test_a_sponsor_that_nobody_described(write: Callable[[str, str], Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_show(write("show.yaml", SHOW.replace("sponsor: Veridas", "sponsor: Beridas")))
    assert faults(caught.value) == [(11, "campaigns.0.sponsor")]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("title: [", 1, "not YAML"),
        ("title: a\ntitle: b\n", 2, "given twice"),
        ("a: &x 1\nb: *x\n", 1, "aliases"),
        ("a: " + "[" * 30, 1, "nested too deeply"),
        ("- a\n- b\n", 1, "should hold fields"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "tags (!)"),
        ("number: 3\ntitle: MLOps: del portátil a producción\n", 2, "put the text in quotes"),
    ],
)
def test_yaml_that_is_refused(write: Callable[[str, str], Path], text: str, line: int, what: str) -> None:
    show = load_show(write("show.yaml", SHOW))
    with pytest.raises(ConfigError) as caught:
        load_episode(write("mlops/episode.yaml", text), show, "episode.yaml")
    assert caught.value.faults[0].line == line
    assert what in str(caught.value)


def test_an_episode(write: Callable[[str, str], Path]) -> None:
    show = load_show(write("show.yaml", SHOW))
    text = "title: MLOps\npublish_at: 2023-05-04T07:00 Europe/Madrid\nspots: [spring]\ncue_at: 1:08.5\nnumber: 12\n"
    episode = load_episode(write("mlops/episode.yaml", text), show, "episode.yaml")
    assert (episode.slug, episode.number, episode.spots) == ("mlops", 12, ("spring",))


@pytest.mark.parametrize(("said", "language"), [("auto", None), ("en", "en"), ("", "es")])
def test_the_language_of_an_episode(tmp_path: Path, said: str, language: str | None) -> None:
    folder = tmp_path / "episodes" / "mlops"
    folder.mkdir(parents=True)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "show.yaml").write_text(SHOW, "utf-8")
    (folder / "episode.yaml").write_text(f"language: {said}\n" if said else "", "utf-8")
    assert Workspace(tmp_path).episode("mlops").language == language


def test_whose_microphone_a_file_is(write: Callable[[str, str], Path]) -> None:
    show = load_show(write("show.yaml", SHOW))
    episode = load_episode(write("m/episode.yaml", "tracks: [{file: zoom0003.wav, name: Lucía}]\n"), show, "e")
    assert [(track.file, track.name) for track in episode.tracks] == [("zoom0003.wav", "Lucía")]


def test_faults_of_an_episode(write: Callable[[str, str], Path]) -> None:
    show = load_show(write("show.yaml", SHOW))
    text = (
        "number: twelve\nspots: [winter]\ncue_at: soon\npublish_at: 2023-03-26T02:30\nrecording: /etc/passwd\nslug: x\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_episode(write("mlops/episode.yaml", text), show, "episode.yaml")
    assert {fault.field for fault in caught.value.faults} >= {"number", "cue_at", "publish_at", "recording", "slug"}


def test_chapter_edits(write: Callable[[str, str], Path]) -> None:
    edits = load_edits(
        write("chapters.yaml", "- {section: Debate, start: '6:30.5'}\n- {drop: true, section: X}\n"), "c", chapter_edits
    )
    assert [(edit.section, edit.start, edit.drop) for edit in edits] == [("Debate", "6:30.5", False), ("X", None, True)]
    assert load_edits(write("empty.yaml", "# nothing yet\n"), "c", chapter_edits) == ()
    with pytest.raises(ConfigError) as caught:
        load_edits(write("chapters.yaml", "- {title: Alone}\n- {section: A, start: later}\n"), "c", chapter_edits)
    assert faults(caught.value) == [(2, "1.start"), (1, "0")]


@pytest.mark.parametrize("entry", ["{section: A, merge: true, drop: true}", "{title: A, start: 1:00, merge: true}"])
def test_only_a_section_that_stays_is_merged(write: Callable[[str, str], Path], entry: str) -> None:
    assert load_edits(write("chapters.yaml", "- {section: A, merge: true}\n"), "c", chapter_edits)[0].merge
    with pytest.raises(ConfigError, match=r"merge.* goes with a `section`, and not with `drop`"):
        load_edits(write("chapters.yaml", f"- {entry}\n"), "c", chapter_edits)


@pytest.mark.parametrize("slug", ["../x", "a/b", "", ".", "A", "a b", "-a", "a-", "ñ", "x" * 81, "con\n"])
def test_what_cannot_name_an_episode(slug: str) -> None:
    with pytest.raises(InputError):
        check_slug(slug)


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-05-04T07:00", "2023-05-04T05:00:00+00:00"),
        ("2023-05-04T07:00 Atlantic/Canary", "2023-05-04T06:00:00+00:00"),
        ("2023-10-29T02:30+02:00", "2023-10-29T00:30:00+00:00"),
    ],
)
def test_publication_times(text: str, expected: str) -> None:
    assert publish_time(text, "Europe/Madrid").astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2023-03-26T02:30", "does not exist"),
        ("2023-10-29T02:30", "happens twice"),
        ("2023-05-04", "not a day and a time; .* as in 2023-05-04T07:00"),
        ("2026-11-20 7:00", "'2026-11-20 7:00' is not a day and a time"),
        ("2026-11-20 07:00 Europe/Madrid", "not a day and a time"),
        ("2026-11-20T7:00", "not a day and a time"),
        ("2026-13-20T07:00", "not a day and a time"),
        ("2023-05-04T07:00 Europe/Atlantis", "not a time zone"),
        ("2023-05-04T07:00+02:00 Europe/Madrid", "both an offset and a zone"),
        ("9999-12-31T23:59:59-12:00", "no time in UTC"),
        ("0001-01-01T00:00+14:00", "no time in UTC"),
        ("0001-01-01T00:00 Asia/Tokyo", "no time in UTC"),
        ("2023-05-04T07:00+00:00:01", "offset with seconds"),
        ("1890-05-04T07:00", "offset with seconds"),
        ("tomorrow", "not a day and a time; .* as in 2023-05-04T07:00"),
    ],
)
def test_times_that_are_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        publish_time(text, "Europe/Madrid")


ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)


@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(lambda m: m.replace(microsecond=0)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
)
def test_a_local_time_means_one_moment_or_is_refused(moment: datetime, zone: str) -> None:
    """A time is taken exactly when it comes back from UTC, and no other moment reads the same on that wall clock."""
    near = [moment.replace(tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(-120, 121)]
    offsets = {instant.astimezone(ZoneInfo(zone)).utcoffset() for instant in near}
    meanings = {
        (moment - offset).replace(tzinfo=UTC)
        for offset in offsets
        if offset is not None
        and (moment - offset).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
    }
    try:
        taken = publish_time(moment.isoformat(), zone)
    except ValueError:
        assert len(meanings) != 1
    else:
        assert meanings == {taken.astimezone(UTC)}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        yaml_text.parse(text.encode("utf-8", "surrogatepass"), "any.yaml")
    except EscaletaError as error:
        assert "any.yaml" in str(error)


def test_a_file_that_may_not_be_read_is_not_to_be_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="Permission denied") as caught:
        load_show(tmp_path / "show.yaml", "feed/show.yaml")
    assert caught.value.todo == "make it a file that can be read"
