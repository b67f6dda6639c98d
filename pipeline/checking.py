"""A feed checked on the bytes that listeners get: the show's own or anybody's, by its address or by its file."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InputError
from pipeline.formats.findings import Finding


def check_feed(target: str) -> tuple[Finding, ...]:
    """What is wrong with a feed, by its address or its file, and the files that it names.

    Raises InputError where there is no feed.
    """
    from pipeline.formats.feed_reading import LARGEST, attribute, read
    from pipeline.stages.check import check
    from pipeline.tools.reach import LocalSite
    from pipeline.tools.web import WebSite, fetch, is_address

    if is_address(target):
        return check(fetch(target, LARGEST), WebSite(), where=target)
    path = Path(target)
    document = _document(path, LARGEST + 1)
    address = attribute(read(document, where=str(path)).channel, "atom:link[@rel='self']", "href") or ""
    return check(document, LocalSite(path.parent, address.rpartition("/")[0] + "/"), where=str(path))


def _document(path: Path, most: int) -> bytes:
    """A feed's file, at most `most` bytes of it. Raises InputError, also for a pipe or device, which may never end."""
    todo = "give a feed's file; `escaleta publish` makes the show's own"
    try:
        if path.exists() and not path.is_file():
            raise InputError("is no file", where=str(path), todo=todo)
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), todo=todo) from error
