from __future__ import annotations

import errno
import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import report, screen
from pipeline.commands.arguments import print_json
from pipeline.errors import WorkspaceError
from pipeline.formats.findings import Finding
from pipeline.screen import console
from pipeline.stages.collect import Garbage


def test_names_of_elements_are_no_pictures_and_titles_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("psp-1/x", "advice", "[red]T: podcast:locked: is", "is :link:", "add <podcast:locked>")
    screen.findings(report.findings([finding]))
    told = " ".join(capsys.readouterr().out.split())
    assert told == "advice [red]T: podcast:locked: is: is :link: [psp-1/x] → add <podcast:locked> 1 finding"


def test_what_is_no_terminal_has_lines_as_long_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log is searched by lines, whoever had the program run; a terminal has them folded between words."""
    monkeypatch.setattr(console.out, "_width", 80)
    monkeypatch.setattr(console.out, "_height", 25)
    told = report.findings([Finding("psp-1/x", "error", "T", "a " * 200 + "z", "mend it")])
    for terminal, lines in ((False, 1), (True, 6)):
        monkeypatch.setattr(console.out, "_force_terminal", terminal)
        screen.findings(told)
        assert len(capsys.readouterr().out.partition("[psp-1/x]")[0].splitlines()) == lines


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


def test_what_is_left_over_is_told_by_feed(capsys: pytest.CaptureFixture[str]) -> None:
    left = Garbage("one/one-5f5a8649.mp3", 1000, datetime(2026, 1, 1, tzinfo=UTC), due=True)
    found = report.garbage({"": [left], "ad-free": [left]})
    screen.garbage(found, removed=False)
    told = [line.partition("  ")[0] for line in capsys.readouterr().out.splitlines() if "5f5a8649" in line]
    assert told == ["one/one-5f5a8649.mp3", "ad-free: one/one-5f5a8649.mp3"]
    assert [one["ad_free"] for one in found] == [False, True]


def test_what_a_place_could_not_do_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    screen.publication(
        PUBLICATION | {"ad_free": None, "public": 1, "written": ["feed.xml"], "notes": ["b: no CORS (Denied)"]}
    )
    assert capsys.readouterr().err == "Note: b: no CORS (Denied)\n"


def test_a_path_in_an_error_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/srv/" + "episodios de la tertulia/" * 6 + "talk.wav"
    screen.failure(f"{path}: no sound\n  → record it again")
    assert capsys.readouterr().err == f"Error: {path}: no sound\n  → record it again\n"


HOSTILE = "404 \x1b[31mEVIL\x9b2J \u202ebidi \x08\u2066 á [red]"
SHOWN = "404 \ufffd[31mEVIL\ufffd2J \ufffdbidi \ufffd\ufffd á [red]"


def test_what_others_wrote_does_not_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    screen.failure(HOSTILE)
    screen.plain(HOSTILE)
    screen.publication(PUBLICATION | {"new": [HOSTILE], "notes": [HOSTILE], "ad_free": None, "public": 1})
    told = capsys.readouterr()
    assert told.err == f"Error: {SHOWN}\nNote: {SHOWN}\n"
    assert told.out.startswith(f"{SHOWN}\nOut: {SHOWN}\n")
    chapter = {"start_ms": 0, "recording_start_ms": 0, "review": False, "confidence": 1, "title": HOSTILE}
    state = {"slug": "a", "publish_at": None, "standing": "draft", "stages": {}, "lacks": None, "conflicts": [HOSTILE]}
    lists = ("review", "missing", "missed", "without_spot", "lost_speech", "offers")
    rest = dict.fromkeys(lists, ()) | {"unready": [HOSTILE]}
    screen.status(state | rest | {"chapters": [chapter | {"includes": ()}]})
    told = capsys.readouterr()
    assert (told.out.count(SHOWN), told.out.count("\x1b"), told.out.count("\u202e")) == (3, 0, 0)


def test_a_report_for_scripts_loses_nothing_and_acts_on_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"why": HOSTILE})
    told = capsys.readouterr().out
    assert told.isascii() and "\x1b" not in told
    assert json.loads(told) == {"why": HOSTILE}


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("ascii", "+ * . ?Produccion. ??"),
        ("latin-1", "+ * · ¡Producción. ??"),
        ("utf-8", "✓ ● · ¡Producción… 日?"),
    ],
)
def test_what_a_stream_cannot_say_is_spelled_another_way_in_as_many_columns(
    monkeypatch: pytest.MonkeyPatch, encoding: str, told: str
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    screen.lenient()
    screen.verbatim("✓ ● · ¡Producción… 日\udce9")
    screen.plain("✓")
    assert written.getvalue().decode(encoding).startswith(told)


class Full(io.StringIO):
    """A stream of the file behind it, on a disk that is full."""

    def __init__(self, behind: int) -> None:
        super().__init__()
        self.behind = behind

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fileno(self) -> int:
        return self.behind


def test_output_that_cannot_be_written_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w") as file:
        monkeypatch.setattr(sys, "stdout", Full(file.fileno()))
        for tell in (screen.plain, print_json):
            with pytest.raises(WorkspaceError, match="No space left on device") as caught:
                tell("Hola")
            assert caught.value.where == "standard output"
        assert os.fstat(file.fileno()).st_rdev == Path(os.devnull).stat().st_rdev, "nothing is tried once more"
    monkeypatch.undo()
    screen.plain("")  # what the console still holds would be before the next test's first line


@pytest.mark.parametrize(("many", "told"), [(1, "e0"), (5, "e0, e1, e2, e3, e4"), (9, "e0, e1, e2, e3, e4 and 4 more")])
def test_of_many_episodes_that_stay_a_few_are_named(many: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    screen.at_rest([f"e{number}" for number in range(many)])
    line = capsys.readouterr().err
    assert line == f"Left as they went out: {told}; to make one anew: escaleta produce SLUG\n"
