"""Redo on the desk: what was undone comes back until something new is done, whatever was saved meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import open_desk, opened, saved
from .test_desk import chapters, entries
from .test_desk_edits import CHOSEN, FOUND, choose, names, reword, saved_again


def rename(page: Page, title: str, new: str) -> None:
    choose(page, title)
    page.fill("#f-title", new)
    page.keyboard.press("Enter")


def changed_everywhere(page: Page) -> None:
    """A title, a boundary, a cut, words and the spot: one change each."""
    rename(page, "Preguntas", "Cartas")
    page.keyboard.press("]")
    page.click("#tab-cuts")
    page.locator("#cuts li").first.get_by_role("button", name="Cut").click()
    reword(page, 2, "Gracias a Veridas por el apoyo.")
    page.locator("#captions li").nth(9).click()
    page.keyboard.press("o")


def as_drawn(page: Page) -> list[object]:
    return [
        page.locator("#order .row").all_text_contents(),
        page.locator("#cuts .sure").all_text_contents(),
        page.locator("#captions .text").all_text_contents(),
    ]


def test_everything_that_was_undone_comes_back(page: Page, offered: Path) -> None:
    with opened(offered) as address:
        open_desk(page, address)
        found = as_drawn(page)
        changed_everywhere(page)
        made = as_drawn(page)
        expect(page.locator("#redo")).to_be_disabled()
        for _ in range(5):
            page.keyboard.press("Control+z")
        expect(page.locator("#undo")).to_be_disabled()
        assert as_drawn(page) == found
        for key in ("Control+Shift+Z", "Control+y", "Meta+Shift+Z", "r"):
            page.keyboard.press(key)
        page.click("#redo")
        expect(page.locator("#redo")).to_be_disabled()
        assert as_drawn(page) == made
        saved(page)
        word = entries(offered)
        assert [(entry["section"], entry["title"]) for entry in word] == [("Preguntas", "Cartas")]
        assert [one["say"] for one in entries(offered, "words.yaml")] == ["Veridas"]
        assert len(entries(offered, "cuts.yaml")) == 1
        assert "cue_at: '0:00:4" in (offered / "episodes" / "mlops" / "episode.yaml").read_text("utf-8")


def test_what_is_undone_and_done_again_is_named(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Preguntas")
    page.keyboard.press("d")
    said = page.locator("#say")
    page.keyboard.press("u")
    expect(said).to_have_text("Undone: Preguntas dropped")
    page.keyboard.press("r")
    expect(said).to_have_text("Done again: Preguntas dropped")
    page.keyboard.press("r")
    expect(said).to_have_text("Nothing to redo")


def test_something_new_leaves_nothing_to_redo(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    choose(page, "Preguntas")
    page.keyboard.press("d")
    page.keyboard.press("u")
    expect(page.locator("#redo")).to_be_enabled()
    page.fill("#f-title", "Cartas")
    page.keyboard.press("Control+Shift+Z")  # what is typed is something new
    expect(page.locator("#redo")).to_be_disabled()
    assert names(page) == ["Introducción", "Cartas", *FOUND[2:]]


def test_redo_chooses_what_the_change_left_chosen(page: Page, looked_at: str) -> None:
    """So that the next key speaks of what came back."""
    open_desk(page, looked_at)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    choose(page, "Producción")
    page.keyboard.press("r")
    expect(page.locator(CHOSEN)).to_have_text("New chapter")


def test_redo_goes_on_past_a_save(page: Page, desk: str, show: Path) -> None:
    """What was undone before a save, and a save that was undone, both come back."""
    open_desk(page, desk)
    rename(page, "Preguntas", "Cartas")
    rename(page, "Experimentación", "Pruebas")
    page.keyboard.press("u")
    saved(page)
    page.keyboard.press("r")
    assert names(page)[1:3] == ["Cartas", "Pruebas"]
    page.keyboard.press("u")
    expect(page.locator("body.dirty")).to_have_count(0)
    page.keyboard.press("u")
    assert names(page) == FOUND
    page.keyboard.press("r")
    expect(page.locator("body.dirty")).to_have_count(0)
    page.keyboard.press("r")
    saved_again(page)
    assert [title for title, _ in chapters(show)][1:3] == ["Cartas", "Pruebas"]


def test_words_read_as_they_will_be_saved_past_a_save(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    text = page.locator("#captions li").nth(2).locator(".text")
    reword(page, 2, "Gracias a Veridas por el apoyo.")
    saved(page)
    page.keyboard.press("u")
    expect(text).to_have_text("Gracias a béridas por el apoyo.")
    expect(page.locator("#captions li.changed")).to_have_count(1)
    page.keyboard.press("r")
    expect(text).to_have_text("Gracias a Veridas por el apoyo.")
    expect(page.locator("#captions li.changed")).to_have_count(0)
    page.keyboard.press("u")
    saved_again(page)
    assert "béridas" in (show / "feed" / "public" / "mlops" / "transcript.vtt").read_text("utf-8")


@pytest.mark.parametrize("answer", ["Keep both", "Take theirs"])
def test_undo_takes_nothing_back_that_others_wrote(page: Page, other: Page, desk: str, show: Path, answer: str) -> None:
    open_desk(other, desk)
    open_desk(page, desk)
    rename(other, "Preguntas", "De ellos")
    rename(page, "Experimentación", "Mío")
    saved(other)
    page.keyboard.press("w")
    page.get_by_role("button", name=answer).click()
    page.keyboard.press("u")
    mine = "Experimentación" if answer == "Keep both" else "Mío"
    assert names(page)[1:3] == ["De ellos", mine]
    page.keyboard.press("r")
    theirs = "Mío" if answer == "Keep both" else "Experimentación"
    assert names(page)[1:3] == ["De ellos", theirs]
