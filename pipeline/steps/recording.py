"""Recording time: what was recorded becomes words, and the words sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from unicodedata import normalize

from pipeline.errors import InputError
from pipeline.model import Chapters, CutMark, Mark, Progress, Recording, Source, Transcript
from pipeline.steps.job import Job, Stage
from pipeline.store import whole_file, write


def _mix(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.mix import mix
    from pipeline.tools import sound

    relative, recorded = job.folder.workspace.relative, job.folder.recorded
    if not recorded.tracks:
        return mix(recorded.recording, relative(recorded.recording), sound), (), recorded.unheard

    from pipeline.stages.mix_tracks import mix_tracks, name_of
    from pipeline.stages.synchronise import Microphone
    from pipeline.tools.float_wav import float_wav

    _check_tracks(recorded.tracks)
    named = recorded.named
    people = [Microphone(named.get(normalize("NFC", path.name)) or name_of(path), path) for path in recorded.tracks]
    mixed = mix_tracks(
        people,
        job.folder.build / "tracks",
        ears=sound,
        whole_file=whole_file,
        float_wav=float_wav,
        progress=progress,
    )
    voices = (Source(voice.name, relative(voice.path), sound.digest(voice.path)) for voice in mixed.voices)
    return mix(mixed.recording, relative(mixed.recording), sound), tuple(voices), (*recorded.unheard, *mixed.notes)


def _check_tracks(tracks: Sequence[Path]) -> None:
    """Raises InputError that names every file that is no track, before one of them is listened to."""
    from pipeline.tools import container

    refused = [error for error in map(container.refused, tracks) if error]
    if refused:
        raise InputError(
            "; ".join(dict.fromkeys(error.what for error in refused)),
            where=", ".join(error.where for error in refused),
            todo="; ".join(dict.fromkeys(error.todo for error in refused)) + "; or take it out of the folder tracks",
        )


def _transcribe(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.transcribe import Hearing, transcribe, transcribe_voices
    from pipeline.tools import sound
    from pipeline.tools.whisper import Whisper
    from pipeline.tools.workers import cluster_workers, local_workers

    recording = job.root / job.store.load("recording", Recording).path
    voices = {voice.name: job.root / voice.path for voice in job.store.load("voices", tuple[Source, ...])}
    language, finished = job.folder.language, _Pieces(job.folder.build / "pieces")
    with local_workers() if job.scheduler is None else cluster_workers(job.scheduler) as workers:
        hearing = Hearing(sound, Whisper(job.folder.workspace.show.model), workers, finished, progress)
        if voices:
            return (transcribe_voices(hearing, voices, language=language),)
        return (transcribe(hearing, recording, language=language),)


@dataclass(frozen=True, slots=True)
class _Pieces:
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

    transcript, phrases = job.store.load("transcript", Transcript), job.folder.workspace.show.phrases
    return (find_sections(job.folder.outline, transcript, embed=sentence_model(), phrases=phrases),)


def _align(job: Job, progress: Progress) -> tuple[object, ...]:
    return (chapters_of(job),)


def chapters_of(job: Job) -> Chapters:
    """The chapters that what was found makes with the editor's word as it is now, in recording time."""
    from pipeline.stages.align import align

    return align(
        job.folder.outline,
        job.store.load("transcript", Transcript),
        job.store.load("marks", tuple[Mark, ...]),
        job.folder.edits,
        rules=job.folder.workspace.show.chapters,
        duration=job.store.load("recording", Recording).duration,
    )


def _offer(job: Job, progress: Progress) -> tuple[object, ...]:
    from pipeline.stages.offer import offer
    from pipeline.tools import sound

    return (offer(job.store.load("recording", Recording), workspace=job.root, ears=sound),)


def explain(job: Job, name: str) -> tuple[str, ...]:
    """The sentences and the evidence that placed a section, a line each.

    Raises InputError for an unknown name, and where nothing was found yet.
    """
    from pipeline.alignment import explain
    from pipeline.formats.naming import as_read, find_section, name_of
    from pipeline.tools.embedding import sentence_model

    where, sections = f"episodes/{job.folder.slug}", job.folder.outline.sections
    if not job.store.path("transcript").exists():
        todo = f"run `escaleta produce {job.folder.slug}` first"
        raise InputError("nothing was found in the talk yet", where=where, todo=todo)
    transcript = job.store.load("transcript", Transcript)
    found = find_section(name, sections)
    if not found:
        known = ", ".join(name_of(one, sections) for one in sections if one.role == "talk" and one.title)
        raise InputError(f"no section is called {name!r}", where=where, todo=f"take one of: {known}")
    asked = [section.index for section in found]
    phrases = job.folder.workspace.show.phrases
    why = explain(
        as_read(sections),
        transcript.segments,
        asked,
        language=transcript.language,
        embed=sentence_model(),
        phrases=phrases,
    )
    return tuple(line for one in why for line in one.lines())


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _recorded(job: Job) -> object:
    recorded = job.folder.recorded
    where = [job.folder.workspace.relative(path) for path in recorded.files]
    return where, job.folder.episode.tracks, job.digests(*recorded.files), recorded.unheard


def _mixed_files(job: Job) -> dict[Path, str]:
    """What was made of tracks; a recording that a person put there is theirs."""
    voices, recording = job.store.load("voices", tuple[Source, ...]), job.store.load("recording", Recording)
    made: tuple[Recording | Source, ...] = (recording, *voices) if voices else ()
    return {job.root / one.path: one.sha256 for one in made}


RECORDING: tuple[Stage, ...] = (
    Stage(
        "mix",
        "Listening to the recording",
        given={"the recording": _recorded},
        needs=(),
        makes={"recording": Recording, "voices": tuple[Source, ...], "notes": tuple[str, ...]},
        run=_mix,
        files=_mixed_files,
        version=5,
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
        version=5,
    ),
    Stage(
        "correct",
        "Writing names as the running order does",
        given={"the running order": lambda job: job.folder.outline, "the names": _names},
        needs=("heard",),
        makes={"transcript": Transcript},
        run=_correct,
        version=4,
    ),
    Stage(
        "find",
        "Finding the sections",
        given={
            "the running order": lambda job: job.folder.outline.sections,
            "the phrases": lambda job: job.folder.workspace.show.phrases,
        },
        needs=("transcript",),
        makes={"marks": tuple[Mark, ...]},
        run=_find,
        version=10,
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
        version=7,
    ),
    Stage(
        "offer",
        "Listening for knocks",
        given={},
        needs=("recording",),
        makes={"offers": tuple[CutMark, ...]},
        run=_offer,
        version=2,
    ),
)
