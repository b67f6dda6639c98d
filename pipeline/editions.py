"""The feeds of one show: its own, and one without spots for those who pay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.formats import guids
from pipeline.model import Show

OWN = ""
AD_FREE = "ad-free"

PUBLIC = "public"
"""The folder of the show's own feed, beside its ledger."""

LEDGER = "ledger.yaml"
"""The ledger of the show's own feed."""

RELEASED = "released"
"""The folder of what the show's own feed says of each episode, beside its ledger."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One feed of a show: its name (`OWN` or `AD_FREE`), what it says, its public folder and its ledger's file.

    released: the folder of what went out of each episode, for when nothing is left of what it was made of.
    """

    name: str
    show: Show
    public: Path
    ledger: str
    released: Path


def editions(show: Show, feed: Path) -> tuple[Edition, ...]:
    """The show's feeds below `feed`, its own first; what identifies the other follows from it, wherever it lies."""
    own, free = Edition(OWN, replace(show, ad_free=None), feed / PUBLIC, LEDGER, feed / RELEASED), show.ad_free
    if free is None:
        return (own,)
    other = replace(
        show,
        feed_url=free.feed_url,
        title=free.title or show.title,
        storage=free.storage,
        guid=guids.within(guids.feed_guid(show), AD_FREE),
        podping=False,  # which tells all the world where a feed is
        listed=free.listed,
        ad_free=None,
    )
    return own, Edition(AD_FREE, other, feed / AD_FREE, f"ledger-{AD_FREE}.yaml", feed / f"{RELEASED}-{AD_FREE}")
