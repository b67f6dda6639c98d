"""What a check asks and finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a place says of one address.

    state: `unknown` where it lies outside what can be looked at. ranges: whether parts can be asked for.
    """

    state: Literal["there", "absent", "unknown"]
    length: int | None = None
    ranges: bool | None = None
    why: str = ""
