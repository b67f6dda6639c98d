"""What types alone do not say of what people write in YAML: fields and the rules that they obey, as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import Fault, InputError
from pipeline.formats import plain, taxonomy
from pipeline.formats.yaml_text import Place, Written
from pipeline.timecode import parse_clock

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

_LONGEST_NAME = 200
"""Bytes of the feed's name. File systems take 255."""

HEARD = "auto"
"""What an episode's `language` says where it is to be heard from the recording."""

Rule = tuple[str, Callable[[str], str | None]]
"""A field as its dotted path, `*` for every item of a list or mapping, and what says what is wrong with its text, or
None."""

Range = tuple[str, float, float]
"""A field and the least and the most that it may say."""


def publish_time(text: str, zone: str) -> datetime:
    """`2023-05-04T07:00`, with ` Europe/Madrid` or `+02:00` behind it or else in `zone`, as an aware time.

    Raises ValueError for what is no time, for an unknown zone, for a local time that a clock change makes ambiguous or
    impossible (PEP 495), and for one that UTC does not know or whose offset has seconds.
    """
    stamp, _, name = text.strip().partition(" ")
    moment = _stamp(text, stamp)
    if moment.tzinfo is not None:
        if name:
            raise ValueError(f"{text!r} has both an offset and a zone; keep one")
        return _sayable(moment, text)
    local = moment.replace(tzinfo=_zone(name.strip() or zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        happens = local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == moment
        why = "happens twice" if happens else "does not exist"
        raise ValueError(
            f"{text!r} {why}: the clocks change then; choose another hour or write the offset, as in +02:00"
        )
    return _sayable(local, text)


def _sayable(moment: datetime, text: str) -> datetime:
    """The moment, where ledger and feed can say it: in UTC, and with an offset of whole minutes."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is no time in UTC; choose another year") from None
    if (moment.utcoffset() or timedelta()) % timedelta(minutes=1):
        raise ValueError(f"{text!r} has an offset with seconds; choose whole minutes, or a later year")
    return moment


def _stamp(text: str, stamp: str) -> datetime:
    try:
        return datetime.fromisoformat(stamp if "T" in stamp else "")
    except ValueError:
        raise ValueError(
            f"{text!r} is not a day and a time; write them with a T in between and two digits each, as in"
            " 2023-05-04T07:00, and a zone behind a space where it is not the show's: 2023-05-04T07:00 Europe/Madrid"
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one as in Europe/Madrid") from error


def _web_address(text: str) -> str | None:
    bad = "should be an ASCII web address that starts with https://"
    try:
        parts = urlsplit(text)
    except ValueError:
        return bad
    good = (
        parts.scheme in {"http", "https"} and parts.hostname and text.isascii() and not any(c.isspace() for c in text)
    )
    return None if good else bad


def _feed_address(text: str) -> str | None:
    """Everything public lies in the folder of the feed's file, in the workspace and on the web."""
    if bad := _web_address(text):
        return bad
    parts = urlsplit(text)
    folder, slash, name = parts.path.rpartition("/")
    if not slash or ".." in unquote(folder) or parts.query or parts.fragment or "@" in parts.netloc:
        return "should be where the feed's file will lie, as in https://example.org/feed.xml"
    return None if _may_be_the_feeds(unquote(name)) else "should end in a name for the feed's file, as in feed.xml"


def _may_be_the_feeds(name: str) -> bool:
    """Whether the feed's file can be called so, which lies beside `index.html`; without a name, it is `feed.xml`.

    What is no UTF-8 was unquoted as U+FFFD. Archives, and files that are half-written, have longer names.
    """
    of_ours = name.startswith(".") or name.casefold() == "index.html"
    writable = not set(name) & set("/\\\ufffd") and name == plain.line(name) and len(name.encode()) <= _LONGEST_NAME
    return writable and not of_ours


def _inside(text: str) -> str | None:
    path = Path(text)
    outside = path.is_absolute() or ".." in path.parts or not text.strip() or "\\" in text or "\0" in text
    return "should be a path inside the workspace, without .." if outside else None


def by(parse: Callable[[str], object]) -> Callable[[str], str | None]:
    """A rule for texts that `parse` takes without a ValueError."""

    def check(text: str) -> str | None:
        try:
            parse(text)
        except ValueError as error:
            return str(error)
        return None

    return check


def _like(pattern: re.Pattern[str], what: str) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else what


def _storage(text: str) -> str | None:
    try:
        # A bucket's name may hold colons; a host's port is a number that may be one.
        _ = text.startswith("sftp:") and urlsplit(text).port
    except ValueError:
        return "should have a number from 1 to 65535 as its port, as in sftp://user@host:2222/folder"
    return _place(text)


_filled = _like(re.compile(r"\s*\S[\s\S]*"), "should not be empty")
_place = _like(
    re.compile(r"(?:s3|sftp)://(?:[^:@/\s]+@)?[^@/\s]+(?:/[^@\s]*)?"),
    "should be s3://bucket/folder or sftp://user@host/folder, without a password",
)
_language = _like(_LANGUAGE, "should be a language tag, as in es or en-GB")

_RANGES: tuple[Range, ...] = (
    ("sound.loudness", -40, -8),
    ("sound.true_peak", -9, 0),
    ("sound.longest_silence", 0.2, 600),
    ("chapters.min_gap", 0, 3600),
    ("chapters.review_below", 0, 1),
)

SHOW: tuple[Rule, ...] = (
    ("title", _filled),
    ("description", _filled),
    ("author", _filled),
    ("language", _language),
    ("link", _web_address),
    ("feed_url", _feed_address),
    ("license", _filled),
    ("cover", _inside),
    ("storage", _storage),
    ("ad_free.feed_url", _feed_address),
    ("ad_free.title", _filled),
    ("ad_free.storage", _storage),
    ("phrases.*.*", _filled),
    ("hub", _web_address),
    ("timezone", by(_zone)),
    ("music.intro", _inside),
    ("music.outro", _inside),
    ("campaigns.*.audio", _inside),
    ("campaigns.*.says", _filled),
    ("sponsors.*.url", _web_address),
    ("funding.*.url", _web_address),
    ("txt.*.text", _filled),
    ("txt.*.purpose", _filled),
    ("people.*.role", taxonomy.wrong_role),
    ("people.*.group", taxonomy.wrong_group),
    ("people.*.href", _web_address),
    ("people.*.img", _web_address),
)

EPISODE: tuple[Rule, ...] = (
    ("language", lambda text: None if text == HEARD else _language(text)),
    ("recording", _inside),
    ("image", _inside),
    ("cue_at", by(parse_clock)),
    ("people.*.role", taxonomy.wrong_role),
    ("people.*.group", taxonomy.wrong_group),
    ("people.*.href", _web_address),
    ("people.*.img", _web_address),
)

CHAPTERS: tuple[Rule, ...] = (("*.start", by(parse_clock)), ("*.url", _web_address), ("*.image", _inside))

WORDS: tuple[Rule, ...] = (("*.at", by(parse_clock)), ("*.heard", _filled))

CUTS: tuple[Rule, ...] = (("*.start", by(parse_clock)), ("*.end", by(parse_clock)))


def _places(data: Any, steps: list[str], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Where a dotted rule meets something in the data; `*` stands for every item of a list or mapping."""
    if not steps:
        yield place, data
    elif steps[0] == "*" and isinstance(data, (list, dict)):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _places(item, steps[1:], (*place, key))
    elif isinstance(data, dict) and steps[0] in data:
        yield from _places(data[steps[0]], steps[1:], (*place, steps[0]))


def broken(written: Written, rules: Iterable[Rule]) -> list[Fault]:
    """Every text that breaks its rule; what is no text is for the types to tell."""
    return [
        written.fault(place, what)
        for field, check in rules
        for place, text in _places(written.data, field.split("."))
        if isinstance(text, str) and (what := check(text))
    ]


def out_of_range(written: Written) -> Iterator[Fault]:
    """Figures of a show that cannot be meant."""
    for field, low, high in _RANGES:
        for place, value in _places(written.data, field.split(".")):
            if isinstance(value, (int, float)) and not low <= value <= high:
                yield written.fault(place, f"should be from {low:g} to {high:g}")


NEEDED = {
    "publish_at": "when it goes out, as in `publish_at: 2023-05-04T07:00 Europe/Madrid`",
    "summary": "two or three sentences that tell listeners what the episode is about",
}
"""What episode.yaml has to say before an episode can go out. A running order may say the latter, too."""


def needed(slug: str, field: str) -> str:
    """What to write where, so that the episode can go out: one sentence."""
    return f"`{field}` in episodes/{slug}/episode.yaml: {NEEDED[field]}"


def is_slug(name: str) -> bool:
    """Whether it can name a folder and a part of every address."""
    return bool(_SLUG.fullmatch(name))


def check_slug(slug: str) -> str:
    """The slug, where it is one. Raises InputError otherwise."""
    if is_slug(slug):
        return slug
    raise InputError(
        f"{slug!r} cannot name an episode",
        todo="use small letters, digits and hyphens, as in 2023-05-mlops",
    )
