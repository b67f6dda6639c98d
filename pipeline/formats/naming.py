"""What sections are called: by listeners, and by editors in chapters.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from pipeline.formats.outline_words import fold
from pipeline.formats.planned import uncounted, unplanned
from pipeline.model import Absent, Chapter, Chapters, Included, Section

_TITLE_LENGTH = 40

T = TypeVar("T", Absent, Included)


def as_read(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Sections under titles without what only the plan says: how long they are to be, and the number they count by."""
    return tuple(replace(section, title=unplanned(section.title)) for section in uncounted(sections))


def listener_titles(sections: Sequence[Section]) -> dict[int, str]:
    """What a listener sees: the bare title, told apart by its parent, its first point or a number where it repeats;
    without the length that it is planned for and the number that the plan counts it by.

    A section without a title of its own is called by its first point that is short enough, and "" without one.
    """
    sections = as_read(sections)
    talk = [section for section in sections if section.role == "talk"]
    bare = [section.title.casefold() for section in talk]
    taken: set[str] = set()
    names: dict[int, str] = {}
    for section in talk:
        options = _names(section, sections, repeats=bare.count(section.title.casefold()) > 1)
        names[section.index] = next(name for name in options if name.casefold() not in taken or not name)
        taken.add(names[section.index].casefold())
    return names


def _names(section: Section, sections: Sequence[Section], *, repeats: bool) -> Iterator[str]:
    """What a section may be called, best first; an endless supply, or "" at its end."""
    if not section.title:
        yield from (text for text in section.body if len(text) <= _TITLE_LENGTH)
        yield ""
    parent = sections[section.parent] if section.parent is not None else None
    if repeats and parent is not None and parent.role == "talk":
        yield f"{parent.title} · {section.title}"
    yield section.title
    if repeats:
        yield from (name for text in section.body if len(name := f"{section.title} · {text}") <= _TITLE_LENGTH)
    yield from (f"{section.title} ({number})" for number in count(2))


def find_section(name: str, sections: Sequence[Section]) -> list[Section]:
    """The sections that a name in chapters.yaml can mean: a title, as much of `parent / title` as one likes, and
    ` #2` behind it for the second of its kind; or else what listeners read."""
    talk = [section for section in sections if section.role == "talk"]
    base, _, number = name.rpartition(" #")
    # A heading may itself be called `CI / CD` or `Debate #2`: what stands there comes before what it would mean.
    if found := _of_path(name, talk):
        return found
    if base and number.isdecimal() and (found := _of_path(base, talk)):
        return found[int(number) - 1 : int(number)]
    read = listener_titles(sections)
    return [section for section in talk if name and fold(read[section.index]) == fold(name)]


def _of_path(name: str, talk: Sequence[Section]) -> list[Section]:
    return [section for section in talk if _plain(name) in map(_plain, _path_names(section))]


def _path_names(section: Section) -> list[str]:
    """Its title, `parent / title` and so on."""
    return [" / ".join(section.path[-depth:]) for depth in range(1, len(section.path) + 1)]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def name_of(section: Section, sections: Sequence[Section]) -> str:
    """The shortest name that means this section alone: its title, `parent / title` and so on, with ` #2` if it must."""
    names = _path_names(section)
    alike = {name: find_section(name, sections) for name in names}
    numbered = (f"{name} #{found.index(section) + 1}" for name, found in alike.items())
    return next((name for name in (*names, *numbered) if find_section(name, sections) == [section]), names[-1])


def identities(sections: Sequence[Section]) -> tuple[str, ...]:
    """What each section of the talk is in any version of the running order: its titles from the top, without the
    episode's own, and its place among as many of the same titles; "" for a heading that is none of the talk.

    Where one of two is taken out, nobody can tell which is left: it is neither then.
    """
    talk = [section for section in sections if section.role == "talk"]
    paths = {section.index: "\n".join(map(_plain, _below_title(section, sections))) for section in talk}
    alike = {path: [index for index in paths if paths[index] == path] for path in paths.values()}
    named = {index: _placed(path, alike[path].index(index), len(alike[path])) for index, path in paths.items()}
    return tuple(named.get(section.index, "") for section in sections)


def _placed(path: str, place: int, of: int) -> str:
    return f"{path}\n{place + 1} of {of}" if of > 1 else path


def _below_title(section: Section, sections: Sequence[Section]) -> tuple[str, ...]:
    root = section
    while root.parent is not None:
        root = sections[root.parent]
    return section.path[1:] if root.role == "title" else section.path


def followed(chapters: Chapters, sections: Sequence[Section]) -> Chapters:
    """Chapters that were made of another version of the running order, as this one counts its sections.

    The chapter of a section that is gone stands for none; what was listed under it, or left out, stays if it is there.
    """
    named = identities(sections)
    if chapters.sections == named:
        return chapters
    now = {index: named.index(name) if name in named else None for index, name in enumerate(chapters.sections) if name}
    return replace(
        chapters,
        chapters=tuple(_followed(chapter, now) for chapter in chapters.chapters),
        absent=tuple(_counted(chapters.absent, now)),
        sections=named,
    )


def _followed(chapter: Chapter, now: dict[int, int | None]) -> Chapter:
    includes = tuple(_counted(chapter.includes, now))
    if chapter.section_index is None:
        return replace(chapter, includes=includes)
    if (index := now.get(chapter.section_index)) is not None:
        return replace(chapter, section_index=index, includes=includes)
    why = "no longer in the running order"
    return replace(chapter, section_index=None, why=why, review=False, elsewhere=(), includes=includes)


def _counted(listed: Iterable[T], now: dict[int, int | None]) -> Iterator[T]:
    for one in listed:
        if (index := now.get(one.section_index)) is not None:
            yield replace(one, section_index=index)
