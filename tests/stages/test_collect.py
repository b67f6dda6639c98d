from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
    found = garbage(desk.show, desk.ledger, storage(desk), now=CHANGED)
    assert found == [Garbage(changed[0], length, CHANGED, due=False)]


def test_it_goes_when_its_time_has_passed_and_not_before(desk: Any, changed: tuple[str, str]) -> None:
    for now, expected in ((CHANGED + GRACE - timedelta(seconds=1), ()), (CHANGED + GRACE, (changed[0],))):
        gone = collect(desk.show, desk.ledger, storage(desk), now=now, record=desk.record)
        assert tuple(file.name for file in gone) == expected
    assert not (desk.public / changed[0]).exists()
    assert (desk.public / changed[1]).exists()
    assert desk.ledger.retired == ()


def test_nothing_else_goes(desk: Any, changed: tuple[str, str]) -> None:
    (desk.public / "mlops" / "mine.mp3").write_bytes(b"foreign")
    before = set(dict(storage(desk).sizes()))
    collect(desk.show, desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert set(dict(storage(desk).sizes())) == before - {changed[0]}


def test_sound_that_the_feed_names_again_stays(desk: Any, changed: tuple[str, str]) -> None:
    desk.publish(desk.release(), now=CHANGED + timedelta(1))
    assert [retired.url.rpartition("/")[2] for retired in desk.ledger.retired] == [changed[1].split("/")[1]]
    collect(desk.show, desk.ledger, storage(desk), now=CHANGED + 2 * GRACE, record=desk.record)
    assert (desk.public / changed[0]).exists()


def test_a_withdrawn_episodes_sound_is_retired(desk: Any) -> None:
    ready = desk.release()
    desk.publish(ready)
    desk.publish(now=CHANGED, allow={"removal"})
    assert [retired.url for retired in desk.ledger.retired] == [ready.release.item.enclosure.url]


def test_what_is_already_gone_is_forgotten(desk: Any, changed: tuple[str, str]) -> None:
    (desk.public / changed[0]).unlink()
    assert collect(desk.show, desk.ledger, storage(desk), now=CHANGED, record=desk.record) == ()
    assert desk.ledger.retired == ()
