"""The Podcast Taxonomy's roles and groups, which `podcast:person` takes whatever their case.

Source: https://podcasttaxonomy.com, as the podcast namespace has it in its taxonomy.json, where
translators are spelt with an e.
"""

from __future__ import annotations

from difflib import get_close_matches

_ROLES = {
    "creative direction": "director, assistant director, executive producer, senior producer, producer, "
    "associate producer, development producer, creative director",
    "cast": "host, co-host, guest host, guest, voice actor, narrator, announcer, reporter",
    "writing": "author, editorial director, co-writer, writer, songwriter, guest writer, story editor, "
    "managing editor, script editor, script coordinator, researcher, editor, fact checker, translater, "
    "translator, transcriber, logger",
    "audio production": "studio coordinator, technical director, technical manager, audio engineer, "
    "remote recording engineer, post production engineer",
    "audio post-production": "audio editor, sound designer, foley artist, composer, theme music, music production, "
    "music contributor",
    "administration": "production coordinator, booking coordinator, production assistant, content manager, "
    "marketing manager, sales representative, sales manager",
    "visuals": "graphic designer, cover art designer",
    "community": "social media manager",
    "misc.": "consultant, intern",
    "video production": "camera operator, lighting designer, camera grip, assistant camera",
    "video post-production": "editor, assistant editor",
}
GROUPS = tuple(_ROLES)
ROLES = tuple(dict.fromkeys(role for roles in _ROLES.values() for role in roles.split(", ")))

_USUAL = ("host", "co-host", "guest", "producer", "audio editor")


def group_of(role: str) -> str:
    """The group of a role, the first where it is known in two."""
    return next((group for group, roles in _ROLES.items() if role.casefold() in roles.split(", ")), "cast")


def wrong_role(text: str) -> str | None:
    """What is wrong with a person's role, None for nothing."""
    return _wrong(text, ROLES, f"a role is one of the Podcast Taxonomy's, as in {', '.join(_USUAL)}")


def wrong_group(text: str) -> str | None:
    """What is wrong with a person's group, None for nothing."""
    return _wrong(text, GROUPS, f"a group is one of {', '.join(GROUPS)}")


def _wrong(text: str, known: tuple[str, ...], todo: str) -> str | None:
    said = text.casefold()
    if said in known:
        return None
    near = get_close_matches(said.strip(), known, n=1)
    return f"{text!r} is not known{f'; {near[0]!r} is' if near else ''}: {todo}"
