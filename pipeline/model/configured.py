"""What people write: show.yaml, episode.yaml, and the files of corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pipeline.model.planned import Link


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on the show. `role` and `group` are the Podcast Taxonomy's words; without a group it is the role's."""

    name: str
    role: str = "guest"
    group: str | None = None
    href: str | None = None
    img: str | None = None


@dataclass(frozen=True, slots=True)
class Sponsor:
    """Who pays for the programme."""

    name: str
    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who can be written to about the feed."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A sponsor's spot and when it runs. `audio` is relative to `feed/`; days are inclusive, in the show's zone.

    says: the words that are heard in it, for those who read along.
    """

    name: str
    audio: str
    sponsor: str | None = None
    first: date | None = None
    last: date | None = None
    place: Literal["pre", "cue", "post"] = "cue"
    says: str | None = None


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
    review_below: float = 0.6


Family = Literal[
    "opener", "turn", "ask", "answer", "aside",
    "move", "ordinal", "invite", "topic", "recall", "closing", "clock", "audience", "welcome", "tease", "you", "me",
    "opening", "listeners", "recommendations", "debate", "context", "news", "guests", "sponsor",
]  # fmt: skip
"""What a phrase of a host's can be a sign of: the families and the kinds of section in the aligner's tables."""


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
    phrases: what its hosts say, by family, beside what the aligner knows that hosts say.
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
    phrases: Mapping[Family, tuple[str, ...]] = field(default_factory=dict)
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
    drop: it is left out. merge: it is part of the chapter before it.
    """

    section: str | None = None
    title: str | None = None
    start: str | None = None
    url: str | None = None
    image: str | None = None
    drop: bool = False
    merge: bool = False


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
