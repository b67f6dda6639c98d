"""What people write in YAML as typed values; every fault at once, with its file, line and field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import is_dataclass, replace
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pipeline import rules
from pipeline.errors import ConfigError, Fault, InputError
from pipeline.formats import chapters_yaml, yaml_text
from pipeline.formats.yaml_text import Written
from pipeline.model import ChapterEdit, CutEdit, Episode, Show, WordEdit
from pipeline.timecode import parse_clock

E = TypeVar("E")
T = TypeVar("T")


def read_yaml(path: Path, file: str) -> Written:
    """A YAML file by safe loading. Raises ConfigError for what is not YAML, InputError where the file is absent."""
    try:
        return yaml_text.parse(path.read_bytes(), file)
    except OSError as error:
        absent = isinstance(error, FileNotFoundError)
        todo = (
            "write it; `escaleta init` and `escaleta new` make such files"
            if absent
            else "make it a file that can be read"
        )
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


_UNKNOWN = {"unexpected_keyword_argument", "extra_forbidden"}

_KEY = "[key]"
"""How pydantic says that it means a field's name and not what the field holds."""

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _typed(kind: type[T], written: Written) -> tuple[T | None, list[Fault]]:
    """The value, or None and every fault."""
    try:
        text = json.dumps(written.data)
        return _adapter(kind).validate_json(text, strict=True, extra="forbid"), []
    except ValidationError as error:
        faults = [
            written.fault(tuple(part for part in item["loc"] if part != _KEY), _said(kind, item))
            for item in error.errors()
        ]
        return None, sorted(faults, key=lambda fault: (fault.line, fault.field))
    except (TypeError, ValueError) as error:
        return None, [Fault(written.file, "", f"holds something that is neither text, number, list nor field: {error}")]


def _said(kind: Any, item: ErrorDetails) -> str:
    """What is wrong, in words; of a field that is not known, the nearest that is, in its place."""
    said = _WORDS.get(item["type"], item["msg"].lower())
    if item["type"] not in _UNKNOWN:
        return said
    *around, name = item["loc"]
    near = get_close_matches(str(name), _fields(kind, around), n=1)
    return f"{said}; {near[0]} is" if near else said


def _fields(kind: Any, around: Sequence[int | str]) -> list[str]:
    """The names of the fields that may stand at a place in what is typed as `kind`; none where that is no fields."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if not around:
            return list(hints)
        return _fields(hints.get(str(around[0])), around[1:])
    within = around[1:] if get_origin(kind) is tuple else around
    return [name for one in get_args(kind) for name in _fields(one, within)]


def _faultless(value: T | None, faults: Sequence[Fault]) -> T:
    if faults or value is None:
        raise ConfigError(faults)
    return value


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
    folders = (url.rpartition("/")[0] for url in (show.feed_url, show.ad_free.feed_url))
    own, free = (folder.partition("://")[2].casefold() for folder in folders)
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
    faults += [*rules.broken(written, rules.SHOW), *rules.out_of_range(written)]
    if show is not None:
        faults += [*_unknown_names(written, show), *_shared_places(written, show)]
    return _faultless(show, faults)


def load_episode(path: Path, show: Show | None, file: str) -> Episode:
    """episode.yaml of the folder that `path` lies in. Raises ConfigError with every fault at once.

    show: None where show.yaml itself is at fault; what refers to it is not looked at then.
    """
    return episode_of(read_yaml(path, file), path.parent.name, show)


def episode_of(written: Written, slug: str, show: Show | None) -> Episode:
    """What episode.yaml holds; `show` as for `load_episode`. Raises ConfigError with every fault at once."""
    episode, faults = _typed(Episode, replace(written, data={"slug": slug, **_mapping(written)}))
    if isinstance(written.data, dict) and "slug" in written.data:
        faults.append(written.fault(("slug",), "not a field that is known here: the folder's name is the slug"))
    faults += rules.broken(
        written,
        (*rules.EPISODE, ("publish_at", rules.by(partial(rules.publish_time, zone=show.timezone if show else "UTC")))),
    )
    if episode is not None and show is not None:
        campaigns = {campaign.name for campaign in show.campaigns}
        faults += [
            written.fault(("spots", n), f"{name!r} is not among the show's campaigns")
            for n, name in enumerate(episode.spots or ())
            if name not in campaigns
        ]
    return _faultless(episode, faults)


def _mapping(written: Written) -> dict[Any, Any]:
    if written.data is None:
        return {}
    if not isinstance(written.data, dict):
        raise ConfigError([Fault(written.file, "", "should hold fields, one a line, as in `title: …`", 1)])
    return written.data


def load_edits(path: Path, file: str, read: Callable[[Written], tuple[E, ...]]) -> tuple[E, ...]:
    """A file of the editor's, read as `read` says; no file and an empty one are no edits. Raises what `read` raises."""
    return read(read_yaml(path, file)) if path.exists() else ()


def chapter_edits(written: Written) -> tuple[ChapterEdit, ...]:
    """What chapters.yaml holds. Raises ConfigError with every fault at once."""
    edits, faults = _listed(ChapterEdit, written, rules.CHAPTERS)
    if len(edits) > chapters_yaml.MOST:
        faults.append(written.fault((), f"holds {len(edits)} entries, and should hold at most {chapters_yaml.MOST}"))
    faults += [
        written.fault((n,), "needs `section`, or `title` and `start` for a chapter of your own")
        for n, edit in enumerate(edits)
        if edit.section is None and (edit.title is None or edit.start is None)
    ]
    faults += [
        written.fault((n, "merge"), "goes with a `section`, and not with `drop`")
        for n, edit in enumerate(edits)
        if edit.merge and (edit.section is None or edit.drop)
    ]
    return _faultless(edits, faults)


def word_edits(written: Written) -> tuple[WordEdit, ...]:
    """What words.yaml holds. Raises ConfigError with every fault at once."""
    return _faultless(*_listed(WordEdit, written, rules.WORDS))


def cut_edits(written: Written) -> tuple[CutEdit, ...]:
    """What cuts.yaml holds. Raises ConfigError with every fault at once."""
    edits, faults = _listed(CutEdit, written, rules.CUTS)
    if not faults:
        faults = [
            written.fault((n, "end"), "should be later than its start")
            for n, edit in enumerate(edits)
            if parse_clock(edit.end) <= parse_clock(edit.start)
        ]
    return _faultless(edits, faults)


def _listed(kind: type[E], written: Written, obeyed: Iterable[rules.Rule]) -> tuple[tuple[E, ...], list[Fault]]:
    """The entries of a file that holds a list, and its faults."""
    if written.data is None:
        return (), []
    entries, faults = _typed(tuple[kind, ...], written)  # type: ignore[valid-type]  # made at run time
    return entries or (), faults + rules.broken(written, obeyed)
