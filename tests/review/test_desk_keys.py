"""The desk by keys alone, and as a screen reader is told of it: keys held down, tabs, focus, names and what is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import open_desk
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
