"""Those who pass on that a feed has changed: WebSub hubs, and podping."""

from __future__ import annotations

import os
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pipeline.errors import InputError, WorkspaceError
from pipeline.tools.web import TIMEOUT, is_address, opened

PODPING = "https://podping.cloud/"
TOKEN = "PODPING_TOKEN"  # noqa: S105 — the variable's name
"""The environment variable that holds podping's token."""


def websub(hub: str, feed_url: str) -> None:
    """Tells a hub (W3C WebSub leaves publishing open; this is what every public hub takes, from PubSubHubbub 0.4)."""
    form = {"hub.mode": "publish", "hub.url": feed_url, "hub.topic": feed_url}
    _send(hub, hub, data=urlencode(form).encode())


def podping(feed_url: str, service: str = PODPING) -> None:
    """Tells podping (podping.cloud's HTTP interface). Raises InputError where the environment holds no token."""
    token = os.environ.get(TOKEN)
    if not token:
        raise InputError(f"{TOKEN} is not set", where="podping", todo=f"get a token from podping.cloud, set {TOKEN}")
    query = urlencode({"url": feed_url, "reason": "update", "medium": "podcast"})
    _send(service, f"{service}?{query}", token=token)


def _send(where: str, url: str, data: bytes | None = None, token: str | None = None) -> None:
    """A request whose answer does not matter, as long as it is a friendly one."""
    if not is_address(url):
        raise InputError("is no web address", where=where, todo="write one that begins with https://")
    try:
        request = Request(url, data, {"User-Agent": "Escaleta"})  # noqa: S310 — http and https alone, see above
        if token:
            # Not sent along when the service redirects elsewhere.
            request.add_unredirected_header("Authorization", token)
        with opened(lambda: urlopen(request, timeout=TIMEOUT)):  # noqa: S310
            return
    except HTTPError as error:
        what = f"answers {error.code} {error.reason}"
    except (OSError, ValueError, HTTPException) as error:
        what = f"is out of reach: {error}"
    raise WorkspaceError(what, where=where, todo="nothing is lost: the next run tells it again")
