"""What can go wrong, said so that a person can act on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class EscaletaError(Exception):
    """A fault that the user can mend.

    what: what is wrong, in one sentence.
    where: the file, and the field or line in it.
    todo: what to do about it.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  → {self.todo}" if self.todo else head


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file that a person wrote. `line` counts from 1; 0 means the file as a whole."""

    file: str
    field: str
    what: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.what}" if self.field else f"{place}: {self.what}"


class ConfigError(EscaletaError):
    """Every fault of the files that a person wrote, at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), todo="correct the lines above and run again")
        self.faults = tuple(faults)


class InputError(EscaletaError):
    """A recording, running order, spot or feed that cannot be used as it is."""


class WorkspaceError(EscaletaError):
    """A folder that cannot be written, a full disk, a lock that another run holds."""


class FeedOvertakenError(WorkspaceError):
    """What was to be written over is not what it was: another run has published there meanwhile."""

    def __init__(self, where: str) -> None:
        what = "another run has published there meanwhile; its feed was left as it is"
        todo = "run `escaleta publish` again: it looks at what went out; let one machine alone publish a show"
        super().__init__(what, where=where, todo=todo)


class GuardError(EscaletaError):
    """Something already public would be changed or lost."""
