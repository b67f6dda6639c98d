"""The words under an episode: plain text to paste at a host that takes no feed, and the same as the feed's HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape, unescape
from itertools import groupby

from pipeline.formats import addresses, plain
from pipeline.formats.wording import Wording, wording
from pipeline.model import Chapter, Link, Person, Sponsor
from pipeline.timecode import parse_clock, to_list_clock

LIMIT = 4000
"""Bytes of a feed's description (PSP-1)."""

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_ENTRY = re.compile(r"\(?((?:\d{1,2}:)?\d{1,2}:\d{2})\)?\s+(?:[-–—]\s+)?(\S.*)")


def render(
    summary: str,
    *,
    language: str,
    people: Sequence[Person],
    chapters: Sequence[Chapter],
    links: Sequence[Link],
    sponsors: Sequence[Sponsor],
) -> str:
    """Summary, people, chapter list from 00:00:00, links, sponsors; an empty line between, a newline at the end."""
    words = wording(language)
    blocks = [
        [plain.text(summary)],
        _titled(words.people, (_person(person, words) for person in people)),
        _titled(words.chapters, (f"{to_list_clock(c.start)} {plain.title(c.title)}" for c in chapters)),
        _titled(words.links, _links(links)),
        *([_sponsor(sponsor, words)] for sponsor in sponsors),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block and block[0]) + "\n"


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"{title}:", *found] if found else []


def _person(person: Person, words: Wording) -> str:
    role = words.roles.get(person.role.casefold(), person.role)
    link = plain.url(person.href)
    return f"- {plain.title(person.name)} ({plain.line(role)})" + (f" {link}" if link else "")


def _links(links: Iterable[Link]) -> Iterator[str]:
    for address, link in addresses.distinct(links).items():
        text = plain.title(link.text)
        yield f"- {text}: {address}" if text and text not in (link.url, address) else f"- {address}"


def _sponsor(sponsor: Sponsor, words: Wording) -> str:
    text = f". {plain.line(sponsor.text)}" if sponsor.text else ""
    return f"{words.sponsor} {plain.title(sponsor.name)}{text}\n{plain.url(sponsor.url) or ''}".rstrip()


def parse_chapters(text: str) -> tuple[tuple[int, str], ...]:
    """Start in ms and title of the longest run of lines that are a time and a title, as apps look for them."""
    longest: list[tuple[int, str]] = []
    matches = (_ENTRY.fullmatch(row.strip()) for row in text.splitlines())
    for _, run in groupby(matches, bool):
        longest = max(longest, [(parse_clock(match[1]), match[2]) for match in run if match], key=len)
    return tuple(longest)


def to_html(text: str) -> str:
    """Paragraphs, breaks and links: the HTML that every app shows alike."""
    return "".join(f"<p>{inside}</p>" for inside in paragraphs(text))


def paragraphs(text: str) -> Iterator[str]:
    """The HTML within each paragraph: breaks and links."""
    return (_rows(block.split("\n")) for block in _blocks(text))


def _blocks(text: str) -> Iterator[str]:
    yield from (block for block in text.strip().split("\n\n") if block.strip())


def _linked(row: str) -> str:
    parts, at = [], 0
    for match in _ADDRESS.finditer(row):
        parts += [escape(row[at : match.start()]), f'<a href="{escape(match[0])}">{escape(match[0])}</a>']
        at = match.end()
    return "".join([*parts, escape(row[at:])])


def from_html(html: str) -> str:
    """The lines of such HTML, for reading chapter lists back."""
    broken = re.sub(r"(?i)<br\s*/?>|</p>|</li>|</div>", "\n", html)
    return unescape(re.sub(r"<[^<>]*>", "", broken))


def shortened(text: str) -> str:
    """The HTML of as much of `text` as `LIMIT` bytes hold: the chapter list before all, then the rest in its order."""
    html = to_html(text)
    if len(html.encode()) <= LIMIT:
        return html
    blocks = list(_blocks(text))
    kept: dict[int, str] = {}
    for number in sorted(range(len(blocks)), key=lambda n: (not parse_chapters(blocks[n]), n)):
        kept[number] = _as_much(blocks[number], LIMIT - sum(len(part.encode()) for part in kept.values()))
    return "".join(kept[number] for number in sorted(kept))


def _as_much(block: str, room: int) -> str:
    """The rows of a block that `room` bytes of HTML hold, the row after them cut to what is left."""
    rows = block.split("\n")
    fitting = next(n for n in range(len(rows), -1, -1) if len(_html(rows[:n]).encode()) <= max(room, 0) or n == 0)
    rest = room - len(_html(rows[:fitting]).encode()) - len("<p></p><br>")
    if fitting < len(rows) and rest > 80 and not _ENTRY.fullmatch(rows[fitting]):
        # Escaping and linking lengthen a row; a third is room enough for what people write.
        cut = plain.fit_bytes(rows[fitting], rest * 2 // 3)
        if len(_html([*rows[:fitting], cut]).encode()) <= room:
            return _html([*rows[:fitting], cut])
    return _html(rows[:fitting])


def _html(rows: Sequence[str]) -> str:
    return f"<p>{_rows(rows)}</p>" if rows else ""


def _rows(rows: Iterable[str]) -> str:
    return "<br>".join(map(_linked, rows))
