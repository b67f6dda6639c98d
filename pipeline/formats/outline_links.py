"""The address that a link of the running order really leads to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qs, urlsplit

from markdown_it.common.normalize_url import normalizeLink

_REDIRECTORS: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("google", "/url"): ("q", "url"),
        ("facebook.com", "/l.php"): ("u",),
        ("instagram.com", "/"): ("u",),
        ("youtube.com", "/redirect"): ("q",),
        ("linkedin.com", "/redir/redirect"): ("url",),
        ("reddit.com", "/"): ("url",),
        ("slack-redir.net", "/link"): ("url",),
        ("umblr.com", "/redirect"): ("z",),
        ("vk.com", "/away.php"): ("to",),
        ("duckduckgo.com", "/l"): ("uddg",),
        ("protection.outlook.com", "/"): ("url",),
        ("steamcommunity.com", "/linkfilter"): ("u", "url"),
    }
)
"""Who sends a click on, at which path, and the parameters that may hold the address."""

_MOST_REDIRECTS = 5


@lru_cache(maxsize=1_000)
def web_address(url: str) -> str | None:
    """`url` in ASCII without the redirectors around it; None unless it is http or https with a host."""
    for _ in range(_MOST_REDIRECTS):
        parts = _split(url)
        if parts is None:
            return None
        target = _target(parts)
        if target is None:
            break
        url = target
    return normalizeLink(url)


def href(tag: str) -> str | None:
    """The address in one HTML tag, `<a href="…">`; None for any other."""
    reader = _Anchor()
    reader.feed(tag)
    return reader.href


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and _is_host(parts.hostname or "") else None


def _is_host(name: str) -> bool:
    return name.replace(".", "").replace("-", "").replace("_", "").isalnum()


def _target(parts: SplitResult) -> str | None:
    """Where a redirector sends on to; None if `parts` is none, or hides it."""
    path = parts.path.rstrip("/") or "/"
    for (site, at), parameters in _REDIRECTORS.items():
        if path == at and _belongs(parts.hostname or "", site):
            query = parse_qs(parts.query)
            found = (value for name in parameters for value in query.get(name, ()))
            return next((value for value in found if _split(value)), None)
    return None


def _belongs(host: str, site: str) -> bool:
    """Whether `host` is `site` or under it; a site without a dot is a name in any country (google.es, google.co.uk)."""
    if "." in site:
        return host == site or host.endswith(f".{site}")
    return site in host.split(".")[-3:-1]


class _Anchor(HTMLParser):
    href: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.href = dict(attrs).get("href")
