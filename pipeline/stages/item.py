"""What a release says of its episode: the item of the feed, and what its files are told from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.errors import InputError
from pipeline.formats import addresses, description, guids, plain, srt, transcript_json, webvtt
from pipeline.formats.tags import Tag
from pipeline.formats.taxonomy import group_of
from pipeline.formats.wording import wording
from pipeline.model import (
    Campaign,
    Chapter,
    Enclosure,
    Episode,
    Item,
    Link,
    Outline,
    Person,
    Programme,
    Segment,
    Show,
    Sponsor,
    Spot,
    Transcript,
    TranscriptLink,
)
from pipeline.rules import needed

_BETWEEN_SENTENCES = re.compile(r"(?<=[.?!…]) ")


@dataclass(frozen=True, slots=True)
class Work:
    """What a release is made from. `art`: public names of pictures by what people call them."""

    show: Show
    episode: Episode
    outline: Outline
    programme: Programme
    art: Mapping[str, str]

    @property
    def base(self) -> str:
        """The address of the episode's folder, with its slash."""
        return f"{addresses.base(self.show)}{self.episode.slug}/"

    @property
    def link(self) -> str:
        """The address of the episode's page."""
        return f"{self.base}index.html"

    @property
    def title(self) -> str:
        """As it is published."""
        return plain.title(self.episode.title or self.outline.title or self.episode.slug)

    @property
    def language(self) -> str:
        """The language that is spoken."""
        return self.programme.transcript.language

    @property
    def transcript(self) -> Transcript:
        """The talk's, and what the spots say: who cannot hear one is told that it is there (WCAG 2.2, 1.2.2)."""
        talk, campaigns = self.programme.transcript, {campaign.name: campaign for campaign in self.show.campaigns}
        heard = [(spot, campaigns[spot.name]) for spot in self.programme.spots if spot.name in campaigns]
        told = (segment for spot, campaign in heard for segment in _told(spot, campaign, talk))
        return replace(talk, segments=tuple(sorted((*talk.segments, *told), key=lambda segment: segment.start)))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The programme's, with titles and addresses as they are published."""
        return tuple(
            replace(
                chapter, title=plain.title(chapter.title), url=plain.url(chapter.url), image=self.image(chapter.image)
            )
            for chapter in self.programme.chapters.chapters
        )

    @property
    def people(self) -> tuple[Person, ...]:
        """The show's and the episode's; the episode's word on a person wins, and what it leaves out is the show's.

        Each with a group.
        """
        known = {person.name: person for person in self.show.people}
        here = {person.name: _completed(person, known.get(person.name, person)) for person in self.episode.people}
        return tuple(replace(one, group=one.group or group_of(one.role)) for one in (known | here).values())

    @property
    def links(self) -> tuple[Link, ...]:
        """The links of what was talked about, in the order of the running order."""
        absent = {one.section_index for one in self.programme.chapters.absent}
        return tuple(link for part in self.outline.sections if part.index not in absent for link in part.links)

    @property
    def sponsors(self) -> tuple[Sponsor, ...]:
        """Those whose spot is in the programme, and those who have no campaign."""
        heard = {spot.name for spot in self.programme.spots}
        spoken = {campaign.sponsor for campaign in self.show.campaigns if campaign.name in heard}
        silent = {campaign.sponsor for campaign in self.show.campaigns} - spoken
        return tuple(sponsor for sponsor in self.show.sponsors if sponsor.name not in silent)

    @property
    def about(self) -> str:
        """What the episode is about; empty where nobody wrote it."""
        return plain.text(self.episode.summary or self.outline.summary or "")

    @property
    def summary(self) -> str:
        """What the episode is about. Raises InputError where nobody wrote it."""
        if not self.about:
            slug = self.episode.slug
            todo = f"write {needed(slug, 'summary')}"
            raise InputError("the episode has no summary", where=f"episodes/{slug}/episode.yaml: summary", todo=todo)
        return self.about

    @property
    def description(self) -> str:
        """The words under the episode; without the first of them where nobody wrote what it is about."""
        return description.render(
            self.about,
            language=self.language,
            people=self.people,
            chapters=self.chapters,
            links=self.links,
            sponsors=self.sponsors,
        )

    def image(self, name: str | None) -> str | None:
        """A picture's address: its own, or where its file is published."""
        return self.base + addresses.in_address(self.art[name]) if name and name in self.art else plain.url(name)


def _completed(person: Person, known: Person) -> Person:
    return replace(person, href=person.href or known.href, img=person.img or known.img)


def _told(spot: Spot, campaign: Campaign, talk: Transcript) -> Iterator[Segment]:
    """What a spot says, a sentence at a time by its share of the letters, behind the notice that a sponsor pays.

    Where nobody's name is known, the sponsor's stands in the notice: readers take a name for all that comes after it.
    """
    named, notice = any(segment.speaker for segment in talk.segments), wording(talk.language).advertisement
    paid = f"({notice})" if named else f"({notice}: {campaign.sponsor})"
    text = " ".join(part for part in (campaign.sponsor and paid, plain.line(campaign.says or "")) if part)
    letter, start = (spot.end - spot.start) / (len(text) + 1), float(spot.start)
    for sentence in _BETWEEN_SENTENCES.split(text) if text else ():
        end = start + letter * (len(sentence) + 1)
        yield Segment(round(start), round(end), sentence, (), campaign.sponsor if named else None)
        start = end


def item_of(work: Work, published: datetime, duration: int) -> Item:
    """The item, but for its enclosure: that is named after bytes which hold the description."""
    show, episode, base, language = work.show, work.episode, work.base, work.language
    return Item(
        guid=episode.guid or guids.item_guid(show, episode.slug),
        title=work.title,
        link=work.link,
        summary=work.summary,
        description=work.description,
        published=published,
        enclosure=Enclosure("", 0, ""),
        duration=duration,
        chapters=work.chapters,
        chapters_url=f"{base}chapters.json" if work.chapters else None,
        transcripts=(
            TranscriptLink(f"{base}transcript.vtt", webvtt.TYPE, language, "captions"),
            TranscriptLink(f"{base}transcript.srt", srt.TYPE, language, "captions"),
            TranscriptLink(f"{base}transcript.json", transcript_json.TYPE, language),
        ),
        people=work.people,
        image=work.image(episode.image),
        explicit=show.explicit if episode.explicit is None else episode.explicit,
        season=episode.season,
        number=episode.number,
        kind=episode.kind,
    )


def tag_of(
    work: Work, published: datetime | None, picture: bytes | None, pictures: Mapping[str, bytes] | None = None
) -> Tag:
    """What the feed says of the episode, for a file of it. published: None for a draft, whose file bears no date.

    picture, pictures: as in `Tag`.
    """
    return Tag(
        title=work.title,
        artist=work.show.author,
        album=work.show.title,
        day=published.date() if published else None,
        language=work.language,
        comment=work.description,
        link=work.link,
        number=work.episode.number,
        picture=picture,
        chapters=work.chapters,
        pictures=pictures or {},
    )
