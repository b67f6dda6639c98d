"""The stages of an episode, as a table; and where they meet their tools, as a feed's do in `publishing`, `checking`.

A stage is stale when something that it is given or needs changed since its last success. Stage modules and tools load
when they run: looking at an episode takes none of them.
"""

from pipeline.editions import AD_FREE, OWN
from pipeline.steps.editing import EDITING
from pipeline.steps.edition import AD_FREE_STAGES, called, mastered, released
from pipeline.steps.exporting import export
from pipeline.steps.job import Job, Stage
from pipeline.steps.recording import RECORDING, chapters_of, explain
from pipeline.steps.telling import REPORT, notes_of

__all__ = ["STAGES", "Job", "Stage", "called", "chapters_of", "explain", "export", "notes_of", "stages_for"]

STAGES: tuple[Stage, ...] = (*RECORDING, *EDITING, *mastered(OWN), REPORT, released(OWN))
"""What an episode goes through to its release."""

_RELEASES = {called("release", edition) for edition in (OWN, AD_FREE)}


def stages_for(job: Job) -> tuple[Stage, ...]:
    """What an episode of this show goes through; one that is not ready to go out is made, and not released."""
    stages = (*STAGES, *AD_FREE_STAGES) if job.folder.workspace.show.ad_free else STAGES
    return tuple(one for one in stages if one.name not in _RELEASES) if job.folder.unready else stages
