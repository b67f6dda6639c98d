from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.ledger import Allowance, Entry, Ledger, Retired, parse, render

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)
SUPERSEDED = st.lists(WORDS, max_size=2).map(tuple)
ENTRIES = st.builds(Entry, WORDS, WORDS, WORDS, st.integers(0), WORDS, TIMES, TIMES, WORDS, TIMES, SUPERSEDED)
LEDGERS = st.builds(
    Ledger,
    st.lists(ENTRIES, max_size=3).map(tuple),
    st.lists(st.builds(Allowance, WORDS, WORDS, TIMES, WORDS), max_size=2).map(tuple),
    st.none() | st.just("abc"),
    st.none() | TIMES,
    st.lists(st.builds(Retired, WORDS, TIMES), max_size=2).map(tuple),
    st.none() | WORDS,
    st.none() | WORDS,
)


@given(LEDGERS)
def test_reads_back(ledger: Ledger) -> None:
    text = "".join(render(ledger))
    assert parse(text) == parse(StringIO(text)) == ledger
    assert "".join(render(parse(text))) == text


@given(LEDGERS)
def test_pieces_are_the_text_of_the_whole(ledger: Ledger) -> None:
    """As PyYAML writes and reads it in one."""
    text = "".join(render(ledger))
    assert list(yaml.safe_load(text)) == ["version", "channel", "episodes", "allowed", "retired", "announced"]
    head = text[: text.index("version:")]
    whole = yaml.dump(yaml.safe_load(text), Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=1000)
    assert text == head + whole


def test_a_long_ledger() -> None:
    time = datetime(2023, 4, 12, 5, tzinfo=UTC)
    entries = (Entry(f"e{n}", f"g{n}", f"https://e.org/{n}.mp3", n, "f", time, time, "c", time) for n in range(1234))
    ledger = Ledger(tuple(entries))
    assert parse("".join(render(ledger))) == ledger


def test_a_ledger_from_before_the_feeds_guid() -> None:
    text = "version: 1\nchannel: {content: x, changed: null}\nepisodes: []\nallowed: []\n"
    assert parse(text) == Ledger(channel="x")


def test_an_entry_from_before_it_said_what_was_superseded() -> None:
    time = datetime(2023, 4, 12, 5, tzinfo=UTC)
    ledger = Ledger((Entry("e", "g", "https://e.org/e.mp3", 1, "f", time, time, "c", time),))
    text = "".join(render(ledger))
    assert "  superseded: []\n" in text
    assert parse(text.replace("  superseded: []\n", "")) == ledger


def test_times_are_written_in_utc() -> None:
    local = datetime(2023, 4, 12, 7, tzinfo=timezone(timedelta(hours=2)))
    text = "".join(render(Ledger((Entry("mlops", "g", "https://e.org/a.mp3", 1, "f", local, local, "c", local),))))
    assert "published: '2023-04-12T05:00:00Z'" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "# What has been published\n",
        "version: 2\nchannel: {content: null, changed: null}\nepisodes: []\nallowed: []\n",
        "version: 1\n",
        "version: 1\nchannel: {content: x, changed: null}\nepisodes: none\nallowed: []\n",
        "- 1\n",
        "{",
        "version: 1\nchannel: {content: x, changed: 2023-04-12T05:00:00}\nepisodes: []\nallowed: []\n",
        "version: 1\nchannel: {content: x, changed: '9999-12-31T23:59:59-12:00'}\nepisodes: []\nallowed: []\n",
        "version: 1\nchannel: {content: x, changed: null}\nepisodes: [{slug: a, what: b}]\nallowed: []\n",
        "!!python/object/apply:os.system ['true']",
        f"{''.join(render(Ledger()))}---\nversion: 1\n",
        f"{''.join(render(Ledger()))}...\n}}}}}}: [\n",
        f"{''.join(render(Ledger()))}\n}}",
    ],
)
def test_a_damaged_ledger_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, where="feed/ledger.yaml")
    assert caught.value.where == "feed/ledger.yaml"
    assert "version control" in caught.value.todo
