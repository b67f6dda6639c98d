"""The pages in a real browser: Debian's Chromium, from a folder and from a server."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

MOVED = "document.getElementById('audio').currentTime"
STILL = """() => new Promise((still) => {
  let top = scrollY, frames = 0;
  const look = () => {
    frames = scrollY === top ? frames + 1 : 0;
    top = scrollY;
    if (frames > 40) still(); else requestAnimationFrame(look);
  };
  look();
})"""
"""Until nothing has moved for twice the frames that the page takes to settle."""


@contextlib.contextmanager
def visiting(visitor: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens a page as a visitor would. Nothing may be fetched from elsewhere, and no script may fail."""
    pages: list[Page] = []
    trouble: list[str] = []

    def open_(
        url: str, width: int = 1280, height: int = 900, scheme: Any = "light", who: BrowserContext = visitor
    ) -> Page:
        page = who.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
        origin = url.split("://", maxsplit=1)[0]
        page.on("request", lambda r: None if r.url.startswith((origin, "data:")) else trouble.append(r.url))
        page.goto(url)
        page.wait_for_function("document.getElementById('audio')?.readyState !== 0")
        return page

    yield open_
    for page in pages:
        page.close()
    assert not trouble


@pytest.fixture
def visit(visitor: BrowserContext) -> Iterator[Callable[..., Page]]:
    """See `visiting`."""
    with visiting(visitor) as open_:
        yield open_


@pytest.fixture(scope="module")
def address(published: Any) -> str:
    return str((published.public / "mlops" / "index.html").as_uri())


@pytest.fixture(scope="module")
def only_page(visitor: BrowserContext, address: str) -> Iterator[Page]:
    with visiting(visitor) as open_:
        yield open_(address)


@pytest.fixture
def seen(only_page: Page) -> Page:
    """The episode's page for tests that only look, at whatever size: they find it as they would find a new one."""
    only_page.set_viewport_size({"width": 1280, "height": 900})
    only_page.evaluate("scrollTo(0, 0)")
    return only_page


def test_chapters_seek(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    page.get_by_role("link", name="¿Sale rentable entrenar en la nube?").click()
    page.wait_for_function(f"{MOVED} >= 70.003")
    assert page.evaluate(MOVED) < 80
    expect(page.locator("#now")).to_have_text("¿Sale rentable entrenar en la nube?")
    expect(page.locator("#chapters [aria-current]")).to_contain_text("rentable")


def test_sentences_seek_and_follow(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    last = page.locator("[data-t]").last
    last.click()
    page.wait_for_function(f"{MOVED} >= {last.get_attribute('data-t')}")
    expect(last).to_have_attribute("aria-current", "true")
    page.evaluate("audio.currentTime = 2.1")
    expect(page.locator("[data-t]").first).to_have_attribute("aria-current", "true")
    expect(last).not_to_have_attribute("aria-current", "true")
    expect(page.locator("[data-t]").first).to_be_in_viewport()


def test_a_chapter_is_read_from_its_first_sentence(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    read = page.locator("[data-t][aria-current]")
    for seconds, start in ((69.9, "67.0"), (70.003, "72.0"), (71.9, "72.0"), (72.1, "72.0"), (77.5, "77.0")):
        page.evaluate(f"audio.currentTime = {seconds}")
        expect(read).to_have_attribute("data-t", start)
    page.evaluate("audio.currentTime = 1")
    expect(read).to_have_count(0)


def test_deep_links(visit: Callable[..., Page], address: str) -> None:
    for fragment, seconds in (("#t=62.5", 62.5), ("#t=1:02", 62), ("#t=npt:0:01:02.25", 62.25), ("#x&t=62", 62)):
        page = visit(address + fragment)
        page.wait_for_function(f"{MOVED} === {seconds}")
        expect(page.locator("[data-t][aria-current]")).to_be_in_viewport()
        assert page.evaluate("audio.paused")


@pytest.mark.parametrize("size", [(320, 256), (390, 844), (844, 390), (1280, 900)])
def test_a_deep_link_is_read_below_the_player(visit: Callable[..., Page], address: str, size: tuple[int, int]) -> None:
    page = visit(address + "#t=70.003", *size)
    first = page.locator("h3:has-text('¿Sale rentable entrenar en la nube?') + p [data-t]")
    expect(first).to_have_attribute("aria-current", "true")
    page.evaluate(STILL)  # the browser scrolls to the heading, the page to the sentence
    box = first.bounding_box()
    assert box
    covered = page.evaluate("Math.max(0, document.getElementById('bar').getBoundingClientRect().bottom)")
    assert covered < box["y"] < box["y"] + box["height"] < size[1]


def test_a_deep_link_that_is_none(visit: Callable[..., Page], address: str) -> None:
    for fragment in ("#t=", "#t=soon", "#t=-5", "#transcript"):
        assert visit(address + fragment).evaluate(MOVED) == 0


def test_search_finds_without_accents_and_walks(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    page.keyboard.press("/")
    page.keyboard.type("dificil")
    hits = page.locator("mark")
    expect(hits.first).to_have_text("difícil")
    expect(page.locator("#found")).to_have_text(f"1 / {hits.count()}")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text(f"2 / {hits.count()}")
    expect(page.locator(".visited mark")).to_be_in_viewport()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#found")).to_have_text(f"1 / {hits.count()}")
    page.keyboard.press("Escape")
    expect(hits).to_have_count(0)
    page.locator("#search").fill("paralelepípedo")
    expect(page.locator("#found")).to_have_text("No aparece en la transcripción")


def test_what_is_found_is_not_behind_the_search(visit: Callable[..., Page], address: str) -> None:
    page = visit(address, height=780)
    page.emulate_media(reduced_motion="reduce")  # places are those at the end of scrolling
    box = page.get_by_role("searchbox")
    box.fill("es")
    edge = "document.querySelector('.searching').getBoundingClientRect().bottom"
    for key in ["Enter"] * 20 + ["Shift+Enter"] * 19:
        box.press(key)
        assert page.evaluate("document.querySelector('.visited mark').getBoundingClientRect().top") > page.evaluate(
            edge
        )


def test_keyboard(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    page.keyboard.press("n")
    page.wait_for_function(f"{MOVED} === 31.417")
    page.keyboard.press("l")
    page.wait_for_function(f"{MOVED} === 61.417")
    page.keyboard.press("p")
    page.wait_for_function(f"{MOVED} === 31.417")
    page.keyboard.press("j")
    page.wait_for_function(f"{MOVED} === 16.417")
    page.keyboard.press(" ")
    page.wait_for_function("!audio.paused")
    page.keyboard.press("k")
    page.wait_for_function("audio.paused")


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody else, whose browser may remember what it likes."""
    context = browser.new_context()
    yield context
    context.close()


def test_theme(visit: Callable[..., Page], address: str, other: BrowserContext) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit(address).evaluate(paper), visit(address, scheme="dark").evaluate(paper)
    assert light != dark
    page = visit(address, who=other)
    page.locator("#theme").click()
    expect(page.locator("body")).to_have_css("background-color", dark)
    expect(page.locator("#theme")).to_have_attribute("aria-pressed", "true")
    beside = page.context.new_page()
    beside.goto(address)
    beside.wait_for_function("localStorage.theme === 'dark'")  # by then the browser knows, not the page's process alone
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", dark)


@pytest.mark.parametrize("width", [320, 390, 800, 1920])
def test_nothing_sticks_out(seen: Page, width: int) -> None:
    page = seen
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#bar")).to_be_in_viewport()
    assert page.evaluate("document.getElementById('bar').offsetHeight") < 200


def test_the_player_stays_while_reading(visit: Callable[..., Page], address: str) -> None:
    page = visit(address, width=390, height=844)
    page.locator("[data-t]").last.scroll_into_view_if_needed()
    expect(page.locator("audio")).to_be_in_viewport()


def test_text_as_large_as_it_gets_leaves_room_to_read(visit: Callable[..., Page], address: str) -> None:
    page = visit(address + "#t=70.003", width=320, height=256)  # 1280 × 1024 at 400 % (WCAG 2.2, 1.4.10)
    expect(page.locator("[data-t][aria-current]")).to_be_in_viewport()
    expect(page.locator("audio")).not_to_be_in_viewport()


def test_a_phone_does_not_zoom_in_on_a_field(seen: Page) -> None:
    seen.set_viewport_size({"width": 390, "height": 844})
    sizes = seen.locator("input, select").evaluate_all(
        "all => all.map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert sizes == [16, 16]


def test_a_time_is_copied_apart_from_what_is_said_then(seen: Page) -> None:
    seen.set_viewport_size({"width": 390, "height": 844})
    seen.evaluate("getSelection().selectAllChildren(document.querySelector('#transcript p'))")
    assert seen.evaluate("getSelection().toString()").startswith("0:02 Andrés Esto es MLOps,")
    seen.evaluate("getSelection().removeAllRanges()")


def test_a_summary_keeps_its_lines_and_links(visit: Callable[..., Page], publisher: Any) -> None:
    publisher.publish(publisher.release(summary="Hoy:\n- uno & dos\n- https://e.org/?a=1&b=2.\n\nY <b>más</b>."))
    page = visit((publisher.public / "mlops" / "index.html").as_uri())
    expect(page.locator(".summary p")).to_have_text(["Hoy:- uno & dos- https://e.org/?a=1&b=2.", "Y <b>más</b>."])
    assert page.locator(".summary br").count() == 2
    expect(page.locator(".summary a")).to_have_attribute("href", "https://e.org/?a=1&b=2")


def test_controls_have_names(seen: Page) -> None:
    page = seen
    for role in ("button", "link", "combobox", "searchbox"):
        assert all(page.get_by_role(role).evaluate_all("all => all.map((e) => e.ariaLabel || e.textContent.trim())"))
    expect(page.get_by_role("region", name="Reproductor")).to_be_visible()
    expect(page.get_by_role("navigation", name="Capítulos")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.locator("h1").count() == 1


def test_the_back_button_is_not_spoilt(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Despedida").click()
    page.wait_for_function("location.hash === '#t=121.999'")
    assert page.evaluate("history.length") == before


def test_what_others_read(seen: Page, published: Any) -> None:
    page = seen
    data = page.evaluate("JSON.parse(document.querySelector('[type=\"application/ld+json\"]').textContent)")
    item = published.ledger.entries[0]
    assert (data["@type"], data["duration"], data["associatedMedia"]["contentUrl"]) == (
        "PodcastEpisode",
        "PT150S",
        item.url,
    )
    assert [clip["startOffset"] for clip in data["hasPart"]] == [0, 31.417, 70.003, 121.999]

    def meta(name: str) -> str | None:
        return page.locator(f'meta[property="{name}"]').get_attribute("content")

    assert meta("og:title") == "MLOps: del cuaderno a producción"
    assert meta("og:audio") == item.url
    assert (meta("og:image") or "").startswith("https://tertulia.example.org/cover-")


def test_over_http(visit: Callable[..., Page], published: Any, served: Callable[[Path], str]) -> None:
    page = visit(served(published.public) + "mlops/index.html#t=100")
    page.wait_for_function(f"{MOVED} === 100")


def test_the_shows_page_leads_to_the_episode(visitor: BrowserContext, published: Any) -> None:
    page = visitor.new_page()
    page.goto((published.public / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(published.show.title)
    page.get_by_role("link", name="MLOps: del cuaderno a producción").click()
    expect(page.locator("audio")).to_be_visible()
    page.get_by_role("link", name=published.show.title).click()
    expect(page.get_by_role("list", name="Episodios")).to_be_visible()
    page.close()


def test_without_scripts_it_can_be_read_and_heard(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("audio")).to_be_visible()
    expect(page.locator("[data-t]").first).to_be_visible()
    expect(page.locator("#search")).to_be_hidden()
    page.get_by_role("link", name="¿Sale rentable entrenar en la nube?").click()
    expect(page.get_by_role("heading", name="¿Sale rentable entrenar en la nube?")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Introducción")).not_to_be_in_viewport()
    context.close()


def test_words_can_be_selected_without_being_played(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    sentence = page.locator("[data-t]").first
    sentence.hover()
    box = sentence.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 10)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()").strip()
    assert page.evaluate(MOVED) == 0


def test_keys_that_scroll_end_the_following(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("PageDown")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")


def test_the_lock_screen_names_the_episode(seen: Page, published: Any) -> None:
    metadata = seen.evaluate("[navigator.mediaSession.metadata.title, navigator.mediaSession.metadata.artist]")
    assert metadata == ["MLOps: del cuaderno a producción", published.show.title]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nobody_is_kept_out(
    visit: Callable[..., Page], address: str, barriers: Callable[[Page], list[str]], scheme: str, width: int
) -> None:
    """Of what is played and what was searched for, too; all of it in view, so that nothing lies half below the bar."""
    page = visit(address + "#t=31.417", width, 6000, scheme=scheme)
    page.locator("#search").fill("difícil")
    expect(page.locator("mark").first).to_be_visible()
    assert barriers(page) == []
    assert barriers(visit(address.replace("mlops/index.html", "index.html"), width, 6000, scheme=scheme)) == []


def test_a_barrier_is_found(visit: Callable[..., Page], address: str, barriers: Callable[[Page], list[str]]) -> None:
    page = visit(address)
    page.add_style_tag(content="p { color: #bbb !important }")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert {line.partition(":")[0] for line in barriers(page)} == {"color-contrast", "html-has-lang"}


def test_a_dark_page_is_printed_in_ink(visit: Callable[..., Page], address: str) -> None:
    page = visit(address, scheme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 27, 25)"
    expect(page.locator("#bar")).to_be_hidden()
    expect(page.locator("[data-t]").last).to_be_visible()


def test_hostile_words_run_nothing(visit: Callable[..., Page], publisher: Any, talk: Callable[[], Any]) -> None:
    bad = "</script></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    programme = talk()
    chapters = tuple(replace(chapter, title=bad) for chapter in programme.chapters.chapters)
    segments = tuple(replace(segment, text=bad, speaker=bad, words=()) for segment in programme.transcript.segments)
    hostile = replace(
        programme,
        chapters=replace(programme.chapters, chapters=chapters),
        transcript=replace(programme.transcript, segments=segments),
    )
    ready = publisher.release(programme=hostile, title=bad, summary=bad)
    publisher.publish(ready)
    page = visit((publisher.public / "mlops" / "index.html").as_uri())
    page.locator("#search").fill("owned")
    expect(page.locator("mark").first).to_have_text("owned")
    assert page.title().startswith("</script></style><script>document.title")
    assert page.locator("img[src=x]").count() == 0


@pytest.fixture(scope="module")
def long_address(published: Any, talk: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a talk of many words in a hundred chapters."""
    publisher = replace(published, root=tmp_path_factory.mktemp("long"))
    shutil.copy(published.cover, publisher.cover)
    programme = talk()
    first = programme.transcript.segments[0]
    segments = tuple(
        replace(first, start=n * 100, end=n * 100 + 99, text=f"Frase número {n}. " + "Palabras y palabras. " * (n % 9))
        for n in range(1500)
    )
    chapters = tuple(
        replace(programme.chapters.chapters[0], title=f"Capítulo {n}", start=n * 1500, end=(n + 1) * 1500)
        for n in range(100)
    )
    long = replace(
        programme,
        chapters=replace(programme.chapters, chapters=chapters),
        transcript=replace(programme.transcript, segments=segments),
    )
    publisher.publish(publisher.release(programme=long))
    return str((publisher.public / "mlops" / "index.html").as_uri())


def test_a_hundred_chapters_fit(visit: Callable[..., Page], long_address: str) -> None:
    page = visit(long_address + "#t=120", width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("$ => document.getElementById('strip').scrollWidth") <= 320
    page = visit(long_address + "#t=120")
    expect(page.locator("#now")).to_have_text("Capítulo 80")
    expect(page.locator("#chapters [aria-current]")).to_be_in_viewport()


def test_places_in_a_long_transcript_are_found(visit: Callable[..., Page], long_address: str) -> None:
    """Though what is out of sight is not laid out yet."""
    page = visit(long_address + "#t=120.05", width=390, height=844)
    now = page.locator("[data-t][aria-current]")
    expect(now).to_contain_text("Frase número 1200.")
    expect(now).to_be_in_viewport()
    for number in (3, 1480, 700):
        page.locator("#search").fill(f"número {number}.")
        expect(page.locator(".visited mark")).to_be_in_viewport()
        expect(page.locator(".visited")).to_contain_text(f"Frase número {number}.")


def test_an_episode_without_chapters_or_words(
    visit: Callable[..., Page], publisher: Any, talk: Callable[[], Any]
) -> None:
    programme = talk()
    bare = replace(
        programme,
        chapters=replace(programme.chapters, chapters=()),
        transcript=replace(programme.transcript, segments=()),
    )
    publisher.publish(publisher.release(programme=bare))
    page = visit((publisher.public / "mlops" / "index.html").as_uri())
    page.keyboard.press("l")
    page.wait_for_function(f"{MOVED} === 30")
