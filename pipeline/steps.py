"""The stages of an episode, as a table; and the only place where a stage meets its tools.

A stage is stale when something that it is given or needs changed since its last success. Stage modules and tools load
when they run: looking at an episode takes none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, WorkspaceError
from pipeline.model import (
    Campaign,
    Chapters,
    Cue,
    EditList,
    Mark,
    Master,
    Programme,
    Progress,
    Recording,
    Release,
    Section,
    Source,
    Spot,
    Transcript,
)
from pipeline.store import Store, whole_file, write
from pipeline.timecode import parse_clock
from pipeline.workspace import EpisodeFolder

if TYPE_CHECKING:
    from pipeline.stages.respot import Previous


@dataclass(frozen=True)
class Job:
    """One episode at work. `scheduler` is the address of a Dask cluster, None for this machine."""

    folder: EpisodeFolder
    store: Store
    scheduler: str | None = None

    @property
    def root(self) -> Path:
        """The workspace's folder, which paths in artefacts are relative to."""
        return self.folder.workspace.root

    @property
    def master(self) -> Path:
        """The master without tags."""
        return self.folder.build / "master.mp3"

    @property
    def release(self) -> Path:
        """Where the episode's public files are made."""
        return self.folder.build / "release"

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns that run: those that episode.yaml names, else those whose days hold the day of publication.

        One that goes to the cue runs only where something says where that is.
        """
        show, episode, moment = self.folder.workspace.show, self.folder.episode, self.folder.published
        named = episode.spots
        day = moment.date() if moment else None
        running = [
            campaign
            for campaign in show.campaigns
            if (
                campaign.name in named
                if named is not None
                else campaign.first is None or (day or campaign.first) >= campaign.first
            )
            and (named is not None or campaign.last is None or (day or campaign.last) <= campaign.last)
        ]
        return tuple(campaign for campaign in running if campaign.place != "cue" or self.cue_section or episode.cue_at)

    @property
    def cue_section(self) -> Section | None:
        """The first section of the running order that asks for a spot."""
        return next((section for section in self.folder.outline.sections if section.cue), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table.

    given: what people wrote or put there, by the name that `status` calls it; compared by digest.
    needs: artefacts of earlier stages, by name.
    makes: the artefacts it returns, in order, with their types.
    files: files beside the artefacts that must be there, with their digests.
    version: raised when the same inputs would now give another result.
    """

    name: str
    doing: str
    given: Mapping[str, Callable[[Job], Any]]
    needs: tuple[str, ...]
    makes: Mapping[str, type]
    run: Callable[[Job, Progress], tuple[object, ...]]
    files: Callable[[Job], Mapping[Path, str]] = field(default=lambda job: {})
    version: int = 1


# ── recording time ──────────────────────────────────────────────────────────────────────────────────────────────────


def _mix(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.mix import mix
    from pipeline.tools import sound

    relative = job.folder.workspace.relative
    if not job.folder.tracks:
        return mix(job.folder.recording, relative(job.folder.recording), sound), (), ()

    from pipeline.stages.mix_tracks import Microphone, mix_tracks, name_of

    named = {track.file: track.name for track in job.folder.episode.tracks}
    people = [Microphone(named.get(path.name) or name_of(path), path) for path in job.folder.tracks]
    mixed = mix_tracks(people, job.folder.build / "tracks", ears=sound, progress=progress)
    voices = (Source(voice.name, relative(voice.path), sound.digest(voice.path)) for voice in mixed.voices)
    return mix(mixed.recording, relative(mixed.recording), sound), tuple(voices), mixed.notes


def _transcribe(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.transcribe import transcribe, transcribe_voices
    from pipeline.tools import sound
    from pipeline.tools.whisper import Whisper
    from pipeline.tools.workers import cluster_workers, local_workers

    recording = job.root / job.store.load("recording", Recording).path
    voices = {voice.name: job.root / voice.path for voice in job.store.load("voices", tuple[Source, ...])}
    listen = partial(transcribe_voices, voices) if voices else partial(transcribe, recording)
    with cluster_workers(job.scheduler) if job.scheduler else local_workers() as workers:
        heard = listen(
            language=job.folder.language,
            ears=sound,
            recogniser=Whisper(job.folder.workspace.show.model),
            workers=workers,
            shelf=_Shelf(job.folder.build / "pieces"),
            progress=progress,
        )
    return (heard,)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Finished pieces of a transcription, a file each."""

    root: Path

    def get(self, key: str) -> bytes | None:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, key: str, data: bytes) -> None:
        write(self.root / key, data)


def _names(job: Job) -> list[str]:
    """What is surely written as it should be: people, sponsors, the glossaries."""
    show, episode = job.folder.workspace.show, job.folder.episode
    people = [person.name for person in (*episode.people, *show.people)]
    return [*people, *(sponsor.name for sponsor in show.sponsors), *episode.glossary, *show.glossary]


def _correct(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.correct import correct, terms_of
    from pipeline.tools.lexicon import Lexicon

    heard = job.store.load("heard", Transcript)
    lexicon = Lexicon(heard.language)
    return (correct(heard, terms_of(job.folder.outline, _names(job), lexicon), lexicon),)


def _find(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.align import find_sections
    from pipeline.tools.embedding import sentence_model

    return (find_sections(job.folder.outline, job.store.load("transcript", Transcript), embed=sentence_model()),)


def _align(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.align import align

    chapters = align(
        job.folder.outline,
        job.store.load("transcript", Transcript),
        job.store.load("marks", tuple[Mark, ...]),
        job.folder.edits,
        rules=job.folder.workspace.show.chapters,
        duration=job.store.load("recording", Recording).duration,
    )
    return (chapters,)


def explain(job: Job, name: str) -> tuple[str, ...]:
    """The sentences and the evidence that placed a section, a line each. Raises InputError for an unknown name."""
    from pipeline.alignment import explain
    from pipeline.stages.align import find_section
    from pipeline.tools.embedding import sentence_model

    transcript, sections = job.store.load("transcript", Transcript), job.folder.outline.sections
    found = find_section(name, sections)
    if not found:
        known = ", ".join(section.title for section in sections if section.role == "talk")
        raise InputError(
            f"no section is called {name!r}", where=f"episodes/{job.folder.slug}", todo=f"take one of: {known}"
        )
    why = [
        explain(sections, transcript.segments, section.index, language=transcript.language, embed=sentence_model())
        for section in found
    ]
    return tuple(line for one in why if one for line in one.lines())


# ── programme time ──────────────────────────────────────────────────────────────────────────────────────────────────


def _cue(job: Job, progress: Progress) -> tuple[object, ...]:
    """Where the spot goes: the editor's word, else what the talk says. Raises InputError where it does not say it."""
    from pipeline.alignment.cue import find_cue

    if job.folder.episode.cue_at:
        return ((Cue(parse_clock(job.folder.episode.cue_at), "at the time that episode.yaml gives", exact=True),),)
    section = job.cue_section
    if section is None or not any(campaign.place == "cue" for campaign in job.campaigns):
        return ((),)
    chapters, transcript = job.store.load("chapters", Chapters), job.store.load("transcript", Transcript)
    cue = find_cue(section, transcript.segments, chapters.chapters)
    if cue is None:
        raise InputError(
            f"nobody says the cue line “{section.cue}” clearly enough to put the spot behind it",
            where=f"episodes/{job.folder.slug}",
            todo="listen where it belongs and write that time into episode.yaml, as in `cue_at: 1:08.5`",
        )
    return ((cue,),)


def _edit(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.edit import SpotOrder, edit
    from pipeline.tools import sound

    music, cues = job.folder.workspace.show.music, job.store.load("cues", tuple[Cue, ...])
    return edit(
        job.store.load("recording", Recording),
        job.store.load("transcript", Transcript),
        cues[0] if cues else None,
        [SpotOrder(c.name, c.place, _feed_file(job, c.audio, f"campaign {c.name}")) for c in job.campaigns],
        intro=_feed_file(job, music.intro, "music.intro") if music.intro else None,
        outro=_feed_file(job, music.outro, "music.outro") if music.outro else None,
        workspace=job.root,
        ears=sound,
    )


def _retime(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.edit import retime
    from pipeline.stages.reword import reword

    chapters = job.store.load("chapters", Chapters)
    words, lost = reword(job.store.load("transcript", Transcript), job.folder.words)
    programme = retime(
        job.store.load("edit_list", EditList),
        job.store.load("spots", tuple[Spot, ...]),
        replace(chapters, conflicts=chapters.conflicts + lost),
        words,
    )
    return (programme,)


def _feed_file(job: Job, name: str, asked_by: str) -> str:
    workspace = job.folder.workspace
    return workspace.relative(workspace.existing(workspace.feed / name, f"feed/show.yaml: {asked_by}"))


def _master(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.master import master
    from pipeline.stages.respot import respot
    from pipeline.tools import lame, sound

    edit_list, previous = job.store.load("edit_list", EditList), _previous_master(job)
    make = partial(respot, previous=previous) if previous else master
    made = make(
        edit_list,
        job.folder.workspace.show.sound,
        workspace=job.root,
        out=job.master,
        relative=job.folder.workspace.relative(job.master),
        ears=sound,
        encoder=lame,
        progress=progress,
    )
    return made, edit_list


def _previous_master(job: Job) -> Previous | None:
    """The master that is there, and what it was made of, where both are known: another spot is put into it."""
    from pipeline.stages.respot import Previous

    receipt = job.store.receipt("master")
    if receipt is None or any(
        job.store.file_digest(job.store.path(name)) != digest for name, digest in receipt.outputs.items()
    ):
        return None
    try:
        master, edit_list = job.store.load("master", Master), job.store.load("mastered", EditList)
    except WorkspaceError:
        return None
    whole = job.store.file_digest(job.master) == master.sha256
    return Previous(job.master, edit_list, master) if whole else None


def _release(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.release import release
    from pipeline.tools.pictures import small_jpeg
    from pipeline.tools.storage import LocalFolder

    folder, workspace = job.folder, job.folder.workspace
    if folder.published is None:
        raise InputError(
            "nobody said when this episode goes out",
            where=f"episodes/{folder.slug}/episode.yaml: publish_at",
            todo="write it there, as in `publish_at: 2023-05-04T07:00 Europe/Madrid`",
        )
    cover = workspace.existing(workspace.feed / workspace.show.cover, "feed/show.yaml: cover")
    made = release(
        workspace.show,
        folder.episode,
        folder.outline,
        job.store.load("programme", Programme),
        job.store.load("master", Master),
        audio=job.master,
        published=folder.published,
        cover=cover,
        folder=LocalFolder(job.release, whole_file),
        picture=small_jpeg(cover),
        pictures=_pictures(job),
        templates=workspace.feed / "templates",
    )
    return (made,)


def _pictures(job: Job) -> dict[str, Path]:
    """The episode's own pictures, by the name that episode.yaml or chapters.yaml calls them."""
    named = [job.folder.episode.image, *(edit.image for edit in job.folder.edits)]
    files = [name for name in named if name and "://" not in name]
    return {
        name: job.folder.workspace.existing(job.folder.path / name, f"episodes/{job.folder.slug}") for name in files
    }


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _digests(job: Job, *paths: Path | None) -> list[str | None]:
    return [job.store.file_digest(path) for path in paths if path]


def _recorded(job: Job) -> object:
    paths = job.folder.tracks or (job.folder.recording,)
    return [path.name for path in paths], job.folder.episode.tracks, _digests(job, *paths)


def _mixed_files(job: Job) -> dict[Path, str]:
    """What was made of tracks; a recording that a person put there is theirs."""
    voices, recording = job.store.load("voices", tuple[Source, ...]), job.store.load("recording", Recording)
    made: tuple[Recording | Source, ...] = (recording, *voices) if voices else ()
    return {job.root / one.path: one.sha256 for one in made}


def _spots(job: Job) -> object:
    feed, section = job.folder.workspace.feed, job.cue_section
    cue = section.cue if section else None
    return [(c, *_digests(job, feed / c.audio)) for c in job.campaigns], job.folder.episode.cue_at, cue


def _music(job: Job) -> object:
    music, feed = job.folder.workspace.show.music, job.folder.workspace.feed
    return music, _digests(job, *(feed / name for name in (music.intro, music.outro) if name))


def _words_of_publication(job: Job) -> object:
    folder, show = job.folder, job.folder.workspace.show
    feed = folder.workspace.feed
    pages = sorted((feed / "templates").glob("*")) if (feed / "templates").is_dir() else []
    return folder.episode, folder.published, show, _digests(job, feed / show.cover, *pages, *_pictures(job).values())


def _master_file(job: Job) -> dict[Path, str]:
    return {job.master: job.store.load("master", Master).sha256}


def _release_files(job: Job) -> dict[Path, str]:
    release = job.store.load("release", Release)
    return {job.release / Path(file.name).name: file.sha256 for file in release.files}


STAGES: tuple[Stage, ...] = (
    Stage(
        "mix",
        "Listening to the recording",
        given={"the recording": _recorded},
        needs=(),
        makes={"recording": Recording, "voices": tuple[Source, ...], "notes": tuple[str, ...]},
        run=_mix,
        files=_mixed_files,
    ),
    Stage(
        "transcribe",
        "Writing down what is said",
        given={
            "the model": lambda job: (job.folder.workspace.show.model, version("faster-whisper")),
            "the language": lambda job: job.folder.language,
        },
        needs=("recording", "voices"),
        makes={"heard": Transcript},
        run=_transcribe,
    ),
    Stage(
        "correct",
        "Writing names as the running order does",
        given={"the running order": lambda job: job.folder.outline, "the names": _names},
        needs=("heard",),
        makes={"transcript": Transcript},
        run=_correct,
    ),
    Stage(
        "find",
        "Finding the sections",
        given={"the running order": lambda job: job.folder.outline.sections},
        needs=("transcript",),
        makes={"marks": tuple[Mark, ...]},
        run=_find,
    ),
    Stage(
        "align",
        "Making chapters of them",
        given={
            "the running order": lambda job: job.folder.outline.sections,
            "chapters.yaml": lambda job: job.folder.edits,
            "the chapter rules": lambda job: job.folder.workspace.show.chapters,
        },
        needs=("recording", "transcript", "marks"),
        makes={"chapters": Chapters},
        run=_align,
    ),
    Stage(
        "cue",
        "Listening for the cue",
        given={"the spots": _spots},
        needs=("chapters", "transcript"),
        makes={"cues": tuple[Cue, ...]},
        run=_cue,
    ),
    Stage(
        "edit",
        "Placing spot and music",
        given={"the spots": _spots, "the music": _music},
        needs=("recording", "transcript", "cues"),
        makes={"edit_list": EditList, "spots": tuple[Spot, ...]},
        run=_edit,
    ),
    Stage(
        "retime",
        "Carrying chapters and words over",
        given={"words.yaml": lambda job: job.folder.words},
        needs=("edit_list", "spots", "chapters", "transcript"),
        makes={"programme": Programme},
        run=_retime,
    ),
    Stage(
        "master",
        "Mastering",
        given={"the loudness": lambda job: job.folder.workspace.show.sound},
        needs=("edit_list",),
        makes={"master": Master, "mastered": EditList},
        run=_master,
        files=_master_file,
    ),
    Stage(
        "release",
        "Tags, captions and pages",
        given={
            "the running order": lambda job: job.folder.outline,
            "what is said of the episode": _words_of_publication,
        },
        needs=("programme", "master"),
        makes={"release": Release},
        run=_release,
        files=_release_files,
    ),
)
