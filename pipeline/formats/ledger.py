"""The ledger: what has gone out, once and for all. It is why nothing published changes by accident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

import yaml
from yaml.composer import Composer

from pipeline.errors import InputError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_NEVER = datetime(1, 1, 1, tzinfo=UTC)

_BATCH = 100
"""Episodes that are written at once: a tree of YAML takes ten times the bytes of its text."""

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
    superseded: what `content` was before, and is not again.
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
    superseded: tuple[str, ...] = ()


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
    guid: what identifies the feed, as it went out; None in a ledger from before it was taken down.
    """

    entries: tuple[Entry, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    channel: str | None = None
    changed: datetime | None = None
    retired: tuple[Retired, ...] = ()
    announced: str | None = None
    guid: str | None = None

    @property
    def last_changed(self) -> datetime:
        """When anything in the feed last changed; the beginning of all time where nothing ever did."""
        return max([self.changed or _NEVER, *(entry.changed for entry in self.entries)])


def render(ledger: Ledger) -> Iterator[str]:
    """The file's text, in pieces; times in UTC."""
    yield _HEAD
    channel = {"guid": ledger.guid, "content": ledger.channel, "changed": _out(ledger.changed)}
    yield _yaml({"version": 1, "channel": channel})
    yield from _list("episodes", ledger.entries)
    yield from _list("allowed", ledger.allowances)
    yield from _list("retired", ledger.retired)
    yield _yaml({"announced": ledger.announced})


def _list(name: str, records: Sequence[Entry | Allowance | Retired]) -> Iterator[str]:
    yield f"{name}:\n" if records else _yaml({name: []})
    for start in range(0, len(records), _BATCH):
        yield _yaml([_fields(record) for record in records[start : start + _BATCH]])


def _yaml(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=1000)
    return text


def _fields(record: Entry | Allowance | Retired) -> dict[str, Any]:
    return {name: _out(getattr(record, name)) for name in record.__slots__}


def _out(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def parse(text: str | TextIO, *, where: str = "ledger.yaml") -> Ledger:
    """Reads what `render` wrote. Raises InputError for anything else: a damaged ledger must not be published over.

    An empty file is damaged, too: as nobody's ledger it would let every guard pass.
    """
    try:
        return _ledger(_Reader(text).document())
    except (yaml.YAMLError, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InputError(
            f"cannot be read: {error}",
            where=where,
            todo="restore it from version control; without it nobody knows what listeners already have",
        ) from None


class _Reader(_LOADER, Composer):  # type: ignore[misc]  # made of whichever loader is there
    """The safe loader, in C where PyYAML was built with it; it never holds more than one episode as a tree."""

    def __init__(self, text: str | TextIO) -> None:
        _LOADER.__init__(self, text)
        Composer.__init__(self)

    def document(self) -> dict[str, Any]:
        """The fields of the file; its episodes as entries."""
        self.get_event()
        self._enter(yaml.DocumentStartEvent, "it is empty")
        self._enter(yaml.MappingStartEvent, "it holds no fields")
        fields: dict[str, Any] = {}
        while not self.check_event(yaml.MappingEndEvent):
            name = self._value()
            fields[name] = tuple(self._entries()) if name == "episodes" else self._value()
        self.get_event()
        self._enter(yaml.DocumentEndEvent, "more stands behind its fields")
        self._enter(yaml.StreamEndEvent, "more stands behind its end")
        return fields

    def _entries(self) -> Iterator[Entry]:
        self._enter(yaml.SequenceStartEvent, "its episodes are no list")
        while not self.check_event(yaml.SequenceEndEvent):
            raw = _times(self._value(), "published", "first_published", "changed")
            yield Entry(**{**raw, "superseded": tuple(raw.get("superseded", ()))})
        self.get_event()

    def _enter(self, kind: type[yaml.Event], otherwise: str) -> None:
        if not self.check_event(kind):
            raise ValueError(otherwise)
        self.get_event()

    def _value(self) -> Any:
        return self.construct_document(self.compose_node(None, 0))


def _ledger(document: Mapping[str, Any]) -> Ledger:
    if document["version"] != 1:
        raise ValueError(f"version {document['version']!r} is not known")
    channel = document["channel"]
    return Ledger(
        entries=document["episodes"],
        allowances=tuple(Allowance(**_times(raw, "at")) for raw in document["allowed"]),
        channel=channel["content"],
        changed=_in(channel["changed"]) if channel["changed"] else None,
        retired=tuple(Retired(**_times(raw, "since")) for raw in document.get("retired", [])),
        announced=document.get("announced"),
        guid=channel.get("guid"),
    )


def _times(raw: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**raw, **{name: _in(raw[name]) for name in names}}


def _in(value: str | datetime) -> datetime:
    """An aware time; PyYAML turns an unquoted time into a datetime by itself."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(f"{value} has no zone")
    return time.astimezone(UTC)
