"""What became of the show's feeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pipeline.editions import AD_FREE
from pipeline.formats.findings import Finding
from pipeline.publishing import Outcome
from pipeline.report.parts import Report
from pipeline.stages.collect import Garbage


def publication(outcome: Outcome) -> Report:
    """What a publication did, and what it waits for."""
    publication, free = outcome.publication, outcome.ad_free
    return {
        "public": len(publication.ledger.entries),
        "new": list(publication.new),
        "written": list(publication.written),
        "waiting": [{"slug": card.slug, "publish_at": card.published.isoformat()} for card in publication.waiting],
        "late": [asdict(one) for one in outcome.late],
        "untold": list(outcome.untold),
        "failed": str(outcome.failure) if outcome.failure else None,
        "notes": [*publication.notes, *(free.notes if free else ())],
        "ad_free": {"public": len(free.ledger.entries), "written": list(free.written)} if free else None,
    }


def garbage(found: Mapping[str, Sequence[Garbage]]) -> list[Report]:
    """What nothing names any more: `due` is whether it may go. Files of both feeds are called alike."""
    return [_left(one) | {"ad_free": edition == AD_FREE} for edition, files in found.items() for one in files]


def _left(one: Garbage) -> Report:
    return {"name": one.name, "bytes": one.length, "since": one.since.isoformat(), "due": one.due}


def findings(found: Sequence[Finding]) -> list[Report]:
    """What a check found."""
    return [asdict(one) for one in found]
