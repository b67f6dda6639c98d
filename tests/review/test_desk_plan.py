"""The desk while something else changes beside it: the running order in a text editor, another window, another run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.runner import job_for, run
from pipeline.workspace import Workspace

from .conftest import open_desk, saved, unseen
from .test_desk import chapters, entries, row
from .test_desk_edits import choose, names, reword, run_that_waits
from .test_desk_redo import rename

PREGUNTAS = "## Preguntas\n\n- ¿Hace falta un máster?\n\n"
LAST = "## Producción\n\n### Debate\n\n"


def plan(show: Path, old: str, new: str) -> None:
    """The running order as somebody changes it in a text editor."""
    file = show / "episodes" / "mlops" / "outline.md"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def come_back(page: Page) -> None:
    """To the window, from the text editor."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_a_draft_stays_with_its_section_where_another_is_put_before_it(page: Page, desk: str, show: Path) -> None:
    """The fourth section is another one by the time that the fourth is saved."""
    open_desk(page, desk)
    rename(page, "Producción", "Mío")
    plan(show, PREGUNTAS, "## Noticias\n\n- Qué hay de nuevo\n\n" + PREGUNTAS)
    page.keyboard.press("w")
    expect(page.locator("#alerts")).to_contain_text("outline.md changed since this page read it; nothing was written")
    assert not (show / "episodes" / "mlops" / "chapters.yaml").exists()
    page.get_by_role("button", name="Keep both").click()
    expect(row(page, "Noticias")).to_be_visible()
    saved(page)
    assert entries(show) == [{"section": "Producción", "title": "Mío"}]


def test_a_draft_is_written_under_the_name_that_means_its_section_now(page: Page, desk: str, show: Path) -> None:
    """`Preguntas` alone would mean either of two by then."""
    open_desk(page, desk)
    rename(page, "Preguntas", "Mío")
    plan(show, LAST, LAST + "### Preguntas\n\n")
    come_back(page)
    expect(page.locator("#say")).to_contain_text("outline.md changed meanwhile")
    expect(page.locator("#say")).to_contain_text("with yours still to be saved")
    assert names(page)[1] == "Mío"
    saved(page)
    assert entries(show) == [{"section": "MLOps / Preguntas", "title": "Mío"}]


def test_what_was_changed_in_a_section_that_is_gone_waits_until_it_is_back(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    rename(page, "Preguntas", "Mío")
    rename(page, "Producción", "Nuestro")
    plan(show, PREGUNTAS, "")
    page.keyboard.press("w")
    expect(page.locator("#alerts")).to_contain_text("No longer in the running order: Preguntas.")
    page.get_by_role("button", name="Keep both").click()
    saved(page)
    assert entries(show) == [{"section": "Producción", "title": "Nuestro"}]
    expect(page.locator("body.dirty")).to_have_count(0)
    plan(show, "## Experimentación\n\n", PREGUNTAS + "## Experimentación\n\n")
    come_back(page)
    expect(page.locator("body.dirty")).to_have_count(1)
    saved(page)
    assert entries(show)[1] == {"section": "Preguntas", "title": "Mío"}


def test_a_page_that_is_opened_on_a_changed_running_order_takes_no_section_for_another(
    page: Page, desk: str, show: Path
) -> None:
    plan(show, PREGUNTAS, "")
    open_desk(page, desk)
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción", "Producción · Debate"]
    choose(page, "Preguntas")
    expect(page.locator("#f-why")).to_have_text("no longer in the running order")
    page.keyboard.press("d")
    expect(page.locator("#say")).to_have_text("Preguntas goes by itself: it is no longer in the running order")
    rename(page, "Producción", "Mío")
    saved(page)
    assert entries(show) == [{"section": "Producción", "title": "Mío"}]


def test_undo_past_a_changed_running_order_takes_no_section_for_another(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    rename(page, "Preguntas", "Cartas")
    rename(page, "Producción", "Mío")
    plan(show, PREGUNTAS, "## Noticias\n\n" + PREGUNTAS)
    come_back(page)
    expect(row(page, "Noticias")).to_be_visible()
    page.keyboard.press("u")
    page.keyboard.press("u")
    assert names(page) == ["Introducción", "Preguntas", "Experimentación", "Producción", "Producción · Debate"]
    page.keyboard.press("r")
    rename(page, "Experimentación", "Pruebas")
    saved(page)
    assert entries(show) == [
        {"section": "Preguntas", "title": "Cartas"},
        {"section": "Experimentación", "title": "Pruebas"},
    ]


@pytest.mark.parametrize("name", ["chapters.yaml", "words.yaml", "cuts.yaml"])
def test_what_is_written_beside_the_desk_is_there_when_one_comes_back(
    page: Page, desk: str, show: Path, name: str
) -> None:
    told = {
        "chapters.yaml": ("- {section: Preguntas, title: De ellos}\n", "#alerts", "chapters.yaml changed"),
        "words.yaml": ("- {at: 0:11, heard: béridas, say: Veridas}\n", "#alerts", "words.yaml changed"),
        "cuts.yaml": ("- {start: 0:40, end: 0:42}\n", "#cuts", "by hand"),
    }
    open_desk(page, desk)
    rename(page, "Producción", "Mío")
    text, where, what = told[name]
    (show / "episodes" / "mlops" / name).write_text(text, "utf-8")
    come_back(page)
    expect(page.locator("#say")).to_contain_text(f"{name} changed meanwhile")
    expect(page.locator(where)).to_contain_text(what)
    saved(page)
    assert (show / "episodes" / "mlops" / name).read_text("utf-8").startswith(text)
    assert [title for title, _ in chapters(show)][3] == "Mío"


def test_both_changed_the_same_is_told_on_coming_back(page: Page, other: Page, desk: str) -> None:
    open_desk(other, desk)
    open_desk(page, desk)
    rename(other, "Preguntas", "De ellos")
    rename(page, "Preguntas", "Mío")
    saved(other)
    come_back(page)
    expect(page.get_by_role("alert")).to_contain_text("Both changed Preguntas; yours stands there")
    assert names(page)[1] == "Mío"


def test_words_are_those_of_the_sentence_after_another_run(page: Page, desk: str, show: Path) -> None:
    """A cut made elsewhere leaves fewer sentences: the third is another one."""
    open_desk(page, desk)
    (show / "episodes" / "mlops" / "cuts.yaml").write_text("- {start: 0:04.5, end: 0:09.5}\n", "utf-8")
    run(job_for(Workspace(show).episode("mlops")), unseen)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("c")
    expect(page.locator("#say")).to_contain_text(re.compile("cuts.yaml changed meanwhile"))
    expect(page.locator("#captions textarea")).to_have_count(0)
    expect(page.locator("#captions li").nth(1).locator(".text")).to_have_text("Gracias a béridas por el apoyo.")
    reword(page, 1, "Gracias a Veridas por el apoyo.")
    saved(page)
    assert entries(show, "words.yaml") == [{"at": "0:00:11.332", "heard": "béridas", "say": "Veridas"}]


def test_a_running_order_that_cannot_be_read_is_named_once(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    rename(page, "Preguntas", "Mío")
    (show / "episodes" / "mlops" / "outline.md").write_text("", "utf-8")
    come_back(page)
    expect(page.get_by_role("alert")).to_contain_text("outline.md")
    come_back(page)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(1)
    assert names(page)[1] == "Mío"


def test_words_wait_where_a_save_has_made_other_sentences(page: Page, desk: str, show: Path) -> None:
    """The run is done, and this page has not heard of it yet."""
    open_desk(page, desk)
    page.route("**/api/words/*", lambda route: route.continue_(url=route.request.url + "-of-old"))
    rename(page, "Preguntas", "Mío")
    go_on = run_that_waits(page)
    page.locator("#captions li").nth(2).click()
    page.keyboard.press("c")
    expect(page.locator("#say")).to_have_text("Saving: correct again when it is done")
    go_on()
    expect(page.locator("#say")).to_contain_text("Up to date in")
