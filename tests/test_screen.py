from __future__ import annotations

from typing import Any

import pytest

from pipeline import report, screen
from pipeline.formats.findings import Finding


def test_names_of_elements_are_no_pictures_and_titles_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("psp-1/x", "advice", "[red]T: podcast:locked: is", "is :link:", "add <podcast:locked>")
    screen.findings(report.findings([finding]))
    told = " ".join(capsys.readouterr().out.split())
    assert told == "advice [red]T: podcast:locked: is: is :link: [psp-1/x] → add <podcast:locked> 1 finding"


def test_what_is_worst_is_told_first_and_what_is_as_bad_as_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    rows = (("advice", "a"), ("error", "b"), ("warning", "c"), ("error", "d"))
    screen.findings(report.findings([Finding("psp-1/x", severity, "T", what, "mend it") for severity, what in rows]))
    told = [line.split()[:3:2] for line in capsys.readouterr().out.splitlines() if "psp-1/x" in line]
    assert told == [["error", "b"], ["error", "d"], ["warning", "c"], ["advice", "a"]]


def test_a_show_without_episodes_says_how_one_begins(capsys: pytest.CaptureFixture[str]) -> None:
    screen.statuses([])
    assert capsys.readouterr().out == "No episode yet; `escaleta new` makes one.\n"


PUBLICATION: dict[str, Any] = dict.fromkeys(("new", "written", "waiting", "late", "untold", "notes"), ())


def test_a_run_that_wrote_to_the_other_feed_alone_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    screen.publication(PUBLICATION | {"ad_free": {"public": 3, "written": ["feed.xml"]}})
    assert capsys.readouterr().out == "Brought up to date: the ad-free feed, 3 public\n"
    screen.publication(PUBLICATION | {"ad_free": {"public": 3, "written": []}})
    assert "Nothing to do" in capsys.readouterr().out


def test_every_feed_that_was_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    both = {"public": 4, "written": ["feed.xml"], "ad_free": {"public": 3, "written": ["feed.xml"]}}
    screen.publication(PUBLICATION | both)
    told = "Brought up to date: the feed, 4 public\nBrought up to date: the ad-free feed, 3 public\n"
    assert capsys.readouterr().out == told


def test_what_a_place_could_not_do_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    screen.publication(
        PUBLICATION | {"ad_free": None, "public": 1, "written": ["feed.xml"], "notes": ["b: no CORS (Denied)"]}
    )
    assert capsys.readouterr().err == "Note: b: no CORS (Denied)\n"


def test_a_path_in_an_error_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/srv/" + "episodios de la tertulia/" * 6 + "talk.wav"
    screen.failure(f"{path}: no sound\n  → record it again")
    assert capsys.readouterr().err == f"Error: {path}: no sound\n  → record it again\n"
