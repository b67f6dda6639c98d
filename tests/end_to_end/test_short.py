"""A short episode made with `new`: what a change costs, what a kill costs, what an editor's word is worth."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import feedparser
import pytest
from mutagen.id3 import ID3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus

from .conftest import ESCALETA, ROOT, Run, escaleta, here

OUTLINE = """\
# El buzón

Charla de 10 minutos.

## Resumen

WIP

## Introducción

- Presentar a los tertulianos
- Este programa es posible gracias a Veridas (meter cuña publicitaria)

## Preguntas de los oyentes

- Javier, por Twitter: ¿hace falta un máster?
"""


def start(folder: Path) -> Path:
    """A show with one new episode, not yet produced."""
    shutil.copytree(ROOT / "feed", folder / "feed", ignore=shutil.ignore_patterns("public", "ledger.yaml", ".lock"))
    (folder / "order.md").write_text(OUTLINE, "utf-8")
    recording = ROOT / "tests" / "data" / "speech" / "buzon.opus"
    made = escaleta(
        *("new", "buzon", "--outline", "order.md", "--recording", recording, "--publish-at", "2024-01-09T07:00"),
        cwd=folder,
    )
    assert made.returncode == 0, made.stderr
    return folder


def produce(folder: Path, run: Run = here) -> dict[str, Any]:
    done = run("produce", "buzon", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def public(folder: Path) -> dict[str, bytes]:
    root = folder / "feed" / "public"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = start(tmp_path_factory.mktemp("short"))
    produce(folder, escaleta)
    return folder


@pytest.fixture
def short(made: Path, tmp_path: Path) -> Path:
    """The produced episode, to be changed."""
    return shutil.copytree(made, tmp_path / "show")


def test_a_new_episode_runs_as_it_is(short: Path) -> None:
    told = produce(short)
    assert told["published"]
    assert [chapter["section_index"] for chapter in told["chapters"]] == [2, 3]
    assert told["chapters"][0]["start_ms"] == 0
    (spot,) = told["spots"]
    assert 23_217 < spot["recording_ms"] < 24_817, "between the cue sentence's end and the next words"
    assert spot["end_ms"] <= told["chapters"][1]["start_ms"]
    assert told["durations"]["planned_ms"] == 600_000
    assert "Introducción, Preguntas de los oyentes" in Path(told["files"]["description"]).read_text("utf-8")


def test_a_moved_folder_is_still_fresh(short: Path) -> None:
    assert produce(short)["ran"] == []


def test_a_changed_title_touches_no_encoder(short: Path) -> None:
    outline = short / "episodes" / "buzon" / "outline.md"
    master = short / "episodes" / "buzon" / "build" / "master.mp3"
    before = master.stat().st_mtime_ns
    outline.write_text(OUTLINE.replace("Preguntas de los oyentes", "El buzón de los oyentes"), "utf-8")
    told = produce(short)
    assert "master" not in told["ran"]
    assert "release" in told["ran"]
    assert master.stat().st_mtime_ns == before
    titles = [str(frame.sub_frames["TIT2"]) for frame in ID3(told["files"]["audio"]).getall("CHAP")]
    assert "El buzón de los oyentes" in titles


def test_the_editors_word_wins_and_stays(short: Path) -> None:
    edits = short / "episodes" / "buzon" / "chapters.yaml"
    text = "- {section: Preguntas de los oyentes, start: 0:30.5, title: Cartas}\n- {section: Nada, title: X}\n"
    edits.write_text(text, "utf-8")
    told = produce(short)
    assert "transcribe" not in told["ran"]
    assert "master" not in told["ran"]
    (_, cartas) = told["chapters"]
    assert (cartas["title"], cartas["recording_start_ms"], cartas["confidence"]) == ("Cartas", 30_500, 1.0)
    assert len(told["conflicts"]) == 1
    assert "'Nada'" in told["conflicts"][0]
    assert produce(short)["ran"] == []
    assert edits.read_text("utf-8") == text


def test_status_says_what_is_stale_and_why(short: Path) -> None:
    (short / "episodes" / "buzon" / "outline.md").write_text(OUTLINE.replace("## Intro", "## La intro"), "utf-8")
    told = json.loads(here("status", "buzon", "--json", cwd=short).stdout)
    assert told["next"] == "correct"
    assert told["stages"]["correct"]["why"] == ["the running order changed"]
    assert "after align" in told["stages"]["retime"]["why"]
    assert not told["stages"]["transcribe"]["stale"]


REASONS = [
    "`publish_at` in episodes/buzon/episode.yaml: when it goes out, as in `publish_at: 2023-05-04T07:00 Europe/Madrid`",
    "`summary` in episodes/buzon/episode.yaml: two or three sentences that tell listeners what the episode is about",
]


def unsay(folder: Path) -> str:
    """Take from episode.yaml what it cannot go out without; what it said."""
    path = folder / "episodes" / "buzon" / "episode.yaml"
    said = path.read_text("utf-8")
    kept = [line for line in said.splitlines(True) if not line.startswith(("publish_at:", "summary:"))]
    path.write_text("".join(kept), "utf-8")
    return said


def test_a_draft_is_made_and_says_what_it_lacks(short: Path) -> None:
    """Here it was released once and never went out: what is left of that is not told of."""
    folder, feed = short / "episodes" / "buzon", short / "feed"
    shutil.rmtree(feed / "public")
    (feed / "ledger.yaml").unlink()
    unsay(short)
    told = produce(short)
    assert (told["unready"], told["publish_at"], told["published"]) == (REASONS, None, False)
    assert told["files"] == {"master": str(folder / "build" / "master.mp3")}
    assert [chapter["section_index"] for chapter in told["chapters"]] == [2, 3]
    assert told["ran"] == ["report"]
    before = public(short)
    assert not [name for name in before if name.startswith("buzon")]

    done = here("produce", "buzon", "--video", cwd=short)
    assert (done.returncode, "Error:" in done.stderr) == (0, False), done.stderr
    rows = dict(line.rstrip().split("  ", 1) for line in done.stdout.splitlines() if "  " in line)
    rows = {name: text.strip() for name, text in rows.items()}
    assert rows["Goes out"] == "a draft, not published"
    assert rows["master"] == "episodes/buzon/build/master.mp3"
    assert rows["report"] == "episodes/buzon/build/report.html"
    assert "Preguntas de los oyentes" in done.stdout
    assert done.stdout.splitlines()[-2:] == [f"Before it can go out: {reason}" for reason in REASONS]
    assert "release" not in done.stdout
    assert public(short) == before
    assert MP4(short / rows["video"]).info.length > 60

    exported = here("export", "buzon", "opus", "--json", cwd=short)
    assert exported.returncode == 0, exported.stderr
    tags = OggOpus(json.loads(exported.stdout)["file"]).tags
    assert (tags["title"], "date" in tags) == (["El buzón"], False)

    with (folder / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("publish_at: 2024-02-01T07:00\nsummary: Cartas de quienes nos oyen.\n")
    told = produce(short)
    assert told["ran"] == ["report", "release"]
    assert (told["unready"], told["published"], told["publish_at"]) == ([], True, "2024-02-01T07:00:00+01:00")
    assert Path(told["files"]["description"]).read_text("utf-8").startswith("Cartas de quienes nos oyen.\n")


def test_what_is_public_and_no_longer_ready_is_an_error(short: Path) -> None:
    """All is made and told, and nothing public changes until it is ready again."""
    folder, before = short / "episodes" / "buzon", public(short)
    said = unsay(short)
    (folder / "chapters.yaml").write_text("- {section: Preguntas de los oyentes, title: Cartas}\n", "utf-8")
    for run, words in ((escaleta, ("buzon",)), (here, ("--all",))):
        done = run("produce", *words, "--json", cwd=short)
        assert done.returncode == 1
        told = json.loads(done.stdout)
        one = told if words == ("buzon",) else told[0]
        assert (one["unready"], one["published"], list(one["files"])) == (REASONS, True, ["master"])
        assert one["chapters"][1]["title"] == "Cartas"
        (error,) = done.stderr.split("Error: ")[1:]
        assert error.startswith("episodes/buzon: is public, and not ready to go out as it is now")
        assert all(reason in error for reason in REASONS)
        assert public(short) == before
    page = (folder / "build" / "report.html").read_text("utf-8")
    assert "Cartas" in page
    assert "before it can go out: `summary` in episodes/buzon/episode.yaml" in page
    (folder / "episode.yaml").write_text(said, "utf-8")
    assert produce(short)["ran"] == ["report", "release"]
    assert "Cartas" in public(short)["buzon/chapters.json"].decode()


def test_a_time_by_hand_places_the_spot(short: Path) -> None:
    with (short / "episodes" / "buzon" / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("cue_at: 0:24.2\n")
    told = produce(short)
    assert [spot["recording_ms"] for spot in told["spots"]] == [24_200]


def test_another_spot_in_a_finished_episode(short: Path, tmp_path: Path) -> None:
    """The patched master is the master that would have been made anew; everything behind the spot moves with it."""
    show = short / "feed" / "show.yaml"
    later = '  - {name: summer, audio: music/intro.flac, first: "2030-06-01"}\n'
    show.write_text(show.read_text("utf-8").replace("campaigns:\n", "campaigns:\n" + later), "utf-8")
    before = produce(short)
    done = here("respot", "buzon", "--campaign", "summer", "--json", cwd=short)
    assert done.returncode == 0, done.stderr
    after = json.loads(done.stdout)
    assert [spot["name"] for spot in after["spots"]] == ["summer"]
    assert after["files"]["audio"] != before["files"]["audio"]
    assert Path(before["files"]["audio"]).exists(), "until nobody fetches it any more"
    (old,), (new,) = before["spots"], after["spots"]
    moved = (new["end_ms"] - new["start_ms"]) - (old["end_ms"] - old["start_ms"])
    assert moved != 0
    assert after["chapters"][1]["start_ms"] - before["chapters"][1]["start_ms"] == moved
    build = short / "episodes" / "buzon" / "build"
    patched = (build / "master.mp3").read_bytes()
    (build / "receipts" / "master.json").unlink()
    produce(short)
    assert (build / "master.mp3").read_bytes() == patched
    assert here("respot", "buzon", "--campaign", "winter", cwd=short).returncode == 1


def test_a_second_feed_without_spots(short: Path) -> None:
    """Made from the finished master, and as it would be made anew; its own addresses, ledger and folder."""
    with (short / "feed" / "show.yaml").open("a", encoding="utf-8") as file:
        file.write("ad_free: {feed_url: https://free.example.org/feed.xml, title: Sin publicidad}\n")
    told = produce(short)
    assert "master" not in told["ran"]
    (spot,) = told["spots"]
    own, free = (feedparser.parse(short / "feed" / name / "feed.xml") for name in ("public", "ad-free"))
    assert (own.feed.title, free.feed.title) == ("La TERTULia de la Inteligencia Artificial", "Sin publicidad")
    (item,) = free.entries
    assert item.enclosures[0].href.startswith("https://free.example.org/buzon/buzon-")
    assert "veridas.com" in own.entries[0].description
    assert "veridas.com" not in item.description
    (sound,) = (short / "feed" / "ad-free" / "buzon").glob("*.mp3")
    chapters = sorted(frame.start_time for frame in ID3(sound).getall("CHAP"))
    assert chapters == [0, told["chapters"][1]["start_ms"] - (spot["end_ms"] - spot["start_ms"])]
    check = here("check", short / "feed" / "ad-free" / "feed.xml", cwd=short)
    assert check.returncode == 0, check.stdout

    show = short / "feed" / "show.yaml"
    show.write_text(show.read_text("utf-8").replace("//free.example.org/", "//else.example.org/members/"), "utf-8")
    assert produce(short)["ran"] == ["release-ad-free"]
    there = feedparser.parse(short / "feed" / "ad-free" / "feed.xml")
    assert there.entries[0].enclosures[0].href.startswith("https://else.example.org/members/buzon/buzon-")
    assert (there.entries[0].id, there.feed.podcast_guid) == (item.id, free.feed.podcast_guid)
    assert item.id != own.entries[0].id

    build = short / "episodes" / "buzon" / "build"
    patched = (build / "ad-free" / "master.mp3").read_bytes()
    with (short / "episodes" / "buzon" / "episode.yaml").open("a", encoding="utf-8") as file:
        file.write("spots: []\n")
    (build / "receipts" / "master.json").unlink()
    produce(short)
    assert (build / "master.mp3").read_bytes() == patched

    shutil.rmtree(short / "feed" / "ad-free")
    (short / "feed" / "ad-free").write_text("a file where a folder should be")
    for run, command in ((here, ("produce", "buzon")), (escaleta, ("publish",))):
        failed = run(*command, "--json", cwd=short)
        assert (failed.returncode, "a file stands where a folder is needed" in failed.stderr) == (1, True), command
        assert json.loads(failed.stdout), "what did go out is told"


def test_a_cut_is_made_and_one_that_is_kept_is_not(short: Path) -> None:
    before, cuts = produce(short), short / "episodes" / "buzon" / "cuts.yaml"
    whole = Path(before["files"]["vtt"]).read_text("utf-8").split()
    cuts.write_text("- {start: 0:30, end: 0:32, keep: true}\n", "utf-8")
    assert "edit" not in produce(short)["ran"]
    cuts.write_text("- {start: 0:30, end: 0:32}\n", "utf-8")
    after = produce(short)
    assert "transcribe" not in after["ran"]
    assert after["durations"]["programme_ms"] == before["durations"]["programme_ms"] - 2_000
    assert len(Path(after["files"]["vtt"]).read_text("utf-8").split()) < len(whole)
    cuts.write_text("- {start: 0:00, end: 1:00:00}\n", "utf-8")
    refused = here("produce", "buzon", cwd=short)
    assert refused.returncode == 1
    assert "which is cut out" in " ".join(refused.stderr.split())


def test_an_export_without_spots(short: Path) -> None:
    told = produce(short)
    (spot,) = told["spots"]
    done = here("export", "buzon", "m4a", "--ad-free", "--json", cwd=short)
    assert done.returncode == 0, done.stderr
    movie = MP4(json.loads(done.stdout)["file"])
    gone = (spot["end_ms"] - spot["start_ms"]) / 1000
    frame = 1024 / 48_000
    assert movie.info.length == pytest.approx(told["durations"]["programme_ms"] / 1000 - gone + frame, abs=0.001)
    assert [chapter.start for chapter in movie.chapters] == [
        0,
        pytest.approx(told["chapters"][1]["start_ms"] / 1000 - gone, abs=0.001),
    ]
    (short / "episodes" / "buzon" / "outline.md").write_text(OUTLINE.replace("## Intro", "## La intro"), "utf-8")
    stale = here("export", "buzon", "opus", cwd=short)
    assert stale.returncode == 1
    assert "escaleta produce buzon" in stale.stderr


MOMENTS = (
    "recording.json",
    "pieces/*",
    "transcript.json",
    "edit_list.json",
    ".master.mp3.*",
    "master.json",
    "release/*.mp3",
    "release/index.html",
    "receipts/release.json",
    "../../../feed/public/buzon/*.mp3",
    "../../../feed/ledger.yaml",
)
"""Files after whose appearance the run is killed, relative to the build folder."""


def killed_at(folder: Path, moment: str) -> bool:
    """Run `produce` and kill -9 all of it once a file like `moment` is there; False if it ended before."""
    build = folder / "episodes" / "buzon" / "build"
    run = subprocess.Popen(
        [ESCALETA, "produce", "buzon"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while run.poll() is None:
        if any(build.glob(moment)):
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return True
        time.sleep(0.002)
    return False


def hear_all_but_one(folder: Path, made: Path) -> None:
    """Leave one piece to be written down, whether the run was killed before it had finished another or behind that."""
    heard, kept = (one / "episodes" / "buzon" / "build" / "pieces" for one in (made, folder))
    missing = sorted({piece.name for piece in heard.iterdir()} - {piece.name for piece in kept.iterdir()})
    for name in missing[1:]:
        shutil.copy(heard / name, kept / name)


def test_killed_at_every_step_the_result_is_the_same(tmp_path: Path, made: Path) -> None:
    survivor, killed = start(tmp_path / "survivor"), []
    for moment in MOMENTS:
        if killed_at(survivor, moment):
            killed.append(moment)
        if moment == "pieces/*":
            hear_all_but_one(survivor, made)
    assert len(killed) >= 8, killed
    produce(survivor, escaleta)
    assert public(survivor) == public(made)
    assert not list(survivor.rglob(".*.part*"))
