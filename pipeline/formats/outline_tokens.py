"""Markdown to the pieces that a running order consists of: headings, texts, titled blocks.

CommonMark with GitHub's tables, bare links, task lists, alerts and footnotes, MkDocs' admonitions and YAML front
matter; read from markdown-it-py's tokens. Two liberties: an indented block is text, not code, because people indent
their bullets; and a comment that runs over several blocks stays hidden to its end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.gfm import gfm_plugin

from pipeline.errors import InputError
from pipeline.formats.outline_links import href, web_address
from pipeline.formats.outline_words import is_placeholder
from pipeline.model import Link

_MOST_NESTING = 100
_MOST_CHARACTERS = 3_000_000
_MOST_MARKS = 2_000
"""Brackets and colons in one paragraph: at each of them markdown-it-py looks at all that stands around it."""

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\ufeff\ufffd]")
_ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.-][^{}]*\}$")
"""What Google Docs, Pandoc and kramdown put behind a heading: `{#anchor}`, `{.unnumbered}`, `{-}`, `{: #anchor}`."""

_NOT_TEXT = ("<script", "<style", "<pre", "<textarea")


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading, a text, or either end of a titled block, without Markdown's marks.

    lines: the text as its author broke it; empty where a link says nothing but its address.
    links: what it leads to, http and https only.
    level, line: of a heading, its level and its line in the file from 0.
    listed: whether it stands in a list.
    """

    kind: Literal["heading", "text", "open", "close"]
    lines: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    level: int = 0
    line: int = 0
    listed: bool = False

    @property
    def text(self) -> str:
        """Its lines in one."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Reference:
    """A link reference definition, `[label]: url`, and its line in the file from 0."""

    link: Link
    line: int


def read(text: str, file: str) -> tuple[tuple[Piece, ...], tuple[Reference, ...]]:
    """The pieces of a file in order, and the definitions that its reference links name.

    Raises InputError if blocks are nested so deeply that the parser would leave out the rest, and for what would take
    it minutes, and no person writes.
    """
    if len(text) > _MOST_CHARACTERS:
        what = f"more than {_MOST_CHARACTERS} characters; this is not a file that a person wrote"
        raise InputError(what, where=file, todo="take out pictures and whatever else is not for the talk")
    source = unicodedata.normalize("NFC", text).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    env: dict[str, dict[str, dict[str, object]]] = {}
    try:
        tokens = _FILE.parse(source, env)
        _check_depth(tokens)
        pieces = tuple(_Walk(tokens).pieces())
    except InputError as error:
        error.where = f"{file}{error.where}"
        raise
    return pieces, tuple(_references(env.get("references", {})))


def _check_depth(tokens: list[Token]) -> None:
    """Raises InputError, at a line of no file."""
    if too_deep := next((token for token in tokens if token.level >= _MOST_NESTING - 1), None):
        raise InputError(
            f"lists or quotations are nested more than {_MOST_NESTING // 2} deep",
            where=f":{too_deep.map[0] + 1}" if too_deep.map else "",
            todo="bring them nearer to the margin",
        )


def _check_marks(state: StateCore) -> None:
    """Stands between the parser's reading of blocks and of what is in them. Raises InputError, in no file."""
    for token in state.tokens:
        if token.type == "inline" and sum(map(token.content.count, "[:")) > _MOST_MARKS:
            raise InputError(
                f"a paragraph with more than {_MOST_MARKS} brackets and colons, beginning with {token.content[:40]!r}",
                todo="part it with empty lines",
            )


def _references(defined: dict[str, dict[str, object]]) -> Iterator[Reference]:
    for definition in defined.values():
        url, lines = web_address(str(definition["href"])), definition.get("map")
        if url and isinstance(lines, list):
            yield Reference(Link("", url), int(lines[0]))


def _parser() -> MarkdownIt:
    parser = (
        MarkdownIt("commonmark", {"maxNesting": _MOST_NESTING}).use(admon_plugin).use(gfm_plugin, front_matter=True)
    )
    parser.core.ruler.after("block", "marks", _check_marks)
    return parser.disable("footnote_tail")


_FILE = _parser()
_BLOCK = _parser().disable(["code", "html_block", "front_matter"])
"""For text inside a block of HTML or behind an indent: tags are inline there, and an indent means nothing more."""


class _Comments:
    """What is left of texts when comments are taken out, those too that begin in one block and end in another."""

    def __init__(self, tokens: list[Token]) -> None:
        self._last_end = max((at for at, token in enumerate(tokens) if "-->" in token.content), default=-1)
        self.open = False

    def visible(self, text: str) -> str:
        shown, at = [], 0
        while at < len(text):
            mark = "-->" if self.open else "<!--"
            found = text.find(mark, at)
            if not self.open:
                shown.append(text[at : found if found >= 0 else None])
            if found < 0:
                break
            at = found + (3 if self.open else 2)
            self.open = not self.open
        return "".join(shown)

    def leave(self, at: int) -> None:
        """Ends a comment that nothing after token `at` ends, so that it hides its own block and no more."""
        self.open = self.open and at < self._last_end


class _Walk:
    """One pass over the tokens of a file, or of the text in a block of it, where headings open no section."""

    def __init__(self, tokens: list[Token], *, in_block: bool = False) -> None:
        self._tokens = tokens
        self._in_block = in_block
        self._comments = _Comments(tokens)
        self._row: list[Piece] = []
        self._lists = 0

    def pieces(self) -> Iterator[Piece]:
        for at, token in enumerate(self._tokens):
            if token.type == "inline":
                yield from self._inline(token, self._tokens[at - 1])
            elif token.type in ("html_block", "code_block"):
                yield from self._block(token.content)
            elif token.type == "tr_close":
                yield self._end_of_row()
            elif token.type == "admonition_close":
                yield Piece("close")
            elif token.type in ("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"):
                self._lists += token.nesting
            self._comments.leave(at)

    def _inline(self, token: Token, opener: Token) -> Iterator[Piece]:
        hidden = self._comments.open
        lines, links = _Inline(self._comments).read(token.children or [])
        piece = Piece("text", lines, links, listed=self._lists > 0)
        if opener.type in ("th_open", "td_open"):
            self._row.append(piece)
        elif opener.type == "heading_open" and opener.level == 0 and not self._in_block:
            if not hidden:
                lines = tuple(bare for line in lines if (bare := _ATTRIBUTES.sub("", line)))
                yield replace(piece, lines=lines, kind="heading", level=int(opener.tag[1]), line=(opener.map or [0])[0])
        elif opener.type == "admonition_title_open":
            yield replace(piece, kind="open")
        else:
            yield piece

    def _block(self, content: str) -> Iterator[Piece]:
        shown = dedent(self._comments.visible(content))
        if not shown.lstrip().lower().startswith(_NOT_TEXT):
            yield from _Walk(_BLOCK.parse(shown), in_block=True).pieces()

    def _end_of_row(self) -> Piece:
        cells = tuple(cell.text for cell in self._row if not is_placeholder(cell.text))
        links = tuple(link for cell in self._row for link in cell.links)
        self._row = []
        return Piece("text", (" · ".join(cells),), links)


class _Inline:
    """One inline run: its visible text by lines, and its links. Images, tags and footnote marks leave nothing."""

    def __init__(self, comments: _Comments) -> None:
        self._comments = comments
        self._text: list[str] = []
        self._links: list[Link] = []
        self._open: tuple[str, int, bool] | None = None

    def read(self, children: list[Token]) -> tuple[tuple[str, ...], tuple[Link, ...]]:
        for child in children:
            if child.type in ("text", "html_inline"):
                self._visible(child)
            elif self._comments.open:
                continue
            elif child.type == "code_inline":
                self._text.append(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                self._text.append("\n")
            elif child.type == "link_open":
                self._begin(str(child.attrGet("href") or ""), is_bare=child.markup == "autolink")
            elif child.type == "link_close":
                self._end()
        lines = (_tidy(line) for line in "".join(self._text).split("\n"))
        return tuple(line for line in lines if line), tuple(self._links)

    def _visible(self, child: Token) -> None:
        shown = self._comments.visible(child.content)
        if child.type == "text":
            self._text.append(shown)
        elif shown.lower().startswith("<br"):
            self._text.append("\n")
        elif shown.lower().startswith("</a"):
            self._end()
        elif shown and (url := href(shown)):
            self._begin(url, is_bare=False)

    def _begin(self, url: str, *, is_bare: bool) -> None:
        self._open = (url, len(self._text), is_bare)

    def _end(self) -> None:
        if self._open is None:
            return
        (url, at, is_bare), self._open = self._open, None
        text = _tidy(" ".join(self._text[at:]))
        if is_bare or "://" in text:
            del self._text[at:]
            text = ""
        if address := web_address(url):
            self._links.append(Link(text, address))


def _tidy(text: str) -> str:
    """One line of plain text: single spaces, no control characters, no brackets that an address has left empty."""
    return " ".join(_UNSEEN.sub("", text).replace("()", " ").replace("[]", " ").split())
