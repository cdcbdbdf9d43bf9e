from __future__ import annotations

import numpy as np
import pytest

from omnigov.contracts import Interval
from workers.media.sound import RATE
from workers.redaction.hearing import placing
from workers.redaction.hearing.recording import Recording, Stretch, interval, joined, stretch_of, without


def noise(seconds: float) -> np.ndarray:
    return (np.random.default_rng(3).standard_normal(round(seconds * RATE)) * 0.2).astype(np.float32)


def test_samples_of_sixteen_bits_stay_what_they_are() -> None:
    every = np.arange(-32768, 32768, dtype=np.int32)

    with Recording([every.astype(np.float32) / 32768]) as recording:
        assert np.array_equal(recording.whole(0, every.size), every)


def test_what_is_hidden_is_silent_and_nothing_else_changes() -> None:
    hidden = Stretch(RATE, 2 * RATE)

    with Recording([noise(1.5), noise(1.5)]) as recording:
        before, after = recording.whole(0, 3 * RATE), recording.whole(0, 3 * RATE, [hidden])

    assert np.array_equal(before[:RATE], after[:RATE])
    assert np.array_equal(before[2 * RATE :], after[2 * RATE :])
    assert not after[RATE + RATE // 100 : 2 * RATE - RATE // 100].any()
    assert after[RATE] == before[RATE]  # it fades from there on


def test_a_piece_is_silent_as_the_whole_is() -> None:
    hidden = [Stretch(1000, 9000), Stretch(12_345, 13_000)]

    with Recording([noise(1)], tone=True) as recording:
        whole = recording.whole(0, RATE, hidden)
        pieces = [recording.whole(at, at + 777, hidden) for at in range(0, RATE, 777)]

    assert np.array_equal(whole, np.concatenate(pieces))


def test_a_tone_holds_nothing_of_what_was_there() -> None:
    hidden = [Stretch(0, RATE)]

    with Recording([noise(1)], tone=True) as one, Recording([noise(1) * 0.1], tone=True) as other:
        inside = slice(RATE // 50, RATE - RATE // 50)
        assert one.whole(0, RATE, hidden)[inside].any()
        assert np.array_equal(one.whole(0, RATE, hidden)[inside], other.whole(0, RATE, hidden)[inside])


def test_stretches_are_joined_and_taken_away() -> None:
    stretches = [Stretch(50, 60), Stretch(0, 10), Stretch(8, 20), Stretch(22, 30)]

    assert joined(stretches) == [Stretch(0, 20), Stretch(22, 30), Stretch(50, 60)]
    assert joined(stretches, 2) == [Stretch(0, 30), Stretch(50, 60)]
    assert without([Stretch(0, 100)], joined(stretches, 2)) == [Stretch(30, 50), Stretch(60, 100)]


def test_milliseconds_hold_the_whole_stretch() -> None:
    place = interval(Stretch(17, 33))

    assert place == Interval(start=1, end=3)
    assert stretch_of(place, 10**6) == Stretch(16, 48)
    assert stretch_of(place, 40) == Stretch(16, 40)


def test_the_guard_is_at_least_a_quarter_of_a_second_and_takes_a_pause_along() -> None:
    sound = noise(4)
    sound[round(0.5 * RATE) : round(0.65 * RATE)] = 0  # before the guard's beginning at .75 s
    sound[round(2.24 * RATE) :] = 0  # the guard ends at 2.25 s, 10 ms behind the word's true end

    with Recording([sound]) as recording:
        start, end = placing.placed(Stretch(RATE, 2 * RATE), recording)

    assert round(0.5 * RATE) <= start <= round(0.65 * RATE) - placing.PAUSE * placing.FRAME
    assert end == 2 * RATE + placing.GUARD + placing.PAUSE * placing.FRAME


def test_a_stop_within_a_word_is_no_pause() -> None:
    sound = noise(4)
    sound[round(2.24 * RATE) : round(2.30 * RATE)] = 0  # "eigh", and then "t" up to 2.4 s
    sound[round(2.4 * RATE) : round(2.6 * RATE)] = 0

    with Recording([sound]) as recording:
        end = placing.placed(Stretch(RATE, 2 * RATE), recording).end

    assert round(2.4 * RATE) < end <= round(2.6 * RATE)


def test_where_nobody_pauses_the_edge_lies_where_the_voice_is_weakest() -> None:
    sound = noise(4)
    for place in (0.55, 2.45):
        sound[round((place - 0.02) * RATE) : round((place + 0.02) * RATE)] *= 0.4

    with Recording([sound]) as recording:
        start, end = placing.placed(Stretch(RATE, 2 * RATE), recording)

    assert abs(start - round(0.55 * RATE)) <= placing.FRAME * 2
    assert abs(end - round(2.45 * RATE)) <= placing.FRAME * 2


def test_the_guard_ends_with_the_recording() -> None:
    with Recording([noise(1)]) as recording:
        assert placing.placed(Stretch(RATE // 10, RATE - RATE // 10), recording) == Stretch(0, RATE)
        assert placing.placed(Stretch(RATE * 2 // 5, RATE * 3 // 5), recording) == Stretch(0, RATE)


@pytest.mark.parametrize("stretch", [Stretch(5, 5), Stretch(-1, 5), Stretch(0, 4 * RATE + 1)])
def test_what_lies_outside_is_not_placed(stretch: Stretch) -> None:
    with Recording([noise(4)]) as recording, pytest.raises(ArithmeticError):
        placing.placed(stretch, recording)
