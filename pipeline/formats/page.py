"""The pages: one an episode, one for the show. They work from a folder on disk and fetch nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from pipeline.formats import addresses, plain
from pipeline.formats.wording import long_date, wording
from pipeline.model import Feed, Item, Link, Show, Sponsor, Transcript
from pipeline.timecode import to_seconds, to_short_clock

TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """What an episode's page shows. `audio` lies beside the page, `cover` in the folder above."""

    show: Show
    item: Item
    transcript: Transcript
    links: tuple[Link, ...]
    sponsors: tuple[Sponsor, ...]
    audio: str
    cover: str


@dataclass(frozen=True, slots=True)
class ShowPage:
    """What the show's page shows. `cover` lies beside it."""

    feed: Feed
    cover: str


def episode(page: EpisodePage, templates: Path | None = None) -> str:
    """The HTML of an episode's page; `templates` may hold an `episode.html` of the show's own."""
    language = page.transcript.language
    return (
        _environment(templates)
        .get_template("episode.html")
        .render(page=page, show=page.show, item=page.item, language=language, words=wording(language))
    )


def show(page: ShowPage, templates: Path | None = None) -> str:
    """The HTML of the show's page; `templates` may hold a `show.html` of the show's own."""
    language = page.feed.show.language
    return (
        _environment(templates)
        .get_template("show.html")
        .render(page=page, show=page.feed.show, items=page.feed.items, language=language, words=wording(language))
    )


@cache
def _environment(templates: Path | None) -> Environment:
    """Autoescape everywhere: the words of the pages come from running orders, microphones and configuration."""
    ours: BaseLoader = PackageLoader("pipeline.formats", "templates")
    loader = ChoiceLoader([FileSystemLoader(templates), ours]) if templates else ours
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "line": plain.line,
        "paragraphs": lambda value: plain.text(value).split("\n\n"),
        "address": plain.url,
        "clock": to_short_clock,
        "seconds": to_seconds,
        "long_date": long_date,
    }
    environment.globals["base"] = addresses.base
    return environment
