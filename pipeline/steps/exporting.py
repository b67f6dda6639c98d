"""A finished episode in another container, asked for by hand; nothing of it is published."""

from __future__ import annotations

from pathlib import Path

from pipeline.editions import AD_FREE
from pipeline.model import EditList, Master, Programme, Progress
from pipeline.steps.edition import programme_of
from pipeline.steps.job import Job
from pipeline.store import whole_file


def export(job: Job, suffix: str, *, ad_free: bool, progress: Progress) -> Path:
    """The episode as `.m4a`, `.opus` or `.mp4`, with its spots or without, in the build folder; the file's path.

    A draft says of itself what is known of it.

    Raises WorkspaceError for an episode that was never produced, and what `pipeline.stages.export` raises.
    """
    from pipeline.stages import export as stage
    from pipeline.stages.item import Work, tag_of
    from pipeline.tools import muxer, sound
    from pipeline.tools.pictures import small_jpeg

    folder, show = job.folder, job.folder.workspace.show
    edit_list, programme = _without_spots(job) if ad_free else _whole(job)
    cover = folder.workspace.existing(folder.workspace.feed / show.cover, "feed/show.yaml: cover")
    work = Work(show, folder.episode, folder.outline, programme, {})
    out = folder.build / "export" / f"{folder.slug}{f'-{AD_FREE}' if ad_free else ''}{suffix}"
    master = job.store.load("master", Master)
    exporting = stage.Exporting(
        edit_list,
        show.sound,
        workspace=job.root,
        ears=sound,
        whole_file=whole_file,
        progress=progress,
        muxer=muxer,
        tag=tag_of(work, folder.published, small_jpeg(cover)),
        cover=cover,
    )
    stage.export(exporting, master, out=out)
    return out


def _whole(job: Job) -> tuple[EditList, Programme]:
    return job.store.load("edit_list", EditList), job.store.load("programme", Programme)


def _without_spots(job: Job) -> tuple[EditList, Programme]:
    from pipeline.audio.edits import without_spots

    edit_list = without_spots(job.store.load("edit_list", EditList))
    return edit_list, programme_of(job, edit_list, spots=())
