"""Who speaks, in a recording that is longer than what is asked at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnigov.contracts import Limits
from workers.media.sound import RATE, decode
from workers.redaction.hearing import parts, speakers
from workers.redaction.hearing.recording import Recording

SAMPLES = Path(__file__).parents[4] / "samples"


def report(name: str) -> np.ndarray:
    return np.concatenate(list(decode((SAMPLES / f"{name}.ogg").read_bytes(), Limits())))


@pytest.mark.long
def test_the_voices_of_two_pieces_are_the_same_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A woman and a man by turns, in two pieces of twelve seconds and the rest of a third."""
    one, other = report("report-accident"), report("report-machine")
    monkeypatch.setattr(speakers, "PIECE", 12 * RATE)
    turns = [part[at : at + 6 * RATE] for at in (0, 6 * RATE) for part in (one, other)]
    shares: list[float] = []

    with Recording([*turns, one[: RATE // 4]]) as recording:
        found = parts.ask(parts.SPEAKERS, lambda part: part.find(recording, None, shares.append))

    def who(piece: int) -> int:
        """Who speaks longest in this stretch of six seconds."""
        spoken: dict[int, int] = {}
        for each in found.spoken:
            start, end = max(each.at.start, piece * 6 * RATE), min(each.at.end, (piece + 1) * 6 * RATE)
            spoken[each.speaker] = spoken.get(each.speaker, 0) + max(0, end - start)
        return max(spoken, key=lambda speaker: spoken[speaker])

    assert who(0) == who(2) != who(1) == who(3)
    assert found.spoken == sorted(found.spoken)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1
