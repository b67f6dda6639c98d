"""The ledger: what has gone out, once and for all. It is why nothing published changes by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from pipeline.errors import InputError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_HEAD = """\
# What has been published, written by `escaleta publish`; keep it under version control.
# Nothing here is set by hand: a change that listeners would feel is allowed with `escaleta publish --allow …`.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One published episode.

    url, length, sha256: its enclosure.
    published: the feed's pubDate; first_published: when it really went out.
    content: SHA-256 over the item and its files; changed: when that last became different.
    """

    slug: str
    guid: str
    url: str
    length: int
    sha256: str
    published: datetime
    first_published: datetime
    content: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """A guard that was overridden: which, for which episode, when, and what it would have said."""

    kind: str
    slug: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Retired:
    """Sound that was public and that the feed names no more, since when; apps may still be fetching it."""

    url: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """Entries in order of publication.

    channel: SHA-256 over what the feed says of the show itself; changed: when that last became different.
    announced: SHA-256 of the feed that hubs were last told about.
    """

    entries: tuple[Entry, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    channel: str | None = None
    changed: datetime | None = None
    retired: tuple[Retired, ...] = ()
    announced: str | None = None


def render(ledger: Ledger) -> str:
    """The file's text; times in UTC."""
    document = {
        "version": 1,
        "channel": {"content": ledger.channel, "changed": _out(ledger.changed)},
        "episodes": [_fields(entry) for entry in ledger.entries],
        "allowed": [_fields(allowance) for allowance in ledger.allowances],
        "retired": [_fields(retired) for retired in ledger.retired],
        "announced": ledger.announced,
    }
    return _HEAD + yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=1000)


def _fields(record: Entry | Allowance | Retired) -> dict[str, Any]:
    return {name: _out(getattr(record, name)) for name in record.__slots__}


def _out(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def parse(text: str, *, where: str = "ledger.yaml") -> Ledger:
    """Reads what `render` wrote. Raises InputError for anything else: a damaged ledger must not be published over."""
    try:
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 — the safe loader, in C where PyYAML was built with it
        return _ledger(document) if document else Ledger()
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"cannot be read: {error}",
            where=where,
            todo="restore it from version control; without it nobody knows what listeners already have",
        ) from None


def _ledger(document: Mapping[str, Any]) -> Ledger:
    if document["version"] != 1:
        raise ValueError(f"version {document['version']!r} is not known")
    channel = document["channel"]
    return Ledger(
        entries=tuple(Entry(**_times(raw, "published", "first_published", "changed")) for raw in document["episodes"]),
        allowances=tuple(Allowance(**_times(raw, "at")) for raw in document["allowed"]),
        channel=channel["content"],
        changed=_in(channel["changed"]) if channel["changed"] else None,
        retired=tuple(Retired(**_times(raw, "since")) for raw in document.get("retired", [])),
        announced=document.get("announced"),
    )


def _times(raw: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**raw, **{name: _in(raw[name]) for name in names}}


def _in(value: str | datetime) -> datetime:
    """An aware time; PyYAML turns an unquoted time into a datetime by itself."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(f"{value} has no zone")
    return time.astimezone(UTC)
