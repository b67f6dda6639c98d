"""`escaleta status`: what is done, what is stale and why, when it goes out, and what wants a look."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import report, screen
from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.model import CutMark, Mark, Recording, Transcript
from pipeline.publishing import publish_show
from pipeline.review.figures import figures_of
from pipeline.runner import job_for, run, states
from pipeline.steps import STAGES
from pipeline.workspace import Workspace

from .conftest import given, unseen


def told(show: Path, *words: str) -> Any:
    done = CliRunner().invoke(app, ["status", "--json", "--workspace", str(show), *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def another(show: Path, slug: str, publish_at: str | None) -> Path:
    """An episode of which nothing was made yet."""
    folder = show / "episodes" / slug
    shutil.copytree(show / "episodes" / "mlops", folder, ignore=shutil.ignore_patterns("build"))
    lines = [line for line in (folder / "episode.yaml").read_text("utf-8").splitlines() if "publish_at" not in line]
    lines += [f"publish_at: {publish_at}"] if publish_at else []
    (folder / "episode.yaml").write_text("\n".join(lines), "utf-8")
    return folder


def unsay(folder: Path) -> None:
    """Nothing says what the episode is about."""
    lines = (folder / "episode.yaml").read_text("utf-8").splitlines(True)
    (folder / "episode.yaml").write_text("".join(line for line in lines if not line.startswith("summary:")), "utf-8")


def test_how_the_date_of_each_stands(show: Path) -> None:
    another(show, "soon", "2999-01-01T07:00")
    another(show, "overdue", "2023-06-01T07:00")
    unsay(another(show, "silent", "2998-01-01T07:00"))
    unsay(another(show, "silent-overdue", "2023-06-01T07:00"))
    another(show, "draft", None)
    (another(show, "broken", None) / "episode.yaml").write_text("titel: X\n", "utf-8")
    found = {one["slug"]: one for one in told(show)}
    assert {slug: one.get("standing") for slug, one in found.items()} == {
        "mlops": "public",
        "soon": "waiting",
        "overdue": "late",
        "silent": "unready",
        "silent-overdue": "late",
        "draft": "draft",
        "broken": None,
    }
    assert "titel" in found["broken"]["error"]
    states = [stage["state"] for stage in found["soon"]["stages"].values()]
    assert states == ["stale", *["waiting"] * (len(states) - 1)]
    assert {stage["state"] for stage in found["mlops"]["stages"].values()} == {"done"}


def test_a_folder_that_cannot_name_an_episode_is_a_row(show: Path) -> None:
    for name in ("Mi plantilla", ".another.part"):
        another(show, name, None)
    wrong, right = told(show)
    assert (wrong["slug"], right["slug"]) == ("Mi plantilla", "mlops")
    assert "'Mi plantilla' cannot name an episode" in wrong["error"]


def test_the_moment_counts() -> None:
    due = datetime(2026, 3, 1, 7, tzinfo=UTC)
    before, after = (report.Calendar(due.replace(hour=hour), frozenset()) for hour in (6, 7))
    assert (before.standing("a", due), after.standing("a", due)) == ("waiting", "late")


def test_what_is_stale_and_what_only_waits(show: Path) -> None:
    (show / "episodes" / "mlops" / "chapters.yaml").write_text("- {section: Preguntas, title: Cartas}\n", "utf-8")
    stages = told(show, "mlops")["stages"]
    assert stages["align"] == {"stale": True, "state": "stale", "why": ["chapters.yaml changed"]}
    assert (stages["retime"]["state"], stages["transcribe"]["state"]) == ("waiting", "done")


def test_new_phrases_of_a_show_make_what_was_found_stale(show: Path) -> None:
    path = show / "feed" / "show.yaml"
    path.write_text(path.read_text("utf-8") + "phrases: {move: [al lío]}\n", "utf-8")
    stages = told(show, "mlops")["stages"]
    assert stages["find"] == {"stale": True, "state": "stale", "why": ["the phrases changed"]}
    assert (stages["align"]["state"], stages["correct"]["state"]) == ("waiting", "done")


def test_what_wants_a_look(show: Path) -> None:
    (show / "episodes" / "mlops" / "cuts.yaml").write_text("- {start: 0:08, end: 0:12, keep: true}\n", "utf-8")
    offers = (CutMark(8_000, 12_000, "knocks"), CutMark(61_000, 66_500, "knocks"))
    given(job_for(Workspace(show).episode("mlops")), offers=offers)
    found = told(show, "mlops")
    assert found["review"] == ["Producción"]
    assert found["offers"] == [{"start_ms": 61_000, "end_ms": 66_500, "why": "knocks"}]
    assert found["wants"] == 2
    heard = {one["title"]: (one["recording_start_ms"], one["start_ms"]) for one in found["chapters"]}
    assert heard["Preguntas"][1] > heard["Preguntas"][0] + 5_000, "behind the spot, in programme time"


def test_a_spot_that_is_asked_for_and_does_not_run_wants_a_look(show: Path) -> None:
    folder = show / "episodes" / "mlops"
    (folder / "episode.yaml").write_text((folder / "episode.yaml").read_text("utf-8") + "spots: []\n", "utf-8")
    found = told(show, "mlops")
    assert len(found["without_spot"]) == 1
    assert "Este programa es posible gracias a Veridas" in found["without_spot"][0]
    assert found["wants"] == 2
    assert found["stages"]["report"]["state"] == "stale"
    run(job_for(Workspace(show).episode("mlops")), unseen)
    assert found["without_spot"][0] in (folder / "build" / "report.html").read_text("utf-8")


def test_a_second_place_for_the_spot_is_told_of(show: Path) -> None:
    outline = show / "episodes" / "mlops" / "outline.md"
    outline.write_text(outline.read_text("utf-8") + "\n- Hacemos una pausa (cuña)\n", "utf-8")
    assert told(show, "mlops")["without_spot"] == [
        "the running order asks for a spot after “Hacemos una pausa”, too, but spots at the cue go to the first of them"
    ]


def test_what_was_left_out_in_doubt_wants_a_look(show: Path) -> None:
    job = job_for(Workspace(show).episode("mlops"))
    marks = job.store.load("marks", tuple[Mark, ...])
    given(job, marks=(*marks[:-1], replace(marks[-1], confidence=0.5)))
    run(job, unseen)
    found = told(show, "mlops")
    assert (found["missed"], found["wants"]) == (["Despedida"], 2)


PUBLISH_AT = (
    "`publish_at` in episodes/{}/episode.yaml: when it goes out, as in `publish_at: 2023-05-04T07:00 Europe/Madrid`"
)
SUMMARY = "`summary` in episodes/{}/episode.yaml: two or three sentences that tell listeners what the episode is about"


def test_what_keeps_an_episode_from_going_out(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it at once; in the table not of drafts, which nobody expects to."""
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("ad_free: {feed_url: https://free.example.org/feed.xml}\n")
    unsay(another(show, "draft", None))
    unsay(another(show, "silent", "2998-01-01T07:00"))
    another(show, "soon", "2999-01-01T07:00")
    found = {one["slug"]: one for one in told(show)}
    assert found["draft"]["unready"] == [PUBLISH_AT.format("draft"), SUMMARY.format("draft")]
    assert found["silent"]["unready"] == [SUMMARY.format("silent")]
    assert (found["soon"]["unready"], found["mlops"]["unready"]) == ([], [])
    assert set(found["soon"]["stages"]) - set(found["silent"]["stages"]) == {"release", "release-ad-free"}

    lines = CliRunner().invoke(app, ["status", "--workspace", str(show)]).output.splitlines()
    (head,) = (number for number, line in enumerate(lines) if line.startswith("episode"))
    at = [lines[head].index(f" {name} ") + 1 for name in ("release", "strip-ad-free")]
    marks = {line.split()[0]: tuple(line[place] for place in at) for line in lines[head + 1 : head + 5]}
    assert marks == {"draft": (" ", "·"), "mlops": ("✓", "●"), "silent": (" ", "·"), "soon": ("·", "·")}
    assert "2998-01-01 07:00 unready" in next(line for line in lines if line.startswith("silent"))
    assert [line for line in lines if "before it can go out" in line] == [
        f"silent before it can go out: {SUMMARY.format('silent')}"
    ]
    assert lines[-1] == "Next to go out: soon, 2999-01-01 07:00 waiting"
    lines = CliRunner().invoke(app, ["status", "draft", "--workspace", str(show)]).output.splitlines()
    assert "draft draft" in lines
    assert lines[-2:] == [f"Before it can go out: {reason}" for reason in found["draft"]["unready"]]


def test_a_draft_of_a_show_with_two_feeds_is_mastered_for_both(show: Path) -> None:
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("ad_free: {feed_url: https://free.example.org/feed.xml}\n")
    unsay(show / "episodes" / "mlops")
    job = job_for(Workspace(show).episode("mlops"))
    assert run(job, unseen) == ("report", "strip-ad-free", "retime-ad-free", "master-ad-free")
    assert (job.folder.build / "ad-free" / "master.mp3").is_file()
    assert not (job.folder.build / "ad-free" / "release").exists()
    assert [state.why for state in states(job) if state.why] == []


@pytest.mark.parametrize("width", [200, 72, 40])
def test_it_can_be_read_on_any_terminal(show: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    another(show, "2026-12-agentes", "2999-01-01T07:00")
    for name, value in {"_force_terminal": True, "_width": width, "_height": 25}.items():
        monkeypatch.setattr(screen.out, name, value)
    done = CliRunner().invoke(app, ["status", "--workspace", str(show)])
    lines = done.output.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in done.output, "nothing is left out"
    strip = "".join(re.findall(r"[✓●·]", next(line for line in lines if line.startswith("mlops"))))
    assert set(strip) == {"✓"}
    assert len(strip) == len(told(show, "mlops")["stages"])
    assert "2026-12-agentes mix: never ran" in done.output
    assert "Next to go out: 2026-12-agentes" in " ".join(done.output.split())


def test_one_episode_that_cannot_be_made_keeps_no_other_waiting(show: Path) -> None:
    (another(show, "a-broken", None) / "episode.yaml").write_text("titel: X\n", "utf-8")
    another(show, "b-silent", "2023-06-01T07:00")
    (show / "episodes" / "b-silent" / "recording.wav").unlink()
    shutil.rmtree(show / "feed" / "public")
    done = CliRunner().invoke(app, ["produce", "--all", "--json", "--workspace", str(show)])
    assert done.exit_code == 1
    found = {one["slug"]: one for one in json.loads(done.stdout)}
    assert "titel" in found["a-broken"]["error"]
    assert "there is no recording" in found["b-silent"]["error"]
    assert found["mlops"]["published"]
    assert (show / "feed" / "public" / "feed.xml").exists()
    assert "a-broken was not made" in done.stderr


def test_of_all_those_stay_as_they_went_out_of_which_nothing_else_is_left(show: Path) -> None:
    """A runner that starts empty does not make years of episodes anew; one that is named is made."""
    folder = show / "episodes" / "mlops"
    publish_show(Workspace(show), datetime.now(UTC))
    before = {path: path.read_bytes() for path in (show / "feed" / "public").rglob("*") if path.is_file()}
    shutil.rmtree(folder / "build")
    (folder / "recording.wav").unlink()
    written = (folder / "episode.yaml").read_bytes()
    for command in (["produce", "--all"], ["respot", "--all", "--campaign", "veridas"]):
        done = CliRunner().invoke(app, [*command, "--workspace", str(show)])
        assert done.exit_code == 0, done.output
        assert "Left as they went out: mlops; to make one anew: escaleta produce SLUG" in done.stderr
        assert {path: path.read_bytes() for path in (show / "feed" / "public").rglob("*") if path.is_file()} == before
        assert (folder / "episode.yaml").read_bytes() == written
    found = told(show, "mlops")
    assert {stage["state"] for stage in found["stages"].values()} == {"rests"}
    assert (found["standing"], found["next"], found["lacks"], found["missing"]) == ("public", None, None, [])
    shown = CliRunner().invoke(app, ["status", "--workspace", str(show)]).output
    assert "– stays as it went out" in shown
    assert "never ran" not in shown
    done = CliRunner().invoke(app, ["produce", "mlops", "--workspace", str(show)])
    assert "there is no recording" in str(done.exception)
    assert told(show, "mlops")["next"] is None


def test_what_was_put_by_and_damaged_is_made_anew_of_all_and_why_it_cannot_be_is_said(show: Path) -> None:
    """As after a merge: what is public stays, and to be told to run `produce` again would not help."""
    folder, kept = show / "episodes" / "mlops", show / "feed" / "released" / "mlops.json"
    publish_show(Workspace(show), datetime.now(UTC))
    before = (show / "feed" / "public" / "feed.xml").read_bytes()
    shutil.rmtree(folder / "build")
    (folder / "recording.wav").unlink()
    kept.write_bytes(b"<<<<<<< HEAD\n" + kept.read_bytes())
    assert told(show, "mlops")["next"] == "mix"
    done = CliRunner().invoke(app, ["produce", "--all", "--workspace", str(show)])
    assert "mlops was not made: episodes/mlops: there is no recording" in " ".join(done.stderr.split())
    assert "is public, and what was made of it is gone" in str(done.exception)
    assert (show / "feed" / "public" / "feed.xml").read_bytes() == before


def test_one_public_episode_that_is_not_ready_any_more_keeps_no_other_waiting(show: Path) -> None:
    another(show, "b-other", "2023-06-01T07:00")
    unsay(show / "episodes" / "mlops")
    job, made = job_for(Workspace(show).episode("b-other")), job_for(Workspace(show).episode("mlops"))
    run(job, unseen, STAGES[:1])
    known = {"heard": Transcript, "transcript": Transcript, "marks": tuple[Mark, ...]}
    given(job, **{name: made.store.load(name, kind) for name, kind in known.items()})
    before = (show / "feed" / "public" / "mlops" / "index.html").read_bytes()
    done = CliRunner().invoke(app, ["produce", "--all", "--json", "--workspace", str(show)])
    assert done.exit_code == 1
    found = {one["slug"]: one for one in json.loads(done.stdout)}
    assert (found["mlops"]["unready"], found["mlops"]["publish_at"]) == (
        [SUMMARY.format("mlops")],
        "2023-05-04T07:00:00+02:00",
    )
    assert (found["b-other"]["published"], found["b-other"]["unready"]) == (True, [])
    assert done.stderr.count("Error:") == 1
    assert f"→ write {SUMMARY.format('mlops')}" in done.stderr
    assert (show / "feed" / "public" / "mlops" / "index.html").read_bytes() == before
    assert "b-other" in (show / "feed" / "ledger.yaml").read_text("utf-8")


def test_a_renamed_folder_s_recording_is_where_it_is_now(show: Path) -> None:
    (show / "episodes" / "mlops").rename(show / "episodes" / "golpes")
    job = job_for(Workspace(show).episode("golpes"))
    assert states(job)[0].why == ("the recording changed",)
    run(job, unseen, STAGES[:1])
    assert job.store.load("recording", Recording).path == "episodes/golpes/recording.wav"


def test_an_episode_that_waits_for_its_recording_says_so(show: Path) -> None:
    (another(show, "silent", None) / "recording.wav").unlink()
    assert "there is no recording" in told(show, "silent")["lacks"]
    assert told(show, "mlops")["lacks"] is None
    for words in (["silent"], []):
        done = CliRunner().invoke(app, ["status", "--workspace", str(show), *words])
        assert "there is no recording" in " ".join(done.output.split())


def test_files_that_are_named_and_are_not_there_are_told_before_they_are_needed(show: Path) -> None:
    another(show, "soon", None)
    assert told(show, "soon")["missing"] == []
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("music: {outro: music/bye.flac}\n")
    (cover,) = (show / "feed").glob("cover.*")
    (spot,) = (show / "feed" / "spots").iterdir()
    for path in (cover, spot):
        path.unlink()
    with (show / "episodes" / "soon" / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("\nimage: portada.jpg\n")
    (show / "episodes" / "mlops" / "chapters.yaml").write_text("- {section: Preguntas, image: buzon.png}\n", "utf-8")
    lost = [f"feed/{cover.name}", "feed/music/bye.flac", f"feed/spots/{spot.name}"]
    for slug, own in (("soon", "portada.jpg"), ("mlops", "buzon.png")):
        names = [*lost, f"episodes/{slug}/{own}"]
        assert [one.partition("\n")[0].rpartition(" ")[2] for one in told(show, slug)["missing"]] == names
        done = CliRunner().invoke(app, ["status", slug, "--workspace", str(show)])
        assert (done.exit_code, done.output.count("Missing:")) == (0, 4)
    done = CliRunner().invoke(app, ["status", "--workspace", str(show)])
    assert done.output.count("mlops, soon missing:") == 3
    assert done.output.count("portada.jpg") == done.output.count("buzon.png") == 1


def test_a_fault_of_every_episode_is_said_once(show: Path) -> None:
    another(show, "soon", None)
    with (show / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("titel: X\n")
    done = CliRunner().invoke(app, ["status", "--workspace", str(show)])
    assert done.output.count("titel") == 1
    assert "mlops, soon: feed/show.yaml" in done.output


def test_an_unknown_section_s_namesakes_are_listed_as_they_are_typed(show: Path) -> None:
    path = show / "episodes" / "mlops" / "outline.md"
    path.write_text(path.read_text("utf-8") + "\n### WIP\n\n- Adiós\n\n## Preguntas\n", "utf-8")
    done = CliRunner().invoke(app, ["status", "mlops", "--explain", "Nadie", "--workspace", str(show)])
    assert isinstance(done.exception, InputError)
    assert done.exception.todo == (
        "take one of: Introducción, Preguntas #1, Experimentación, Experimentación / Debate, "
        "Producción, Producción / Debate, Despedida, Preguntas #2"
    )


def test_nothing_is_explained_before_it_is_found(show: Path) -> None:
    (show / "episodes" / "mlops" / "build" / "transcript.json").unlink()
    done = CliRunner().invoke(app, ["status", "mlops", "--explain", "Despedida", "--workspace", str(show)])
    assert isinstance(done.exception, InputError)
    assert done.exception.todo == "run `escaleta produce mlops` first"


def test_sections_that_were_taken_out_of_the_running_order_are_missed_no_more(show: Path) -> None:
    folder = show / "episodes" / "mlops"
    given(job_for(Workspace(show).episode("mlops")), marks=(Mark(1, 0, 0.9), Mark(2, None, 0.5), Mark(7, None, 0.5)))
    run(job_for(Workspace(show).episode("mlops")), unseen)
    assert told(show, "mlops")["missed"] == ["Preguntas", "Despedida"]
    text = (folder / "outline.md").read_text("utf-8")
    (folder / "outline.md").write_text(text.partition("## Experimentación")[0] + "## Despedida\n", "utf-8")
    assert told(show, "mlops")["missed"] == ["Preguntas", "Despedida"]
    (folder / "outline.md").write_text(text.partition("## Preguntas")[0], "utf-8")
    assert told(show, "mlops")["missed"] == []
    assert "Introducción: " in figures_of(job_for(Workspace(show).episode("mlops")))
