"""Both feeds of a workspace, from what its episodes' stages left there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from filelock import FileLock

from pipeline import publishing
from pipeline.editions import OWN, Edition
from pipeline.errors import GuardError, InputError, WorkspaceError
from pipeline.formats import guids
from pipeline.formats.ledger import Ledger
from pipeline.model import Release
from pipeline.publishing import Outcome, publish_show
from pipeline.shelf import Late, Shelf, at_rest
from pipeline.stages.guards import Guard
from pipeline.steps import called
from pipeline.store import Store, whole_file
from pipeline.tools import storage_remote
from pipeline.tools.storage import LocalFolder
from pipeline.workspace import Workspace, present

SHOW = (Path(__file__).parent / "data" / "show.yaml").read_text("utf-8")
DUE = datetime(2023, 4, 12, 5, tzinfo=UTC)
NOW = datetime(2023, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


SUMMARY = "summary: De qué hablamos.\n"


def write_date(workspace: Workspace, moment: datetime | None, summary: str = SUMMARY) -> None:
    text = f"publish_at: {moment.isoformat()}\n" if moment else "title: Borrador\n"
    (workspace.root / "episodes" / "mlops" / "episode.yaml").write_text(text + summary, "utf-8")


@pytest.fixture
def produced(publisher: Any, tmp_path: Path) -> Callable[..., Workspace]:
    """Makes a workspace with a feed of each edition and one episode, `mlops`, that was produced for both."""

    def make(more: str = "ad_free: {feed_url: https://free.example.org/feed.xml}\n", **changes: Any) -> Workspace:
        root = tmp_path / "workspace"
        (root / "feed").mkdir(parents=True, exist_ok=True)
        (root / "feed" / "show.yaml").write_text(SHOW + more, "utf-8")
        shutil.copyfile(publisher.cover, root / "feed" / "cover.jpg")
        (root / "episodes" / "mlops").mkdir(parents=True, exist_ok=True)
        (root / "episodes" / "mlops" / "outline.md").write_text("# MLOps\n\n## Resumen\n\nWIP\n\n## A\n", "utf-8")
        workspace = Workspace(root)
        write_date(workspace, changes.get("published", DUE))
        build = workspace.episode("mlops").build
        for edition in workspace.editions:
            publisher.show = edition.show
            ready = publisher.release(**changes)
            shutil.copytree(ready.folder, build / edition.name / "release", dirs_exist_ok=True)
            Store(build).save(called("release", edition.name), Release, ready.release)
        return workspace

    return make


def public(workspace: Workspace) -> dict[str, bytes]:
    folders = [edition.public for edition in workspace.editions]
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def feeds(outcome: Outcome) -> tuple[int, int]:
    assert outcome.ad_free is not None
    return len(outcome.publication.ledger.entries), len(outcome.ad_free.ledger.entries)


def test_guards_of_every_feed_are_asked_before_one_is_touched(produced: Callable[..., Workspace]) -> None:
    """Here the show's own would have let the change pass: its ledger is new."""
    workspace = produced()
    assert feeds(publish_show(workspace, NOW)) == (1, 1)
    workspace = produced(published=datetime(2023, 4, 13, tzinfo=UTC))
    shutil.rmtree(workspace.public)
    (workspace.feed / "ledger.yaml").unlink()
    before = public(workspace)
    with pytest.raises(GuardError, match="its date was") as caught:
        publish_show(workspace, LATER)
    assert public(workspace) == before
    assert not (workspace.feed / "ledger.yaml").exists()
    assert caught.value.where == "feed/ledger-ad-free.yaml"
    assert feeds(publish_show(workspace, LATER, {"date"})) == (1, 1)


def test_what_both_feeds_object_to_is_said_of_the_shows_own(produced: Callable[..., Workspace]) -> None:
    """The GUIDs of the ad-free feed follow from its own: they are nothing to be written into episode.yaml."""
    publish_show(produced(), NOW)
    workspace = produced(guid="another")
    with pytest.raises(GuardError) as caught:
        publish_show(workspace, LATER)
    assert caught.value.what.count("its GUID was") == 1
    assert caught.value.where == "feed/ledger.yaml"


def test_the_ad_free_feed_is_brought_back_by_the_shows_own_guid(produced: Callable[..., Workspace]) -> None:
    """Here the show's own would have let the change pass: its ledger is new."""
    workspace = produced()
    publish_show(workspace, NOW)
    own, free = (workspace.ledger(edition.ledger).guid for edition in workspace.editions)
    assert free == guids.within(str(own), "ad-free")
    shutil.rmtree(workspace.public)
    (workspace.feed / "ledger.yaml").unlink()
    moved = SHOW.replace("https://a.example.org/feed.xml", "https://b.example.org/feed.xml")
    show = workspace.feed / "show.yaml"
    show.write_text(f"{moved}ad_free: {{feed_url: https://free.example.org/feed.xml}}\n", "utf-8")
    with pytest.raises(GuardError, match=f"GUID was {free}") as caught:
        publish_show(Workspace(workspace.root), LATER)
    assert str(free) not in caught.value.todo
    assert "the podcast:guid that the show's own feed had" in caught.value.todo
    show.write_text(f"{show.read_text('utf-8')}guid: {own}\n", "utf-8")
    assert feeds(publish_show(Workspace(workspace.root), LATER)) == (1, 1)


def test_an_ad_free_feed_out_of_reach_keeps_nobody_else_waiting(produced: Callable[..., Workspace]) -> None:
    workspace = produced()
    (workspace.feed / "ad-free").write_text("a file where a folder should be")
    outcome = publish_show(workspace, NOW)
    assert outcome.publication.new == ("mlops",)
    assert (workspace.public / "feed.xml").is_file()
    assert outcome.ad_free is None
    assert outcome.late == ()
    assert "a file stands where a folder is needed" in str(outcome.failure)


def test_a_release_stays_what_it_was_while_it_is_published(produced: Callable[..., Workspace]) -> None:
    workspace = produced("")
    shelf = Shelf(workspace, workspace.edition(OWN))
    first = shelf.release("mlops")
    assert shelf.release("mlops") == first
    other = replace(first, item=replace(first.item, title="Otro"))
    Store(workspace.episode("mlops").build).save("release", Release, other)
    with pytest.raises(WorkspaceError, match="made anew"):
        shelf.release("mlops")


def test_what_the_ledger_says_went_out_is_what_the_feed_was_made_from(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release made anew while the ledger is written no longer matters: all has been read by then."""
    workspace = produced("")
    kept = publishing._record

    def record(*known: Any) -> None:
        kept(*known)
        store = Store(workspace.episode("mlops").build)
        release = store.load("release", Release)
        store.save("release", Release, replace(release, item=replace(release.item, title="Otro")))

    monkeypatch.setattr(publishing, "_record", record)
    assert publish_show(workspace, NOW).publication.new == ("mlops",)
    assert b"Otro" not in (workspace.public / "feed.xml").read_bytes()


@pytest.mark.parametrize("number", [0, 1])
def test_a_ledger_that_is_lost_is_asked_for_before_anything_is_touched(
    produced: Callable[..., Workspace], number: int
) -> None:
    """As on another machine, or by a broom: no guard would know what listeners have."""
    workspace = produced()
    assert feeds(publish_show(workspace, NOW)) == (1, 1)
    before, edition = public(workspace), workspace.editions[number]
    kept = (workspace.feed / edition.ledger).read_bytes()
    (workspace.feed / edition.ledger).unlink()
    with pytest.raises(GuardError) as caught:
        publish_show(workspace, LATER)
    assert str(caught.value).startswith(f"feed/{edition.ledger}: there is none, but a feed is public\n")
    assert public(workspace) == before
    assert not (workspace.feed / edition.ledger).exists()
    (workspace.feed / edition.ledger).write_bytes(kept)
    assert publish_show(workspace, LATER).publication.written == ()
    (workspace.feed / edition.ledger).unlink()
    assert feeds(publish_show(workspace, LATER, {"ledger"})) == (1, 1)


def test_what_another_machine_published_is_not_taken_back(produced: Callable[..., Workspace]) -> None:
    """Nobody brought the ledger here, nor what went out meanwhile."""
    workspace = produced()
    publish_show(workspace, NOW)
    old = {path: path.read_bytes() for path in workspace.feed.glob("*.yaml")}
    show = workspace.feed / "show.yaml"
    show.write_text(show.read_text("utf-8").replace("title: T\n", "title: Otra\n"), "utf-8")
    assert publish_show(Workspace(workspace.root), LATER).publication.written
    before = public(workspace)
    for path, data in old.items():
        path.write_bytes(data)
    with pytest.raises(
        GuardError, match=r"it ends at 2023-04-12 05:00 UTC, but the public feed is of 2023-05-31"
    ) as one:
        publish_show(Workspace(workspace.root), LATER + timedelta(hours=1))
    assert one.value.where == "feed/ledger.yaml"
    assert public(workspace) == before
    assert feeds(publish_show(Workspace(workspace.root), LATER + timedelta(hours=1), {Guard.LEDGER})) == (1, 1)


def test_a_feed_that_was_out_of_reach_for_a_moment_is_no_other_run_s(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guards have not seen it: nothing is written over it, and nothing removed beside it."""
    workspace = produced("")
    publish_show(workspace, NOW)
    before = public(workspace)
    changed = produced("", title="Otro")

    def silent(folder: LocalFolder, name: str) -> bytes | None:
        raise WorkspaceError("no answer", where=name, todo="wait")

    with monkeypatch.context() as patched:
        patched.setattr(LocalFolder, "read", silent)
        with pytest.raises(WorkspaceError, match="no answer"):
            publish_show(changed, NOW + timedelta(hours=1))
        with pytest.raises(WorkspaceError, match="no answer"):
            publishing.sweep(changed, LATER, remove=True)
    assert public(workspace) == before
    publish_show(changed, NOW + timedelta(hours=1))
    assert public(workspace) != before


def test_an_old_ledger_removes_nothing_that_is_public_again(produced: Callable[..., Workspace]) -> None:
    """It knows of sound that had been replaced, and not that the feed came to name it once more."""
    workspace, ledger = produced(""), Path("ledger.yaml")
    publish_show(workspace, NOW)
    publish_show(produced("", title="Otro"), NOW + timedelta(hours=1))
    old = (workspace.feed / ledger).read_bytes()
    publish_show(produced(""), NOW + timedelta(hours=2))
    new, before = (workspace.feed / ledger).read_bytes(), public(workspace)
    (workspace.feed / ledger).write_bytes(old)
    (listed,) = publishing.sweep(workspace, LATER + timedelta(days=1), remove=False)[OWN]
    assert listed.due
    with pytest.raises(GuardError, match="it ends at") as caught:
        publishing.sweep(workspace, LATER + timedelta(days=1), remove=True)
    assert "or `escaleta publish --allow ledger`" in caught.value.todo
    assert public(workspace) == before
    (workspace.feed / ledger).write_bytes(new)
    (gone,) = publishing.sweep(workspace, LATER + timedelta(days=1), remove=True)[OWN]
    assert public(workspace).keys() == before.keys() - {str(workspace.public / gone.name)}


def test_a_network_that_goes_once_the_feed_is_out_is_no_failure(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hubs hear of it the next time."""
    workspace = produced("hub: https://hub.example.org/\n")
    monkeypatch.setattr("pipeline.tools.web.fetch", lambda *_: (workspace.public / "feed.xml").read_bytes())
    told: list[str] = []
    monkeypatch.setattr("pipeline.tools.hubs.websub", lambda hub, feed: told.append(feed))
    settle = LocalFolder.settle

    def gone(folder: LocalFolder, *_: object) -> None:
        raise WorkspaceError("is out of reach")

    def last(folder: LocalFolder, now: datetime) -> tuple[str, ...]:
        monkeypatch.setattr(LocalFolder, "digest", gone)
        return settle(folder, now)

    digest = LocalFolder.digest
    monkeypatch.setattr(LocalFolder, "settle", last)
    outcome = publish_show(workspace, NOW)
    assert (outcome.publication.new, told) == (("mlops",), [])
    assert len(outcome.untold) == 1
    monkeypatch.setattr(LocalFolder, "digest", digest)
    publish_show(workspace, LATER)
    assert told == ["https://a.example.org/feed.xml"]


def test_nothing_is_made_where_a_show_is_not_there_any_more(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        publish_show(Workspace(tmp_path / "unmounted"), NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_run_waits_for_another_and_not_for_ever(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = produced("")
    other = FileLock(workspace.feed / ".lock")
    other.acquire()
    with monkeypatch.context() as patched, pytest.raises(WorkspaceError, match="another run is at work on the feed"):
        patched.setattr(publishing, "PATIENCE", 0)
        publish_show(workspace, NOW)
    assert not workspace.public.exists()
    monkeypatch.setattr("time.sleep", lambda seconds: other.release())
    assert publish_show(workspace, NOW).publication.new == ("mlops",)


def test_a_run_that_looked_at_the_clock_before_another_takes_nothing_back(produced: Callable[..., Workspace]) -> None:
    """It waited for the other, which found that an hour had come."""
    workspace = produced()
    late, early = DUE + timedelta(milliseconds=10), DUE - timedelta(milliseconds=10)
    assert feeds(publish_show(workspace, late)) == (1, 1)
    before = public(workspace)
    outcome = publish_show(workspace, early)
    assert (outcome.publication.written, outcome.publication.waiting, feeds(outcome)) == ((), (), (1, 1))
    assert public(workspace) == before
    with pytest.raises(GuardError, match="an episode went out at"):
        publish_show(workspace, late - timedelta(minutes=3))


class Line(LocalFolder):
    """A storage that somebody must hang up."""

    closed: ClassVar[list[Path]] = []

    def close(self) -> None:
        self.closed.append(self.root)


def test_every_line_to_a_storage_is_hung_up(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A schedule publishes for a year in one process."""
    opened: list[Path] = []

    def remote(address: str) -> Line:
        opened.append(tmp_path / "remote")
        return Line(opened[-1], whole_file)

    monkeypatch.setattr(storage_remote, "remote", remote)
    workspace = produced("storage: sftp://casa/web\n")
    assert publish_show(workspace, NOW).publication.new == ("mlops",)
    assert publishing.sweep(workspace, NOW, remove=True) == {OWN: ()}
    with pytest.raises(GuardError):
        publish_show(workspace, DUE - timedelta(days=1))
    assert opened != []
    assert Line.closed == opened


def test_a_ledger_that_is_a_folder_is_said_to_be_one(produced: Callable[..., Workspace]) -> None:
    workspace = produced("")
    (workspace.feed / "ledger.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        publish_show(workspace, NOW)


def test_a_folder_that_cannot_name_an_episode_is_told_of_and_the_rest_goes_out(
    produced: Callable[..., Workspace],
) -> None:
    workspace = produced("")
    for name in ("Mi episodio", ".otro.part"):
        (workspace.root / "episodes" / name).mkdir()
        (workspace.root / "episodes" / name / "outline.md").write_text("# Hola\n")
    outcome = publish_show(workspace, NOW)
    assert outcome.publication.new == ("mlops",)
    assert [late.slug for late in outcome.late] == ["Mi episodio"]


@pytest.mark.parametrize(("said", "late"), [(LATER, ()), (None, ()), (DUE - timedelta(1), ("mlops",))])
def test_a_date_that_changed_since_is_not_passed_over(
    produced: Callable[..., Workspace], said: datetime | None, late: tuple[str, ...]
) -> None:
    """What was put off, or is a draft again, does not go out at the hour once meant; it is late when its own comes."""
    workspace = produced()
    write_date(workspace, said)
    outcome = publish_show(workspace, NOW)
    assert outcome.publication.new == ()
    assert tuple(one.slug for one in outcome.late) == late
    assert all("escaleta produce mlops" in one.why for one in outcome.late)
    write_date(workspace, DUE)
    assert publish_show(Workspace(workspace.root), NOW).publication.new == ("mlops",)


def test_what_nobody_wrote_a_summary_for_is_late_at_its_hour_and_says_why(
    produced: Callable[..., Workspace],
) -> None:
    """Whatever was released of it while there was one, in either feed; it is said once."""
    workspace = produced()
    write_date(workspace, DUE, summary="")
    for _ in ("released before", "never released"):
        before = publish_show(workspace, DUE - timedelta(hours=1))
        assert (before.publication.waiting, before.late) == ((), ())
        outcome = publish_show(workspace, NOW)
        assert outcome.publication.new == ()
        (late,) = outcome.late
        assert late.slug == "mlops"
        assert late.why == (
            f"it was due at {DUE}, and is not ready; write `summary` in episodes/mlops/episode.yaml: two or three "
            "sentences that tell listeners what the episode is about; then run `escaleta produce mlops`"
        )
        shutil.rmtree(workspace.episode("mlops").build, ignore_errors=True)
    assert feeds(publish_show(produced(), NOW)) == (1, 1)


def test_what_is_public_stays_as_it_was_where_it_is_not_ready_any_more(produced: Callable[..., Workspace]) -> None:
    """Without any release it cannot stay, and to produce it would not help: what would is said, not what guards say."""
    workspace = produced()
    outcome = publish_show(workspace, NOW)
    before = public(workspace)
    assert outcome.objection(workspace.episode("mlops")) is None
    write_date(workspace, None, summary="")
    folder = Workspace(workspace.root).episode("mlops")
    outcome = publish_show(Workspace(workspace.root), LATER)
    assert (outcome.late, outcome.publication.written, public(workspace)) == ((), (), before)
    told = str(outcome.objection(folder))
    shutil.rmtree(folder.build)
    assert publish_show(Workspace(workspace.root), LATER).publication.written == ()
    for edition in workspace.editions:
        shutil.rmtree(edition.released)
    with pytest.raises(InputError) as caught:
        publish_show(Workspace(workspace.root), LATER)
    assert str(caught.value) == told
    assert told.startswith("episodes/mlops: is public, and not ready to go out as it is now")
    assert all(reason in told for reason in folder.unready)
    assert public(workspace) == before
    assert feeds(publish_show(Workspace(workspace.root), LATER, {"removal"})) == (0, 0)


DAMAGES = [shutil.rmtree, lambda build: (build / "release.json").write_text("{}")]
"""A build folder can be removed at any time; another version may not be able to read it."""


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_public_stays_whatever_becomes_of_what_it_was_made_of(
    produced: Callable[..., Workspace], produce: Callable[..., None], damage: Callable[[Path], object]
) -> None:
    """And others go out beside it, as they would have."""
    workspace = produced()
    publish_show(workspace, NOW)
    before = public(workspace)
    produce("otro", LATER, workspace)
    whole = shutil.copytree(workspace.root, workspace.root.with_name("whole"))
    damage(workspace.episode("mlops").build)
    outcome = publish_show(Workspace(workspace.root), NOW)
    assert (outcome.late, outcome.publication.written, public(workspace)) == ((), (), before)
    assert publish_show(Workspace(workspace.root), LATER).publication.new == ("otro",)
    publish_show(Workspace(whole), LATER)
    relative = {path.replace(str(workspace.root), str(whole)): data for path, data in public(workspace).items()}
    assert public(Workspace(whole)) == relative


def test_what_is_public_and_has_lost_a_file_there_must_be_made_anew(produced: Callable[..., Workspace]) -> None:
    workspace = produced("")
    publish_show(workspace, NOW)
    shutil.rmtree(workspace.episode("mlops").build)
    page = workspace.public / "mlops" / "index.html"
    page.unlink()
    with pytest.raises(InputError) as caught:
        publish_show(Workspace(workspace.root), LATER)
    assert caught.value.where.endswith("/episodes/mlops/build/release/index.html → mlops/index.html")
    assert caught.value.todo == "run `escaleta produce mlops`; or bring it there from where it was public"
    assert not page.exists()
    produced("")
    assert publish_show(Workspace(workspace.root), LATER).publication.written == ("mlops/index.html",)


def test_what_was_put_by_goes_with_its_episode(produced: Callable[..., Workspace]) -> None:
    workspace = produced()
    publish_show(workspace, NOW)
    folders = [edition.released for edition in workspace.editions]
    assert [[file.name for file in folder.iterdir()] for folder in folders] == [["mlops.json"]] * 2
    shutil.rmtree(workspace.root / "episodes" / "mlops")
    with pytest.raises(GuardError, match="is not there any more"):
        publish_show(Workspace(workspace.root), LATER)
    assert feeds(publish_show(Workspace(workspace.root), LATER, {"removal"})) == (0, 0)
    assert [list(folder.iterdir()) for folder in folders] == [[]] * 2


def test_what_an_older_version_put_by_is_read(produced: Callable[..., Workspace]) -> None:
    """What a later one knows of an episode has a value where nothing is said of it."""
    workspace = produced("")
    publish_show(workspace, NOW)
    shutil.rmtree(workspace.episode("mlops").build)
    file = workspace.feed / "released" / "mlops.json"
    kept = json.loads(file.read_text("utf-8"))
    assert kept["item"].pop("kind") == "full"
    file.write_text(json.dumps(kept), "utf-8")
    assert publish_show(Workspace(workspace.root), LATER).publication.written == ()


@pytest.mark.parametrize("spoil", [Path.unlink, lambda kept: kept.write_text("half of")])
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_public_and_must_be_made_anew_is_not_said_to_be_gone(
    produced: Callable[..., Workspace], damage: Callable[[Path], object], spoil: Callable[[Path], object]
) -> None:
    """Where a show has its feed from a version that put nothing by, or what was is damaged, too."""
    workspace = produced("")
    publish_show(workspace, NOW)
    before = public(workspace)
    damage(workspace.episode("mlops").build)
    spoil(workspace.feed / "released" / "mlops.json")
    with pytest.raises(GuardError) as caught:
        publish_show(workspace, LATER)
    assert caught.value.where == "episodes/mlops"
    assert caught.value.todo == "run `escaleta produce mlops`; or --allow removal"
    assert public(workspace) == before
    assert publish_show(workspace, LATER, {"removal"}).publication.ledger.entries == ()
    produced("")
    assert publish_show(workspace, LATER).publication.new == ("mlops",)


def test_a_folder_that_may_not_be_looked_into_keeps_no_other_waiting(
    produced: Callable[..., Workspace], close: Callable[[Path], None]
) -> None:
    workspace = produced("")
    (workspace.root / "episodes" / "otro").mkdir()
    close(workspace.root / "episodes" / "otro")
    outcome = publish_show(workspace, NOW)
    assert outcome.publication.new == ("mlops",)
    assert outcome.late == (Late("otro", "this folder may not be looked into"),)


@pytest.mark.parametrize("closed", ["mlops", "mlops/build"])
def test_what_is_public_stays_as_it_is_where_nobody_may_look_at_what_it_is_made_of(
    produced: Callable[..., Workspace], close: Callable[[Path], None], closed: str
) -> None:
    workspace = produced("")
    publish_show(workspace, NOW)
    before = public(workspace)
    close(workspace.root / "episodes" / closed)
    outcome = publish_show(workspace, LATER)
    assert (outcome.publication.written, outcome.late) == ((), ())
    assert public(workspace) == before


@pytest.mark.parametrize("damage", [Path.unlink, lambda sound: sound.write_bytes(b"half of it")])
def test_what_lost_a_file_is_late_and_holds_up_no_other(
    produced: Callable[..., Workspace], damage: Callable[[Path], object]
) -> None:
    """Until its hour nobody asks, and what is public does not need its files; produced again, it goes out."""
    workspace = produced()
    other, whole = workspace.root / "episodes" / "otro", {}
    shutil.copytree(workspace.episode("mlops").path, other)
    for edition in workspace.editions:
        store = Store(other / "build")
        release = store.load(called("release", edition.name), Release)
        item = replace(release.item, guid=f"otro {edition.name}")
        store.save(called("release", edition.name), Release, replace(release, slug="otro", item=item))
        (sound,) = (other / "build" / edition.name / "release").glob("*.mp3")
        whole[sound] = sound.read_bytes()
        damage(sound)
    before = publish_show(workspace, DUE - timedelta(hours=1))
    assert (len(before.publication.waiting), before.late) == (2, ())
    outcome = publish_show(workspace, NOW)
    assert (outcome.publication.new, feeds(outcome)) == (("mlops",), (1, 1))
    (late,) = outcome.late
    assert (late.slug, late.why) == (
        "otro",
        "what was produced of it is gone in part, or was changed since; run `escaleta produce otro`",
    )
    (sound,) = (workspace.episode("mlops").build / "release").glob("*.mp3")
    sound.unlink()
    assert publish_show(workspace, NOW).publication.written == ()
    for sound, sounding in whole.items():
        sound.write_bytes(sounding)
    outcome = publish_show(workspace, NOW)
    assert (outcome.publication.new, outcome.late, feeds(outcome)) == (("otro",), (), (2, 2))


def test_the_date_of_what_went_out_is_the_guards_business(produced: Callable[..., Workspace]) -> None:
    workspace = produced("")
    publish_show(workspace, NOW)
    write_date(workspace, LATER)
    outcome = publish_show(Workspace(workspace.root), NOW)
    assert (outcome.publication.written, outcome.late) == ((), ())


def test_another_guid_does_not_make_it_another_episode(produced: Callable[..., Workspace]) -> None:
    publish_show(produced(""), NOW)
    workspace = produced("", guid="another")
    write_date(workspace, LATER)
    with pytest.raises(GuardError, match="its GUID was"):
        publish_show(workspace, NOW)


def test_a_copied_folder_is_not_the_same_episode_twice(produced: Callable[..., Workspace]) -> None:
    workspace = produced("")
    shutil.copytree(workspace.root / "episodes" / "mlops", workspace.root / "episodes" / "copia")
    outcome = publish_show(workspace, NOW)
    assert outcome.publication.new == ("mlops",)
    assert [(late.slug, late.why) for late in outcome.late] == [
        ("copia", "it was produced as mlops; run `escaleta produce copia`")
    ]


def kept(workspace: Workspace) -> Path:
    return workspace.edition(OWN).released / "mlops.json"


@pytest.mark.parametrize("found", ["two at once", "another's", "a link"])
def test_what_was_put_by_and_cannot_be_read_does_not_rest(produced: Callable[..., Workspace], found: str) -> None:
    """As after a merge: to make all that is lost anew, `produce --all` must not pass it over."""
    workspace = produced("")
    publish_show(workspace, NOW)
    good, before = kept(workspace).read_bytes(), public(workspace)
    shutil.rmtree(workspace.episode("mlops").build)
    kept(workspace).unlink()
    if found == "a link":
        kept(workspace).symlink_to(workspace.root / "nowhere")
    else:
        bad = b"<<<<<<< HEAD\n" + good if found == "two at once" else good.replace(b'"mlops"', b'"otro"')
        kept(workspace).write_bytes(bad)
    assert at_rest(workspace, {"mlops"}) == frozenset()
    with pytest.raises(GuardError, match="in feed/released as well") as caught:
        publish_show(Workspace(workspace.root), LATER)
    assert caught.value.todo == "run `escaleta produce mlops`; or --allow removal"
    assert public(workspace) == before
    kept(workspace).unlink()
    kept(workspace).write_bytes(good)
    assert at_rest(workspace, {"mlops"}) == {"mlops"}
    assert publish_show(Workspace(workspace.root), LATER).publication.written == ()


DAMAGED: list[tuple[str, dict[str, Any]]] = [
    ("item", {"published": "2023-04-12T05:00:00"}),
    ("item", {"published": "0001-01-01T00:00:00+14:00"}),
    ("item", {"published": "9999-12-31T23:59:00-14:00"}),
    ("file", {"kind": "video"}),
    ("file", {"name": "../../otro/a.mp3"}),
    ("file", {"name": "/etc/a.mp3"}),
    ("file", {"name": "feed.xml"}),
    ("file", {"name": "otro/a.mp3"}),
    ("file", {"name": "mlops/.."}),
    ("file", {"name": "mlops/a\0.mp3"}),
]


@pytest.mark.parametrize(("part", "damage"), DAMAGED)
def test_what_was_put_by_and_makes_no_sense_was_not_put_by(
    produced: Callable[..., Workspace], part: str, damage: dict[str, Any]
) -> None:
    """It comes by version control, from hands and merges: no fault of ours, and no file but the episode's."""
    workspace = produced("")
    publish_show(workspace, NOW)
    shutil.rmtree(workspace.episode("mlops").build)
    before, said = public(workspace), json.loads(kept(workspace).read_text())
    (said["item"] if part == "item" else said["files"][0]).update(damage)
    kept(workspace).write_text(json.dumps(said))
    assert at_rest(workspace, {"mlops"}) == frozenset()
    with pytest.raises(GuardError, match="is gone or cannot be read"):
        publish_show(Workspace(workspace.root), LATER)
    assert public(workspace) == before


def test_what_went_out_before_does_not_go_out_again(produced: Callable[..., Workspace]) -> None:
    """What was put by may be of another day than the ledger, from a backup; what is public is not what it says."""
    workspace = produced("")
    publish_show(workspace, NOW)
    old = kept(workspace).read_bytes()
    produced("", title="Otro")
    publish_show(workspace, NOW + timedelta(hours=1))
    new, before = kept(workspace).read_bytes(), public(workspace)
    shutil.rmtree(workspace.episode("mlops").build)
    kept(workspace).write_bytes(old)
    with pytest.raises(InputError, match="is missing or another where the feed is public"):
        publish_show(Workspace(workspace.root), LATER)
    assert public(workspace) == before
    kept(workspace).write_bytes(new)
    assert publish_show(Workspace(workspace.root), LATER).publication.written == ()


def test_nothing_rests_that_is_not_in_every_feed_as_it_would_be_now(produced: Callable[..., Workspace]) -> None:
    """An ad-free feed that came later has nothing of it, and one that moved would name what lies elsewhere."""
    workspace = produced("")
    publish_show(workspace, NOW)
    shutil.rmtree(workspace.episode("mlops").build)
    assert at_rest(workspace, {"mlops"}) == {"mlops"}
    show, said = workspace.feed / "show.yaml", (workspace.feed / "show.yaml").read_text("utf-8")
    for changed in (
        f"{said}ad_free: {{feed_url: https://free.example.org/feed.xml}}\n",
        said.replace("https://a.example.org/feed.xml", "https://b.example.org/feed.xml"),
        f"{said}titel: T\n",
    ):
        show.write_text(changed, "utf-8")
        assert at_rest(Workspace(workspace.root), {"mlops"}) == frozenset(), changed
    show.write_text(said.replace("https://a.example.org/feed.xml", "https://a.example.org/rss.xml"), "utf-8")
    assert at_rest(Workspace(workspace.root), {"mlops"}) == {"mlops"}


def test_nothing_is_removed_from_what_is_put_by_that_was_not_put_there(
    produced: Callable[..., Workspace], tmp_path: Path
) -> None:
    """The folder may be a link to where others keep theirs."""
    workspace = produced("")
    publish_show(workspace, NOW)
    folder = workspace.edition(OWN).released
    other = kept(workspace).read_bytes().replace(b'"slug": "mlops"', b'"slug": "otro"').replace(b'"mlops/', b'"otro/')
    (folder / "otro.json").write_bytes(other)
    (folder / "notes.json").write_text("{}")
    (folder / "copy.json").write_bytes(kept(workspace).read_bytes())
    (folder / "folder.json").mkdir()
    publish_show(workspace, LATER)
    assert sorted(file.name for file in folder.iterdir()) == ["copy.json", "folder.json", "mlops.json", "notes.json"]


def test_what_was_put_by_and_never_went_out_in_one_feed_does_not_rest(
    produced: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ended between the two; a runner that starts empty afterwards has to make it, or it is late for ever."""
    workspace = produced()
    keep = publishing._record

    def record(workspace: Workspace, edition: Edition, ledger: Ledger) -> None:
        if edition.name != OWN:
            raise WorkspaceError("the network is gone")
        keep(workspace, edition, ledger)

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_record", record)
        assert "the network is gone" in str(publish_show(workspace, NOW).failure)
    shutil.rmtree(workspace.episode("mlops").build)
    assert [present(edition.released / "mlops.json") for edition in workspace.editions] == [True, True]
    assert at_rest(workspace, {"mlops"}) == frozenset()
    produced()
    assert feeds(publish_show(workspace, LATER)) == (1, 1)
    shutil.rmtree(workspace.episode("mlops").build)
    assert at_rest(workspace, {"mlops"}) == {"mlops"}


@pytest.mark.parametrize("left", ["", "<<<<<<< HEAD"])
def test_what_was_put_by_of_a_namesake_makes_no_episode_late(produced: Callable[..., Workspace], left: str) -> None:
    """Nobody asks for it before its hour, and then by what it lacks."""
    workspace = produced("", published=LATER)
    shutil.rmtree(workspace.episode("mlops").build)
    kept(workspace).parent.mkdir()
    kept(workspace).write_text(left)
    assert publish_show(workspace, NOW).late == ()
    (late,) = publish_show(workspace, LATER).late
    assert late.why == f"it was due at {LATER}, and was never produced; run `escaleta produce mlops`"
