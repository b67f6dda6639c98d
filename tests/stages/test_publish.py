from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Set
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


def test_what_lies_in_the_public_folder(publisher: Any) -> None:
    ready = publisher.release()
    publication = publisher.publish(ready)
    files = {file.name for file in ready.release.files}
    (cover,) = publisher.public.glob("cover-*.png")
    assert set(dict(LocalFolder(publisher.public, whole_file).sizes())) == {
        "feed.xml",
        "index.html",
        cover.name,
        *files,
    }
    assert publication.new == ("mlops",)
    assert publication.written[-1] == "feed.xml"
    assert next(name for name in publication.written if name in files) == ready.release.files[0].name


def test_a_second_run_writes_nothing(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    before = {path: path.stat().st_mtime_ns for path in publisher.public.rglob("*")}
    entries = publisher.ledger
    publication = publisher.publish(ready, now=publisher.now + timedelta(days=300))
    assert (publication.written, publication.new) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in publisher.public.rglob("*")} == before
    assert publisher.ledger == entries


def test_only_what_is_due_goes_out(publisher: Any) -> None:
    first, second = publisher.release(), publisher.release("dos", title="Dos", published=LATER)
    publication = publisher.publish(first, second)
    assert titles(publisher.feed()) == ["MLOps: del cuaderno a producción"]
    assert [card.slug for card in publication.waiting] == ["dos"]
    assert not (publisher.public / "dos").exists()
    assert publisher.publish(first, second, now=LATER - timedelta(seconds=1)).new == ()
    assert publisher.publish(first, second, now=LATER).new == ("dos",)
    assert titles(publisher.feed()) == ["Dos", "MLOps: del cuaderno a producción"]


def test_a_missed_run_heals_with_the_bytes_of_a_punctual_one(publisher: Any, tmp_path: Path, tone: Path) -> None:
    ready = [publisher.release(), publisher.release("dos", title="Dos", published=LATER)]
    publisher.publish(*ready)
    ledger, feed = publisher.ledger, publisher.feed()
    publisher.publish(*ready, now=LATER)
    on_time = publisher.feed()
    publisher.ledger = ledger
    (publisher.public / "feed.xml").write_bytes(feed)
    publisher.publish(*ready, now=LATER + timedelta(hours=9))
    assert publisher.feed() == on_time


def test_the_order_of_folders_does_not_matter(publisher: Any) -> None:
    ready = [publisher.release(slug, title=slug) for slug in ("b", "a", "c")]
    publisher.publish(*ready)
    one = publisher.feed()
    publisher.publish(*reversed(ready))
    assert publisher.feed() == one


def test_last_build_date_is_the_newest_change(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    assert built(publisher.feed()) == "Wed, 12 Apr 2023 05:00:00 +0000"
    changed = datetime(2023, 7, 1, tzinfo=UTC)
    publisher.publish(publisher.release(title="Otro"), now=changed)
    assert built(publisher.feed()) == "Sat, 01 Jul 2023 00:00:00 +0000"
    publisher.publish(publisher.release(title="Otro"), now=changed + timedelta(days=9))
    assert built(publisher.feed()) == "Sat, 01 Jul 2023 00:00:00 +0000"


def test_a_change_of_the_show_counts(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    publisher.show = replace(publisher.show, description="Otra")
    publisher.publish(ready, now=datetime(2023, 8, 1, tzinfo=UTC))
    assert built(publisher.feed()) == "Tue, 01 Aug 2023 00:00:00 +0000"


def test_what_listeners_do_not_see_changes_nothing(publisher: Any, talk: Any) -> None:
    """A glossary, how sure the aligner was: the feed stays as it is, to the byte."""
    publisher.publish(publisher.release())
    before = publisher.feed()
    unsure = talk()
    chapters = tuple(replace(chapter, confidence=0.3, why="otra razón") for chapter in unsure.chapters.chapters)
    unsure = replace(unsure, chapters=replace(unsure.chapters, chapters=chapters))
    publisher.show = replace(publisher.show, glossary=("Veridas",))
    assert publisher.publish(publisher.release(programme=unsure), now=LATER).written == ()
    assert publisher.feed() == before


def test_a_new_cover_has_a_new_address(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    (old,) = publisher.public.glob("cover-*.png")
    publisher.cover.write_bytes(b"\xff\xd8\xffanother cover")
    publisher.publish(ready)
    assert len(list(publisher.public.glob("cover-*.png"))) == 2
    assert old.name.encode() not in publisher.feed()


def test_changed_sound_has_a_new_address_and_the_old_file_stays(publisher: Any) -> None:
    before = publisher.release()
    publisher.publish(before)
    after = publisher.release(title="Otro")
    publisher.publish(after, now=LATER)
    assert before.release.item.enclosure.url != after.release.item.enclosure.url
    assert len(list((publisher.public / "mlops").glob("*.mp3"))) == 2
    (entry,) = publisher.ledger.entries
    assert entry.url == after.release.item.enclosure.url
    assert (entry.first_published, entry.changed) == (publisher.now, LATER)


def test_a_feed_without_episodes(publisher: Any) -> None:
    publisher.publish()
    assert titles(publisher.feed()) == []
    once = publisher.feed()
    publisher.publish(now=LATER)
    assert publisher.feed() == once


def test_no_more_than_a_part_of_the_feed_is_held(publisher: Any) -> None:
    """Of 600 episodes, each read from the shelf when its turn comes; the feed is that of items all at hand."""
    ready = publisher.release()

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

        def keep(self, release: Release) -> None:
            """Nothing is put by."""

        def drop_others(self, slugs: Set[str]) -> None:
            """Nothing was."""

    shelf, now = Shelf([]), DUE + timedelta(600)
    cards = [card(shelf.release(str(number)), None, now) for number in range(600)]
    planned = plan(publisher.show, cards, ledger.Ledger(), now=now, cover=publisher.cover)
    publish(planned, shelf, storage=LocalFolder(publisher.public, whole_file), record=publisher.record)
    assert titles(publisher.feed()) == [str(number) for number in reversed(range(600))]
    assert len(shelf.held) >= 6
    assert max(shelf.held) <= rss.ARCHIVED + 10


def test_a_draft_that_finds_no_room_leaves_ledger_and_feed(publisher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stages.publish._CHUNK", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(publisher.root / "nowhere"))
    with pytest.raises(WorkspaceError, match="cannot be drafted"):
        publisher.publish(publisher.release())
    assert publisher.ledger == ledger.Ledger()
    assert not (publisher.public / "feed.xml").exists()


def test_a_feed_that_cannot_be_made_leaves_all_that_is_public(publisher: Any) -> None:
    publisher.publish(publisher.release())
    before = {path: path.read_bytes() for path in publisher.public.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match="XML compatible"):
        publisher.publish(publisher.release(people=(Person("Ana", role="\0"),)))
    assert {path: path.read_bytes() for path in publisher.public.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["mlops", "%6dlops", "cover-{cover}.png"])
def test_a_feed_that_would_lie_where_something_else_does(publisher: Any, name: str) -> None:
    name = name.format(cover=digest(publisher.cover.read_bytes())[:8])
    publisher.show = replace(publisher.show, feed_url=f"https://tertulia.example.org/{name}")
    with pytest.raises(InputError, match="where something else of the show lies") as caught:
        publisher.publish(publisher.release())
    assert caught.value.where == "feed/show.yaml: feed_url"
    assert not publisher.public.exists()


# ── guards ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def refused(publisher: Any, kind: str, *ready: Any, **options: Any) -> GuardError:
    """The same run twice: refused as it is, and allowed when asked for; nothing public changes in between."""
    before = publisher.feed()
    with pytest.raises(GuardError) as caught:
        publisher.publish(*ready, **options)
    assert publisher.feed() == before
    assert f"--allow {kind}" in caught.value.todo
    with pytest.raises(GuardError):
        publisher.publish(*ready, allow=set(Guard) - {kind}, **options)
    publisher.publish(*ready, allow={kind}, **options)
    assert publisher.ledger.allowances[-1].kind == kind
    return caught.value


def test_a_changed_guid(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    error = refused(publisher, "guid", publisher.release(guid="another"), now=LATER)
    assert ready.release.item.guid in error.todo
    assert [entry.guid for entry in publisher.ledger.entries] == ["another"]
    assert (publisher.ledger.allowances[0].slug, publisher.ledger.allowances[0].at) == ("mlops", LATER)


MOVED = "https://elsewhere.example.org/feed.xml"


def channel_guid(document: bytes) -> str | None:
    return feed_reading.text(feed_reading.read(document, where="test").channel, "podcast:guid")


def test_a_feed_that_moved_keeps_its_guid(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    old = guids.feed_guid(publisher.show)
    assert publisher.ledger.guid == channel_guid(publisher.feed()) == old
    publisher.show = replace(publisher.show, feed_url=MOVED)
    error = refused(publisher, "guid", ready, now=LATER)
    assert error.todo == f"write `guid: {old}` into feed/show.yaml, or --allow guid"
    assert publisher.ledger.guid == channel_guid(publisher.feed()) == guids.feed_guid(publisher.show) != old


def test_a_feed_that_moved_and_says_what_it_was_is_the_same(publisher: Any) -> None:
    publisher.publish(publisher.release())
    publisher.show = replace(publisher.show, feed_url=MOVED, guid=publisher.ledger.guid)
    publisher.publish(publisher.release(), now=LATER)
    assert publisher.ledger.allowances == ()
    assert channel_guid(publisher.feed()) == publisher.ledger.guid == publisher.show.guid


def test_a_feed_that_moved_says_where_it_is_now(publisher: Any) -> None:
    """Apple asks for it in the new feed; one that is not listed tells no directory where it is."""

    def said() -> str | None:
        return feed_reading.text(feed_reading.read(publisher.feed(), where="test").channel, "itunes:new-feed-url")

    own = guids.feed_guid(publisher.show)
    publisher.show = replace(publisher.show, guid=own.upper())
    publisher.publish(publisher.release())
    assert said() is None
    publisher.show = replace(publisher.show, feed_url=MOVED)
    publisher.publish(publisher.release(), now=LATER)
    assert said() == MOVED
    publisher.show = replace(publisher.show, listed=False)
    publisher.publish(publisher.release(), now=LATER)
    assert said() is None


def test_what_brings_the_guids_of_episodes_back_where_the_feed_moved(publisher: Any) -> None:
    """One line in show.yaml for all that followed from it; an episode's own is the episode's business."""
    publisher.publish(publisher.release(), publisher.release("dos", guid="mine"))
    old = publisher.ledger.guid
    publisher.show = replace(publisher.show, feed_url=MOVED)
    with pytest.raises(GuardError) as caught:
        publisher.publish(publisher.release(), publisher.release("dos", guid="another"), now=LATER)
    assert caught.value.todo.split(" · ") == [
        f"write `guid: {old}` into feed/show.yaml, or --allow guid",
        "write `guid: mine` into its episode.yaml, or --allow guid",
    ]


def test_a_ledger_from_before_the_feeds_guid_takes_it_down(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    publisher.ledger = replace(publisher.ledger, guid=None)
    before = publisher.feed()
    assert publisher.publish(ready, now=LATER).written == ()
    assert publisher.feed() == before
    assert publisher.ledger.guid == guids.feed_guid(publisher.show)


def test_a_feed_without_episodes_may_still_become_another(publisher: Any) -> None:
    publisher.publish()
    publisher.show = replace(publisher.show, feed_url=MOVED)
    publisher.publish(now=LATER)
    assert publisher.ledger.guid == guids.feed_guid(publisher.show)


def test_a_changed_date(publisher: Any) -> None:
    publisher.publish(publisher.release())
    error = refused(publisher, "date", publisher.release(published=DUE + timedelta(hours=1)), now=LATER)
    assert "2023-04-12T05:00:00+00:00" in error.todo
    assert publisher.ledger.entries[0].published == DUE + timedelta(hours=1)


def test_the_same_moment_in_another_zone_is_no_change(publisher: Any) -> None:
    publisher.publish(publisher.release())
    madrid = DUE.astimezone(ZoneInfo("Europe/Madrid"))
    publisher.publish(publisher.release(published=madrid))
    assert publisher.ledger.allowances == ()


def test_a_vanished_episode(publisher: Any) -> None:
    one, two = publisher.release(), publisher.release("dos", title="Dos")
    publisher.publish(one, two)
    refused(publisher, "removal", two, now=LATER)
    assert titles(publisher.feed()) == ["Dos"]
    assert built(publisher.feed()) == "Thu, 01 Jun 2023 07:00:00 +0000"


def test_a_clock_that_runs_backwards(publisher: Any) -> None:
    publisher.publish(publisher.release())
    refused(publisher, "clock", publisher.release(), now=DUE - timedelta(days=1))
    assert titles(publisher.feed()) == []


def test_a_feed_of_which_no_ledger_knows(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    publisher.record(Ledger())
    fault = refused(publisher, "ledger", ready)
    assert fault.where == "feed/ledger.yaml"
    assert [allowance.kind for allowance in publisher.ledger.allowances] == ["ledger"]


def test_a_feed_that_is_newer_than_the_ledger(publisher: Any) -> None:
    """Published from another machine, or the ledger comes from a backup."""
    ready = publisher.release()
    publisher.publish(ready)
    known = publisher.ledger.last_changed
    public = look(publisher.feed())
    for built in (None, known, datetime(2099, 1, 1, tzinfo=UTC)):
        publisher.publish(ready, public=replace(public, built=built))
    fault = refused(publisher, "ledger", ready, public=replace(public, built=known + timedelta(seconds=1)))
    assert fault.what == f"it ends at {known:%Y-%m-%d %H:%M} UTC, but the public feed is of {known:%Y-%m-%d %H:%M} UTC"


def test_once_a_clock_is_right_again_nothing_waits_for_when_it_said_it_was(publisher: Any) -> None:
    """It ran decades ahead: an episode went out, another sound took the place of one, and the show's name changed."""
    ahead = datetime(2099, 1, 1, tzinfo=UTC)
    one = publisher.release()
    publisher.publish(one)
    two, changed = publisher.release("dos", published=LATER), publisher.release(title="Otro")
    publisher.show = replace(publisher.show, title="Otra")
    publisher.publish(changed, two, now=ahead)
    refused(publisher, "clock", changed, two, now=LATER)
    times = [(entry.first_published, entry.changed) for entry in publisher.ledger.entries]
    assert times == [(publisher.now, LATER), (LATER, LATER)]
    assert [retired.since for retired in publisher.ledger.retired] == [LATER]
    assert publisher.ledger.changed == LATER
    assert built(publisher.feed()) == "Thu, 01 Jun 2023 07:00:00 +0000"
    later = publisher.publish(changed, two, now=LATER + timedelta(minutes=10))
    assert later.written == ()


def test_a_renamed_folder_is_the_same_episode(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    publisher.publish(publisher.release("otro", guid=ready.release.item.guid))
    assert [entry.slug for entry in publisher.ledger.entries] == ["otro"]


def test_every_objection_at_once(publisher: Any) -> None:
    publisher.publish(publisher.release(), publisher.release("dos"))
    with pytest.raises(GuardError) as caught:
        publisher.publish(publisher.release(guid="x", published=DUE + timedelta(1)))
    for word in ("GUID", "date", "not there any more"):
        assert word in caught.value.what


def test_two_episodes_with_one_guid(publisher: Any) -> None:
    with pytest.raises(InputError, match="same GUID"):
        publisher.publish(publisher.release(guid="x"), publisher.release("dos", guid="x"))


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


def named(publisher: Any) -> Iterator[tuple[str, int | None]]:
    """Every file that the public feed names, with the length that it gives."""
    if not (publisher.public / "feed.xml").exists():
        return
    feed = feed_reading.read(publisher.feed(), where="test").channel
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


def test_killed_between_any_two_steps(publisher: Any) -> None:
    """After each kill -9 the feed names only what is there; the next run ends with the bytes of an undisturbed one."""

    def whole() -> None:
        for name, length in named(publisher):
            path = publisher.public / name
            assert path.is_file() and length in (None, path.stat().st_size), name

    old, new = publisher.release(), publisher.release("dos", title="Dos")
    publisher.publish(old, now=LATER)
    shutil.copytree(publisher.public, publisher.root / "start")
    start = publisher.ledger
    ready = [publisher.release(title="Cambiado"), new]
    publisher.publish(*ready, now=LATER)
    undisturbed, final = publisher.feed(), publisher.ledger
    folder = LocalFolder(publisher.public, whole_file)
    for steps in itertools.count():
        shutil.rmtree(publisher.public)
        shutil.copytree(publisher.root / "start", publisher.public)
        publisher.ledger = start
        mortal = Mortal(folder, steps, whole)
        killed = in_a_process(lambda mortal=mortal: publisher.publish(*ready, now=LATER, storage=mortal))
        whole()
        if not killed:
            break
        publisher.publish(*ready, now=LATER)
        whole()
        assert (publisher.feed(), publisher.ledger) == (undisturbed, final)
    assert steps > 30
    assert (publisher.feed(), publisher.ledger) == (undisturbed, final)


def test_a_damaged_copy_never_reaches_the_feed(publisher: Any) -> None:
    class Forgetful(LocalFolder):
        def put(self, name: str, chunks: Iterable[bytes], *, type: str = "", lasting: bool = False) -> None:
            LocalFolder.put(self, name, [b"".join(chunks)[:-1]])

        def put_file(self, name: str, source: Path, *, type: str = "", lasting: bool = False) -> None:
            self.put(name, [source.read_bytes()])

    with pytest.raises(WorkspaceError, match="not what was released"):
        publisher.publish(publisher.release(), storage=Forgetful(publisher.public, whole_file))
    assert not (publisher.public / "feed.xml").exists()
    assert publisher.ledger == ledger.Ledger()


def test_a_file_that_vanished_from_the_target_comes_back(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    (publisher.public / "mlops" / "chapters.json").unlink()
    assert publisher.publish(ready).written == ("mlops/chapters.json",)


def test_a_release_whose_files_are_gone(publisher: Any) -> None:
    ready = publisher.release()
    (ready.folder / "chapters.json").unlink()
    with pytest.raises(InputError, match="missing") as caught:
        publisher.publish(ready)
    assert "escaleta produce" in caught.value.todo


def test_foreign_files_are_left_alone(publisher: Any) -> None:
    publisher.public.mkdir()
    (publisher.public / "CNAME").write_text("tertulia.example.org")
    publisher.publish(publisher.release())
    assert (publisher.public / "CNAME").read_text() == "tertulia.example.org"


def test_a_cover_that_is_not_there(publisher: Any) -> None:
    ready = publisher.release()
    publisher.cover.unlink()
    with pytest.raises(EscaletaError, match="cannot be read"):
        publisher.publish(ready)


def test_a_cover_that_is_no_picture(publisher: Any) -> None:
    ready = publisher.release()
    publisher.cover.write_bytes(b"garbage\n")
    with pytest.raises(InputError, match="is not a picture") as caught:
        publisher.publish(ready)
    assert caught.value.where == str(publisher.cover)
    assert not publisher.public.exists()


def test_sound_is_shared_with_its_release_and_a_file_that_people_edit_is_not(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    (public,) = (publisher.public / "mlops").glob("*.mp3")
    assert public.samefile(ready.folder / public.name)
    (cover,) = publisher.public.glob("cover*")
    assert cover.read_bytes() == publisher.cover.read_bytes()
    assert not cover.samefile(publisher.cover)
