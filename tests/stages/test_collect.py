from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.formats.guids import feed_guid
from pipeline.formats.ledger import Retired
from pipeline.stages.collect import GRACE, Garbage, collect, garbage
from pipeline.store import whole_file
from pipeline.tools.storage import LocalFolder

CHANGED = datetime(2023, 6, 1, tzinfo=UTC)


@pytest.fixture
def changed(desk: Any) -> tuple[str, str]:
    """An episode whose sound was published twice: the old name and the new."""
    old = desk.release()
    desk.publish(old)
    new = desk.release(title="Otro")
    desk.publish(new, now=CHANGED)
    return old.release.files[0].name, new.release.files[0].name


def storage(desk: Any) -> LocalFolder:
    return LocalFolder(desk.public, whole_file)


def test_old_sound_is_listed(desk: Any, changed: tuple[str, str]) -> None:
    length = (desk.public / changed[0]).stat().st_size
    found = garbage(desk.ledger, storage(desk), now=CHANGED)
    assert found == [Garbage(changed[0], length, CHANGED, due=False)]


def test_it_goes_when_its_time_has_passed_and_not_before(desk: Any, changed: tuple[str, str]) -> None:
    for now, expected in ((CHANGED + GRACE - timedelta(seconds=1), ()), (CHANGED + GRACE, (changed[0],))):
        gone = collect(desk.ledger, storage(desk), now=now, record=desk.record)
        assert tuple(file.name for file in gone) == expected
    assert not (desk.public / changed[0]).exists()
    assert (desk.public / changed[1]).exists()
    assert desk.ledger.retired == ()


def test_nothing_else_goes(desk: Any, changed: tuple[str, str]) -> None:
    (desk.public / "mlops" / "mine.mp3").write_bytes(b"foreign")
    before = set(dict(storage(desk).sizes()))
    collect(desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert set(dict(storage(desk).sizes())) == before - {changed[0]}


def test_sound_that_the_feed_names_again_stays(desk: Any, changed: tuple[str, str]) -> None:
    desk.publish(desk.release(), now=CHANGED + timedelta(1))
    assert [retired.url.rpartition("/")[2] for retired in desk.ledger.retired] == [changed[1].split("/")[1]]
    collect(desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert (desk.public / changed[0]).exists()


def test_a_withdrawn_episodes_sound_is_retired(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.publish(now=CHANGED, allow={"removal"})
    assert [retired.url for retired in desk.ledger.retired] == [ready.release.item.enclosure.url]


@pytest.fixture
def withdrawn(desk: Any) -> set[str]:
    """Two episodes, one of which is no longer there: the names of its files, a picture among them."""
    picture = desk.root / "foto.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n a face")
    gone, stays = desk.release(image="foto.png", pictures={"foto.png": picture}), desk.release("dos", title="Dos")
    desk.publish(gone, stays)
    desk.publish(stays, now=CHANGED, allow={"removal"})
    return {file.name for file in gone.release.files}


def test_all_that_a_withdrawn_episode_leaves_goes_when_its_time_has_passed(desk: Any, withdrawn: set[str]) -> None:
    found = garbage(desk.ledger, storage(desk), now=CHANGED)
    assert {file.name for file in found} == withdrawn
    assert {(file.since, file.due) for file in found} == {(CHANGED, False)}
    assert collect(desk.ledger, storage(desk), now=CHANGED + GRACE - timedelta(1), record=desk.record) == ()
    before = set(dict(storage(desk).sizes()))
    gone = collect(desk.ledger, storage(desk), now=CHANGED + GRACE, record=desk.record)
    assert {file.name for file in gone} == withdrawn
    assert set(dict(storage(desk).sizes())) == before - withdrawn
    assert desk.ledger.retired == ()


def test_what_others_put_beside_a_withdrawn_episode_stays(desk: Any, withdrawn: set[str]) -> None:
    """A name like ours is not enough where it was made from bytes; nor is a place deeper down."""
    theirs = ["mlops/notas.pdf", "mlops/foto-0123abcd.jpg", "mlops/old/index.html"]
    for name in theirs:
        (desk.public / name).parent.mkdir(exist_ok=True)
        (desk.public / name).write_bytes(b"foreign")
    collect(desk.ledger, storage(desk), now=CHANGED + GRACE, record=desk.record)
    assert all((desk.public / name).exists() for name in theirs)
    (desk.public / "mlops" / "index.html").write_text("moved on")
    assert collect(desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record) == ()


def test_pages_are_not_lost_sight_of_when_the_sound_is_already_gone(desk: Any, withdrawn: set[str]) -> None:
    sound = next(name for name in withdrawn if name.endswith(".mp3"))
    (desk.public / sound).unlink()
    collect(desk.ledger, storage(desk), now=CHANGED, record=desk.record)
    gone = collect(desk.ledger, storage(desk), now=CHANGED + GRACE, record=desk.record)
    assert {file.name for file in gone} == withdrawn - {sound}
    assert desk.ledger.retired == ()


def test_an_episode_that_came_back_keeps_its_files(desk: Any, withdrawn: set[str]) -> None:
    back = desk.release(title="Otro")
    desk.publish(back, desk.release("dos", title="Dos"), now=CHANGED + timedelta(1))
    gone = collect(desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert {file.name for file in gone} == {name for name in withdrawn if name.endswith(".mp3")}
    assert {file.name for file in back.release.files} <= set(dict(storage(desk).sizes()))


def test_what_is_already_gone_is_forgotten(desk: Any, changed: tuple[str, str]) -> None:
    (desk.public / changed[0]).unlink()
    assert collect(desk.ledger, storage(desk), now=CHANGED, record=desk.record) == ()
    assert desk.ledger.retired == ()


MOVED = "https://elsewhere.example.org/tertulia/feed.xml"


def test_old_sound_is_not_lost_sight_of_when_the_feed_moves(desk: Any, changed: tuple[str, str]) -> None:
    desk.show = replace(desk.show, feed_url=MOVED, guid=feed_guid(desk.show))
    moved = desk.release(title="Otro")
    desk.publish(moved, now=CHANGED + timedelta(1))
    assert desk.ledger.entries[0].url.startswith("https://elsewhere.example.org/tertulia/mlops/")
    named = moved.release.files[0].name
    expected = {name for name in changed if name != named}
    assert {file.name for file in garbage(desk.ledger, storage(desk), now=CHANGED)} == expected
    collect(desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert {path.name for path in (desk.public / "mlops").glob("*.mp3")} == {named.partition("/")[2]}


def test_sound_that_only_moved_its_address_is_never_garbage(desk: Any) -> None:
    """The feed still names the file, under another address."""
    ready = desk.release()
    desk.publish(ready)
    old = ready.release.item.enclosure
    moved = replace(old, url=old.url.replace("https://tertulia.example.org/", MOVED.removesuffix("feed.xml")))
    item = replace(ready.release.item, enclosure=moved)
    desk.publish(replace(ready, release=replace(ready.release, item=item)), now=CHANGED)
    assert desk.ledger.retired == ()
    from_before = replace(desk.ledger, retired=(Retired(old.url, CHANGED),))
    assert garbage(from_before, storage(desk), now=CHANGED + 2 * GRACE) == []
    collect(from_before, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert (desk.public / ready.release.files[0].name).exists()
