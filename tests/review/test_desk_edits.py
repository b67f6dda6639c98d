"""Edits on the desk that nothing may lose or give to another: typing, pointer, undo, runs that fail, other windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from filelock import FileLock
from playwright.sync_api import Page, Route, expect

from .conftest import open_desk, opened, saved
from .test_desk import chapters, entries, row

CHOSEN = "#order [aria-current] .name"


def names(page: Page) -> list[str]:
    return page.locator("#order li.placed .name").all_inner_texts()


def choose(page: Page, title: str) -> None:
    row(page, title).locator("button").first.click()
    expect(page.locator(CHOSEN)).to_have_text(title)


def run_that_waits(page: Page, at: str = "run") -> Callable[[], None]:
    """Save, and hear nothing of how it goes, or begin nothing, before the function that comes back is called."""
    held: list[Route] = []
    address = f"**/api/{at}"

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold)
    with page.expect_request(address):
        page.keyboard.press("w")

    def go_on() -> None:
        page.route(address, lambda route: route.continue_())
        for route in held:
            route.continue_()

    return go_on


def saved_again(page: Page) -> None:
    page.keyboard.press("w")
    expect(page.locator("body.dirty")).to_have_count(0)


FOUND = ["Introducción", "Preguntas", "Experimentación", "Producción", "Producción · Debate"]


def test_bringing_up_to_date_keeps_what_is_not_saved(page: Page, desk: str, show: Path) -> None:
    (show / "episodes" / "mlops" / "chapters.yaml").write_text("- section: Preguntas\n  title: Cartas\n", "utf-8")
    open_desk(page, desk)
    choose(page, "Experimentación")
    page.fill("#f-title", "Pruebas")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bring up to date").click()
    expect(page.locator("#say")).to_contain_text("Up to date in")
    assert names(page)[1:3] == ["Cartas", "Pruebas"]
    saved_again(page)
    assert [title for title, _ in chapters(show)][1:3] == ["Cartas", "Pruebas"]


@pytest.mark.parametrize("where", ["picture", "grip", "row"])
def test_what_is_typed_belongs_to_the_chapter_it_was_typed_for(page: Page, looked_at: str, where: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Preguntas")
    page.fill("#f-title", "Cartas")
    if where == "row":
        box = row(page, "Experimentación").locator("button").first.bounding_box()
    elif where == "grip":
        box = page.locator(".grip[data-n='2']").bounding_box()
    else:
        box = page.locator("#detail").bounding_box()
        assert box
        box = {**box, "x": box["x"] + box["width"] * 60 / 126, "width": 2}
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(CHOSEN)).to_have_text("Experimentación")
    page.keyboard.press("Escape")
    assert names(page) == ["Introducción", "Cartas", *FOUND[2:]]
    expect(page.locator("#f-title")).to_have_value("Experimentación")


def test_the_save_button_saves_what_is_being_typed(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    choose(page, "Preguntas")
    page.fill("#f-title", "Cartas")
    box = page.locator("#save").bounding_box()
    assert box
    page.mouse.click(box["x"] + 10, box["y"] + 10)
    expect(page.locator("#say")).to_contain_text("Up to date in")
    assert entries(show) == [{"section": "Preguntas", "title": "Cartas"}]


def reword(page: Page, n: int, text: str) -> None:
    page.locator("#captions li").nth(n).click()
    page.keyboard.press("c")
    page.locator("#captions textarea").fill(text)
    page.locator("#captions textarea").press("Enter")


def test_undone_words_read_as_they_were(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    text = page.locator("#captions li").nth(2).locator(".text")
    reword(page, 2, "Gracias a Veridas por el apoyo.")
    expect(text).to_have_text("Gracias a Veridas por el apoyo.")
    reword(page, 2, "Gracias a Veridas y a todos.")
    expect(text).to_have_text("Gracias a Veridas y a todos.")
    page.keyboard.press("u")
    expect(text).to_have_text("Gracias a Veridas por el apoyo.")
    page.keyboard.press("u")
    expect(text).to_have_text("Gracias a béridas por el apoyo.")
    expect(page.locator("#captions li.changed")).to_have_count(0)


def test_words_corrected_twice_are_one_correction(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    reword(page, 2, "Gracias de Veridas por el apoyo.")
    reword(page, 2, "Gracias a Veridas por el apoyo.")
    reword(page, 4, "Nada.")
    reword(page, 4, "Gracias a béridas por el apoyo.")
    saved(page)
    assert entries(show, "words.yaml") == [{"at": "0:00:11.332", "heard": "béridas", "say": "Veridas"}]


def test_a_sentence_has_one_box_however_often_it_is_asked_for(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#captions li").nth(3).locator(".fix").dblclick()
    expect(page.locator("#captions textarea")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#captions textarea")).to_have_count(1)


def test_what_is_typed_before_the_box_is_there_is_no_command(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/words/*", hold)
    page.locator("#captions li").nth(3).click()
    with page.expect_request("**/api/words/*"):
        page.keyboard.press("c")
    page.keyboard.type("dca")
    assert names(page) == FOUND
    held[0].continue_()
    expect(page.locator("#captions textarea")).to_be_focused()
    assert len(held) == 1


def test_what_is_edited_before_the_others_word_is_taken_stays(page: Page, other: Page, desk: str, show: Path) -> None:
    open_desk(other, desk)
    open_desk(page, desk)
    for window, title, new in ((other, "Preguntas", "De ellos"), (page, "Experimentación", "Mío")):
        choose(window, title)
        window.fill("#f-title", new)
        window.keyboard.press("Enter")
    saved(other)
    page.keyboard.press("w")
    expect(page.locator("#alerts")).to_contain_text("changed since this page read it")
    choose(page, "Producción")
    page.fill("#f-title", "Después")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep both").click()
    assert names(page)[1:4] == ["De ellos", "Mío", "Después"]


def test_a_run_that_fails_is_not_somebody_else(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    choose(page, "Preguntas")
    page.fill("#f-title", "Cartas")
    page.keyboard.press("Enter")
    with FileLock(show / "episodes" / "mlops" / "build" / "lock"):
        page.keyboard.press("w")
        expect(page.locator("#alerts")).to_contain_text("another run is at work")
    choose(page, "Experimentación")
    page.fill("#f-title", "Pruebas")
    page.keyboard.press("Enter")
    saved(page)
    assert [title for title, _ in chapters(show)][1:3] == ["Cartas", "Pruebas"]


def test_a_chapter_added_where_another_began_is_another(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("a")
    page.keyboard.type("Uno")
    page.keyboard.press("Enter")
    page.fill("#f-start", "0:20")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.type("Dos")
    page.keyboard.press("Enter")
    assert names(page)[:3] == ["Introducción", "Dos", "Uno"]


def test_a_chapter_renamed_while_it_is_saved_stays_one(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("a")
    page.keyboard.type("Uno")
    page.keyboard.press("Enter")
    go_on = run_that_waits(page)
    page.fill("#f-title", "Dos")
    page.keyboard.press("Enter")
    go_on()
    expect(page.locator("#say")).to_contain_text("Up to date in")
    assert names(page)[:3] == ["Introducción", "Dos", "Preguntas"]
    saved_again(page)
    assert [entry["title"] for entry in entries(show)] == ["Dos"]


def test_words_that_are_being_typed_outlive_a_save(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    reword(page, 2, "Gracias a Veridas por el apoyo.")
    go_on = run_that_waits(page, "save")
    page.locator("#captions li").nth(4).click()
    page.keyboard.press("c")
    page.locator("#captions textarea").fill("Gracias a todos")
    go_on()
    expect(page.locator("#say")).to_contain_text("Up to date in")
    page.locator("#captions textarea").press("Enter")
    expect(page.locator("#captions li").nth(4).locator(".text")).to_have_text("Gracias a todos")
    expect(page.locator("#captions li").nth(2).locator(".text")).to_have_text("Gracias a Veridas por el apoyo.")
    saved_again(page)
    assert [word["say"] for word in entries(show, "words.yaml")] == ["Veridas", "todos"]


def test_a_grip_goes_as_far_as_the_pointer(page: Page, looked_at: str) -> None:
    """Wherever in its width it was taken."""
    open_desk(page, looked_at)
    page.keyboard.press("s")
    choose(page, "Preguntas")
    box = page.locator(".grip.chosen").bounding_box()
    assert box
    start = page.input_value("#f-start")
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 19, box["y"] + 40, steps=4)
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 40, steps=4)
    page.mouse.up()
    assert page.input_value("#f-start") == start


def test_a_server_that_is_gone_is_named(page: Page, show: Path) -> None:
    with opened(show) as address:
        open_desk(page, address)
    choose(page, "Preguntas")
    page.fill("#f-title", "Cartas")
    page.keyboard.press("Enter")
    page.keyboard.press("w")
    expect(page.get_by_role("alert")).to_contain_text("no longer answers; start `escaleta review` again")
    assert names(page)[1] == "Cartas"
    expect(page.locator("#save")).to_be_enabled()


def test_what_is_said_is_seen_and_heard_when_everything_is_twice_as_large(page: Page, looked_at: str) -> None:
    page.set_viewport_size({"width": 720, "height": 430})
    open_desk(page, looked_at)
    for _ in range(4):
        page.keyboard.press("n")
    expect(page.locator("#say")).to_contain_text("Producción · Debate")
    page.mouse.wheel(0, 400)
    expect(page.locator("#say")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 720


def test_the_space_bar_switches_the_switch_it_is_on(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.focus("#snap")
    page.keyboard.press("Space")
    expect(page.locator("#snap")).not_to_be_checked()
    expect(page.locator("#play")).to_have_text("▶")


def test_enter_that_ends_a_composition_ends_no_sentence(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("c")
    box = page.locator("#captions textarea")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(box).to_be_focused()
    box.press("Enter")
    expect(box).to_have_count(0)


def test_words_are_read_out_in_their_own_language(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    expect(page.locator("#captions")).to_have_attribute("lang", "es")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_print_can_be_read(page: Page, looked_at: str, scheme: Literal["light", "dark"]) -> None:
    """4.5 to 1 at least, as WCAG 2.2 (1.4.3) has it, on every ground that it stands on."""
    page.emulate_media(color_scheme=scheme)
    open_desk(page, looked_at)
    faint = page.evaluate(
        """() => {
        const style = getComputedStyle(document.documentElement), read = (name) => style.getPropertyValue(`--${name}`);
        const light = (name) => [1, 3, 5].map((n) => parseInt(read(name).slice(n, n + 2), 16) / 255)
          .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
          .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0.05);
        const inks = ["quiet", "good", "doubt", "lost", "cut", ...[1, 2, 3, 4, 5, 6].map((n) => `voice${n}`)];
        return inks.flatMap((ink) => ["paper", "raised", "now"].map((ground) => {
          const [low, high] = [light(ink), light(ground)].sort((a, b) => a - b);
          return high / low < 4.5 ? `${ink} on ${ground}: ${high / low}` : null;
        })).filter(Boolean); }"""
    )
    assert faint == []


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("今日は天気が悪い", [("0:00:03.000", "良い", "悪い")]),
        ("今日は天気がとても良い", [("0:00:02.000", "天気が", "天気がとても")]),
        ("ああ今日は天気が良い", [("0:00:00.000", "今日", "ああ今日")]),
        ("今日は良い", [("0:00:02.000", "天気が", "")]),
        ("今日も天気が良くない", [("0:00:01.000", "は 天気が 良い", "も天気が良くない")]),
        ("今日は天気が良い", []),
    ],
)
def test_no_spaces_and_still_only_what_differs(asked: Page, text: str, made: list[tuple[str, str, str]]) -> None:
    words = [
        {"word": w, "recorded_at": n * 1000, "heard": None} for n, w in enumerate(["今日", "は", "天気が", "良い"])
    ]
    got = asked.evaluate(
        "async ([words, text]) => (await import('./rewording.js')).rewritten(words, text, false)", [words, text]
    )
    assert [(one["at"], one["heard"], one["say"]) for one in got] == made


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        *(
            (" 1:02:03.5 ", 3_723_500),
            ("2:03,25", 123_250),
            ("90", 90_000),
            ("90:00", 5_400_000),
            ("100:00", 6_000_000),
        ),
        *((text, None) for text in ("1:75", "1:60:00", "1:2:3:4", "-1", "1:", ":30", "1.2345", "1e3", "")),
    ],
)
def test_a_time_that_is_typed_is_one_time_or_none(asked: Page, text: str, ms: int | None) -> None:
    assert asked.evaluate("async (text) => (await import('./time.js')).parse(text)", text) == ms
