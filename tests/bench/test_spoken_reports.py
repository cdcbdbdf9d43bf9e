"""Generated reports: as many as asked, the same for a seed, and none of those that are held out."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "model"


@pytest.fixture
def spoken_reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.syspath_prepend(str(BENCH))
    import spoken_reports

    yield spoken_reports
    sys.modules.pop("spoken_reports", None)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_reports_are_generated_and_share_no_sentence_with_the_held_out_ones(
    spoken_reports: object, language: str
) -> None:
    made = spoken_reports.reports(language, 60, 1)  # type: ignore[attr-defined]
    assert made == spoken_reports.reports(language, 60, 1)  # type: ignore[attr-defined]
    assert set(Counter(kind for kind, _ in made).values()) == {60}
    assert not [sentence for _, sentence in made if "{" in sentence]
    held = json.loads((BENCH / f"held_out_reports.{language}.json").read_text())["sentences"]
    assert {kind: len(some) for kind, some in held.items()} == dict.fromkeys(
        spoken_reports.KINDS,  # type: ignore[attr-defined]
        20,
    )
    assert not {sentence for some in held.values() for sentence in some} & {s for _, s in made}


def test_more_than_there_are_is_refused(spoken_reports: object) -> None:
    with pytest.raises(ValueError, match="there are no 5000"):
        spoken_reports.reports("en", 5000, 1)  # type: ignore[attr-defined]
