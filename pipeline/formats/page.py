"""The pages: one an episode, one for the show. They work from a folder on disk and fetch nothing from elsewhere.

A show replaces what it likes by files of the same names in its own folder: `episode.html`, `show.html`, `base.html`,
`style.css`, `player.js`, `theme.js` (Jinja2 templates; the last three are taken as they are).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.formats import addresses, description, plain
from pipeline.formats.wording import long_date, wording
from pipeline.model import Chapter, Feed, Item, Link, Segment, Show, Sponsor, Spot, Transcript
from pipeline.timecode import to_seconds, to_short_clock, to_whole_seconds

TYPE = "text/html; charset=utf-8"

_BREATH = 1500
_LONG_PARAGRAPH = 6


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """What an episode's page shows. `audio` lies beside the page, `cover` in the folder above, as addresses say it."""

    show: Show
    item: Item
    transcript: Transcript
    links: tuple[Link, ...]
    sponsors: tuple[Sponsor, ...]
    spots: tuple[Spot, ...]
    audio: str
    cover: str


@dataclass(frozen=True, slots=True)
class ShowPage:
    """What the show's page shows. `cover` lies beside it, by a relative address."""

    feed: Feed
    cover: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one person says without a long break."""

    speaker: str | None
    sentences: tuple[Segment, ...]

    @property
    def start(self) -> int:
        """When it begins."""
        return self.sentences[0].start


@dataclass(frozen=True, slots=True)
class Part:
    """What is said in a chapter, and when that begins; without a title, before the first one."""

    start: int
    title: str
    paragraphs: tuple[Paragraph, ...]


def episode(page: EpisodePage, templates: Path | None = None) -> str:
    """The HTML of an episode's page; `templates` holds what the show has of its own."""
    language = page.transcript.language
    return (
        _environment(_there(templates))
        .get_template("episode.html")
        .render(
            page=page,
            show=page.show,
            item=page.item,
            parts=parts(page.transcript, page.item.chapters, page.spots),
            links=tuple(Link(plain.title(one.text), url) for url, one in addresses.distinct(page.links).items()),
            linked_data=_episode_data(page),
            language=language,
            words=wording(language),
        )
    )


def show(page: ShowPage, templates: Path | None = None) -> Iterator[str]:
    """The HTML of the show's page, in pieces; `templates` holds what the show has of its own."""
    language = page.feed.show.language
    return (
        _environment(_there(templates))
        .get_template("show.html")
        .generate(
            page=page,
            show=page.feed.show,
            items=page.feed.items,
            linked_data=_show_data(page.feed.show, addresses.base(page.feed.show) + page.cover),
            language=language,
            words=wording(language),
        )
    )


# ── the transcript as it is read ────────────────────────────────────────────────────────────────────────────────────


def parts(transcript: Transcript, chapters: tuple[Chapter, ...], spots: tuple[Spot, ...] = ()) -> tuple[Part, ...]:
    """The transcript by chapters, in paragraphs, spots apart. A sentence belongs where its middle is."""
    edges = tuple(edge for spot in spots for edge in (spot.start, spot.end))
    numbered: dict[int, list[Segment]] = {}
    for segment in transcript.segments:
        middle = (segment.start + segment.end) // 2
        number = sum(1 for chapter in chapters if chapter.start <= middle)
        numbered.setdefault(number, []).append(segment)
    heads = ((-1, ""), *((chapter.start, chapter.title) for chapter in chapters))
    return tuple(Part(*heads[number], tuple(_paragraphs(numbered[number], edges))) for number in sorted(numbered))


def _paragraphs(segments: list[Segment], edges: tuple[int, ...]) -> Iterator[Paragraph]:
    begun: list[Segment] = []
    for segment in segments:
        if begun and _breaks(begun, segment, edges):
            yield Paragraph(begun[0].speaker, tuple(begun))
            begun = []
        begun.append(segment)
    if begun:
        yield Paragraph(begun[0].speaker, tuple(begun))


def _breaks(begun: list[Segment], segment: Segment, edges: tuple[int, ...]) -> bool:
    last = begun[-1]
    apart = segment.start - last.end > _BREATH or any(last.start < edge <= segment.start for edge in edges)
    return segment.speaker != last.speaker or apart or len(begun) >= _LONG_PARAGRAPH


# ── what search engines read (schema.org) ───────────────────────────────────────────────────────────────────────────


def _episode_data(page: EpisodePage) -> dict[str, Any]:
    item = page.item
    cover = addresses.base(page.show) + page.cover
    return {
        "@context": "https://schema.org",
        "@type": "PodcastEpisode",
        "name": item.title,
        "url": item.link,
        "description": plain.line(item.summary),
        "datePublished": item.published.isoformat(),
        "duration": f"PT{to_whole_seconds(item.duration)}S",
        "inLanguage": page.transcript.language,
        "image": item.image or cover,
        "associatedMedia": {
            "@type": "AudioObject",
            "contentUrl": item.enclosure.url,
            "encodingFormat": item.enclosure.type,
            "contentSize": str(item.enclosure.length),
        },
        "actor": [{"@type": "Person", "name": plain.title(person.name)} for person in item.people],
        "hasPart": [
            {"@type": "Clip", "name": c.title, "startOffset": to_seconds(c.start), "endOffset": to_seconds(c.end)}
            for c in item.chapters
        ],
        "partOfSeries": _show_data(page.show, cover),
    }


def _show_data(show: Show, cover: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "PodcastSeries",
        "name": plain.title(show.title),
        "description": plain.line(show.description),
        "url": plain.url(show.link),
        "webFeed": show.feed_url,
        "image": cover,
        "inLanguage": show.language,
        "author": {"@type": "Organization", "name": plain.title(show.author)},
    }


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _there(templates: Path | None) -> Path | None:
    """The folder, where there is one: all shows without have the same pages, which take longest to be read."""
    return templates if templates and templates.is_dir() else None


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
        "fit": plain.fit,
        "paragraphs": _paragraphs_of,
        "address": plain.url,
        "host": lambda url: urlsplit(url).hostname,
        "under": lambda url, show: url.removeprefix(addresses.base(show)),
        "beside": lambda url, item: url.removeprefix(item.link.rpartition("/")[0] + "/"),
        "clock": to_short_clock,
        "seconds": to_seconds,
        "long_date": long_date,
        "csp": _csp,
    }
    environment.globals["base"] = addresses.base
    environment.globals["asset"] = partial(_asset, environment)
    return environment


def _paragraphs_of(text: str) -> list[Markup]:
    """What people wrote, in paragraphs, with its lines and links as they are in the feed."""
    return [Markup(inside) for inside in description.paragraphs(plain.text(text))]  # noqa: S704 — escaped there


def _asset(environment: Environment, name: str) -> Markup:
    """A style or script, as it stands in its file."""
    source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
    return Markup(source)  # noqa: S704 — a file of ours or of the show's own


def _csp(script: str) -> str:
    """The source expression that lets a browser run this very script and no other (CSP 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
