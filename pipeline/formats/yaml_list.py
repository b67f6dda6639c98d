"""A YAML list that a person and a program both write: what stays keeps its text, and no comment is lost."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.formats import yaml_text

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Piece:
    """An item with the lines that it takes, and the comments and empty lines above it."""

    item: Item
    above: tuple[str, ...]
    lines: tuple[str, ...]
    remarks: tuple[str, ...]
    flow: bool


def rewrite(before: str, items: Sequence[Item], same: Callable[[Item, Item], bool], *, heading: str) -> str:
    """The file's text with `items` in it, in their order.

    before: the file as it is; "" for a new one, which begins with `heading`.
    same: whether an item of the file speaks of the same thing as a new one. An item that did not change keeps its text;
    one that did is written anew in the style it had, the comments beside it go above it, and those of an item that is
    gone to what follows it.
    """
    pieces, tail = _pieces(before or f"{heading}\n")
    homes = _homes(pieces, items, same)
    lines: list[str] = list(tail) if not pieces else []
    homeless = _inherited(pieces, set(homes.values()))
    for number, item in enumerate(items):
        home = homes.get(number)
        lines += homeless.get(home, ()) if home is not None else ()
        lines += _written(pieces[home] if home is not None else None, item)
    lines += [*homeless.get(len(pieces), ()), *(tail if pieces else ())]
    return "\n".join(lines).strip("\n") + "\n"


def _homes(pieces: Sequence[_Piece], items: Sequence[Item], same: Callable[[Item, Item], bool]) -> dict[int, int]:
    """Which piece of the file each new item was: the equal one, else the one that speaks of the same."""
    homes: dict[int, int] = {}
    free = list(range(len(pieces)))
    for alike in (operator.eq, same):
        for number in (number for number in range(len(items)) if number not in homes):
            home = next((n for n in free if alike(pieces[n].item, items[number])), None)
            if home is not None:
                homes[number] = home
                free.remove(home)
    return homes


def _inherited(pieces: Sequence[_Piece], kept: set[int]) -> dict[int, list[str]]:
    """The comments of pieces that are gone, by the piece behind them that stays; `len(pieces)` for the file's end."""
    left: dict[int, list[str]] = {}
    for number, piece in enumerate(pieces):
        if number not in kept:
            heir = next((n for n in range(number + 1, len(pieces)) if n in kept), len(pieces))
            left.setdefault(heir, []).extend((*piece.above, *piece.remarks))
    return left


def _written(piece: _Piece | None, item: Item) -> Iterator[str]:
    if piece is not None:
        yield from piece.above
    if piece is not None and piece.item == item:
        yield from piece.lines
        return
    yield from piece.remarks if piece else ()
    flow = piece is not None and piece.flow
    text = yaml.safe_dump(
        dict(item) if flow else [dict(item)],
        default_flow_style=flow,
        allow_unicode=True,
        sort_keys=False,
        width=10**6,
    )
    yield from (("- " + text) if flow else text).rstrip("\n").split("\n")


# ── the file as it is ───────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(text: str) -> tuple[list[_Piece], tuple[str, ...]]:
    """The items of a block list, and the lines behind the last. Of any other file only the comments are kept."""
    lines = text.lstrip("\ufeff").splitlines()
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style:
        return [], tuple(line for line in lines if not line.strip() or line.lstrip().startswith("#"))
    values = yaml_text.parse(text.encode(), "").data
    pieces: list[_Piece] = []
    position = 0
    for child, value in zip(node.value, values, strict=True):
        first, last = child.start_mark.line, _last_line(child)
        own = tuple(lines[first : last + 1])
        remarks = tuple(_remarks(own))
        pieces.append(_Piece(value, tuple(lines[position:first]), own, remarks, bool(child.flow_style)))
        position = last + 1
    return pieces, tuple(lines[position:])


def _last_line(node: yaml.Node) -> int:
    """The last line that a node's own text stands on; the mark of a block's end lies behind comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
        return max([node.start_mark.line, *map(_last_line, parts)])
    end: int = node.end_mark.line
    return end - 1 if node.end_mark.column == 0 and end > node.start_mark.line else end


def _remarks(lines: Sequence[str]) -> Iterator[str]:
    """The comments among an item's lines."""
    text = "\n".join(lines)
    ends: dict[int, int] = {}
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if token.end_mark.index <= len(text) and token.end_mark.index > token.start_mark.index:
            ends[token.end_mark.line] = max(ends.get(token.end_mark.line, 0), token.end_mark.column)
    for number, line in enumerate(lines):
        rest = line[ends.get(number, 0) :].strip()
        if rest.startswith("#"):
            yield rest
