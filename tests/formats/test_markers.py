"""Markers of other programs: what we write they read, what they write we read."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.markers import FORMATS, Marker, parse
from pipeline.model import Chapter

AUDACITY = "0.000000\t0.000000\tIntroducción\n\\\t100.0\t200.0\n98,352000\t120,5\tPreguntas, y más\n"
REAPER = """\
#,Name,Start,End,Length,Color
M1,"Introducción",0:00.000,,,
R1,Cama,0:10.000,0:20.000,0:10.000,
M2,"Preguntas, y más",1:38.352,,,
"""
ULTRASCHALL = REAPER.replace("0:00.000", "00:00:00.000").replace("1:38.352", "00:01:38.352")
PODLOVE = """\
<?xml version="1.0" encoding="utf-8"?>
<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">
  <psc:chapter start="00:00:00.000" title="Introducción" />
  <psc:chapter start="00:01:38.352" title="Preguntas, y más" href="https://example.org/a" />
</psc:chapters>
"""
JSON = """\
{"version": "1.2.0", "chapters": [
 {"startTime": 98.352, "title": "Preguntas, y más", "url": "https://example.org/a"},
 {"startTime": 40, "title": "hidden", "toc": false},
 {"startTime": 0, "title": "Introducción"}]}
"""


@pytest.mark.parametrize("text", [AUDACITY, REAPER, ULTRASCHALL, PODLOVE, JSON, "\ufeff" + AUDACITY, "\ufeff" + JSON])
def test_each_programs_own_file(text: str) -> None:
    found = parse(text, "markers")
    assert [(marker.start, marker.title) for marker in found] == [(0, "Introducción"), (98_352, "Preguntas, y más")]
    assert found[1].url == ("https://example.org/a" if "example.org" in text else None)


_titles = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text and not text.isspace()
)


@pytest.mark.parametrize("name", FORMATS)
@given(
    st.lists(st.tuples(st.integers(0, 4 * 3_600_000), _titles), min_size=1, max_size=8, unique_by=lambda one: one[0])
)
def test_there_and_back(name: str, pairs: list[tuple[int, str]]) -> None:
    chapters = [Chapter(title, start, start, start) for start, title in sorted(pairs)]
    found = parse(FORMATS[name].write(chapters), "markers")
    assert [marker.start for marker in found] == [chapter.start for chapter in chapters]
    if name != "audacity":
        assert [marker.title.split() for marker in found] == [chapter.title.split() for chapter in chapters]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear all,\nhere are the chapters",
        "soon\tlater\tX\n",
        "-1\t0\tX\n",
        "1e9\t1e9\tX\n",
        "#,Name,Start\nM1,X,1.1.00\n",
        '{"chapters": [{"title": "X"}]}',
        '{"chapters": 7}',
        '{"chapters": [{"startTime": "x"}]}',
        "{",
        "<a><b></a>",
        '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><c>&x;</c>',
        '{"chapters": []}',
        '{"chapters": ["x"]}',
        '{"chapters": {"startTime": 1}}',
        '{"chapters": ' + "[" * 100_000,
        "#,Name,Start\nM1,Intro\n",
        "#,Name,Start\nM1,a\rb,3\n",
        '#,Name,Start\n"M1,a,1:00\n',
        "#,Name,Start\nM1," + "x" * 200_000,
        "x" * 200_000,
    ],
)
def test_what_is_no_such_file_is_told(text: str) -> None:
    with pytest.raises(InputError, match="markers"):
        parse(text, "somewhere")


def test_a_title_that_is_null_is_none() -> None:
    (marker,) = parse('{"chapters": [{"startTime": 1, "title": null, "url": null}]}', "markers")
    assert marker == Marker(1000, "")


_STARTS = ("#,Name,Start\n", "0\t0\t", '{"chapters": [', PODLOVE[:115], "")
_PIECES = ("M1", "R1", "1:00", "7", "-1", "nan", ",", "\t", "\n", "\r", '"', "\\", "<", ">", "/>", "&", "\0", "\ud800")
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["chapters", "startTime", "title", "url", "toc"]), inner)
    ),
)


@given(
    st.builds("".join, st.tuples(st.sampled_from(_STARTS), st.text(max_size=20)))
    | st.builds(lambda start, rest: start + "".join(rest), st.sampled_from(_STARTS), st.lists(st.sampled_from(_PIECES)))
    | st.builds(lambda value: json.dumps({"chapters": value}), _JSON)
)
def test_any_text_gives_markers_or_says_why_not(text: str) -> None:
    with contextlib.suppress(InputError):
        found = parse(text, "somewhere")
        assert found == tuple(sorted(found, key=lambda marker: marker.start))
        assert all(isinstance(marker.title, str) and marker.start >= 0 for marker in found)


def test_chapters_alone_name_no_episode() -> None:
    chapter = Chapter(title="Uno", start=1000, end=2000, recorded_at=1000)
    assert json.loads(FORMATS["json"].write([chapter])).keys() == {"version", "chapters"}
