"""`escaleta chapters` says what the desk says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.model import Mark, Place
from pipeline.runner import job_for, run
from pipeline.workspace import Workspace

from .conftest import Say, given, typed, unseen


@pytest.fixture
def say(show: Path) -> Say:
    return typed(show, "chapters")


def entries(show: Path) -> list[dict[str, object]]:
    path = show / "episodes" / "mlops" / "chapters.yaml"
    return list(yaml.safe_load(path.read_text("utf-8"))) if path.exists() else []


def test_chapters_are_listed_with_where_else_they_may_start(say: Say, show: Path) -> None:
    job = job_for(Workspace(show).episode("mlops"))
    there = (Place(60_000, "Esto es la frase.", 0.3),)
    given(job, marks=(Mark(1, 0, 0.9), Mark(2, 25_000, 0.4, elsewhere=there), Mark(5, 75_000, 0.9, elsewhere=there)))
    run(job, unseen)
    told = say()
    assert [line.split()[2:] for line in told.splitlines()[1:4]] == [
        ["90%", "Introducción"],
        ["40%", "Preguntas"],
        ["90%", "Producción"],
    ]
    assert [line for line in told.splitlines() if " or " in line] == [
        "Preguntas or 1:00 of the recording, 30%: Esto es la frase."
    ]
    assert entries(show) == []


def test_what_was_typed_is_there_before_it_is_produced(say: Say, show: Path) -> None:
    """To be seen, moved, renamed and dropped; and markers that are taken in twice are there once."""
    assert "still" not in say()
    say("add", "Un inciso", "1:20", "--recording")
    say("set", "Preguntas", "--title", "El buzón")
    told = say()
    assert [line.split(maxsplit=3)[3].strip() for line in told.splitlines()[1:7]] == [
        *("Introducción", "El buzón", "Experimentación with Debate", "Producción", "Un inciso", "Producción · Debate"),
    ]
    assert "The programme has other chapters still. To bring it up to date: escaleta produce mlops" in told
    say("set", "Un inciso", "--title", "Otro inciso", "--start", "1:21", "--recording")
    say("set", "el buzón", "--start", "0:26", "--recording")
    assert entries(show) == [
        {"title": "Otro inciso", "start": "00:01:21.000"},
        {"section": "Preguntas", "title": "El buzón", "start": "00:00:26.000"},
    ]
    say("drop", "Otro inciso")
    assert [entry.get("title") for entry in entries(show)] == ["El buzón"]
    markers = show / "markers.txt"
    markers.write_text("80\t80\tUn inciso\n", "utf-8")
    for _ in range(2):
        say("import", str(markers), "--recording")
    assert [entry.get("title") for entry in entries(show)] == ["El buzón", "Un inciso"]


def test_set_takes_along_what_is_listed_under_it(say: Say, show: Path) -> None:
    say("set", "Experimentación", "--start", "0:51", "--recording", "--title", "Probando")
    assert entries(show) == [
        {"section": "Experimentación", "title": "Probando", "start": "00:00:51.000"},
        {"section": "Experimentación / Debate", "start": "00:00:51.000"},
    ]


def test_times_are_the_programmes_unless_said_otherwise(say: Say, show: Path) -> None:
    told = json.loads(say("export", "--format", "json"))["chapters"]
    heard = json.loads(say("export", "--format", "json", "--recording"))["chapters"]
    spot = round(told[1]["startTime"] - heard[1]["startTime"], 3)
    assert spot > 5
    say("set", "Preguntas", "--start", str(round(30 + spot, 3)))
    assert entries(show) == [{"section": "Preguntas", "start": "00:00:30.000"}]


def test_add_and_drop(say: Say, show: Path) -> None:
    say("add", "Un inciso", "0:40", "--recording", "--url", "https://example.org/")
    say("drop", "Producción / Debate")
    say("set", "producción · debate", "--title", "De vuelta")
    assert entries(show) == [
        {"title": "Un inciso", "start": "00:00:40.000", "url": "https://example.org/"},
        {"section": "Producción / Debate", "title": "De vuelta"},
    ]


def test_merge(say: Say, show: Path) -> None:
    say("merge", "Producción / Debate")
    assert entries(show) == [{"section": "Producción / Debate", "merge": True}]
    with pytest.raises(InputError, match="is no chapter of its own"):
        say("merge", "Despedida")
    with pytest.raises(InputError, match="is the first chapter"):
        say("merge", "Introducción")
    say("set", "Producción / Debate", "--start", "1:31", "--recording")
    assert entries(show) == [{"section": "Producción / Debate", "start": "00:01:31.000"}]


@pytest.mark.parametrize("kind", ["audacity", "reaper", "podlove", "json"])
def test_what_goes_out_comes_in_and_changes_nothing(say: Say, show: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"markers.{kind}"
    say("export", str(file), "--format", kind)
    assert "Nothing to change" in say("import", str(file))
    assert entries(show) == []


def test_what_goes_out_is_what_the_file_s_suffix_says(say: Say, show: Path, tmp_path: Path) -> None:
    begins = {"a.TXT": "0.000000\t", "a.csv": "#,Name,Start", "a.psc": "<psc:chapters", "a.json": "{"}
    for name, begin in begins.items():
        say("export", str(tmp_path / name))
        assert (tmp_path / name).read_text("utf-8").startswith(begin)
    for name in ("chapters", "chapters.xlsx"):
        said = " ".join(say("export", str(tmp_path / name), code=2).replace("│", " ").split())
        assert f"'{name}' ends in none of .psc (podlove), .json (json), .csv (reaper), .txt (audacity)" in said
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("group", "verb"), [("chapters", "export"), ("cuts", "accept")])
def test_an_episode_that_is_named_behind_what_is_done_is_told_where_it_goes(group: str, verb: str) -> None:
    done = CliRunner().invoke(app, [group, verb, "mlops"])
    assert done.exit_code == 2
    assert f"the episode comes first: escaleta {group} mlops {verb}" in done.output
    done = CliRunner().invoke(app, [group, "mlops", f"{verb}s"])
    assert (done.exit_code, f"No such command '{verb}s'" in done.output) == (2, True)


def test_times_of_a_programme_that_is_not_made_yet(say: Say, show: Path) -> None:
    shutil.rmtree(show / "episodes" / "mlops" / "build")
    for words in (["set", "Preguntas", "--start", "1:00"], ["add", "Un inciso", "1:00"]):
        with pytest.raises(InputError, match="was not produced yet") as caught:
            say(*words)
        assert caught.value.todo == "run `escaleta produce mlops`"
    assert entries(show) == []


def test_markers_moved_elsewhere_come_home(say: Say, show: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("26.500\t26.500\tPreguntas\n40\t40\tUn inciso\n100\t100\tDespedida\n", "utf-8")
    say("import", str(labels), "--recording")
    assert entries(show) == [
        {"section": "Preguntas", "start": "00:00:26.500"},
        {"title": "Un inciso", "start": "00:00:40.000"},
        {"section": "Despedida", "start": "00:01:40.000"},
    ]
    assert "Nothing" not in say("set", "Preguntas", "--url", "https://example.org/a")


def test_a_name_that_means_nothing_or_too_much(say: Say, show: Path) -> None:
    for name, what in (("Nada", "no section or chapter is called"), ("Debate", "several sections are called")):
        with pytest.raises(InputError, match=what):
            say("set", name, "--title", "X")
    say("set", "Preguntas", "--start", "soon", code=2)
    say("export", "--format", "word", code=2)
    assert entries(show) == []


def test_a_chapter_is_that_of_its_section_in_a_running_order_of_which_nothing_was_found_yet(
    say: Say, show: Path
) -> None:
    """The sections behind one that was taken out have other numbers."""
    outline = show / "episodes" / "mlops" / "outline.md"
    outline.write_text(outline.read_text("utf-8").replace("## Preguntas\n\n- ¿Hace falta un máster?\n\n", ""), "utf-8")
    say("set", "Producción", "--title", "En producción")
    say("drop", "Producción · Debate")
    assert entries(show) == [
        {"section": "Producción", "title": "En producción"},
        {"section": "Producción / Debate", "drop": True},
    ]
