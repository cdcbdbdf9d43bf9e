"""Who speaks, in a recording that is longer than what is asked at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnigov.contracts import Limits
from workers.media.sound import RATE, decode
from workers.redaction.hearing import parts, speakers
from workers.redaction.hearing.recording import Recording

REPORT = Path(__file__).parents[4] / "samples" / "report-accident.ogg"


@pytest.mark.long
def test_who_goes_on_to_speak_in_the_next_piece_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pieces of seven seconds, and a rest in which nobody is told from another."""
    monkeypatch.setattr(speakers, "PIECE", 7 * RATE)
    spoken = np.concatenate(list(decode(REPORT.read_bytes(), Limits())))[: 14 * RATE + RATE // 4]
    shares: list[float] = []

    with Recording([spoken]) as recording:
        found = parts.ask(parts.SPEAKERS, lambda part: part.find(recording, None, shares.append)).spoken

    assert {each.speaker for each in found} == {1}
    assert sum(each.at.length for each in found if each.at.start < 7 * RATE) > 4 * RATE
    assert sum(each.at.length for each in found if each.at.start >= 7 * RATE) > 4 * RATE
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1
