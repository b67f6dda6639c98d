"""Text that came from people, made harmless before it goes anywhere: no control characters, no runaway direction."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

TITLE_LIMIT = 255
"""Characters of a title or name that every app takes (PSP-1, "Other values")."""

# What XML 1.0 section 2.2 forbids, what a terminal or a web page acts upon, and the embeddings, overrides and isolates
# of UAX #9: left open, they turn the direction of the text that follows. The plain marks U+200E and U+200F stay.
_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_NONCHARACTER = re.compile(
    "[" + "".join(f"{chr(0x10000 * n + 0xFFFE)}{chr(0x10000 * n + 0xFFFF)}" for n in range(1, 17)) + "]"
)
_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029]")


def harmless(value: str) -> str:
    """The same text without harmful characters, with `\\n` as the only break."""
    return _NONCHARACTER.sub("", _HARMFUL.sub("", _BREAK.sub("\n", value)))


def text(value: str) -> str:
    """Several lines: harmful characters out, `\\n` as the only break, no spaces at the ends, at most one empty line."""
    lines = (" ".join(part.split()) for part in harmless(value).replace("\t", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def line(value: str) -> str:
    """One line without edge spaces."""
    return " ".join(text(value).split())


def title(value: str) -> str:
    """One line of at most 255 characters."""
    return fit(line(value), TITLE_LIMIT)


def fit(value: str, limit: int) -> str:
    """At most `limit` characters, cut at a space where there is one near, with `…` where something was left out."""
    if len(value) <= limit:
        return value
    space = value.rfind(" ", 0, limit)
    cut = space if space > limit // 2 else limit - 1
    return value[:cut].rstrip(" ,;:.") + "…"


def fit_bytes(value: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut as `fit` cuts."""
    if len(value.encode()) <= limit:
        return value
    whole = value.encode()[: max(0, limit - len("…".encode()))].decode(errors="ignore")
    return fit(whole + " ", len(whole)) if " " in whole else whole + "…"


def url(value: str | None) -> str | None:
    """An http(s) address in ASCII, or None for anything else.

    `+` is written `%2B`: AntennaPod reads it as a space in a chapter's address.
    """
    if not value:
        return None
    try:
        parts = urlsplit(line(value))
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    host = f"[{host}]" if ":" in host else host
    whole = parts._replace(netloc=f"{host}:{port}" if port else host).geturl()
    return quote(whole, safe="%/:=&?~#!$,;'@()*[]").replace("+", "%2B")
