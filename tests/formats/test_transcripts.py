from __future__ import annotations

import json

import webvtt as reader
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats import srt, transcript_json, webvtt
from pipeline.formats.captions import Caption
from pipeline.model import Segment, Transcript, Word

HOSTILE = Caption(3_723_004, 3_725_000, ("<script>alert(1)</script> a --> b", "& {\\an8} &amp;"), "Ana <b> & co.")


def test_vtt() -> None:
    text = webvtt.render([Caption(500, 1500, ("Hola,", "¿qué tal?"), "Ana"), Caption(1500, 2500, ("Bien.",))])
    assert text == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\n<v Ana>Hola,\n¿qué tal?</v>\n\n00:00:01.500 --> 00:00:02.500\nBien.\n"
    )


def test_vtt_takes_hostile_words_as_words() -> None:
    (cue,) = webvtt.parse(webvtt.render([HOSTILE]))
    assert cue == HOSTILE
    (read,) = reader.from_string(webvtt.render([HOSTILE]))
    assert "<script" not in read.raw_text


def test_srt_takes_hostile_words_as_words() -> None:
    (read,) = reader.from_string(webvtt.render([HOSTILE]))
    text = srt.render([HOSTILE])
    assert text.startswith("1\n01:02:03,004 --> 01:02:05,000\n‹script›")
    assert text.count("-->") == 1
    assert "{\\" not in text
    assert read.start == "01:02:03.004"


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000_000), st.integers(1, 7000), st.text("ab<>&-—ñ👩 ", min_size=1).map(str.strip)),
        max_size=8,
    )
)
def test_vtt_reads_back(cues: list[tuple[int, int, str]]) -> None:
    made = [Caption(start, start + length, (text,), "V") for start, length, text in cues if text]
    assert list(webvtt.parse(webvtt.render(made))) == made


def test_vtt_of_others() -> None:
    cue = "1\r\n00:01.000 --> 00:02.000 align:start\r\n<v.loud Ana>Hola</v>\r\n"
    text = f"\ufeffWEBVTT - title\r\nKind: captions\r\n\r\nNOTE a --- b\r\n\r\n{cue}"
    assert webvtt.parse(text) == (Caption(1000, 2000, ("Hola",), "Ana"),)


def test_vtt_that_is_none() -> None:
    for text, place in (
        ("Hola", "line 1"),
        ("WEBVTT\n\nx --> y\nz", "line 3"),
        ("WEBVTT\n\n00:01.000 --> \n", "line 3"),
    ):
        try:
            webvtt.parse(text)
        except ValueError as error:
            assert place in str(error)
        else:
            raise AssertionError(text)


def test_json() -> None:
    words = (Word(500, 900, "Veridas", 0.91234, "béridas"), Word(900, 1200, "sí.", 0.5))
    transcript = Transcript("es", (Segment(500, 1200, " Veridas sí.", words, "Ana"), Segment(2000, 2500, "Ya.")))
    assert json.loads(transcript_json.render(transcript)) == {
        "version": "1.0.0",
        "language": "es",
        "segments": [
            {
                "speaker": "Ana",
                "startTime": 0.5,
                "endTime": 1.2,
                "body": "Veridas sí.",
                "words": [
                    {"startTime": 0.5, "endTime": 0.9, "body": "Veridas", "probability": 0.912, "heard": "béridas"},
                    {"startTime": 0.9, "endTime": 1.2, "body": "sí.", "probability": 0.5},
                ],
            },
            {"startTime": 2.0, "endTime": 2.5, "body": "Ya."},
        ],
    }
