"""YAML that people write, read once and in time that grows with it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import yaml

from pipeline.errors import ConfigError
from pipeline.formats import yaml_text


class Key(str):
    """Counts how often keys are compared; `str` gives it back."""

    __slots__ = ()
    compared: ClassVar[list[object]] = []

    def __str__(self) -> str:
        return self

    def __eq__(self, other: object) -> bool:
        self.compared.append(other)
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_looking_for_repeated_keys_does_not_compare_each_with_each() -> None:
    keys = [Key(f"k{n}") for n in range(500)]
    node = yaml.MappingNode("", [(yaml.ScalarNode("", key), yaml.ScalarNode("", "")) for key in keys])
    assert list(yaml_text._repeated(node)) == []
    assert len(Key.compared) < 2 * len(keys)


def test_a_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text, fetched = "a: [1, {b: c}]\nd: e\n", list[int]()
    fetch = yaml_text._PlainLoader.fetch_more_tokens

    def counted(loader: Any) -> Any:
        fetched.append(1)
        return fetch(loader)

    monkeypatch.setattr(yaml_text._PlainLoader, "fetch_more_tokens", counted)
    list(yaml.scan(text, Loader=yaml_text._PlainLoader))
    once = len(fetched)
    assert yaml_text.parse(text.encode(), "a.yaml").data == {"a": [1, {"b": "c"}], "d": "e"}
    assert len(fetched) == 2 * once


def test_every_field_that_is_given_twice_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        yaml_text.parse(b"a: 1\nb: {c: 1, c: 2}\nd: [{e: 1, e: 2}]\na: 3\na: 4\n", "a.yaml")
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [(5, "a"), (2, "b.c"), (3, "d.0.e")]


@pytest.mark.parametrize(("depth", "refused"), [(20, False), (21, True)])
def test_how_deep_a_text_may_go(depth: int, refused: bool) -> None:
    text = f"{'[' * depth}{']' * depth}".encode()
    if not refused:
        assert yaml_text.parse(text, "a.yaml").data
        return
    with pytest.raises(ConfigError, match="nested too deeply"):
        yaml_text.parse(text, "a.yaml")


def test_brothers_are_not_deeper_than_each_other() -> None:
    assert len(yaml_text.parse(b"- [a]\n" * 30, "a.yaml").data) == 30


def test_characters_that_do_harm_are_not_read() -> None:
    """Whichever field they stand in, or in its name; what may stand in a text of several lines stays."""
    text = '"ro\\x00le": "a\\x01\\x1b[31m\\ud800b\u202ec"\n? guid\u2066\n: [x\u202a y]\n'
    text += 'summary: "dos\\N\\tlíneas\u200f"\n'
    written = yaml_text.parse(text.encode(), "a.yaml")
    assert written.data == {"role": "a[31mbc", "guid": ["x y"], "summary": "dos\n\tlíneas\u200f"}
    assert written.fault(("guid",), "").line == 2


@pytest.mark.parametrize("text", ["a: &x 1\n", "&x a: 1\n", "a: &x [1]\n", "a: *x\n", "*x : 1\n"])
def test_anchors_and_aliases_are_refused_wherever_they_stand(text: str) -> None:
    with pytest.raises(ConfigError, match=r"a\.yaml:1: anchors and aliases"):
        yaml_text.parse(text.encode(), "a.yaml")


@pytest.mark.parametrize(
    "text", ['a: !!int ""\n', "a: !!bool x\n", 'a: !!timestamp "x"\n', "a: !x [1]\n", "!!map {a: 1}\n", "! a: 1\n"]
)
def test_tags_are_refused_wherever_they_stand(text: str) -> None:
    with pytest.raises(ConfigError, match=r"a\.yaml:1: tags \(!\)"):
        yaml_text.parse(text.encode(), "a.yaml")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (b"a: 1\n\tb: 2\n", 2, "put spaces where the tab is"),
        (b"a:\n\t- b\n", 2, "put spaces where the tab is"),
        (b"a: 1\nb:\tc\n", 2, "put spaces where the tab is"),
        (b'a: 1\nb: "c" d\n', 2, "put all of it in the other kind of them"),
        (b"a: 1\nb: c: d\n", 2, "put the text in quotes"),
        (b"a: 1\nb: caf\xe9\n", 2, "save it as UTF-8"),
        ("a: 1\nb: 2\n".encode("utf-16"), 1, "save it as UTF-8"),
    ],
)
def test_what_people_write_by_mistake_is_told_with_its_line_and_its_remedy(text: bytes, line: int, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        yaml_text.parse(text, "a.yaml")
    assert caught.value.faults[0].line == line
    assert what in caught.value.faults[0].what
