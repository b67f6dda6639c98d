"""chapters.yaml as the desk and the command line write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from pipeline.formats import yaml_list
from pipeline.formats.yaml_list import Item
from pipeline.model import ChapterEdit

MOST = 2000
"""Entries. Reading and writing as many takes seconds, during which nobody else writes."""

_HEADING = "# The editor's word on the chapters, in the recording's time. It wins over what was found, and stays."


def render(edits: Iterable[ChapterEdit], before: str = "") -> str:
    """The file's text; `before` is what it held, whose comments and untouched entries stay as they are."""
    return yaml_list.rewrite(before, [_item(edit) for edit in edits], _same, heading=_HEADING)


def _item(edit: ChapterEdit) -> Item:
    """The fields that say something."""
    values = {field.name: getattr(edit, field.name) for field in fields(edit)}
    return {name: value for name, value in values.items() if value}


def _same(one: Item, other: Item) -> bool:
    """Entries on the same section; of an editor's own chapters, those of the same title or the same start."""
    if one.get("section") or other.get("section"):
        return one.get("section") == other.get("section")
    return any(one.get(field) == other.get(field) for field in ("title", "start"))
