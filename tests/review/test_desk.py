"""The desk as an editor uses it: a real browser on a real server, and the published bytes read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import feedparser
import numpy as np
import pytest
import yaml
from mutagen.id3 import ID3
from playwright.sync_api import Page, expect

from pipeline import runner
from pipeline.audio.waveform import Waveform
from pipeline.formats.naming import identities
from pipeline.model import Chapter, Chapters, Clip, EditList, Mark, Master, Place, Programme, Span
from pipeline.review.listening import keep
from pipeline.runner import job_for
from pipeline.workspace import Workspace

from .conftest import DESPEDIDA, STARTS, given, open_desk, opened, saved, talk, unseen


def row(page: Page, title: str) -> object:
    return page.locator("#order li", has_text=title).first


def chapters(show: Path) -> list[tuple[str, int]]:
    """Titles and starts as the public MP3 says them."""
    (item,) = feedparser.parse((show / "feed" / "public" / "feed.xml").read_bytes()).entries
    name = item.enclosures[0].href.removeprefix("https://a.example.org/")
    frames = sorted(ID3(show / "feed" / "public" / name).getall("CHAP"), key=lambda frame: frame.start_time)
    return [(str(frame.sub_frames["TIT2"]), frame.start_time) for frame in frames]


def entries(show: Path, name: str = "chapters.yaml") -> list[dict[str, str]]:
    return list(yaml.safe_load((show / "episodes" / "mlops" / name).read_text("utf-8")))


def test_everything_is_there_to_see(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    expect(page.locator("#title")).to_have_text("MLOps")
    expect(page.locator("#facts")).to_contain_text("2:06 (talk 2:00, planned 2:00)")
    assert page.locator("#order li").count() == 7
    assert page.locator("#order li.placed .name").all_inner_texts() == [
        *("Introducción", "Preguntas", "Experimentación", "Producción", "Producción · Debate"),
    ]
    assert page.locator("#order li.under .name").all_inner_texts() == ["Debate"]
    assert page.locator("#order li.review .name").all_inner_texts() == ["Producción"]
    expect(page.locator("#order li.absent")).to_contain_text("Despedida")
    expect(page.locator("#captions li")).to_have_count(24)
    page.click("#tab-plots")
    expect(page.locator("#plots figure")).to_have_count(3)


def test_it_plays_and_captions_follow(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#captions li").nth(10).click()
    expect(page.locator("#captions li[aria-current]")).to_have_attribute("data-n", "10")
    page.evaluate("audio.currentTime += 4")  # a second is left of the sentence
    expect(page.locator("#captions li[aria-current]")).to_have_attribute("data-n", "10")
    page.keyboard.press("Space")
    page.wait_for_selector("#captions li[data-n='11'][aria-current]")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("▶")


def test_drag_rename_save_and_read_it_back(page: Page, desk: str, show: Path) -> None:
    before = dict(chapters(show))
    master = (show / "episodes" / "mlops" / "build" / "master.mp3").stat().st_mtime_ns
    open_desk(page, desk)
    row(page, "Preguntas").locator("button").click()
    grip = page.locator(".grip.chosen").bounding_box()
    assert grip
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.move(x + 62, y, steps=4)
    page.mouse.up()
    page.fill("#f-title", "Cartas de los oyentes")
    page.keyboard.press("Enter")
    saved(page)
    after = dict(chapters(show))
    assert "Preguntas" not in after
    moved = after["Cartas de los oyentes"] - before["Preguntas"]
    assert moved % 5000 == pytest.approx(0, abs=400) or moved % 5000 == pytest.approx(5000, abs=400), "into a pause"
    assert moved >= 5000 - 400
    (entry,) = entries(show)
    assert (entry["section"], entry["title"]) == ("Preguntas", "Cartas de los oyentes")
    assert (show / "episodes" / "mlops" / "build" / "master.mp3").stat().st_mtime_ns == master, "no sound was encoded"
    feed = (show / "feed" / "public" / "feed.xml").read_text("utf-8")
    assert "Cartas de los oyentes" in feed


def test_keys_alone(page: Page, desk: str, show: Path) -> None:
    """Choose, nudge, rename, add, merge, drop, undo and save without a pointer."""
    open_desk(page, desk)
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#order [aria-current] .name")).to_have_text("Experimentación")
    page.keyboard.press("s")
    page.keyboard.press("]")
    page.keyboard.press("Shift+BracketRight")
    page.keyboard.press("Enter")
    page.keyboard.type("Probando")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    page.keyboard.type("Un inciso")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    expect(page.locator("#order [aria-current] .name")).to_have_text("Producción")
    page.keyboard.press("m")
    page.keyboard.press("n")
    page.keyboard.press("d")
    page.keyboard.press("u")
    saved(page)
    titles = [title for title, _ in chapters(show)]
    assert titles == ["Introducción", "Preguntas", "Probando", "Un inciso", "Producción · Debate"]
    word = {entry.get("section", entry.get("title")): entry for entry in entries(show)}
    assert word["Experimentación"]["start"] == word["Experimentación / Debate"]["start"] == "0:00:50.110"
    assert word["Producción"]["merge"] is True
    assert "Producción / Debate" not in word


def test_merged_is_part_of_the_chapter_before_until_it_is_split(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    row(page, "Preguntas").locator("button").click()
    page.keyboard.press("m")
    merged = page.locator("#order li.under", has_text="Preguntas")
    expect(merged.locator(".sure")).to_have_text("with Introducción")
    saved(page)
    assert entries(show) == [{"section": "Preguntas", "merge": True}]
    assert "Preguntas" not in dict(chapters(show))
    expect(merged.locator(".sure")).to_have_text("with Introducción")
    merged.get_by_role("button", name="split").click()
    saved(page)
    expect(page.locator("#order li.placed .name").nth(1)).to_have_text("Preguntas")
    assert "Preguntas" in dict(chapters(show))


# ── what wants a look ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def doubted(show: Path) -> Iterator[str]:
    """The address of a desk on which two chapters and a section that was left out want a look."""
    job = job_for(Workspace(show).episode("mlops"))
    other, there = Place(60_000, "Esto es la frase.", 0.3), Place(100_000, "Adiós a todos.", 0.31)
    marks = [Mark(n, start, 0.9, "because") for n, start in STARTS.items()]
    marks[1] = replace(marks[1], confidence=0.45)
    marks[4] = replace(marks[4], confidence=0.4, elsewhere=(other,))
    given(job, marks=(*marks, Mark(DESPEDIDA, None, 0.44, elsewhere=(there,))))
    runner.run(job, unseen)
    with opened(show) as address:
        yield address


def test_what_wants_a_look_is_walked_through_by_keys(page: Page, doubted: str, show: Path) -> None:
    """One is right, one starts elsewhere, one was talked about after all: nothing wants a look then."""
    open_desk(page, doubted)
    expect(page.locator("#tab-order")).to_have_text("Running order (3)")
    said = page.locator("#say")
    page.keyboard.press("l")
    expect(said).to_have_text("1 of 3: Preguntas")
    page.keyboard.press("y")
    page.keyboard.press("l")
    expect(said).to_have_text("1 of 2: Producción")
    places = page.locator("#f-elsewhere li")
    expect(places).to_have_count(1)
    expect(places.locator("time")).to_have_text("1:06")
    places.locator("button.row").click()
    expect(page.locator("#clock")).to_have_text("1:06.6")
    places.get_by_role("button", name="starts at 1:06").click()
    expect(page.locator("#f-rec")).to_have_text("1:00.000 in the recording")
    expect(places).to_have_count(0)
    page.keyboard.press("l")
    expect(said).to_have_text("1 of 1: Despedida")
    expect(page.locator("#clock")).to_have_text("1:46.6")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("l")
    expect(said).to_have_text("Nothing wants a look")
    expect(page.locator("#tab-order")).to_have_text("Running order")
    saved(page)
    assert entries(show) == [
        {"section": "Preguntas", "start": "0:00:25.000"},
        {"section": "Producción", "start": "0:01:00.000"},
        {"section": "Despedida", "start": "0:01:40.000"},
    ]
    expect(page.locator("#order li.review")).to_have_count(0)


def test_a_section_stays_left_out(page: Page, doubted: str, show: Path) -> None:
    open_desk(page, doubted)
    absent = page.locator("#order > li.absent")
    expect(absent.locator("> .row .sure")).to_have_text("not talked about, 44 % sure")
    title, placed = (page.locator(f"#order > li.{kind} .name").first.bounding_box() for kind in ("absent", "placed"))
    assert title and placed
    assert title["height"] == placed["height"]  # on one line, not a letter a line beside the buttons
    absent.get_by_role("button", name="leave out").click()
    expect(page.locator("#order > li.dropped .name")).to_have_text("Despedida")
    saved(page)
    assert entries(show) == [{"section": "Despedida", "drop": True}]
    expect(page.locator("#tab-order")).to_have_text("Running order (2)")


@pytest.mark.parametrize(
    ("answer", "told"),
    [({"ready": False}, "The pauses are not known yet"), ({"pauses": []}, "No pause between here and the end")],
)
def test_a_boundary_stays_where_no_pause_is_known(
    page: Page, looked_at: str, answer: dict[str, object], told: str
) -> None:
    page.route("**/api/sound", lambda route: route.fulfill(json={**route.fetch().json(), **answer}))
    page.goto(looked_at)
    page.wait_for_selector("body[data-waveform]" if "pauses" in answer else "body[data-ready]")
    page.keyboard.press("n")
    before = page.input_value("#f-start")
    page.keyboard.press("]")
    expect(page.locator("#say")).to_contain_text(told)
    assert page.input_value("#f-start") == before
    expect(page.locator("#undo")).to_be_disabled()


def test_a_boundary_goes_from_pause_to_pause(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.keyboard.press("n")
    starts = [float(page.input_value("#f-start").removeprefix("0:"))]
    for key in ("]", "]", "["):
        page.keyboard.press(key)
        starts.append(float(page.input_value("#f-start").removeprefix("0:")))
    steps = [later - earlier for earlier, later in pairwise(starts)]
    assert steps[1:] == pytest.approx([5, -5], abs=0.3), "a sentence takes five seconds with its pause"


def type_start(page: Page, title: str, time: str) -> None:
    row(page, title).locator("button").click()
    page.fill("#f-start", time)
    page.keyboard.press("Enter")


def test_a_typed_time_carries_a_chapter_past_its_neighbours(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    type_start(page, "Preguntas", "1:10")
    expect(page.locator("#say")).to_have_text("Preguntas now starts at 1:10.0")
    expect(page.locator("#order [aria-current] .name")).to_have_text("Preguntas")
    saved(page)
    assert [title for title, _ in chapters(show)][:4] == ["Introducción", "Experimentación", "Preguntas", "Producción"]
    assert dict(chapters(show))["Preguntas"] == 70_000


def test_a_time_beyond_the_talk_is_refused_by_its_field(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    type_start(page, "Preguntas", "9:00")
    expect(page.locator("#f-start-wrong")).to_contain_text("The talk ends at 2:0")
    expect(page.locator("#f-start")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#undo")).to_be_disabled()
    row(page, "Producción").locator("button").click()
    expect(page.locator("#f-start-wrong")).to_be_hidden()
    expect(page.locator("#f-start")).to_have_attribute("aria-invalid", "false")


def test_a_chapter_goes_to_where_the_sound_is_past_its_neighbours(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    row(page, "Preguntas").locator("button").click()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("g")
    names = page.locator("#order li.placed .name").all_inner_texts()
    times = page.locator("#order li.placed time").all_inner_texts()
    assert dict(zip(names, times, strict=True))["Preguntas"] > "1:08"
    expect(page.locator("#order [aria-current] .name")).to_have_text("Preguntas")


@pytest.mark.parametrize("key", ["m", "d"])
def test_undo_brings_the_chosen_chapter_back(page: Page, looked_at: str, key: str) -> None:
    open_desk(page, looked_at)
    chosen = page.locator("#order [aria-current] .name")
    row(page, "Producción").locator("button").click()
    page.keyboard.press(key)
    expect(chosen).not_to_have_text("Producción")
    row(page, "Introducción").locator("button").click()
    page.keyboard.press("u")
    expect(chosen).to_have_text("Producción")
    assert page.input_value("#f-title") == "Producción"
    page.keyboard.press("d")
    expect(page.locator("#order li.dropped .name")).to_have_text("Producción")


def test_undo_while_typing_takes_back_what_is_typed(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.keyboard.press("n")
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    page.keyboard.type("Probando")
    page.keyboard.press("Control+z")
    expect(page.locator("#order [aria-current] .name")).to_have_text("Experimentación")
    expect(page.locator("#order li.dropped .name")).to_have_text("Preguntas")
    page.keyboard.press("u")
    expect(page.locator("#order [aria-current] .name")).to_have_text("Preguntas")


@pytest.mark.parametrize(
    "text",
    [
        "veridas.com",
        "ftp://veridas.com/",
        "https://",
        "https:///a",
        "https://[a",
        "https://veridas.com/a b",
        "https://españa.es",
    ],
)
def test_a_link_that_is_none_is_refused_by_its_field(asked: Page, text: str) -> None:
    wrong, field = asked.locator("#f-url-wrong"), asked.locator("#f-url")
    asked.locator("#order [aria-current] button").click()  # the form is filled anew
    expect(wrong).to_be_hidden()
    expect(field).to_have_value("")
    field.fill(text)
    asked.locator("#f-image").focus()
    expect(wrong).to_contain_text("Write a web address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(asked.locator("#save")).to_be_disabled()


def test_a_link_is_mended_and_saved(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    page.fill("#f-url", "veridas.com")
    page.fill("#f-title", "Hola")
    page.keyboard.press("Enter")
    expect(page.locator("#order")).to_contain_text("Hola")
    assert page.input_value("#f-url") == "veridas.com", "to be mended"
    page.fill("#f-url", "https://veridas.com/?a=1#b")
    page.keyboard.press("Enter")
    expect(page.locator("#f-url-wrong")).to_be_hidden()
    saved(page)
    assert entries(show) == [{"section": "Introducción", "title": "Hola", "url": "https://veridas.com/?a=1#b"}]


def test_undo_goes_back_past_a_save(page: Page, desk: str, show: Path) -> None:
    before = chapters(show)
    open_desk(page, desk)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.keyboard.type("Otra cosa")
    page.keyboard.press("Enter")
    saved(page)
    assert chapters(show)[1][0] == "Otra cosa"
    page.keyboard.press("u")
    saved(page)
    assert chapters(show) == before


def test_words_are_corrected_and_times_stay(page: Page, desk: str, show: Path) -> None:
    vtt = show / "feed" / "public" / "mlops" / "transcript.vtt"
    times = [line for line in vtt.read_text("utf-8").splitlines() if "-->" in line]
    open_desk(page, desk)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("c")
    page.locator("#captions textarea").fill("Gracias a Veridas por el apoyo.")
    page.locator("#captions textarea").press("Enter")
    saved(page)
    assert entries(show, "words.yaml") == [{"at": "0:00:11.332", "heard": "béridas", "say": "Veridas"}]
    assert vtt.read_text("utf-8").count("Veridas") == 1
    assert [line for line in vtt.read_text("utf-8").splitlines() if "-->" in line] == times


def test_the_spot_moves(page: Page, desk: str, show: Path) -> None:
    episode = show / "episodes" / "mlops" / "episode.yaml"
    before = episode.read_text("utf-8")
    open_desk(page, desk)
    page.locator("#captions li").nth(9).click()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("o")
    saved(page)
    lines = episode.read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("cue_at")] == before.splitlines()[:-1]
    assert next(line for line in lines if line.startswith("cue_at")).startswith("cue_at: '0:00:44.")


def test_two_windows(page: Page, other: Page, desk: str, show: Path) -> None:
    """The second writer is told, and keeps both words."""
    open_desk(other, desk)
    open_desk(page, desk)
    for window, steps, title in ((other, 1, "De ellos"), (page, 2, "Mío")):
        for _ in range(steps):
            window.keyboard.press("n")
        window.keyboard.press("Enter")
        window.keyboard.type(title)
        window.keyboard.press("Enter")
    saved(other)
    page.keyboard.press("w")
    expect(page.locator("#alerts")).to_contain_text("changed since this page read it")
    page.get_by_role("button", name="Keep both").click()
    saved(page)
    assert [title for title, _ in chapters(show)][1:3] == ["De ellos", "Mío"]


def test_a_contradiction_stands_on_the_desk_until_it_is_mended(page: Page, desk: str, show: Path) -> None:
    folder = show / "episodes" / "mlops"
    open_desk(page, desk)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.keyboard.type("Cartas")
    page.keyboard.press("Enter")
    saved(page)
    outline = folder / "outline.md"
    outline.write_text(outline.read_text("utf-8").replace("## Preguntas", "## El buzón"), "utf-8")
    page.reload()
    expect(page.locator("#alerts .stale")).to_contain_text("the running order changed")
    page.get_by_role("button", name="Bring up to date").click()
    expect(page.locator("#alerts .conflict")).to_contain_text("'Preguntas'")
    assert entries(show) == [{"section": "Preguntas", "title": "Cartas"}]


def test_screen_readers_are_told_what_things_are(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, canvas, audio, textarea")]
        .filter((e) => e.tagName !== "AUDIO" && !e.textContent.trim() && !e.ariaLabel && !e.title && !e.labels?.length)
        .map((e) => e.outerHTML)"""
    )
    assert unnamed == []
    expect(page.locator(".grip").first).to_have_attribute("role", "slider")
    expect(page.locator("#say")).to_have_attribute("aria-live", "polite")


def test_four_hours_and_a_hundred_chapters(page: Page, show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is there, and answers keys; how fast is printed."""
    long_episode(show)
    with opened(show) as address:
        open_desk(page, address)
        expect(page.locator("#order li.placed")).to_have_count(100)
        expect(page.locator("#captions li")).to_have_count(2880)
        for _ in range(5):
            page.keyboard.press("n")
        expect(page.locator("#order [aria-current] .name")).to_have_text("Sección 6")
        marks = {
            name: page.evaluate(f"performance.getEntriesByName('{name}')[0].startTime")
            for name in ("first-contentful-paint", "desk", "captions", "waveform")
        }
        moves = page.evaluate(
            """async () => { const began = performance.now();
            for (let n = 0; n < 20; n++) {
              document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "+", bubbles: true }));
              document.body.dispatchEvent(new KeyboardEvent("keydown", { key: n % 2 ? "-" : "n", bubbles: true }));
              await new Promise(requestAnimationFrame);
            }
            return (performance.now() - began) / 20; }"""
        )
    told = ", ".join(f"{name} {value / 1000:.2f} s" for name, value in marks.items())
    with capsys.disabled():
        print(f"\n4 h, 100 chapters: {told}; {moves:.0f} ms a step of keys")


def long_episode(show: Path) -> None:
    """Make the episode one of four hours on paper: its artefacts, but not its sound."""
    hours, count = 4 * 3_600_000, 100
    outline = "# Largo\n\nCharla de 4h.\n\n" + "".join(
        f"## Sección {n}\n\n- punto {n}\n\n" for n in range(1, count + 1)
    )
    (show / "episodes" / "mlops" / "outline.md").write_text(outline, "utf-8")
    job = job_for(Workspace(show).episode("mlops"))
    step = hours // count
    sections = identities(job.folder.outline.sections)
    chapters = tuple(
        Chapter(f"Sección {n}", n * step - step, n * step, n * step - step, n, (f"Sección {n}",), 0.3 + n / 200)
        for n in range(1, count + 1)
    )
    programme = Programme(hours, Chapters(chapters, sections=sections), talk(hours // 1000))
    job.store.save("programme", Programme, programme)
    plan = job.store.load("edit_list", EditList)
    job.store.save("edit_list", EditList, replace(plan, clips=(Clip("talk", 0, hours * 48),)))
    rng = np.random.default_rng(1)
    finest = rng.integers(-90, 90, (hours // 5, 2), np.int8)
    drawn = Waveform(tuple(finest[:: 8**n] for n in range(4)), (Span(0, 300),))
    digest = job.store.load("master", Master).sha256
    keep(job.folder.build / "desk" / f"waveform-{digest[:12]}.npz", drawn)
