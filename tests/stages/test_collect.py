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
def changed(publisher: Any) -> tuple[str, str]:
    """An episode whose sound was published twice: the old name and the new."""
    old = publisher.release()
    publisher.publish(old)
    new = publisher.release(title="Otro")
    publisher.publish(new, now=CHANGED)
    return old.release.files[0].name, new.release.files[0].name


def storage(publisher: Any) -> LocalFolder:
    return LocalFolder(publisher.public, whole_file)


def test_old_sound_is_listed(publisher: Any, changed: tuple[str, str]) -> None:
    length = (publisher.public / changed[0]).stat().st_size
    found = garbage(publisher.ledger, storage(publisher), now=CHANGED)
    assert found == [Garbage(changed[0], length, CHANGED, due=False)]


def test_it_goes_when_its_time_has_passed_and_not_before(publisher: Any, changed: tuple[str, str]) -> None:
    for now, expected in ((CHANGED + GRACE - timedelta(seconds=1), ()), (CHANGED + GRACE, (changed[0],))):
        gone = collect(publisher.ledger, storage(publisher), now=now, record=publisher.record)
        assert tuple(file.name for file in gone) == expected
    assert not (publisher.public / changed[0]).exists()
    assert (publisher.public / changed[1]).exists()
    assert publisher.ledger.retired == ()


def test_nothing_else_goes(publisher: Any, changed: tuple[str, str]) -> None:
    (publisher.public / "mlops" / "mine.mp3").write_bytes(b"foreign")
    before = set(dict(storage(publisher).sizes()))
    collect(publisher.ledger, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record)
    assert set(dict(storage(publisher).sizes())) == before - {changed[0]}


def test_sound_that_the_feed_names_again_stays(publisher: Any, changed: tuple[str, str]) -> None:
    publisher.publish(publisher.release(), now=CHANGED + timedelta(1))
    assert [retired.url.rpartition("/")[2] for retired in publisher.ledger.retired] == [changed[1].split("/")[1]]
    collect(publisher.ledger, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record)
    assert (publisher.public / changed[0]).exists()


def test_a_withdrawn_episodes_sound_is_retired(publisher: Any) -> None:
    ready = publisher.release()
    publisher.publish(ready)
    publisher.publish(now=CHANGED, allow={"removal"})
    assert [retired.url for retired in publisher.ledger.retired] == [ready.release.item.enclosure.url]


@pytest.fixture
def withdrawn(publisher: Any) -> set[str]:
    """Two episodes, one of which is no longer there: the names of its files, a picture among them."""
    picture = publisher.root / "foto.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n a face")
    gone, stays = (
        publisher.release(image="foto.png", pictures={"foto.png": picture}),
        publisher.release("dos", title="Dos"),
    )
    publisher.publish(gone, stays)
    publisher.publish(stays, now=CHANGED, allow={"removal"})
    return {file.name for file in gone.release.files}


def test_all_that_a_withdrawn_episode_leaves_goes_when_its_time_has_passed(publisher: Any, withdrawn: set[str]) -> None:
    found = garbage(publisher.ledger, storage(publisher), now=CHANGED)
    assert {file.name for file in found} == withdrawn
    assert {(file.since, file.due) for file in found} == {(CHANGED, False)}
    assert (
        collect(publisher.ledger, storage(publisher), now=CHANGED + GRACE - timedelta(1), record=publisher.record) == ()
    )
    before = set(dict(storage(publisher).sizes()))
    gone = collect(publisher.ledger, storage(publisher), now=CHANGED + GRACE, record=publisher.record)
    assert {file.name for file in gone} == withdrawn
    assert set(dict(storage(publisher).sizes())) == before - withdrawn
    assert publisher.ledger.retired == ()


def test_what_others_put_beside_a_withdrawn_episode_stays(publisher: Any, withdrawn: set[str]) -> None:
    """A name like ours is not enough where it was made from bytes; nor is a place deeper down."""
    theirs = ["mlops/notas.pdf", "mlops/foto-0123abcd.jpg", "mlops/old/index.html"]
    for name in theirs:
        (publisher.public / name).parent.mkdir(exist_ok=True)
        (publisher.public / name).write_bytes(b"foreign")
    collect(publisher.ledger, storage(publisher), now=CHANGED + GRACE, record=publisher.record)
    assert all((publisher.public / name).exists() for name in theirs)
    (publisher.public / "mlops" / "index.html").write_text("moved on")
    assert collect(publisher.ledger, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record) == ()


def test_pages_are_not_lost_sight_of_when_the_sound_is_already_gone(publisher: Any, withdrawn: set[str]) -> None:
    sound = next(name for name in withdrawn if name.endswith(".mp3"))
    (publisher.public / sound).unlink()
    collect(publisher.ledger, storage(publisher), now=CHANGED, record=publisher.record)
    gone = collect(publisher.ledger, storage(publisher), now=CHANGED + GRACE, record=publisher.record)
    assert {file.name for file in gone} == withdrawn - {sound}
    assert publisher.ledger.retired == ()


def test_an_episode_that_came_back_keeps_its_files(publisher: Any, withdrawn: set[str]) -> None:
    back = publisher.release(title="Otro")
    publisher.publish(back, publisher.release("dos", title="Dos"), now=CHANGED + timedelta(1))
    gone = collect(publisher.ledger, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record)
    assert {file.name for file in gone} == {name for name in withdrawn if name.endswith(".mp3")}
    assert {file.name for file in back.release.files} <= set(dict(storage(publisher).sizes()))


def test_what_is_already_gone_is_forgotten(publisher: Any, changed: tuple[str, str]) -> None:
    (publisher.public / changed[0]).unlink()
    assert collect(publisher.ledger, storage(publisher), now=CHANGED, record=publisher.record) == ()
    assert publisher.ledger.retired == ()


MOVED = "https://elsewhere.example.org/tertulia/feed.xml"


def test_old_sound_is_not_lost_sight_of_when_the_feed_moves(publisher: Any, changed: tuple[str, str]) -> None:
    publisher.show = replace(publisher.show, feed_url=MOVED, guid=feed_guid(publisher.show))
    moved = publisher.release(title="Otro")
    publisher.publish(moved, now=CHANGED + timedelta(1))
    assert publisher.ledger.entries[0].url.startswith("https://elsewhere.example.org/tertulia/mlops/")
    named = moved.release.files[0].name
    expected = {name for name in changed if name != named}
    assert {file.name for file in garbage(publisher.ledger, storage(publisher), now=CHANGED)} == expected
    collect(publisher.ledger, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record)
    assert {path.name for path in (publisher.public / "mlops").glob("*.mp3")} == {named.partition("/")[2]}


def test_sound_that_only_moved_its_address_is_never_garbage(publisher: Any) -> None:
    """The feed still names the file, under another address."""
    ready = publisher.release()
    publisher.publish(ready)
    old = ready.release.item.enclosure
    moved = replace(old, url=old.url.replace("https://tertulia.example.org/", MOVED.removesuffix("feed.xml")))
    item = replace(ready.release.item, enclosure=moved)
    publisher.publish(replace(ready, release=replace(ready.release, item=item)), now=CHANGED)
    assert publisher.ledger.retired == ()
    from_before = replace(publisher.ledger, retired=(Retired(old.url, CHANGED),))
    assert garbage(from_before, storage(publisher), now=CHANGED + 2 * GRACE) == []
    collect(from_before, storage(publisher), now=CHANGED + 2 * GRACE, record=publisher.record)
    assert (publisher.public / ready.release.files[0].name).exists()
