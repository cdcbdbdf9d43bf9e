"""Where several speak at once: by a segmentation that was made up, and by voices that were mixed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from workers.media.sound import RATE
from workers.redaction.hearing import overlap
from workers.redaction.hearing.recording import Stretch

FRAMES = 500  # of a window of five seconds, in these tests


def segmentation(*windows: list[tuple[float, float, float]]) -> SimpleNamespace:
    """Windows of five seconds, one a second, with where a second voice is how likely."""
    said = np.zeros((len(windows), FRAMES, 3), np.float32)
    said[:, :, 0] = 0.9
    for number, window in enumerate(windows):
        for start, end, likely in window:
            said[number, round(start * 100) : round(end * 100), 1] = likely
    return SimpleNamespace(data=said, sliding_window=SimpleNamespace(step=1.0, duration=5.0))


def seconds(start: float, end: float) -> Stretch:
    return Stretch(round(start * RATE), round(end * RATE))


def test_a_second_voice_that_one_window_hears_is_enough() -> None:
    found = overlap.several([segmentation([(2, 3, 0.3)], [(1, 2, 0.7)])], 0, 6 * RATE)

    assert found == [seconds(2, 3)]


def test_what_either_segmentation_hears_counts_and_lies_where_its_piece_begins() -> None:
    plain, evened = segmentation([(0.5, 1, 0.9)]), segmentation([(3, 4, 0.6)])

    found = overlap.several([plain, evened], 600 * RATE, 5 * RATE)

    assert found == [seconds(600.5, 601), seconds(603, 604)]


@pytest.mark.parametrize("stretches", [[], [(1, 1.05, 0.9)], [(1, 2, 0.4)], [(4.9, 5, 0.9)]])
def test_one_voice_a_meeting_of_two_and_what_lies_behind_the_end_are_none(
    stretches: list[tuple[float, float, float]],
) -> None:
    assert overlap.several([segmentation(stretches)], 0, round(4.9 * RATE)) == []


def test_a_faint_tone_beside_a_loud_one_is_nearer_to_it_once_evened_out() -> None:
    at = np.arange(2 * RATE) / RATE
    loud, faint = np.sin(2 * np.pi * 400 * at), 0.01 * np.sin(2 * np.pi * 2000 * at)

    made = overlap.evened((0.3 * (loud + faint)).astype(np.float32))

    assert made.dtype == np.float32
    assert made.shape == at.shape
    spectrum = np.abs(np.fft.rfft(made))
    assert 0.01 * 3 < spectrum[2000 * 2] / spectrum[400 * 2] < 1


def test_silence_and_a_moment_stay_what_they_are() -> None:
    for samples in (np.zeros(RATE, np.float32), np.ones(overlap.WINDOW - 1, np.float32)):
        assert np.array_equal(overlap.evened(samples), samples)
