from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.alignment import speakers
from pipeline.alignment.boundary import cues
from pipeline.alignment.language import load
from pipeline.alignment.speakers import Voices, features, voices
from pipeline.alignment.talk import Talk
from pipeline.model import Segment

SAID = (
    ("H", "Welcome everybody, how are you?"),
    ("G", "Fine, thank you."),
    ("G", "I have come from Soria this morning."),
    ("H", "And what do you do there?"),
    ("G", "I bake bread."),
)


def talk(*, told: bool, count: int = len(SAID)) -> Talk:
    return Talk(
        load("en"),
        tuple(
            Segment(n * 5000, n * 5000 + 4000, SAID[n % len(SAID)][1], speaker=SAID[n % len(SAID)][0] if told else None)
            for n in range(count)
        ),
    )


def by_every_sequence(change: np.ndarray, hosting: np.ndarray) -> np.ndarray:
    """Probability of the host at each sentence, of the host taking over and of a guest, over all 2^S sequences."""
    moves = 1 / (1 + np.exp(-change))
    sums, total = np.zeros((3, len(change))), 0.0
    for sequence in np.ndindex(*(2,) * len(change)):
        guest = np.array(sequence)
        moved = guest[1:] != guest[:-1]
        weight = np.exp(speakers.TEMPER / 2 * np.where(guest == 0, hosting, -hosting)).prod()
        leaves = np.where(guest[:-1] == 1, speakers.RETURN, 1.0) * moves[1:]
        weight *= np.where(moved, leaves, 1 - leaves).prod()
        total += weight
        sums[0] += weight * (guest == 0)
        sums[1:, 1:] += weight * np.array([moved & (guest[1:] == 0), moved & (guest[1:] == 1)])
    return sums / total


ODDS = arrays(float, 5, elements=st.floats(-4, 4))


@given(ODDS, ODDS)
@settings(deadline=None, max_examples=40)
def test_who_speaks_is_a_share_of_all_sequences(change: np.ndarray, hosting: np.ndarray) -> None:
    found = voices(talk(told=False), change, hosting)
    expected = by_every_sequence(change, hosting)
    np.testing.assert_allclose([found.host, found.to_host, found.to_guest], expected, atol=1e-9)


def test_microphones_are_believed_over_any_guess() -> None:
    guessed = np.zeros(len(SAID))
    found = voices(talk(told=True), guessed, guessed)
    assert found.host.tolist() == [1, 0, 0, 1, 0]
    assert found.to_host.tolist() == [0, 0, 0, 1, 0]
    assert found.to_guest.tolist() == [0, 1, 0, 0, 1]


def test_one_microphone_tells_nothing() -> None:
    alone = Talk(load("en"), tuple(Segment(n, n + 1, "Yes.", speaker="A") for n in range(3)))
    assert speakers.told(alone) is None


@pytest.mark.parametrize("told", [True, False])
def test_features_have_the_same_names_whoever_tells(told: bool) -> None:
    said = talk(told=told)
    odds = np.linspace(-1, 1, len(said))
    table = features(said, cues(said), voices(said, odds, odds))
    assert {values.shape for values in table.values()} == {(len(said),)}
    other = talk(told=not told)
    assert table.keys() == features(other, cues(other), voices(other, odds, odds)).keys()


def test_how_long_somebody_has_spoken_where_that_is_certain() -> None:
    said = talk(told=True)
    table = features(said, cues(said), voices(said, np.zeros(5), np.zeros(5)))
    np.testing.assert_allclose(np.expm1(table["after how long"]), [0, 4, 4, 8, 4])
    np.testing.assert_allclose(np.expm1(table["how long"]), [4, 8, 4, 4, 4])
    np.testing.assert_allclose(np.expm1(table["after a guest, how long"]), [0, 0, 4, 8, 0])


def test_a_talk_of_one_sentence() -> None:
    said = talk(told=False, count=1)
    found = voices(said, np.zeros(1), np.array([2.0]))
    assert found.host[0] > 0.5
    assert found.to_host[0] == found.to_guest[0] == 0
    assert isinstance(found, Voices)
