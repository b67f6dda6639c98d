"""Programme time: what listeners of one feed hear and read. The show's own feed has all; the ad-free one no spots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.editions import AD_FREE
from pipeline.errors import WorkspaceError
from pipeline.formats import guids
from pipeline.model import Chapters, EditList, Episode, Master, Programme, Progress, Release, Spot, Transcript
from pipeline.steps.job import Job, Stage
from pipeline.store import whole_file

if TYPE_CHECKING:
    from pipeline.stages.respot import Previous


_MASTERING = 4
"""The version of the master stage: another one's frames are not taken over."""


def called(name: str, edition: str) -> str:
    """What an artefact or a stage is called in an edition."""
    return f"{name}-{edition}" if edition else name


def _strip(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.audio.edits import without_spots

    return without_spots(job.store.load("edit_list", EditList)), ()


def _retime(edition: str, job: Job, progress: Progress) -> tuple[object, ...]:
    edit_list = job.store.load(called("edit_list", edition), EditList)
    return (programme_of(job, edit_list, job.store.load(called("spots", edition), tuple[Spot, ...])),)


def programme_of(job: Job, edit_list: EditList, spots: tuple[Spot, ...]) -> Programme:
    """What an edit list makes of the episode's chapters and words, as the editor has them."""
    from pipeline.stages.retime import retime
    from pipeline.stages.reword import reword

    chapters = job.store.load("chapters", Chapters)
    words, lost = reword(job.store.load("transcript", Transcript), job.folder.words)
    return retime(edit_list, spots, replace(chapters, conflicts=chapters.conflicts + lost), words)


def _master(edition: str, job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.master import Mastering, master
    from pipeline.stages.respot import respot
    from pipeline.tools import lame, sound

    edit_list, previous = job.store.load(called("edit_list", edition), EditList), _previous_master(job)
    make, out = partial(respot, previous=previous) if previous else master, job.master_of(edition)
    mastering = Mastering(
        edit_list,
        job.folder.workspace.show.sound,
        workspace=job.root,
        ears=sound,
        whole_file=whole_file,
        progress=progress,
        encoder=lame,
    )
    return make(mastering, out=out, relative=job.folder.workspace.relative(out)), edit_list


def _previous_master(job: Job) -> Previous | None:
    """The show's own master that is there, and what it was made of, where both are known: its spots are changed."""
    from pipeline.stages.respot import Previous

    receipt = job.store.receipt("master")
    if receipt is None or receipt.version != _MASTERING:
        return None
    if any(job.store.file_digest(job.store.path(name)) != digest for name, digest in receipt.outputs.items()):
        return None
    try:
        master, edit_list = job.store.load("master", Master), job.store.load("mastered", EditList)
    except WorkspaceError:
        return None
    whole = job.store.file_digest(job.master) == master.sha256
    return Previous(job.master, edit_list, master) if whole else None


def _release(edition: str, job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.release import release
    from pipeline.tools.pictures import small_jpeg
    from pipeline.tools.storage import LocalFolder

    folder, workspace = job.folder, job.folder.workspace
    if folder.published is None:
        raise folder.not_ready("nobody said when this episode goes out")
    cover = workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover")
    made = release(
        workspace.edition(edition).show,
        _episode(edition, job),
        folder.outline,
        job.store.load(called("programme", edition), Programme),
        job.store.load(called("master", edition), Master),
        audio=job.master_of(edition),
        published=folder.published,
        cover=cover,
        folder=LocalFolder(job.release_of(edition), whole_file),
        picture=small_jpeg(cover),
        pictures={name: job.picture(name) for name in job.pictures},
        thumbnails=_thumbnails(job),
        templates=workspace.feed / "templates",
    )
    return (made,)


def _episode(edition: str, job: Job) -> Episode:
    """episode.yaml as an edition has it: what identifies an episode elsewhere follows from what does in the first."""
    episode = job.folder.episode
    return replace(episode, guid=guids.within(job.folder.guid, edition)) if edition else episode


def _thumbnails(job: Job) -> dict[str, bytes]:
    """Small JPEGs of the chapters' pictures, by the name that chapters.yaml calls them."""
    from pipeline.tools.pictures import small_jpeg

    of_chapters = {edit.image for edit in job.folder.edits}
    return {name: small_jpeg(job.picture(name)) for name in job.pictures if name in of_chapters}


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _words_of_publication(edition: str, job: Job) -> object:
    folder, show = job.folder, job.folder.workspace.edition(edition).show
    episode, feed = _episode(edition, job), folder.workspace.feed
    pages = sorted((feed / "templates").glob("*")) if (feed / "templates").is_dir() else []
    pictures = (folder.path / name for name in job.pictures)
    return episode, folder.published, show, job.digests(feed / show.cover, *pages, *pictures)


def _master_file(edition: str, job: Job) -> dict[Path, str]:
    return {job.master_of(edition): job.store.load(called("master", edition), Master).sha256}


def _release_files(edition: str, job: Job) -> dict[Path, str]:
    release = job.store.load(called("release", edition), Release)
    return {job.release_of(edition) / Path(file.name).name: file.sha256 for file in release.files}


STRIP = Stage(
    called("strip", AD_FREE),
    "Leaving the spots out",
    given={},
    needs=("edit_list",),
    makes={called("edit_list", AD_FREE): EditList, called("spots", AD_FREE): tuple[Spot, ...]},
    run=_strip,
)


def mastered(edition: str) -> Iterator[Stage]:
    """From the edit list to an edition's programme and its master; artefacts and stages bear its name."""
    yield Stage(
        called("retime", edition),
        f"Carrying chapters and words over{_aside(edition)}",
        given={"words.yaml": lambda job: job.folder.words},
        needs=(called("edit_list", edition), called("spots", edition), "chapters", "transcript"),
        makes={called("programme", edition): Programme},
        run=partial(_retime, edition),
        version=4,
    )
    yield Stage(
        called("master", edition),
        f"Mastering{_aside(edition)}",
        given={"the loudness": lambda job: job.folder.workspace.show.sound},
        needs=(called("edit_list", edition),),
        makes={called("master", edition): Master, called("mastered", edition): EditList},
        run=partial(_master, edition),
        files=partial(_master_file, edition),
        version=_MASTERING,
    )


def released(edition: str) -> Stage:
    """From programme and master to an edition's public files."""
    return Stage(
        called("release", edition),
        f"Tags, captions and pages{_aside(edition)}",
        given={
            "the running order": lambda job: job.folder.outline,
            "what is said of the episode": partial(_words_of_publication, edition),
        },
        needs=(called("programme", edition), called("master", edition)),
        makes={called("release", edition): Release},
        run=partial(_release, edition),
        files=partial(_release_files, edition),
        version=7,
    )


def _aside(edition: str) -> str:
    return f", {edition}" if edition else ""


AD_FREE_STAGES: tuple[Stage, ...] = (STRIP, *mastered(AD_FREE), released(AD_FREE))
