"""Pictures that people put there, as they go out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.errors import InputError
from pipeline.formats import addresses, pictures
from pipeline.model import PublishedFile


def artwork(kind: str, path: Path) -> tuple[PublishedFile, bytes]:
    """A picture under a name of its own, and what it holds: apps look for new artwork only at a new address.

    Raises InputError where it cannot be read, is no picture, or is of a type that is not published.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(path), todo="put a picture there, or name another"
        ) from None
    if not pictures.is_picture(data):
        raise InputError("is not a picture", where=str(path), todo="save it as .jpg or .png")
    digest = hashlib.sha256(data).hexdigest()
    name, type = addresses.hashed(path.name, digest), addresses.media_type(path.name)
    return PublishedFile(kind, name, type, len(data), digest), data
