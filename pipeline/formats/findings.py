"""What a check asks and finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.formats import plain

_FEW = 3
_WIDEST = 400


@dataclass(frozen=True, slots=True)
class Finding:
    """One departure from a rule.

    rule: whose rule, and which, as in `psp-1/description`.
    severity: `error` where an app loses something, `warning` where one may, `advice` for what is only recommended.
    place: the feed itself, or the episode's title and the file or element.
    """

    rule: str
    severity: Literal["error", "warning", "advice"]
    place: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.place}: {self.what} [{self.rule}]\n  → {self.todo}"

    def harmless(self) -> Finding:
        """The same, fit for a terminal: what a feed says may hold control characters, and be long."""
        place, what = (plain.fit(plain.line(words), _WIDEST) for words in (self.place, self.what))
        return replace(self, place=place, what=what)


def folded(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What holds of more than three episodes alike as one finding, at the first of them; all fit for a terminal."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in found:
        # The element's name; an address is its episode's own, and tells nothing of the others.
        element = finding.place.rpartition(": ")[2].partition("://")[0]
        alike.setdefault((finding.rule, finding.severity, finding.what, element), []).append(finding)
    return tuple(finding.harmless() for same in alike.values() for finding in _one(same))


def _one(same: list[Finding]) -> list[Finding]:
    if len(same) <= _FEW:
        return same
    first = same[0]
    return [replace(first, what=f"{first.what} (and so in {len(same) - 1} more)")]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a place says of one address.

    state: `unknown` where it lies outside what can be looked at. ranges: whether parts can be asked for. shared:
    whether pages of other origins may read it (CORS). why: what was wrong with the answer, if anything.
    """

    state: Literal["there", "absent", "unknown"]
    length: int | None = None
    ranges: bool | None = None
    shared: bool | None = None
    why: str = ""
