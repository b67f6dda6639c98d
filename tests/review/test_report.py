"""`build/report.html`: made by `produce`, current after corrections, and nobody else's business."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree, html

from pipeline import report, screen
from pipeline.errors import InputError
from pipeline.model import CutMark, Mark, Master, Segment, Transcript
from pipeline.runner import job_for, run
from pipeline.stages.master import levels_beside
from pipeline.workspace import Workspace

from .conftest import given, unseen

OFFERS = (CutMark(8_000, 12_000, "knocks"), CutMark(61_000, 66_500, "“<script>” said"))


def made(show: Path) -> tuple[str, ...]:
    return run(job_for(Workspace(show).episode("mlops")), unseen)


def page(show: Path) -> etree._Element:
    return html.document_fromstring((show / "episodes" / "mlops" / "build" / "report.html").read_text("utf-8"))


def column(root: etree._Element, heading: str, number: int) -> list[str]:
    (table,) = root.xpath("//h2[text()=$heading]/following-sibling::*[1]//table", heading=heading)
    return [row.xpath("string(td[$n])", n=number).strip() for row in table.xpath(".//tbody/tr")]


def test_everything_is_in_it_and_nothing_from_elsewhere(finished: Path) -> None:
    root = page(finished)
    assert root.xpath("string(//h1)") == "MLOps"
    assert column(root, "Chapters", 2) == ["0:00", "0:25", "0:50", "1:15", "1:30"]
    assert column(root, "Chapters", 3) == ["90 %", "90 %", "90 %", "40 %", "90 %"]
    assert "with Debate" in column(root, "Chapters", 4)[2]
    assert "because" in column(root, "Chapters", 4)[0]
    facts = dict(zip(root.xpath("//dt/text()"), (d.text_content().strip() for d in root.xpath("//dd")), strict=True))
    assert facts["Length"] == "2:06 (recording 2:00, planned 2:00)"
    assert facts["Loudness"].endswith("LUFS, to be -19 LUFS ✓")
    assert facts["True peak"].endswith("dBTP, at most -1 dBTP ✓")
    assert "“Producción” at 1:15 of the recording is only 40% sure" in [line.text for line in root.xpath("//li")]
    assert "veridas" in root.xpath("string(//h2[text()='Spots']/following-sibling::ul)")
    assert len(root.xpath("//figure")) == 3
    assert root.xpath("//script | //link | //img | //iframe | //@src | //@href | //@onload") == []


def test_the_plan_is_told_and_what_was_not_talked_about_is_in_it(finished: Path) -> None:
    """Two minutes in seven parts: a heading is one, a point is one; one that only holds others is none."""
    text = (finished / "episodes" / "mlops" / "build" / "report.html").read_text("utf-8")
    assert "planned 2:00, shared out by points" in text
    titles = page(finished).xpath("//figure[2]//*[local-name()='title']/text()")
    assert "Introducción: 0:25, planned 0:34" in titles, "the spot is no talk"
    assert "Despedida: 0:00, planned 0:17" in titles


def test_the_curve_is_the_masters_own(finished: Path) -> None:
    job = job_for(Workspace(finished).episode("mlops"))
    levels = levels_beside(job.master, job.store.load("master", Master).sha256)
    assert levels is not None
    assert len(levels.energies) == 1266
    (points,) = page(finished).xpath("//*[local-name()='polyline']/@points")
    assert len(points.split()) == 127
    assert levels_beside(job.master, "00" * 32) is None


def test_it_is_made_again_when_something_changed_and_only_then(show: Path) -> None:
    file = show / "episodes" / "mlops" / "build" / "report.html"
    assert made(show) == ()
    (show / "episodes" / "mlops" / "chapters.yaml").write_text("- {section: Preguntas, title: Cartas}\n", "utf-8")
    ran = made(show)
    assert {"report", "release"} <= set(ran)
    assert "master" not in ran
    assert any(cell.startswith("Cartas") for cell in column(page(show), "Chapters", 4))
    file.write_text("scribble", "utf-8")
    assert made(show) == ("report",)
    file.unlink()
    assert made(show) == ("report",)


def test_produce_and_status_tell_alike_what_wants_a_look(show: Path) -> None:
    job = job_for(Workspace(show).episode("mlops"))
    given(job, offers=OFFERS)
    produced = report.episode(job, feed=None)
    stands = report.status(job, report.Calendar(datetime(2026, 3, 1, tzinfo=UTC), frozenset()))
    kinds = ("review", "conflicts", "lost_speech", "offers")
    assert [produced[kind] for kind in kinds] == [stands[kind] for kind in kinds]
    assert (produced["review"], len(produced["offers"]), stands["wants"]) == (["Producción"], 2, 3)


def test_produce_tells_where_it_lies(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = job_for(Workspace(finished).episode("mlops"))
    told = report.episode(job, feed=None)
    assert Path(told["report"]).read_text("utf-8").startswith("<!doctype html>")
    screen.episode(told, finished)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("report ")]
    assert line.split() == ["report", "episodes/mlops/build/report.html"]


def test_a_recording_without_words_is_told_of(show: Path) -> None:
    """It may be the wrong file, and goes out all the same where nothing in it has to be found."""
    job = job_for(Workspace(show).episode("mlops"))
    nothing = Transcript("es", ())
    given(job, heard=nothing, transcript=nothing, marks=tuple(Mark(n, None, 0.9) for n in range(1, 8)))
    assert "report" in made(show)
    (note,) = report.episode(job, feed=None)["notes"]
    assert note.startswith("no words are heard in the recording: ")
    assert note in [line.text for line in page(show).xpath("//li")]


def test_a_recording_in_another_language_than_was_written_is_told_of(show: Path) -> None:
    job = job_for(Workspace(show).episode("mlops"))
    transcript = replace(job.store.load("transcript", Transcript), sounds_like="eu")
    given(job, heard=transcript, transcript=transcript, marks=job.store.load("marks", tuple[Mark, ...]))
    assert "report" in made(show)
    (note,) = report.episode(job, feed=None)["notes"]
    assert note.startswith("the recording sounds like `eu` and was heard as `es`, ")
    assert "write `language: eu` into episode.yaml" in note
    assert note in [line.text for line in page(show).xpath("//li")]


def test_a_cue_line_that_is_heard_in_another_language_is_known_for_that(show: Path) -> None:
    written = show / "episodes" / "mlops" / "episode.yaml"
    written.write_text(written.read_text("utf-8").replace("cue_at: 0:19.5\n", ""), "utf-8")
    job = job_for(Workspace(show).episode("mlops"))
    foreign = Transcript("es", (Segment(1_000, 2_000, "Aupa."),), sounds_like="eu")
    given(job, heard=foreign, transcript=foreign, marks=tuple(Mark(n, None, 0.9) for n in range(1, 8)))
    with pytest.raises(InputError, match="in what was heard as `es`, and the recording sounds like `eu`") as caught:
        made(show)
    assert caught.value.todo.startswith("write `language: eu` into episode.yaml, or ")


def test_offers_and_what_was_decided(show: Path) -> None:
    job = job_for(Workspace(show).episode("mlops"))
    given(job, offers=OFFERS)
    (job.folder.path / "cuts.yaml").write_text("- {start: 0:08, end: 0:12, keep: true}\n", "utf-8")
    assert "report" in made(show)
    assert column(page(show), "Cuts", 3) == ["kept", "offered"]
    assert column(page(show), "Cuts", 4) == ["knocks", "“<script>” said"]
    wanted = [line.text for line in page(show).xpath("//li")]
    assert "1:01–1:06 of the recording is offered to be cut: “<script>” said" in wanted
