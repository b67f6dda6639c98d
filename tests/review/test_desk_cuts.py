"""Cuts on the desk: offered, accepted, refused, made by hand, listened to, taken back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import yaml
from playwright.sync_api import Page, expect

from pipeline.model import EditList, Programme
from pipeline.runner import job_for
from pipeline.workspace import Workspace

from .conftest import open_desk, opened, saved


def entries(show: Path) -> list[dict[str, object]]:
    path = show / "episodes" / "mlops" / "cuts.yaml"
    return list(yaml.safe_load(path.read_text("utf-8")) or []) if path.exists() else []


def duration(show: Path) -> int:
    return job_for(Workspace(show).episode("mlops")).store.load("programme", Programme).duration


def talk(show: Path) -> list[tuple[int, int]]:
    """The stretches of the recording that are heard, ms."""
    plan = job_for(Workspace(show).episode("mlops")).store.load("edit_list", EditList)
    return [(c.source_in // 48, c.source_out // 48) for c in plan.clips if c.source == "talk"]


def test_offers_are_accepted_and_refused(page: Page, offered: Path) -> None:
    before = duration(offered)
    with opened(offered) as address:
        open_desk(page, address)
        expect(page.locator("#tab-cuts")).to_have_text("Cuts (2)")
        page.keyboard.press("j")
        expect(page.locator("#cuts li[aria-current] .name")).to_have_text("between two knocks")
        page.locator("#cuts li").nth(0).get_by_role("button", name="Cut").click()
        page.locator("#cuts li").nth(1).get_by_role("button", name="Keep").click()
        assert page.locator("#cuts .sure").all_inner_texts() == ["0:06.0 · will be cut", "0:05.0 · kept"]
        expect(page.locator("#tab-cuts")).to_have_text("Cuts")
        expect(page.locator("#say")).to_contain_text("offered no more")
        page.evaluate(
            """() => {
            const say = document.querySelector("#say");
            window.said = [];
            new MutationObserver(() => window.said.push(say.textContent)).observe(say, { childList: true }); }"""
        )
        saved(page)
        said = page.evaluate("window.said")
        assert "Mastering …" in said, "the sound is made anew, and the page says so"
        assert all(one != last for last, one in pairwise(said)), "once, to those who hear it"
        assert page.locator("#cuts .sure").all_inner_texts() == ["0:06.0 · cut", "0:05.0 · kept"]
        expect(page.locator("#cuts time").first).to_contain_text("✂")
        assert entries(offered) == [
            {"start": "0:01:04.000", "end": "0:01:10.000"},
            {"start": "0:01:40.000", "end": "0:01:45.000", "keep": True},
        ]
        assert duration(offered) == before - 6_000
        assert {edge for span in talk(offered) for edge in span} >= {64_000, 70_000}
        page.locator("#cuts li").nth(0).get_by_role("button", name="Take back").click()
        expect(page.locator("#cuts .sure").first).to_have_text("0:06.0 · comes back")
        saved(page)
        assert duration(offered) == before
        expect(page.locator("#tab-cuts")).to_have_text("Cuts (1)")


def test_a_cut_by_hand_with_keys_and_undo(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    page.keyboard.press("s")
    page.locator("#captions li").nth(14).click()
    page.keyboard.press("i")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    page.keyboard.press("k")
    assert page.locator("#cuts .sure").all_text_contents() == ["0:05.0 · will be cut"]
    page.keyboard.press("u")
    assert page.locator("#cuts .sure").count() == 0
    page.click("#tab-cuts")
    page.fill("#c-from", "1:00")
    page.fill("#c-to", "1:03.5")
    page.locator("#cutting button[type=submit]").click()
    saved(page)
    (entry,) = entries(show)
    low, high = (
        sum(float(p) * f for p, f in zip(entry[k].split(":"), (3600, 60, 1), strict=True)) for k in ("start", "end")
    )
    assert round(high - low, 3) == 3.5
    assert low < 54, "programme time: the spot is before it"


def test_a_cut_by_hand_with_the_pointer(page: Page, desk: str, show: Path) -> None:
    """Shift and drag: both edges snap to pauses."""
    open_desk(page, desk)
    box = page.locator("#detail").bounding_box()
    assert box
    whole = duration(show)

    def x(ms: int) -> float:
        return float(box["x"] + box["width"] * ms / whole)

    page.keyboard.down("Shift")
    page.mouse.move(x(60_000), box["y"] + 80)
    page.mouse.down()
    page.mouse.move(x(66_000), box["y"] + 80, steps=4)
    page.mouse.move(x(70_500), box["y"] + 80, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator("#say")).to_contain_text("marked; k cuts it")
    page.keyboard.press("k")
    expect(page.locator("#cuts .sure")).to_have_text("0:10.0 · will be cut")


def test_the_join_can_be_heard_before_it_is_made(page: Page, offered: Path) -> None:
    with opened(offered) as address:
        open_desk(page, address)
        page.click("#tab-cuts")
        sizes: list[int] = []
        page.on(
            "response", lambda one: sizes.append(int(one.headers["content-length"])) if "samples" in one.url else None
        )
        page.locator("#cuts li").nth(0).get_by_role("button", name="Listen").click()
        expect(page.locator("#say")).to_have_text("As if 0:06.0 were cut")
        assert sizes == [2_000 * 48 * 2, 2_000 * 48 * 2]


def test_two_windows_cut(page: Page, other: Page, offered: Path) -> None:
    with opened(offered) as address:
        open_desk(other, address)
        open_desk(page, address)
        for window, number, word in ((other, 0, "Cut"), (page, 1, "Keep")):
            window.click("#tab-cuts")
            window.locator("#cuts li").nth(number).get_by_role("button", name=word).click()
        saved(other)
        page.keyboard.press("w")
        expect(page.locator("#alerts")).to_contain_text("cuts.yaml changed since this page read it")
        page.get_by_role("button", name="Keep both").click()
        saved(page)
        assert [entry.get("keep", False) for entry in entries(offered)] == [False, True]


def test_cuts_that_would_not_be_read_back_are_not_written(page: Page, desk: str, show: Path) -> None:
    open_desk(page, desk)
    page.click("#tab-cuts")
    page.fill("#c-from", "soon")
    page.fill("#c-to", "1:00")
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_contain_text("Mark where the cut begins and ends")
    assert entries(show) == []
