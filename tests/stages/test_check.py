from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.carrier_rules import agree
from pipeline.formats.findings import Answer, Finding
from pipeline.stages.check import check
from pipeline.tools.reach import LocalSite

BASE = "https://tertulia.example.org/"


@pytest.fixture
def folder(published: Any, tmp_path: Path) -> Path:
    """A copy of the public folder that a test may spoil."""
    return Path(shutil.copytree(published.public, tmp_path / "public"))


def found(folder: Path) -> list[Finding]:
    document = (folder / "feed.xml").read_bytes()
    return list(check(document, LocalSite(folder, BASE), where="feed.xml"))


def rules(folder: Path, *severities: str) -> set[str]:
    return {finding.rule for finding in found(folder) if not severities or finding.severity in severities}


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_what_we_publish_has_nothing_to_complain_about(folder: Path) -> None:
    assert found(folder) == []


def moved(folder: Path) -> None:
    edit(folder / "mlops" / "chapters.json", ('"startTime": 31.417', '"startTime": 31.418'))


def renamed(folder: Path) -> None:
    edit(folder / "feed.xml", ('start="00:00:31.417" title="Experimentación', 'start="00:00:31.417" title="Otra'))


def rounded(folder: Path) -> None:
    edit(folder / "feed.xml", ("00:02:01 Despedida", "00:02:02 Despedida"))


def retagged(folder: Path) -> None:
    (path,) = (folder / "mlops").glob("*.mp3")
    path.write_bytes(path.read_bytes().replace("Despedida".encode("utf-16-le"), "Despedido".encode("utf-16-le")))


def untagged(folder: Path) -> None:
    (path,) = (folder / "mlops").glob("*.mp3")
    path.write_bytes(b"XXX" + path.read_bytes()[3:])


def shortened(folder: Path) -> None:
    (path,) = (folder / "mlops").glob("*.mp3")
    path.write_bytes(path.read_bytes()[:-1])


def gone(folder: Path) -> None:
    (path,) = (folder / "mlops").glob("*.mp3")
    path.unlink()


def no_chapters(folder: Path) -> None:
    (folder / "mlops" / "chapters.json").unlink()


def broken_chapters(folder: Path) -> None:
    (folder / "mlops" / "chapters.json").write_text("{")


def late_captions(folder: Path) -> None:
    edit(folder / "mlops" / "transcript.vtt", ("WEBVTT", "WEBVTT\n\n00:00:01.000 --> 09:00:00.000\nx"))


def long_captions(folder: Path) -> None:
    path = folder / "mlops" / "transcript.vtt"
    path.write_text(path.read_text() + "\n00:02:29.000 --> 09:00:00.000\nx\n")


def backward_transcript(folder: Path) -> None:
    path = folder / "mlops" / "transcript.json"
    document = json.loads(path.read_text())
    document["segments"].reverse()
    path.write_text(json.dumps(document))


def no_vtt(folder: Path) -> None:
    (folder / "mlops" / "transcript.vtt").write_text("1\n00:00 --> 00:01\n")


def empty_srt(folder: Path) -> None:
    (folder / "mlops" / "transcript.srt").write_text("")


def wrong_duration(folder: Path) -> None:
    edit(folder / "feed.xml", ("<itunes:duration>150", "<itunes:duration>140"))


@pytest.mark.parametrize(("written", "severity"), [("Yes", "advice"), ("yes", "warning"), ("no", None)])
def test_a_feed_that_asks_not_to_be_listed(folder: Path, written: str, severity: str | None) -> None:
    edit(folder / "feed.xml", ("<itunes:type>", f"<itunes:block>{written}</itunes:block><itunes:type>"))
    assert [finding.severity for finding in found(folder) if finding.rule == "apple/block"] == [severity] * bool(
        severity
    )


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (moved, "escaleta/chapters-agree"),
        (renamed, "escaleta/chapters-agree"),
        (rounded, "escaleta/chapters-agree"),
        (retagged, "escaleta/chapters-agree"),
        (untagged, "escaleta/chapters-everywhere"),
        (shortened, "psp-1/enclosure"),
        (gone, "apple/head"),
        (no_chapters, "escaleta/chapters"),
        (broken_chapters, "escaleta/chapters"),
        (long_captions, "escaleta/captions"),
        (backward_transcript, "escaleta/captions"),
        (no_vtt, "podcasting-2.0/transcript"),
        (empty_srt, "podcasting-2.0/transcript"),
        (wrong_duration, "psp-1/duration"),
    ],
)
def test_each_spoilt_file_is_found(folder: Path, spoil: Callable[[Path], None], rule: str) -> None:
    spoil(folder)
    assert rule in rules(folder, "error", "warning")
    assert all(finding.todo and finding.place for finding in found(folder))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("<language>es", "<language>español de aquí"), "psp-1/language"),
        (('rel="self"', 'rel="alternate"'), "psp-1/self"),
        (('text="Technology"', 'text="Technologia"'), "apple/category"),
        (("<itunes:explicit>false", "<itunes:explicit>no"), "apple/explicit"),
        (("<podcast:guid>", "<podcast:guid>no"), "podcasting-2.0/guid"),
        (("<itunes:author>La", "<itunes:author> La"), "psp-1/text"),
        (("<title>La TERTULia", "<title>" + "x" * 300), "psp-1/text"),
        (("<description>Una", "<description>" + "ñ" * 2001), "psp-1/description"),
        (("Wed, 12 Apr 2023 05:00:00 +0000</pubDate>", "12/04/2023</pubDate>"), "apple/date"),
        (('length="', 'length="x'), "psp-1/enclosure"),
        (
            ('enclosure url="https://tertulia.example.org/mlops', 'enclosure url="https://tertulia.example.org/año'),
            "apple/enclosure",
        ),
        (('enclosure url="https', 'enclosure url="http'), "apple/https"),
        (("<itunes:duration>150", "<itunes:duration>00:02:30"), "psp-1/duration"),
        (('type="application/json+chapters"', 'type="application/json"'), "podcasting-2.0/chapters"),
        (('type="text/vtt"', 'type="vtt"'), "podcasting-2.0/transcript"),
        (('start="00:00:00.000"', 'start="00:00:01.000"'), "spotify/first"),
        (('start="00:00:31.417"', 'start="00:09:31.417"'), "podlove/order"),
        (('start="00:00:31.417"', 'start="soon"'), "podlove/start"),
        (('start="00:00:31.417"', 'start="00:00:11.417"'), "spotify/apart"),
        (("<item>", "<item><guid>1</guid></item><item><guid>1</guid></item><item>"), "apple/distinct"),
        (("<itunes:image", "<itunes:imag"), "psp-1/required"),
        (("podcast:locked", "podcast:lockd"), "psp-1/recommended"),
    ],
)
def test_each_rule_of_others_is_kept_by_us_and_missed_where_it_is_not(
    folder: Path, change: tuple[str, str], rule: str
) -> None:
    assert rule not in rules(folder)
    edit(folder / "feed.xml", change)
    assert rule in rules(folder)


@pytest.mark.parametrize(("width", "height"), [(1399, 1399), (3001, 3001), (1400, 1500)])
def test_a_cover_that_apple_refuses(
    folder: Path, picture: Callable[[int, int], bytes], width: int, height: int
) -> None:
    (cover,) = folder.glob("cover-*.png")
    cover.write_bytes(picture(width, height))
    (finding,) = found(folder)
    assert (finding.rule, finding.what) == ("apple/image", f"{width} × {height} pixels")


def test_a_cover_that_is_none(folder: Path) -> None:
    (cover,) = folder.glob("cover-*.png")
    cover.write_bytes(b"GIF89a")
    assert [finding.what for finding in found(folder)] == ["neither JPEG nor PNG"]
    cover.unlink()
    assert "is not there" in found(folder)[0].what


def test_a_feed_too_big_for_validators(folder: Path) -> None:
    edit(folder / "feed.xml", ("</channel>", f"<!--{'x' * 5_000_000}--></channel>"))
    assert "w3c/size" in rules(folder)


@pytest.mark.parametrize("document", [b"", b"<html/>", b"<rss/>", b"text", b'<!DOCTYPE a [<!ENTITY b "c">]><rss>&b;'])
def test_what_is_no_feed(document: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check(document, LocalSite(tmp_path, BASE), where="x.xml")
    assert caught.value.where == "x.xml"


def test_a_feed_takes_no_files_from_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("psst")
    document = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<rss><channel><title>&x;</title><language>&x;</language></channel></rss>"
    ).encode()
    assert not any("psst" in str(finding) for finding in check(document, LocalSite(tmp_path, BASE), where="x"))


def test_a_feed_that_names_files_outside_its_folder(folder: Path) -> None:
    (folder.parent / "outside.vtt").write_text("WEBVTT\n")
    site = LocalSite(folder, BASE)
    assert site.ask(f"{BASE}../outside.vtt") == Answer("unknown")
    assert site.ask(f"{BASE}%2e%2e/outside.vtt") == Answer("unknown")
    with pytest.raises(OSError, match="elsewhere"):
        site.read(f"{BASE}../outside.vtt", 0, 9)


def test_a_feed_that_names_files_as_none_can_be_called(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    site = LocalSite(folder, BASE)
    for name in ("%00.jpg", "a" * 300, "loop", "pipe", "loop/a"):
        assert site.ask(f"{BASE}{name}").state == "absent"
    with pytest.raises(OSError, match="null"):
        site.read(f"{BASE}%00.jpg", 0, 9)


def test_other_peoples_addresses_are_not_judged(folder: Path) -> None:
    edit(folder / "feed.xml", (BASE, "https://elsewhere.example/"))
    assert "apple/head" not in rules(folder)


def test_the_tolerance_between_carriers() -> None:
    fine, cut = ((1999, "Uno"),), ((1000, "Uno"),)
    assert not list(agree({"JSON": fine, "ID3": fine, "description": cut}, place="x"))
    assert list(agree({"JSON": fine, "description": ((2000, "Uno"),)}, place="x"))
    (finding,) = agree({"JSON": fine, "ID3": (*fine, (3000, "Dos"))}, place="x")
    assert "chapter 2 is nothing and 00:00:03.000 'Dos'" in finding.what


@dataclass(frozen=True)
class Spiteful:
    """A place where every file is there, and holds whatever was given."""

    data: bytes

    def ask(self, url: str) -> Answer:
        return Answer("there", len(self.data), True, True)

    def read(self, url: str, start: int, length: int) -> bytes:
        return self.data[start : start + length]


DEEP = "[" * 100_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["chapters", "segments", "startTime", "endTime", "title", "toc"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"ID3\x03\x00\x00", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"WEBVTT\n\n", b"Xing"]).flatmap(
        lambda head: st.binary(max_size=300).map(lambda rest: head + rest)
    )
)
@example(DEEP.encode())
@example(f'{{"chapters": {DEEP}'.encode())
@example(b'{"chapters": [{"startTime": 1e999, "title": 5}, {"startTime": NaN}]}')
@example(b'{"segments": [{"startTime": "0", "endTime": null}], "chapters": {"a": 1}}')
@example(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + b"CHAP\x00\x00\x00\x20\x00\x00" * 200)
@example(b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"<v " * 100_000)
def test_files_hold_what_they_will_and_are_only_found_wrong(published: Any, data: bytes) -> None:
    told = check(published.feed(), Spiteful(data), where="feed.xml")
    assert any(finding.severity == "error" for finding in told)
    assert all(len(str(finding)) < 1500 for finding in told)
