"""What people write in YAML as typed values; every fault at once, with its file, line and field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import ConfigError, Fault, InputError
from pipeline.formats import yaml_text
from pipeline.formats.yaml_text import Place, Written
from pipeline.model import ChapterEdit, CutEdit, Episode, Show, WordEdit
from pipeline.timecode import parse_clock

E = TypeVar("E")

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def read_yaml(path: Path, file: str) -> Written:
    """A YAML file by safe loading. Raises ConfigError for what is not YAML, InputError where the file is absent."""
    try:
        return yaml_text.parse(path.read_bytes(), file)
    except OSError as error:
        todo = "write it; `escaleta init` and `escaleta new` make such files"
        raise InputError(f"cannot be read: {error.strerror}", where=file, todo=todo) from error


_WORDS = {
    "unexpected_keyword_argument": "not a field that is known here",
    "extra_forbidden": "not a field that is known here",
    "missing": "is missing",
    "string_type": "should be text (put it in quotes)",
    "int_type": "should be a whole number",
    "float_type": "should be a number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list",
    "dataclass_type": "should hold fields, one a line",
}


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _typed(kind: Any, written: Written) -> tuple[Any, list[Fault]]:
    """The value, or None and every fault."""
    try:
        text = json.dumps(written.data)
        return _adapter(kind).validate_json(text, strict=True, extra="forbid"), []
    except ValidationError as error:
        faults = [
            written.fault(tuple(part for part in item["loc"]), _WORDS.get(item["type"], item["msg"].lower()))
            for item in error.errors()
        ]
        return None, sorted(faults, key=lambda fault: (fault.line, fault.field))
    except (TypeError, ValueError) as error:
        return None, [Fault(written.file, "", f"holds something that is neither text, number, list nor field: {error}")]


# ── what types alone do not say ─────────────────────────────────────────────────────────────────────────────────────


def publish_time(text: str, zone: str) -> datetime:
    """`2023-05-04T07:00`, with ` Europe/Madrid` or `+02:00` behind it or else in `zone`, as an aware time.

    Raises ValueError for what is no time, for an unknown zone, and for a local time that a clock change makes
    ambiguous or impossible (PEP 495).
    """
    stamp, _, name = text.strip().partition(" ")
    moment = datetime.fromisoformat(stamp)
    if "T" not in stamp:
        raise ValueError(f"{text!r} has no time of day; write it as in 2023-05-04T07:00 Europe/Madrid")
    if moment.tzinfo is not None:
        if name:
            raise ValueError(f"{text!r} has both an offset and a zone; keep one")
        return moment
    local = moment.replace(tzinfo=_zone(name.strip() or zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        happens = local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == moment
        why = "happens twice" if happens else "does not exist"
        raise ValueError(
            f"{text!r} {why}: the clocks change then; choose another hour or write the offset, as in +02:00"
        )
    return local


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one as in Europe/Madrid") from error


def _web_address(text: str) -> str | None:
    parts = urlsplit(text)
    good = (
        parts.scheme in {"http", "https"} and parts.hostname and text.isascii() and not any(c.isspace() for c in text)
    )
    return None if good else "should be an ASCII web address that starts with https://"


def _inside(text: str) -> str | None:
    path = Path(text)
    outside = path.is_absolute() or ".." in path.parts or not text.strip() or "\\" in text or "\0" in text
    return "should be a path inside the workspace, without .." if outside else None


def _by(parse: Callable[[str], object]) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        try:
            parse(text)
        except ValueError as error:
            return str(error)
        return None

    return check


def _like(pattern: re.Pattern[str], what: str) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else what


_filled = _like(re.compile(r"\s*\S[\s\S]*"), "should not be empty")
_storage = _like(
    re.compile(r"(?:s3|sftp)://(?:[^:@/\s]+@)?[^@/\s]+(?:/[^@\s]*)?"),
    "should be s3://bucket/folder or sftp://user@host/folder, without a password",
)
HEARD = "auto"
"""What an episode's `language` says where it is to be heard from the recording."""

_language = _like(LANGUAGE, "should be a language tag, as in es or en-GB")

Rule = tuple[str, Callable[[str], str | None]]

Range = tuple[str, float, float]

_SHOW_RANGES: tuple[Range, ...] = (
    ("sound.loudness", -40, -8),
    ("sound.true_peak", -9, 0),
    ("sound.longest_silence", 0.2, 600),
    ("chapters.min_gap", 0, 3600),
    ("chapters.review_below", 0, 1),
)

_SHOW_RULES: tuple[Rule, ...] = (
    ("title", _filled),
    ("description", _filled),
    ("author", _filled),
    ("language", _language),
    ("link", _web_address),
    ("feed_url", _web_address),
    ("license", _filled),
    ("cover", _inside),
    ("storage", _storage),
    ("ad_free.feed_url", _web_address),
    ("ad_free.title", _filled),
    ("ad_free.storage", _storage),
    ("hub", _web_address),
    ("timezone", _by(_zone)),
    ("music.intro", _inside),
    ("music.outro", _inside),
    ("campaigns.*.audio", _inside),
    ("sponsors.*.url", _web_address),
    ("funding.*.url", _web_address),
    ("people.*.href", _web_address),
    ("people.*.img", _web_address),
)

_EPISODE_RULES: tuple[Rule, ...] = (
    ("language", lambda text: None if text == HEARD else _language(text)),
    ("recording", _inside),
    ("image", _inside),
    ("cue_at", _by(parse_clock)),
    ("people.*.href", _web_address),
    ("people.*.img", _web_address),
)

_EDIT_RULES: tuple[Rule, ...] = (("*.start", _by(parse_clock)), ("*.url", _web_address), ("*.image", _inside))

_WORD_RULES: tuple[Rule, ...] = (("*.at", _by(parse_clock)), ("*.heard", _filled))

_CUT_RULES: tuple[Rule, ...] = (("*.start", _by(parse_clock)), ("*.end", _by(parse_clock)))


def _places(data: Any, steps: list[str], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Where a dotted rule meets something in the data; `*` stands for every item of a list."""
    if not steps:
        yield place, data
    elif steps[0] == "*" and isinstance(data, list):
        for index, item in enumerate(data):
            yield from _places(item, steps[1:], (*place, index))
    elif isinstance(data, dict) and steps[0] in data:
        yield from _places(data[steps[0]], steps[1:], (*place, steps[0]))


def _broken_rules(written: Written, rules: Iterable[Rule]) -> list[Fault]:
    return [
        written.fault(place, what)
        for field, check in rules
        for place, text in _places(written.data, field.split("."))
        if isinstance(text, str) and (what := check(text))
    ]


def _out_of_range(written: Written) -> Iterator[Fault]:
    """Figures of a show that cannot be meant."""
    for field, low, high in _SHOW_RANGES:
        for place, value in _places(written.data, field.split(".")):
            if isinstance(value, (int, float)) and not low <= value <= high:
                yield written.fault(place, f"should be from {low:g} to {high:g}")


def _unknown_names(written: Written, show: Show) -> list[Fault]:
    """Sponsors that a campaign names and nobody described, and campaigns called alike."""
    sponsors = {sponsor.name for sponsor in show.sponsors}
    names = [campaign.name for campaign in show.campaigns]
    faults = [
        written.fault(("campaigns", n, "sponsor"), f"{campaign.sponsor!r} is not among the sponsors")
        for n, campaign in enumerate(show.campaigns)
        if campaign.sponsor is not None and campaign.sponsor not in sponsors
    ]
    repeated = [n for n, name in enumerate(names) if name in names[:n]]
    return faults + [written.fault(("campaigns", n, "name"), "another campaign is called so") for n in repeated]


def _shared_places(written: Written, show: Show) -> Iterator[Fault]:
    """Where the ad-free feed would lie on top of the show's own: files of both have the same names."""
    if show.ad_free is None:
        return
    own, free = (url.rpartition("/")[0] for url in (show.feed_url, show.ad_free.feed_url))
    if own == free:
        yield written.fault(
            ("ad_free", "feed_url"), "should lie in another folder than feed_url: files are called alike"
        )
    if show.storage is not None and show.storage.rstrip("/") == (show.ad_free.storage or "").rstrip("/"):
        yield written.fault(("ad_free", "storage"), "should be another folder than the show's storage")


# ── the files ──────────────────────────────────────────────────────────────────────────────────────────────────────


def load_show(path: Path, file: str = "feed/show.yaml") -> Show:
    """show.yaml. Raises ConfigError with every fault at once."""
    written = read_yaml(path, file)
    show, faults = _typed(Show, written)
    faults += [*_broken_rules(written, _SHOW_RULES), *_out_of_range(written)]
    if show is not None:
        faults += [*_unknown_names(written, show), *_shared_places(written, show)]
    if faults:
        raise ConfigError(faults)
    result: Show = show
    return result


def load_episode(path: Path, show: Show | None, file: str) -> Episode:
    """episode.yaml of the folder that `path` lies in. Raises ConfigError with every fault at once.

    show: None where show.yaml itself is at fault; what refers to it is not looked at then.
    """
    slug = path.parent.name
    written = read_yaml(path, file)
    episode, faults = _typed(Episode, replace(written, data={"slug": slug, **_mapping(written)}))
    if isinstance(written.data, dict) and "slug" in written.data:
        faults.append(written.fault(("slug",), "not a field that is known here: the folder's name is the slug"))
    faults += _broken_rules(
        written,
        (*_EPISODE_RULES, ("publish_at", _by(lambda text: publish_time(text, show.timezone if show else "UTC")))),
    )
    if episode is not None and show is not None:
        campaigns = {campaign.name for campaign in show.campaigns}
        faults += [
            written.fault(("spots", n), f"{name!r} is not among the show's campaigns")
            for n, name in enumerate(episode.spots or ())
            if name not in campaigns
        ]
    if faults:
        raise ConfigError(faults)
    result: Episode = episode
    return result


def _mapping(written: Written) -> dict[Any, Any]:
    if written.data is None:
        return {}
    if not isinstance(written.data, dict):
        raise ConfigError([Fault(written.file, "", "should hold fields, one a line, as in `title: …`", 1)])
    return written.data


def load_chapter_edits(path: Path, file: str) -> tuple[ChapterEdit, ...]:
    """chapters.yaml, a list; no file and an empty file are no edits. Raises ConfigError with every fault at once."""
    return chapter_edits(read_yaml(path, file)) if path.exists() else ()


def chapter_edits(written: Written) -> tuple[ChapterEdit, ...]:
    """What chapters.yaml holds. Raises ConfigError with every fault at once."""
    edits, faults = _listed(ChapterEdit, written, _EDIT_RULES)
    faults += [
        written.fault((n,), "needs `section`, or `title` and `start` for a chapter of your own")
        for n, edit in enumerate(edits)
        if edit.section is None and (edit.title is None or edit.start is None)
    ]
    if faults:
        raise ConfigError(faults)
    return edits


def load_word_edits(path: Path, file: str) -> tuple[WordEdit, ...]:
    """words.yaml, a list; no file and an empty file are no edits. Raises ConfigError with every fault at once."""
    return word_edits(read_yaml(path, file)) if path.exists() else ()


def word_edits(written: Written) -> tuple[WordEdit, ...]:
    """What words.yaml holds. Raises ConfigError with every fault at once."""
    edits, faults = _listed(WordEdit, written, _WORD_RULES)
    if faults:
        raise ConfigError(faults)
    return edits


def load_cut_edits(path: Path, file: str) -> tuple[CutEdit, ...]:
    """cuts.yaml, a list; no file and an empty file are no edits. Raises ConfigError with every fault at once."""
    return cut_edits(read_yaml(path, file)) if path.exists() else ()


def cut_edits(written: Written) -> tuple[CutEdit, ...]:
    """What cuts.yaml holds. Raises ConfigError with every fault at once."""
    edits, faults = _listed(CutEdit, written, _CUT_RULES)
    if not faults:
        faults = [
            written.fault((n, "end"), "should be later than its start")
            for n, edit in enumerate(edits)
            if parse_clock(edit.end) <= parse_clock(edit.start)
        ]
    if faults:
        raise ConfigError(faults)
    return edits


def _listed(kind: type[E], written: Written, rules: Iterable[Rule]) -> tuple[tuple[E, ...], list[Fault]]:
    """The entries of a file that holds a list, and its faults."""
    if written.data is None:
        return (), []
    entries, faults = _typed(tuple[kind, ...], written)  # type: ignore[valid-type]  # made at run time
    return entries or (), faults + _broken_rules(written, rules)


def check_slug(slug: str) -> str:
    """The slug, where it is one: it names a folder and a part of every address. Raises InputError otherwise."""
    if SLUG.fullmatch(slug):
        return slug
    raise InputError(
        f"{slug!r} cannot name an episode",
        todo="use small letters, digits and hyphens, as in 2023-05-mlops",
    )
