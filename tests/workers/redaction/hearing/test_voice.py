from __future__ import annotations

import numpy as np
import pytest

from workers.media.sound import RATE
from workers.redaction.hearing import parts
from workers.redaction.hearing.recording import Recording
from workers.redaction.hearing.voice import Voice


@pytest.mark.parametrize("loud", [0.002, 0.001])
def test_a_faint_voice_is_heard_as_long_as_a_loud_one(loud: float) -> None:
    """Whoever turns the copy up hears it as well: of the known voice some forty steps of 16 bits are left."""
    voice = Voice()
    with parts.known() as known:
        samples = known.part(0, known.length)
        expected = sum(one.length for one in voice.find(known))

    with Recording([samples * loud]) as recording:
        found = sum(one.length for one in voice.find(recording))

    assert found > expected - RATE // 4


def test_silence_and_faint_noise_are_no_voice() -> None:
    voice = Voice()
    rushing = np.random.default_rng(4).standard_normal(5 * RATE).astype(np.float32) * 0.0005

    for samples in (np.zeros(RATE, np.float32), rushing):
        with Recording([samples]) as recording:
            assert voice.find(recording) == []


def test_a_faint_voice_is_heard_after_a_loud_one() -> None:
    """In the same minute: one beside the microphone, and one at the other end of the hall."""
    voice = Voice()
    with parts.known() as known:
        loud = known.part(0, known.length)
        expected = sum(one.length for one in voice.find(known))
    faint = loud * np.float32(0.004)

    with Recording([np.concatenate([loud, np.zeros(2 * RATE, np.float32), faint])]) as recording:
        found = voice.find(recording)

    begins = loud.size + 2 * RATE
    assert sum(max(0, one.end - max(one.start, begins)) for one in found) > expected - RATE // 2
