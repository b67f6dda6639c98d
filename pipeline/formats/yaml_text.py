"""YAML that people write -> plain data that knows on which line each of its fields stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.errors import ConfigError, Fault
from pipeline.formats import plain

Place = tuple[int | str, ...]

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 20


class _Trick(yaml.MarkedYAMLError):
    """YAML, but none that a person would write here."""


class _PlainLoader(yaml.SafeLoader):
    """Scalars by YAML 1.2's core schema: 1:08.5 and 2023-05-04 stay text, and `no` is Norwegian.

    No aliases (a few bytes of them unfold into gigabytes), no tags (a value is what it looks like), no absurd depth, no
    characters that do harm: feeds, pages and terminals get many of these texts as they are.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Every node passes here. Raises _Trick."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Trick(problem="anchors and aliases (& and *) are not used here", problem_mark=event.start_mark)
        if event.tag:
            raise _Trick(problem="tags (!) are not used here; put a text in quotes", problem_mark=event.start_mark)
        deeper = isinstance(event, yaml.CollectionStartEvent)
        self.depth += deeper
        if self.depth > _MAX_DEPTH:
            raise _Trick(problem="nested too deeply", problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= deeper
        if isinstance(node, yaml.ScalarNode):
            node.value = plain.harmless(node.value)
        return node


_CORE = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+)", "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
)

_PlainLoader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in _CORE:
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class Written:
    """What a YAML file holds, and on which line each place of it stands (from 1)."""

    file: str
    data: Any
    lines: Mapping[Place, int]

    def fault(self, place: Place, what: str) -> Fault:
        """A fault at a place, or at the nearest enclosing place that has a line."""
        known = next((place[:n] for n in range(len(place), -1, -1) if place[:n] in self.lines), ())
        return Fault(self.file, ".".join(map(str, place)), what, self.lines.get(known, 0))


def _node_lines(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _node_lines(value, (*place, str(key.value)))
            yield (*place, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _node_lines(value, (*place, index))


def _repeated(node: yaml.Node, place: Place = ()) -> Iterator[Place]:
    children: Iterable[tuple[int | str, yaml.Node]] = ()
    if isinstance(node, yaml.MappingNode):
        keys = Counter(str(key.value) for key, _ in node.value)
        yield from ((*place, key) for key, times in keys.items() if times > 1)
        children = [(str(key.value), value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = list(enumerate(node.value))
    for step, child in children:
        yield from _repeated(child, (*place, step))


def _refusal(file: str, what: str, mark: Any) -> ConfigError:
    return ConfigError([Fault(file, "", what, mark.line + 1 if mark else 0)])


_REMEDIES = {
    "mapping values are not allowed here": "where a text holds a colon, put the text in quotes",
    "found character '\\t' that cannot start any token": "put spaces where the tab is",
    "expected <block end>, but found '<scalar>'": "where a text holds quotes, put all of it in the other kind of them",
}
"""What to do about faults that are made again and again, which the parser tells of in its own terms."""


def _remedy(error: yaml.MarkedYAMLError) -> str:
    remedy = _REMEDIES.get(error.problem or "")
    return f"; {remedy}" if remedy else ""


def _foreign(file: str, data: bytes, at: int) -> ConfigError:
    """A file in another encoding, as some editors on Windows save by default; its first byte that is no UTF-8: `at`."""
    return ConfigError([Fault(file, "", "not UTF-8 text; save it as UTF-8", data.count(b"\n", 0, at) + 1)])


def parse(data: bytes, file: str) -> Written:
    """YAML by safe loading, scalars by 1.2's core schema.

    Raises ConfigError, with the line, for what is not YAML, uses aliases or tags, nests absurdly, or repeats a field.
    """
    if len(data) > _MAX_BYTES:
        raise _refusal(file, "larger than 1 MB; this is not a file that a person wrote", None)
    try:
        loader = _PlainLoader(data.decode("utf-8-sig"))
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError as error:
        raise _foreign(file, data, error.start) from error
    except _Trick as error:
        raise _refusal(file, str(error.problem), error.problem_mark) from error
    except yaml.MarkedYAMLError as error:
        raise _refusal(file, f"not YAML: {error.problem}{_remedy(error)}", error.problem_mark) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _refusal(file, f"not YAML: {error}", None) from error
    if node is None:
        return Written(file, None, {(): 1})
    written = Written(file, value, dict(_node_lines(node)))
    if repeated := [written.fault(place, "given twice") for place in _repeated(node)]:
        raise ConfigError(repeated)
    return written
