"""What there is to say about an episode: one object for scripts, which people's tables are made from."""

from pipeline.report.episodes import episode
from pipeline.report.parts import Report, chapter_of, offers
from pipeline.report.publications import findings, garbage, publication
from pipeline.report.standing import Calendar, calendar, status, status_or_error

__all__ = [
    "Calendar",
    "Report",
    "calendar",
    "chapter_of",
    "episode",
    "findings",
    "garbage",
    "offers",
    "publication",
    "status",
    "status_or_error",
]
