from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.errors import EscaletaError, GuardError, InputError, WorkspaceError
from pipeline.formats import feed_reading, guids, ledger, rss
from pipeline.formats.ledger import Ledger
from pipeline.model import Item, Person, Release
from pipeline.stages.cards import card
from pipeline.stages.guards import Guard
from pipeline.stages.look import look
from pipeline.stages.plan import plan
from pipeline.stages.publish import publish
from pipeline.store import digest, whole_file
from pipeline.tools.storage import LocalFolder

DUE = datetime(2023, 4, 12, 5, tzinfo=UTC)
LATER = datetime(2023, 6, 1, 7, tzinfo=UTC)


def titles(document: bytes) -> list[str]:
    return [feed_reading.name(item) for item in feed_reading.items(feed_reading.read(document, where="test").channel)]


def built(document: bytes) -> str | None:
    return feed_reading.text(feed_reading.read(document, where="test").channel, "lastBuildDate")


def test_what_lies_in_the_public_folder(desk: Any) -> None:
    ready = desk.release()
    publication = desk.publish(ready)
    files = {file.name for file in ready.release.files}
    (cover,) = desk.public.glob("cover-*.png")
    assert set(dict(LocalFolder(desk.public, whole_file).sizes())) == {"feed.xml", "index.html", cover.name, *files}
    assert publication.new == ("mlops",)
    assert publication.written[-1] == "feed.xml"
    assert next(name for name in publication.written if name in files) == ready.release.files[0].name


def test_a_second_run_writes_nothing(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    before = {path: path.stat().st_mtime_ns for path in desk.public.rglob("*")}
    entries = desk.ledger
    publication = desk.publish(ready, now=desk.now + timedelta(days=300))
    assert (publication.written, publication.new) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in desk.public.rglob("*")} == before
    assert desk.ledger == entries


def test_only_what_is_due_goes_out(desk: Any) -> None:
    first, second = desk.release(), desk.release("dos", title="Dos", published=LATER)
    publication = desk.publish(first, second)
    assert titles(desk.feed()) == ["MLOps: del cuaderno a producción"]
    assert [card.slug for card in publication.waiting] == ["dos"]
    assert not (desk.public / "dos").exists()
    assert desk.publish(first, second, now=LATER - timedelta(seconds=1)).new == ()
    assert desk.publish(first, second, now=LATER).new == ("dos",)
    assert titles(desk.feed()) == ["Dos", "MLOps: del cuaderno a producción"]


def test_a_missed_run_heals_with_the_bytes_of_a_punctual_one(desk: Any, tmp_path: Path, tone: Path) -> None:
    ready = [desk.release(), desk.release("dos", title="Dos", published=LATER)]
    desk.publish(*ready)
    ledger, feed = desk.ledger, desk.feed()
    desk.publish(*ready, now=LATER)
    on_time = desk.feed()
    desk.ledger = ledger
    (desk.public / "feed.xml").write_bytes(feed)
    desk.publish(*ready, now=LATER + timedelta(hours=9))
    assert desk.feed() == on_time


def test_the_order_of_folders_does_not_matter(desk: Any) -> None:
    ready = [desk.release(slug, title=slug) for slug in ("b", "a", "c")]
    desk.publish(*ready)
    one = desk.feed()
    desk.publish(*reversed(ready))
    assert desk.feed() == one


def test_last_build_date_is_the_newest_change(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    assert built(desk.feed()) == "Wed, 12 Apr 2023 05:00:00 +0000"
    changed = datetime(2023, 7, 1, tzinfo=UTC)
    desk.publish(desk.release(title="Otro"), now=changed)
    assert built(desk.feed()) == "Sat, 01 Jul 2023 00:00:00 +0000"
    desk.publish(desk.release(title="Otro"), now=changed + timedelta(days=9))
    assert built(desk.feed()) == "Sat, 01 Jul 2023 00:00:00 +0000"


def test_a_change_of_the_show_counts(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.show = replace(desk.show, description="Otra")
    desk.publish(ready, now=datetime(2023, 8, 1, tzinfo=UTC))
    assert built(desk.feed()) == "Tue, 01 Aug 2023 00:00:00 +0000"


def test_what_listeners_do_not_see_changes_nothing(desk: Any, talk: Any) -> None:
    """A glossary, how sure the aligner was: the feed stays as it is, to the byte."""
    desk.publish(desk.release())
    before = desk.feed()
    unsure = talk()
    chapters = tuple(replace(chapter, confidence=0.3, why="otra razón") for chapter in unsure.chapters.chapters)
    unsure = replace(unsure, chapters=replace(unsure.chapters, chapters=chapters))
    desk.show = replace(desk.show, glossary=("Veridas",))
    assert desk.publish(desk.release(programme=unsure), now=LATER).written == ()
    assert desk.feed() == before


def test_a_new_cover_has_a_new_address(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    (old,) = desk.public.glob("cover-*.png")
    desk.cover.write_bytes(b"\xff\xd8\xffanother cover")
    desk.publish(ready)
    assert len(list(desk.public.glob("cover-*.png"))) == 2
    assert old.name.encode() not in desk.feed()


def test_changed_sound_has_a_new_address_and_the_old_file_stays(desk: Any) -> None:
    before = desk.release()
    desk.publish(before)
    after = desk.release(title="Otro")
    desk.publish(after, now=LATER)
    assert before.release.item.enclosure.url != after.release.item.enclosure.url
    assert len(list((desk.public / "mlops").glob("*.mp3"))) == 2
    (entry,) = desk.ledger.entries
    assert entry.url == after.release.item.enclosure.url
    assert (entry.first_published, entry.changed) == (desk.now, LATER)


def test_a_feed_without_episodes(desk: Any) -> None:
    desk.publish()
    assert titles(desk.feed()) == []
    once = desk.feed()
    desk.publish(now=LATER)
    assert desk.feed() == once


def test_no_more_than_a_part_of_the_feed_is_held(desk: Any) -> None:
    """Of 600 episodes, each read from the shelf when its turn comes; the feed is that of items all at hand."""
    ready = desk.release()

    @dataclass(frozen=True)
    class Shelf:
        held: list[int]

        def release(self, slug: str) -> Release:
            number = int(slug)
            if number % 100 == 0:
                self.held.append(sum(type(one) is Item for one in gc.get_objects()))
            item = replace(ready.release.item, guid=slug, title=slug, published=DUE + timedelta(number))
            return replace(ready.release, slug=slug, item=item)

        def folder(self, slug: str) -> Path:
            return Path(ready.folder)

    shelf, now = Shelf([]), DUE + timedelta(600)
    cards = [card(shelf.release(str(number)), None, now) for number in range(600)]
    planned = plan(desk.show, cards, ledger.Ledger(), now=now, cover=desk.cover)
    publish(planned, shelf, storage=LocalFolder(desk.public, whole_file), record=desk.record)
    assert titles(desk.feed()) == [str(number) for number in reversed(range(600))]
    assert len(shelf.held) >= 6
    assert max(shelf.held) <= rss.ARCHIVED + 10


def test_a_draft_that_finds_no_room_leaves_ledger_and_feed(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stages.publish._CHUNK", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(desk.root / "nowhere"))
    with pytest.raises(WorkspaceError, match="cannot be drafted"):
        desk.publish(desk.release())
    assert desk.ledger == ledger.Ledger()
    assert not (desk.public / "feed.xml").exists()


def test_a_feed_that_cannot_be_made_leaves_all_that_is_public(desk: Any) -> None:
    desk.publish(desk.release())
    before = {path: path.read_bytes() for path in desk.public.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match="XML compatible"):
        desk.publish(desk.release(people=(Person("Ana", role="\0"),)))
    assert {path: path.read_bytes() for path in desk.public.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["mlops", "%6dlops", "cover-{cover}.png"])
def test_a_feed_that_would_lie_where_something_else_does(desk: Any, name: str) -> None:
    name = name.format(cover=digest(desk.cover.read_bytes())[:8])
    desk.show = replace(desk.show, feed_url=f"https://tertulia.example.org/{name}")
    with pytest.raises(InputError, match="where something else of the show lies") as caught:
        desk.publish(desk.release())
    assert caught.value.where == "feed/show.yaml: feed_url"
    assert not desk.public.exists()


# ── guards ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def refused(desk: Any, kind: str, *ready: Any, **options: Any) -> GuardError:
    """The same run twice: refused as it is, and allowed when asked for; nothing public changes in between."""
    before = desk.feed()
    with pytest.raises(GuardError) as caught:
        desk.publish(*ready, **options)
    assert desk.feed() == before
    assert f"--allow {kind}" in caught.value.todo
    with pytest.raises(GuardError):
        desk.publish(*ready, allow=set(Guard) - {kind}, **options)
    desk.publish(*ready, allow={kind}, **options)
    assert desk.ledger.allowances[-1].kind == kind
    return caught.value


def test_a_changed_guid(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    error = refused(desk, "guid", desk.release(guid="another"), now=LATER)
    assert ready.release.item.guid in error.todo
    assert [entry.guid for entry in desk.ledger.entries] == ["another"]
    assert (desk.ledger.allowances[0].slug, desk.ledger.allowances[0].at) == ("mlops", LATER)


MOVED = "https://elsewhere.example.org/feed.xml"


def channel_guid(document: bytes) -> str | None:
    return feed_reading.text(feed_reading.read(document, where="test").channel, "podcast:guid")


def test_a_feed_that_moved_keeps_its_guid(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    old = guids.feed_guid(desk.show)
    assert desk.ledger.guid == channel_guid(desk.feed()) == old
    desk.show = replace(desk.show, feed_url=MOVED)
    error = refused(desk, "guid", ready, now=LATER)
    assert error.todo == f"write `guid: {old}` into feed/show.yaml, or --allow guid"
    assert desk.ledger.guid == channel_guid(desk.feed()) == guids.feed_guid(desk.show) != old


def test_a_feed_that_moved_and_says_what_it_was_is_the_same(desk: Any) -> None:
    desk.publish(desk.release())
    desk.show = replace(desk.show, feed_url=MOVED, guid=desk.ledger.guid)
    desk.publish(desk.release(), now=LATER)
    assert desk.ledger.allowances == ()
    assert channel_guid(desk.feed()) == desk.ledger.guid == desk.show.guid


def test_a_feed_that_moved_says_where_it_is_now(desk: Any) -> None:
    """Apple asks for it in the new feed; one that is not listed tells no directory where it is."""

    def said() -> str | None:
        return feed_reading.text(feed_reading.read(desk.feed(), where="test").channel, "itunes:new-feed-url")

    own = guids.feed_guid(desk.show)
    desk.show = replace(desk.show, guid=own.upper())
    desk.publish(desk.release())
    assert said() is None
    desk.show = replace(desk.show, feed_url=MOVED)
    desk.publish(desk.release(), now=LATER)
    assert said() == MOVED
    desk.show = replace(desk.show, listed=False)
    desk.publish(desk.release(), now=LATER)
    assert said() is None


def test_what_brings_the_guids_of_episodes_back_where_the_feed_moved(desk: Any) -> None:
    """One line in show.yaml for all that followed from it; an episode's own is the episode's business."""
    desk.publish(desk.release(), desk.release("dos", guid="mine"))
    old = desk.ledger.guid
    desk.show = replace(desk.show, feed_url=MOVED)
    with pytest.raises(GuardError) as caught:
        desk.publish(desk.release(), desk.release("dos", guid="another"), now=LATER)
    assert caught.value.todo.split(" · ") == [
        f"write `guid: {old}` into feed/show.yaml, or --allow guid",
        "write `guid: mine` into its episode.yaml, or --allow guid",
    ]


def test_a_ledger_from_before_the_feeds_guid_takes_it_down(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.ledger = replace(desk.ledger, guid=None)
    before = desk.feed()
    assert desk.publish(ready, now=LATER).written == ()
    assert desk.feed() == before
    assert desk.ledger.guid == guids.feed_guid(desk.show)


def test_a_feed_without_episodes_may_still_become_another(desk: Any) -> None:
    desk.publish()
    desk.show = replace(desk.show, feed_url=MOVED)
    desk.publish(now=LATER)
    assert desk.ledger.guid == guids.feed_guid(desk.show)


def test_a_changed_date(desk: Any) -> None:
    desk.publish(desk.release())
    error = refused(desk, "date", desk.release(published=DUE + timedelta(hours=1)), now=LATER)
    assert "2023-04-12T05:00:00+00:00" in error.todo
    assert desk.ledger.entries[0].published == DUE + timedelta(hours=1)


def test_the_same_moment_in_another_zone_is_no_change(desk: Any) -> None:
    desk.publish(desk.release())
    madrid = DUE.astimezone(ZoneInfo("Europe/Madrid"))
    desk.publish(desk.release(published=madrid))
    assert desk.ledger.allowances == ()


def test_a_vanished_episode(desk: Any) -> None:
    one, two = desk.release(), desk.release("dos", title="Dos")
    desk.publish(one, two)
    refused(desk, "removal", two, now=LATER)
    assert titles(desk.feed()) == ["Dos"]
    assert built(desk.feed()) == "Thu, 01 Jun 2023 07:00:00 +0000"


def test_a_clock_that_runs_backwards(desk: Any) -> None:
    desk.publish(desk.release())
    refused(desk, "clock", desk.release(), now=DUE - timedelta(days=1))
    assert titles(desk.feed()) == []


def test_a_feed_of_which_no_ledger_knows(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.record(Ledger())
    fault = refused(desk, "ledger", ready)
    assert fault.where == "feed/ledger.yaml"
    assert [allowance.kind for allowance in desk.ledger.allowances] == ["ledger"]


def test_a_feed_that_is_newer_than_the_ledger(desk: Any) -> None:
    """Published from another machine, or the ledger comes from a backup."""
    ready = desk.release()
    desk.publish(ready)
    known = desk.ledger.last_changed
    public = look(desk.feed())
    for built in (None, known, datetime(2099, 1, 1, tzinfo=UTC)):
        desk.publish(ready, public=replace(public, built=built))
    fault = refused(desk, "ledger", ready, public=replace(public, built=known + timedelta(seconds=1)))
    assert fault.what == f"it ends at {known:%Y-%m-%d %H:%M} UTC, but the public feed is of {known:%Y-%m-%d %H:%M} UTC"


def test_once_a_clock_is_right_again_nothing_waits_for_when_it_said_it_was(desk: Any) -> None:
    """It ran decades ahead: an episode went out, another sound took the place of one, and the show's name changed."""
    ahead = datetime(2099, 1, 1, tzinfo=UTC)
    one = desk.release()
    desk.publish(one)
    two, changed = desk.release("dos", published=LATER), desk.release(title="Otro")
    desk.show = replace(desk.show, title="Otra")
    desk.publish(changed, two, now=ahead)
    refused(desk, "clock", changed, two, now=LATER)
    times = [(entry.first_published, entry.changed) for entry in desk.ledger.entries]
    assert times == [(desk.now, LATER), (LATER, LATER)]
    assert [retired.since for retired in desk.ledger.retired] == [LATER]
    assert desk.ledger.changed == LATER
    assert built(desk.feed()) == "Thu, 01 Jun 2023 07:00:00 +0000"
    later = desk.publish(changed, two, now=LATER + timedelta(minutes=10))
    assert later.written == ()


def test_a_renamed_folder_is_the_same_episode(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.publish(desk.release("otro", guid=ready.release.item.guid))
    assert [entry.slug for entry in desk.ledger.entries] == ["otro"]


def test_every_objection_at_once(desk: Any) -> None:
    desk.publish(desk.release(), desk.release("dos"))
    with pytest.raises(GuardError) as caught:
        desk.publish(desk.release(guid="x", published=DUE + timedelta(1)))
    for word in ("GUID", "date", "not there any more"):
        assert word in caught.value.what


def test_two_episodes_with_one_guid(desk: Any) -> None:
    with pytest.raises(InputError, match="same GUID"):
        desk.publish(desk.release(guid="x"), desk.release("dos", guid="x"))


# ── interrupted, damaged ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Mortal:
    """A local folder whose process is killed after so many steps; a step is a write, begun or done."""

    folder: LocalFolder
    steps: int
    watch: Callable[[], None]

    def _step(self) -> None:
        self.watch()
        self.steps -= 1
        if self.steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self, name: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        self._step()
        self.folder.put(name, self._dying(chunks), type=type, lasting=lasting)
        self._step()

    def put_file(self, name: str, source: Path, *, type: str, lasting: bool) -> None:
        self._step()
        if lasting:
            self.folder.put_file(name, source, type=type, lasting=lasting)
        else:
            self.folder.put(name, self._dying([source.read_bytes()]), type=type, lasting=lasting)
        self._step()

    def _dying(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk
            self._step()

    def replace(self, name: str, chunks: Iterable[bytes], *, type: str, seen: str | None) -> tuple[str, ...]:
        self._step()
        notes = self.folder.replace(name, self._dying(chunks), type=type, seen=seen)
        self._step()
        return notes

    def sizes(self) -> Iterator[tuple[str, int]]:
        return self.folder.sizes()

    def read(self, name: str) -> bytes | None:
        return self.folder.read(name)

    def settle(self, now: datetime) -> tuple[str, ...]:
        self._step()
        return ()

    def digest(self, name: str) -> str | None:
        return self.folder.digest(name)


def named(desk: Any) -> Iterator[tuple[str, int | None]]:
    """Every file that the public feed names, with the length that it gives."""
    if not (desk.public / "feed.xml").exists():
        return
    feed = feed_reading.read(desk.feed(), where="test").channel
    base = "https://tertulia.example.org/"
    for element in feed.iter():
        url = element.get("url") or element.get("href") or ""
        if url.startswith((f"{base}mlops/", f"{base}dos/", f"{base}cover")):
            length = element.get("length")
            yield url.removeprefix(base), int(length) if length else None


def in_a_process(act: Callable[[], object]) -> int:
    """Runs it in a process of its own: 0, or the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def test_killed_between_any_two_steps(desk: Any) -> None:
    """After each kill -9 the feed names only what is there; the next run ends with the bytes of an undisturbed one."""

    def whole() -> None:
        for name, length in named(desk):
            path = desk.public / name
            assert path.is_file() and length in (None, path.stat().st_size), name

    old, new = desk.release(), desk.release("dos", title="Dos")
    desk.publish(old, now=LATER)
    shutil.copytree(desk.public, desk.root / "start")
    start = desk.ledger
    ready = [desk.release(title="Cambiado"), new]
    desk.publish(*ready, now=LATER)
    undisturbed, final = desk.feed(), desk.ledger
    folder = LocalFolder(desk.public, whole_file)
    for steps in itertools.count():
        shutil.rmtree(desk.public)
        shutil.copytree(desk.root / "start", desk.public)
        desk.ledger = start
        mortal = Mortal(folder, steps, whole)
        killed = in_a_process(lambda mortal=mortal: desk.publish(*ready, now=LATER, storage=mortal))
        whole()
        if not killed:
            break
        desk.publish(*ready, now=LATER)
        whole()
        assert (desk.feed(), desk.ledger) == (undisturbed, final)
    assert steps > 30
    assert (desk.feed(), desk.ledger) == (undisturbed, final)


def test_a_damaged_copy_never_reaches_the_feed(desk: Any) -> None:
    class Forgetful(LocalFolder):
        def put(self, name: str, chunks: Iterable[bytes], *, type: str = "", lasting: bool = False) -> None:
            LocalFolder.put(self, name, [b"".join(chunks)[:-1]])

        def put_file(self, name: str, source: Path, *, type: str = "", lasting: bool = False) -> None:
            self.put(name, [source.read_bytes()])

    with pytest.raises(WorkspaceError, match="not what was released"):
        desk.publish(desk.release(), storage=Forgetful(desk.public, whole_file))
    assert not (desk.public / "feed.xml").exists()
    assert desk.ledger == ledger.Ledger()


def test_a_file_that_vanished_from_the_target_comes_back(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    (desk.public / "mlops" / "chapters.json").unlink()
    assert desk.publish(ready).written == ("mlops/chapters.json",)


def test_a_release_whose_files_are_gone(desk: Any) -> None:
    ready = desk.release()
    (ready.folder / "chapters.json").unlink()
    with pytest.raises(InputError, match="missing") as caught:
        desk.publish(ready)
    assert "escaleta produce" in caught.value.todo


def test_foreign_files_are_left_alone(desk: Any) -> None:
    desk.public.mkdir()
    (desk.public / "CNAME").write_text("tertulia.example.org")
    desk.publish(desk.release())
    assert (desk.public / "CNAME").read_text() == "tertulia.example.org"


def test_a_cover_that_is_not_there(desk: Any) -> None:
    ready = desk.release()
    desk.cover.unlink()
    with pytest.raises(EscaletaError, match="cannot be read"):
        desk.publish(ready)


def test_a_cover_that_is_no_picture(desk: Any) -> None:
    ready = desk.release()
    desk.cover.write_bytes(b"garbage\n")
    with pytest.raises(InputError, match="is not a picture") as caught:
        desk.publish(ready)
    assert caught.value.where == str(desk.cover)
    assert not desk.public.exists()


def test_sound_is_shared_with_its_release_and_a_file_that_people_edit_is_not(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    (public,) = (desk.public / "mlops").glob("*.mp3")
    assert public.samefile(ready.folder / public.name)
    (cover,) = desk.public.glob("cover*")
    assert cover.read_bytes() == desk.cover.read_bytes()
    assert not cover.samefile(desk.cover)
