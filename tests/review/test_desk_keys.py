"""The desk by keys alone, and as a screen reader is told of it: keys held down, tabs, focus, names and what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import open_desk, opened
from .test_desk_edits import CHOSEN, FOUND, choose, names


def hold(page: Page, key: str, times: int = 4) -> None:
    """A key held down: every press after the first says that it is a repeat."""
    for _ in range(times):
        page.keyboard.down(key)
    page.keyboard.up(key)


@pytest.mark.parametrize("key", ["d", "m"])
def test_a_command_acts_once_while_its_key_is_held(page: Page, looked_at: str, key: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Producción")
    hold(page, key)
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción · Debate"]
    choose(page, "Preguntas")
    page.keyboard.press("d")
    hold(page, "u")
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción · Debate"]
    page.keyboard.press("u")
    hold(page, "r")
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción · Debate"]
    page.keyboard.press("r")
    page.keyboard.down("Control")
    hold(page, "z")
    page.keyboard.up("Control")
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción · Debate"]


def test_a_key_that_opens_a_field_is_not_typed_into_it(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#captions li").nth(2).click()
    hold(page, "a")
    expect(page.locator("#f-title")).to_have_value("New chapter")
    page.keyboard.press("Escape")
    page.keyboard.down("c")
    expect(page.locator("#captions textarea")).to_be_focused()
    hold(page, "c")
    expect(page.locator("#captions textarea")).to_have_value("Gracias a béridas por el apoyo.")
    page.keyboard.type("c")
    expect(page.locator("#captions textarea")).to_have_value("Gracias a béridas por el apoyo.c")


def test_enter_held_ends_a_field_and_presses_a_button_once(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Producción")
    page.fill("#f-title", "Cartas")
    hold(page, "Enter")
    expect(page.locator("#f-title")).not_to_be_focused()
    page.locator("#inspector [data-do=drop]").focus()
    hold(page, "Enter")
    assert names(page) == [*FOUND[:3], FOUND[4]]


def test_keys_that_move_go_on_while_they_are_held(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    hold(page, "ArrowRight")
    expect(page.locator("#clock")).to_have_text("0:20.0")
    page.keyboard.press("s")
    hold(page, "n", 2)
    expect(page.locator(CHOSEN)).to_have_text("Experimentación")
    before = page.locator("#f-rec").inner_text()
    hold(page, "]", 3)
    assert before == "0:50.000 in the recording"
    expect(page.locator("#f-rec")).to_have_text("0:50.300 in the recording")


def test_sentences_are_walked_through_by_keys(page: Page, looked_at: str) -> None:
    """From wherever one is in one, and past the spot, in which nothing of the talk is said."""
    open_desk(page, looked_at)
    clock, said, here = page.locator("#clock"), page.locator("#say"), page.locator("#captions li[aria-current]")
    page.keyboard.press(",")
    expect(clock).to_have_text("0:00.0")
    for key, time, n in (
        (".", "0:05.0", 1),
        (".", "0:10.0", 2),
        ("ArrowRight", "0:15.0", 3),
        (",", "0:10.0", 2),
        ("Shift+ArrowRight", "0:10.5", 2),
        (",", "0:05.0", 1),
        (".", "0:10.0", 2),
        (".", "0:15.0", 3),
        (".", "0:26.6", 4),
        (",", "0:15.0", 3),
    ):
        page.keyboard.press(key)
        expect(clock).to_have_text(time)
        expect(here).to_have_attribute("data-n", str(n))
    expect(said).to_have_text("0:15.0: Esto es la frase que sigue a la otra.")
    hold(page, ",", 5)
    expect(clock).to_have_text("0:00.0")
    hold(page, ".", 40)
    expect(here).to_have_attribute("data-n", "23")


def test_a_sentence_is_played_from_its_beginning(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.keyboard.press("Space")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(page.locator("#captions li[aria-current]")).to_have_attribute("data-n", "2")
    expect(page.locator("#clock")).to_have_text(re.compile(r"0:1[0-4]\.[1-9]"))
    assert not page.evaluate("document.getElementById('audio').paused")


def test_tabs_go_by_arrows(page: Page, looked_at: str) -> None:
    """As the ARIA authoring practices have it: one of them is a stop of Tab, and arrows, Home and End choose."""
    open_desk(page, looked_at)
    order = ("tab-order", "tab-cuts", "tab-plots")
    page.focus("#tab-order")
    for key, there in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowRight", 0),
        ("ArrowLeft", 2),
        ("Home", 0),
        ("End", 2),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"#{order[there]}")).to_be_focused()
        chosen = page.locator("[role=tab][aria-selected=true]")
        expect(chosen).to_have_id(order[there])
        assert [page.get_attribute(f"#{one}", "tabindex") for one in order] == [
            "0" if n == there else "-1" for n in range(3)
        ]
        expect(page.locator("[role=tabpanel]:visible")).to_have_attribute("aria-labelledby", order[there])
    expect(page.locator("#clock")).to_have_text("0:00.0")  # the sound does not go along
    page.keyboard.press("Tab")
    expect(page.locator("#plots")).to_be_focused()


# ── where the focus goes ─────────────────────────────────────────────────────────────────────────────────────────────


def focused(page: Page) -> str:
    """What has the focus, by its id or its name; "" for the page as such, from which a screen reader begins anew."""
    return str(
        page.evaluate(
            """async () => {
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const one = document.activeElement;
            return one === document.body ? "" : one.id || one.getAttribute("aria-label") || one.tagName; }"""
        )
    )


def test_a_field_that_is_left_leaves_the_focus_beside_it(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.keyboard.press("n")
    for key in ("Enter", "Escape", "Control+z"):
        page.focus("#f-title")
        page.keyboard.press(key)
        assert focused(page) == "inspector"
    page.keyboard.press("Tab")
    assert focused(page) == "f-title"
    page.click("#tab-cuts")
    page.focus("#c-from")
    page.keyboard.press("Escape")
    assert focused(page) == "cutting"
    page.keyboard.press("c")
    page.locator("#captions textarea").press("Escape")
    assert focused(page) == "What is said"


def test_a_button_that_goes_leaves_the_focus_beside_it(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Producción")
    page.focus("#f-right")
    page.keyboard.press("Enter")
    expect(page.locator("#f-right")).to_be_hidden()
    assert focused(page) == "inspector"
    page.focus("#undo")
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_be_disabled()
    assert focused(page) == "Corrections"
    page.keyboard.press("r")  # keys act there, too
    expect(page.locator("#undo")).to_be_enabled()


def test_saving_by_its_button_leaves_the_focus_beside_it(page: Page, desk: str) -> None:
    open_desk(page, desk)
    choose(page, "Preguntas")
    page.keyboard.press("d")
    page.focus("#save")
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_contain_text("Up to date in")
    assert focused(page) == "Corrections"


def test_a_row_that_goes_leaves_the_focus_to_the_next(page: Page, offered: Path) -> None:
    with opened(offered) as address:
        open_desk(page, address)
        page.locator("#captions li").nth(2).click()
        page.keyboard.press("a")
        page.keyboard.press("Escape")
        page.locator("#order li", has_text="New chapter").locator("button").focus()
        page.keyboard.press("d")
        assert focused(page).startswith("Preguntas")
        page.click("#tab-cuts")
        page.fill("#c-from", "2:00")
        page.fill("#c-to", "2:01")
        page.keyboard.press("Enter")
        page.locator("#cuts li").last.get_by_role("button", name="Take back").focus()
        page.keyboard.press("Enter")
        assert focused(page).startswith("“repito desde el principio”")
        page.get_by_role("button", name="Bring up to date").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#say")).to_contain_text("Up to date in")
        assert focused(page) == "MAIN"


def test_a_boundary_is_a_slider(page: Page, looked_at: str) -> None:
    """A stop of Tab where its chapter is chosen, moved by arrows as `[` and `]` move it."""
    open_desk(page, looked_at)
    choose(page, "Preguntas")
    page.keyboard.press("s")
    expect(page.locator(".grip[tabindex='0']")).to_have_count(1)
    page.focus(".grip.chosen")
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#f-rec")).to_have_text("0:25.110 in the recording")
    expect(page.locator(".grip.chosen")).to_be_focused()
    expect(page.locator(".grip.chosen")).to_have_attribute("aria-valuetext", "Preguntas starts at 0:31.7")
    page.locator(".grip[data-n='3']").focus()
    expect(page.locator(CHOSEN)).to_have_text("Producción")


# ── what is heard of it ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_screen_reader_is_told_what_is_and_what_happens(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.keyboard.press("w")
    expect(page.locator("#say")).to_have_text("Nothing to save")
    expect(page.locator("#clock")).to_have_role("timer")  # a status would be read out at every frame
    expect(page.locator("#play")).to_have_accessible_name("Play")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    page.keyboard.press("Space")
    choose(page, "Preguntas")
    said = page.locator("#say")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("0:36.6")
    page.keyboard.press("s")
    page.keyboard.press("i")
    expect(said).to_have_text("The cut begins at 0:36.6")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("e")
    expect(said).to_have_text("The cut ends at 0:37.1")
    current = page.locator("#order button[aria-current=true]")
    expect(current).to_have_accessible_name("Preguntas, 0:31, 90 % sure")


def test_a_title_is_on_one_line_where_the_desk_is_narrow(page: Page, looked_at: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 700})
    open_desk(page, looked_at)
    absent, placed = (page.locator(f"#order li.{kind} .name").first.bounding_box() for kind in ("absent", "placed"))
    assert absent and placed
    assert absent["height"] == placed["height"]


def test_help_begins_at_its_beginning(page: Page, looked_at: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 700})
    open_desk(page, looked_at)
    page.focus("#play")
    page.keyboard.press("?")
    expect(page.locator("#help h2")).to_be_focused()
    expect(page.locator("#keys dt").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#play")).to_be_focused()
