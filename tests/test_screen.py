from __future__ import annotations

import pytest

from pipeline import report, screen
from pipeline.formats.findings import Finding


def test_names_of_elements_are_no_pictures_and_titles_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("psp-1/x", "advice", "[red]T: podcast:locked: is", "is :link:", "add <podcast:locked>")
    screen.findings(report.findings([finding]))
    told = " ".join(capsys.readouterr().out.split())
    assert told == "advice [red]T: podcast:locked: is: is :link: [psp-1/x] → add <podcast:locked> 1 finding"


def test_what_a_place_could_not_do_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    screen.publication(
        {"new": [], "written": ["feed.xml"], "waiting": [], "late": [], "untold": [], "notes": ["b: no CORS (Denied)"]}
    )
    assert capsys.readouterr().err == "Note: b: no CORS (Denied)\n"
