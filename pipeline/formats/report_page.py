"""What became of an episode, as one page that needs nothing but itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.formats.plots import Figures, draw
from pipeline.model import Chapter, Spot
from pipeline.timecode import to_clock, to_short_clock

_WIDE = 720


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of figures. good: whether it is as it should be, None where nothing is asked of it."""

    name: str
    value: str
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the recording, ms: offered to be cut, cut or kept."""

    start: int
    end: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What the page shows; chapters and spots in programme time. wanted: what a person should look at."""

    slug: str
    title: str
    facts: tuple[Fact, ...]
    wanted: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    absent: tuple[str, ...]
    spots: tuple[Spot, ...]
    cuts: tuple[Cut, ...]
    figures: Figures


def render(page: ReportPage) -> str:
    """The page's HTML: no script, nothing from elsewhere; the same page gives the same bytes."""
    figures = Markup(draw(page.figures, _WIDE))  # noqa: S704 — SVG whose every text is escaped
    return _environment().get_template("report.html").render(page=page, figures=figures)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.formats"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters |= {"clock": to_short_clock, "exact": to_clock}
    return environment
