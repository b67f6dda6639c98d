"""The border: where cuts are made, and spot and music stand."""

from __future__ import annotations

from pipeline.errors import InputError
from pipeline.model import Chapters, Cue, EditList, Progress, Recording, Section, Spot, Transcript
from pipeline.steps.job import Job, Stage
from pipeline.timecode import from_seconds, parse_clock, to_clock


def _cue(job: Job, progress: Progress) -> tuple[object, ...]:
    """Where the spot goes: the editor's word, else what the talk says. Raises InputError where it does not say it."""
    from pipeline.alignment.cue import find_cue
    from pipeline.audio.retime import uncut

    if job.folder.episode.cue_at:
        return ((Cue(parse_clock(job.folder.episode.cue_at), "at the time that episode.yaml gives", exact=True),),)
    section = job.cue_section
    if section is None or not any(campaign.place == "cue" for campaign in job.campaigns):
        return ((),)
    chapters = job.store.load("chapters", Chapters)
    said = job.store.load("transcript", Transcript)
    cue = find_cue(section, uncut(said, job.cuts).segments, chapters.chapters)
    if cue is None:
        raise _unheard(section, said, find_cue(section, said.segments, chapters.chapters), job.folder.slug)
    return ((cue,),)


def _unheard(section: Section, said: Transcript, cut: Cue | None, slug: str) -> InputError:
    """Why there is no cue; `cut` is the one that cuts.yaml takes out."""
    where = f"episodes/{slug}"
    if not said.segments:
        return InputError(
            "no words are heard in the recording, and so not the cue line either",
            where=where,
            todo="check that it is the right recording, and that it holds what the microphones heard",
        )
    if cut:
        return InputError(
            f"the cue line “{section.cue}” is said before {to_clock(cut.after)}, which is cut out",
            where=f"{where}/cuts.yaml",
            todo="shorten that cut, or write into episode.yaml where the spot goes, as in `cue_at: 1:08.5`",
        )
    if other := said.sounds_like:
        return InputError(
            f"nobody says the cue line “{section.cue}” in what was heard as `{said.language}`, and the recording "
            f"sounds like `{other}`",
            where=where,
            todo=f"write `language: {other}` into episode.yaml, or where the spot goes, as in `cue_at: 1:08.5`",
        )
    return InputError(
        f"nobody says the cue line “{section.cue}” clearly enough to put the spot behind it",
        where=where,
        todo="listen where it belongs and write that time into episode.yaml, as in `cue_at: 1:08.5`",
    )


def _edit(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.edit import SpotOrder, edit
    from pipeline.tools import sound

    show, cues = job.folder.workspace.show, job.store.load("cues", tuple[Cue, ...])
    music, silence = show.music, show.sound.longest_silence
    return edit(
        job.store.load("recording", Recording),
        job.store.load("transcript", Transcript),
        cues[0] if cues else None,
        [SpotOrder(c.name, c.place, job.feed_file(c.audio, f"campaign {c.name}")) for c in job.campaigns],
        intro=job.feed_file(music.intro, "music.intro") if music.intro else None,
        outro=job.feed_file(music.outro, "music.outro") if music.outro else None,
        workspace=job.root,
        ears=sound,
        cuts=job.cuts,
        longest_silence=from_seconds(silence) if silence else None,
    )


def _spots(job: Job) -> object:
    feed, section = job.folder.workspace.feed, job.cue_section
    cue = section.cue if section else None
    heard = [(c.name, c.place, c.audio, *job.digests(feed / c.audio)) for c in job.campaigns]
    return heard, job.folder.episode.cue_at, cue


def _music(job: Job) -> object:
    music, feed = job.folder.workspace.show.music, job.folder.workspace.feed
    return music, job.digests(*(feed / name for name in (music.intro, music.outro) if name))


EDITING: tuple[Stage, ...] = (
    Stage(
        "cue",
        "Listening for the cue",
        given={"the spots": _spots, "cuts.yaml": lambda job: job.cuts},
        needs=("chapters", "transcript"),
        makes={"cues": tuple[Cue, ...]},
        run=_cue,
        version=3,
    ),
    Stage(
        "edit",
        "Cutting, and placing spot and music",
        given={
            "the spots": _spots,
            "the music": _music,
            "cuts.yaml": lambda job: job.cuts,
            "the longest silence": lambda job: job.folder.workspace.show.sound.longest_silence,
        },
        needs=("recording", "transcript", "cues"),
        makes={"edit_list": EditList, "spots": tuple[Spot, ...]},
        run=_edit,
        version=2,
    ),
)
