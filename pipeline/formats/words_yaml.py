"""words.yaml as the desk writes it."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.formats import yaml_list
from pipeline.formats.yaml_list import Item
from pipeline.model import WordEdit

_HEADING = (
    "# What was said, where something else was heard: about when (the recording's time), what was heard, what to say."
)


def render(edits: Iterable[WordEdit], before: str = "") -> str:
    """The file's text; `before` is what it held, whose comments and untouched entries stay as they are."""
    items = [{"at": edit.at, "heard": edit.heard, "say": edit.say} for edit in edits]
    return yaml_list.rewrite(before, items, _same, heading=_HEADING)


def _same(one: Item, other: Item) -> bool:
    return (one.get("at"), one.get("heard")) == (other.get("at"), other.get("heard"))
