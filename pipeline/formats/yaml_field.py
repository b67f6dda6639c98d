"""One field of a YAML file that a person wrote, changed in place."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def with_field(text: str, name: str, value: str | Sequence[str] | None) -> str:
    """The text with the top-level field `name` set to `value`, or without it for None; every other line as it was.

    Where the field is new it goes to the end. A comment behind the old value stays.
    """
    lines = text.splitlines()
    place = _lines(text, name)
    if place is None:
        return text if value is None else "\n".join([*lines, _line(name, value)]) + "\n"
    first, last, column = place
    if value is None:
        new = []
    else:
        remark = lines[last][column:].strip()
        new = [f"{_line(name, value)}  {remark}".rstrip()]
    return "\n".join([*lines[:first], *new, *lines[last + 1 :]]) + "\n"


def _line(name: str, value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return str(yaml.safe_dump({name: value}, allow_unicode=True, width=10**6)).rstrip("\n")
    items = yaml.safe_dump(list(value), allow_unicode=True, default_flow_style=True, width=10**6)
    return f"{name}: {items}".rstrip("\n")


def _lines(text: str, name: str) -> tuple[int, int, int] | None:
    """First and last line of a top-level field, and the column behind its value."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == name and isinstance(value, yaml.SequenceNode) and not value.flow_style:
            last = value.value[-1].end_mark
            return key.start_mark.line, last.line, last.column
        if key.value == name:
            end = value.end_mark if value.end_mark.column or not value.value else key.end_mark
            return key.start_mark.line, end.line, end.column
    return None
