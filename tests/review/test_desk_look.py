"""The desk where there is much to show, as four hours and long titles; and keys after a click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from pipeline.model import Mark, Place
from pipeline.runner import job_for, run
from pipeline.workspace import Workspace

from .conftest import given, open_desk, opened, unseen
from .test_desk import long_episode
from .test_desk_edits import CHOSEN, choose, names

LONG = "De cómo llevar un servicio de aprendizaje automático desde el portátil hasta producción sin despertarse"


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found
    return dict(found)


@pytest.fixture
def wordy(show: Path) -> Path:
    """The show with sections of long titles: placed, listed under another, left out, and left out in doubt."""
    outline = "# MLOps\n\n" + "".join(f"## {n}. {LONG}\n\n- punto {n}\n\n" for n in range(1, 5))
    (show / "episodes" / "mlops" / "outline.md").write_text(outline, "utf-8")
    there = Place(100_000, "Adiós a todos.", 0.31)
    marks = (Mark(1, 0, 0.9), Mark(2, 500, 0.9), Mark(3, None, 0.9), Mark(4, None, 0.4, elsewhere=(there,)))
    given(job_for(Workspace(show).episode("mlops")), marks=marks)
    run(job_for(Workspace(show).episode("mlops")), unseen)
    return show


@pytest.mark.parametrize("width", [1440, 1024])
def test_a_long_title_has_room_whatever_is_said_of_its_section(page: Page, wordy: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    with opened(wordy) as address:
        open_desk(page, address)
        for kind in ("placed", "under", "absent:not(.review)", "absent.review"):
            assert box(page, f"#order > li.{kind} .name")["width"] > 150, kind


def test_what_is_said_moves_nothing(page: Page, wordy: Path) -> None:
    """What one was about to click stays where it is."""
    page.set_viewport_size({"width": 1024, "height": 700})
    with opened(wordy) as address:
        open_desk(page, address)
        before = box(page, "#whole")
        page.keyboard.press("l")
        expect(page.locator("#say")).to_contain_text("1 of 1")
        assert box(page, "#whole") == before


def test_what_is_chosen_and_what_is_heard_are_in_view(page: Page, show: Path) -> None:
    """However far one went, and however much is told of a chapter below its list."""
    long_episode(show)
    with opened(show) as address:
        open_desk(page, address)
        expect(page.locator("#captions li")).to_have_count(2880)
        for _ in range(30):
            page.keyboard.press("n")
        expect(page.locator(CHOSEN)).to_have_text("Sección 31")
        page.keyboard.press("l")
        row, panel = box(page, "#order > li[aria-current]"), box(page, "#order")
        assert row["y"] + row["height"] < panel["y"] + panel["height"] + 1
        page.evaluate("async () => { for (let n = 0; n < 4; n++) await new Promise(requestAnimationFrame); }")
        heard, said = box(page, "#captions > li[aria-current]"), box(page, ".captions")
        assert said["height"] * 0.2 < heard["y"] - said["y"] < said["height"] * 0.5


def test_a_section_that_one_was_led_to_stays_left_out_by_the_key_that_says_that_it_is_right(
    page: Page, wordy: Path
) -> None:
    with opened(wordy) as address:
        open_desk(page, address)
        page.keyboard.press("l")
        page.keyboard.press("y")
        expect(page.locator("#say")).to_contain_text("stays left out")
        expect(page.locator("#order > li.dropped .name")).to_have_text(f"4. {LONG}")
        page.keyboard.press("l")
        expect(page.locator("#say")).to_have_text("Nothing wants a look")


def test_keys_go_on_after_a_click(page: Page, looked_at: str) -> None:
    """Space plays and Enter renames: neither presses again what was clicked."""
    open_desk(page, looked_at)
    choose(page, "Experimentación")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#f-title")).to_be_focused()
    page.keyboard.press("Escape")
    page.click("#snap")
    page.keyboard.press("Space")
    expect(page.locator("#snap")).not_to_be_checked()
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    page.click("#play")
    page.click("[data-do=drop]")
    page.keyboard.press("Enter")
    assert names(page)[1:4] == ["Preguntas", "Debate", "Producción"]


def test_keys_press_a_button_that_keys_went_to(page: Page, looked_at: str) -> None:
    open_desk(page, looked_at)
    page.locator("#order button").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(CHOSEN)).to_have_text("Preguntas")
    expect(page.locator("#order li[aria-current] button")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(
    page: Page, wordy: Path, barriers: Callable[[Page], list[str]], scheme: Literal["light", "dark"]
) -> None:
    """Whatever is open on the desk; nor of the report."""
    page.emulate_media(color_scheme=scheme)
    with opened(wordy) as address:
        open_desk(page, address)
        assert barriers(page) == []
        for key in ("l", "c", "Escape", "?"):
            page.keyboard.press(key)
            assert barriers(page) == [], key
        page.keyboard.press("Escape")
        for tab in ("Cuts", "Plots"):
            page.get_by_role("tab", name=tab).click()
            assert barriers(page) == [], tab
        page.goto((wordy / "episodes" / "mlops" / "build" / "report.html").as_uri())
        assert barriers(page) == []
