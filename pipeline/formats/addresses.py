"""Names under the public folder, and their addresses: the folder is served where the feed's address has its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from pipeline.errors import InputError
from pipeline.formats import plain
from pipeline.model import Link, Show

MEDIA_TYPES = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".opus": "audio/ogg",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""What servers and feeds call what people put in, by suffix."""


def base(show: Show) -> str:
    """The address of the public folder, with its slash."""
    return show.feed_url.rsplit("/", 1)[0] + "/"


def feed_name(show: Show) -> str:
    """The feed's own name in the public folder, as a web server looks for it."""
    return unquote(show.feed_url.rsplit("/", 1)[1]) or "feed.xml"


def in_address(name: str) -> str:
    """A name in the public folder as it stands in an address: a picture may be called `50 %.png` or `#1.png`."""
    return quote(name)


def episode_file(url: str) -> str:
    """The name in the public folder of an episode's file, `slug/file`, wherever that folder is or was served."""
    return "/".join(url.rsplit("/", 2)[-2:])


def distinct(links: Iterable[Link]) -> dict[str, Link]:
    """Links by their address, safe to click: each address once, with the first that gives it, in their order."""
    found: dict[str, Link] = {}
    for link in links:
        if address := plain.url(link.url):
            found.setdefault(address, link)
    return found


def hashed(name: str, sha256: str) -> str:
    """`cover.jpg` to `cover-1a2b3c4d.jpg`: a name for these bytes alone, so that caches may keep them for ever."""
    path = PurePosixPath(name)
    return f"{path.stem}-{sha256[:8]}{path.suffix.lower()}"


def media_type(name: str) -> str:
    """The media type by the name's suffix. Raises InputError for one that players and browsers would not know."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise InputError(f"{suffix or 'no suffix'} is not published", where=name, todo="save it as .jpg or .png")
    return MEDIA_TYPES[suffix]
