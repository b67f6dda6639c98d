"""Every value that flows from stage to stage. All frozen, tuples inside, times in integer milliseconds.

Recording time is what the microphones heard; programme time is what the listener hears. `EditList` is the only
border between them (`pipeline.audio.edits` does the arithmetic); it alone counts samples, at 48 kHz.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Progress = Callable[[float, str], None]
"""How a stage tells how far it is: the fraction done, 0 to 1, and a few words."""

# ── what was planned ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Link:
    """A link or reference of the running order. `text` may be empty."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the running order with what stands under it.

    index: the heading's position in the file, from 0.
    path: titles from the root to this one, this one last.
    parent: index of the enclosing heading.
    body: evidence for the aligner, one text a bullet, paragraph, quotation or table row; placeholders left out.
    cue: the line after which the sponsor's spot goes, without the mark itself.
    role: `title` for the episode's own heading, `summary` for what is not spoken, `talk` for the rest.
    """

    index: int
    level: int
    title: str
    path: tuple[str, ...]
    parent: int | None = None
    body: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    cue: str | None = None
    role: Literal["title", "summary", "talk"] = "talk"


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole running order. `summary` is the episode's description, None where only a placeholder stands."""

    title: str
    sections: tuple[Section, ...]
    recorded_on: date | None = None
    planned_ms: int | None = None
    summary: str | None = None


# ── what was said (recording time) ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording whose every sample was counted. `path` is relative to the workspace; `duration` in ms.

    samples: at 48 kHz, whatever rate the file has.
    """

    path: str
    sha256: str
    duration: int
    sample_rate: int
    channels: int
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `heard` is what the recogniser wrote where a term was corrected, else None."""

    start: int
    end: int
    word: str
    probability: float
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or as much of one as a speaker got out."""

    start: int
    end: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, `start` inside, `end` outside."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """Segments in order of their start. `lost` is speech that no word covers, after every attempt."""

    language: str
    segments: tuple[Segment, ...]
    lost: tuple[Span, ...] = ()


# ── where the sections are ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mark:
    """The aligner's word on one section: where it starts in the recording, how surely, and why there.

    confidence: P(|error| ≤ 15 s), 0 to 1.
    """

    section_index: int
    start: int
    confidence: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Included:
    """A section that starts together with the chapter that it is listed under."""

    section_index: int
    title: str
    path: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as listeners see it.

    start, end: in the time of the list that holds it (recording or programme).
    recorded_at: its start in recording time, whatever list holds it.
    section_index: None for a chapter that an editor added.
    confidence: 1.0 where an editor set it.
    review: whether a person should look.
    """

    title: str
    start: int
    end: int
    recorded_at: int
    section_index: int | None = None
    path: tuple[str, ...] = ()
    confidence: float = 1.0
    why: str = ""
    review: bool = False
    url: str | None = None
    image: str | None = None
    includes: tuple[Included, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapters:
    """Chapters in strictly ascending order.

    absent: sections that were not talked about.
    conflicts: where the editor's word and the running order disagree, a sentence each.
    """

    chapters: tuple[Chapter, ...]
    absent: tuple[int, ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Where the spot is asked for, in recording time.

    after: the end of the sentence that says the cue line; the spot goes into the first real pause from there.
    exact: an editor gave the time: the spot goes there and nowhere else.
    """

    after: int
    why: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class CutMark:
    """A stretch of the recording that may be cut, offered to the editor and never cut unasked; and why it is."""

    start: int
    end: int
    why: str


# ── what the listener hears (programme time) ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Source:
    """A file that clips are taken from. `name` is how clips call it, `path` is relative to the workspace."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Samples `source_in` to `source_out` of a source (at 48 kHz), with linear fades in samples and a gain in dB."""

    source: str
    source_in: int
    source_out: int
    fade_in: int = 0
    fade_out: int = 0
    gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A clip mixed over the timeline from sample `at` of the programme; it moves nothing."""

    clip: Clip
    at: int


@dataclass(frozen=True, slots=True)
class EditList:
    """The programme as ordered clips; their lengths add up to its length. `channels` is the master's."""

    sources: tuple[Source, ...]
    clips: tuple[Clip, ...]
    overlays: tuple[Overlay, ...] = ()
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A sponsor's spot in place: where it cuts the recording, and where it stands in the programme."""

    name: str
    recording_ms: int
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Programme:
    """What the edit list makes of chapters and transcript; all in programme time."""

    duration: int
    chapters: Chapters
    transcript: Transcript
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Loudness:
    """Measured as BS.1770-4 / EBU R 128 on decoded audio: LUFS, dBTP, LU."""

    integrated: float
    true_peak: float
    range: float


@dataclass(frozen=True, slots=True)
class Master:
    """Encoded audio without tags. `samples` at 48 kHz as a player hears them, encoder delay and padding left out.

    gain, ceiling: what the limiter was given, dB and dBTP, so that a piece can be rendered again.
    """

    path: str
    sha256: str
    samples: int
    channels: int
    bitrate: int
    loudness: Loudness
    gain: float = 0.0
    ceiling: float = 0.0


# ── what is published ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on the show. `role` and `group` are the Podcast Taxonomy's words, lower case."""

    name: str
    role: str = "guest"
    group: str = "cast"
    href: str | None = None
    img: str | None = None


@dataclass(frozen=True, slots=True)
class Sponsor:
    """Who pays for the programme."""

    name: str
    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An audio file as a feed names it: bytes and media type."""

    url: str
    length: int
    type: str


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """One `podcast:transcript`."""

    url: str
    type: str
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a release. `name` is relative to the feed's public folder, `kind` is what scripts call it."""

    kind: str
    name: str
    type: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Item:
    """An episode as the feed tells it. `published` is aware; `duration` in ms; `summary` is plain text.

    description: plain text with the chapter list, people, links and sponsor, as at a host that takes no feed.
    """

    guid: str
    title: str
    link: str
    summary: str
    description: str
    published: datetime
    enclosure: Enclosure
    duration: int
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None
    transcripts: tuple[TranscriptLink, ...] = ()
    people: tuple[Person, ...] = ()
    image: str | None = None
    explicit: bool = False
    season: int | None = None
    number: int | None = None
    kind: Literal["full", "trailer", "bonus"] = "full"


@dataclass(frozen=True, slots=True)
class Release:
    """An episode ready to go out: its item, and the files under `feed/public` that the item names, media first."""

    slug: str
    item: Item
    files: tuple[PublishedFile, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A show's feed at one moment: items newest first. `changed` is the newest content change, never the clock.

    items: read one by one from where they lie, when there may be thousands.
    """

    show: Show
    items: Sequence[Item]
    changed: datetime


# ── what people configure (show.yaml, episode.yaml) ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Owner:
    """Who can be written to about the feed."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A sponsor's spot and when it runs. `audio` is relative to `feed/`; days are inclusive, in the show's zone."""

    name: str
    audio: str
    sponsor: str | None = None
    first: date | None = None
    last: date | None = None
    place: Literal["pre", "cue", "post"] = "cue"


@dataclass(frozen=True, slots=True)
class Music:
    """Files relative to `feed/`."""

    intro: str | None = None
    outro: str | None = None


Bitrate = Literal[32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
"""kbit/s of MPEG-1 layer III (ISO/IEC 11172-3, section 2.4.2.3)."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a master must measure. None leaves it to the number of channels: −16 LUFS stereo, −19 LUFS mono.

    longest_silence: seconds that a silence of the talk may last; None leaves silences alone.
    """

    loudness: float | None = None
    true_peak: float = -1.0
    bitrate: Bitrate | None = None
    longest_silence: float | None = None

    def target(self, channels: int) -> float:
        """The loudness that is wanted of a master of one or two channels, LUFS."""
        usual = -19.0 if channels == 1 else -16.0
        return usual if self.loudness is None else self.loudness


@dataclass(frozen=True, slots=True)
class ChapterRules:
    """Marks closer than `min_gap` seconds are one chapter; below confidence `review_below` a person should look."""

    min_gap: int = 5
    review_below: float = 0.5


@dataclass(frozen=True, slots=True)
class Txt:
    """Words for machines, such as what a directory asks to see as a proof. `purpose` is what they are for."""

    text: str
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class AdFree:
    """A second feed, of the same episodes without their spots. storage: as the show's; None is `feed/ad-free`.

    listed: whether directories may list it beside the show's own.
    """

    feed_url: str
    title: str | None = None
    storage: str | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """show.yaml.

    storage: where the public folder lies, as in `s3://bucket/folder`; None is `feed/public`.
    hub: the WebSub hub that is told of new episodes. podping: whether podping is told, too.
    listed: whether directories may list the feed.
    """

    title: str
    description: str
    language: str
    link: str
    feed_url: str
    author: str
    owner: Owner
    cover: str
    timezone: str = "UTC"
    category: str = "Technology"
    subcategory: str | None = None
    explicit: bool = False
    guid: str | None = None
    copyright: str | None = None
    license: str | None = None
    funding: tuple[Link, ...] = ()
    update_frequency: str | None = None
    txt: tuple[Txt, ...] = ()
    people: tuple[Person, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    music: Music = Music()
    sound: Sound = Sound()
    chapters: ChapterRules = ChapterRules()
    cue_phrases: tuple[str, ...] = ()
    glossary: tuple[str, ...] = ()
    model: str = "base"
    storage: str | None = None
    hub: str | None = None
    podping: bool = False
    listed: bool = True
    ad_free: AdFree | None = None


@dataclass(frozen=True, slots=True)
class TrackName:
    """Whose microphone a file of the episode's `tracks` folder is, where its name does not say it."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class Episode:
    """episode.yaml, with the slug that its folder is called.

    publish_at: local time and zone, as in `2023-05-04T07:00 Europe/Madrid`; None keeps the episode a draft.
    language: of the talk, where it is not the show's; `auto` to hear it from the recording.
    cue_at: where the spot goes in the recording, where an editor knows better than the cue.
    spots: the campaigns of this episode by name; None leaves them to the show's dates.
    """

    slug: str
    recording: str | None = None
    publish_at: str | None = None
    title: str | None = None
    summary: str | None = None
    language: str | None = None
    season: int | None = None
    number: int | None = None
    kind: Literal["full", "trailer", "bonus"] = "full"
    explicit: bool | None = None
    guid: str | None = None
    image: str | None = None
    people: tuple[Person, ...] = ()
    tracks: tuple[TrackName, ...] = ()
    glossary: tuple[str, ...] = ()
    cue_at: str | None = None
    spots: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChapterEdit:
    """One entry of chapters.yaml, the editor's word, in recording time.

    section: which section it speaks of: its title, or as much of `parent / title` as makes it unique; None for a
    chapter of the editor's own, which needs `title` and `start`.
    """

    section: str | None = None
    title: str | None = None
    start: str | None = None
    url: str | None = None
    image: str | None = None
    drop: bool = False


@dataclass(frozen=True, slots=True)
class WordEdit:
    """One entry of words.yaml: at about that time of the recording `heard` was written down, and `say` was said."""

    at: str
    heard: str
    say: str


@dataclass(frozen=True, slots=True)
class CutEdit:
    """One entry of cuts.yaml: a stretch of the recording that nobody shall hear; `keep` refuses to cut what is offered.

    start, end: clock times of the recording.
    """

    start: str
    end: str
    keep: bool = False
