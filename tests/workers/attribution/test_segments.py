"""Of documents and texts: patches of each page and tokens of the text, beside the question's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnigov.contracts import MILLION, Area, AttributionResult, Label, PolicySpec, Span
from workers.attribution.asked import asked_of
from workers.attribution.attribute import METHOD_OF_SEGMENTS, attribute_with
from workers.attribution.question import leaning_of
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model
from workers.omni.prompt import build_prompt
from workers.omni.seen import Page, Seen

TEXT = "東京から荷物が届いた。 A box came."


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    assert progress is not None
    assert 0 <= progress <= 1


@pytest.fixture(scope="module")
def tiny() -> OmniModel:
    return new_model(TINY)


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
    )


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    random = np.random.default_rng(4)
    return [
        Page(part, random.integers(0, 256, size=(50, 70, 3), dtype=np.uint8), (140, 100)) for part in (0, 3)
    ]


def added(result: AttributionResult) -> int:
    of_segments = sum(
        sum(map(sum, segment.grid)) + sum(span.value for span in segment.spans) for segment in result.segments
    )
    return of_segments + sum(token.value for token in result.tokens) + result.extent


@pytest.mark.parametrize("label", ["cat", "steam_engine"])
def test_pages_text_and_words_sum_to_the_scores_change(
    tiny: OmniModel, policy: PolicySpec, pages: list[Page], label: str
) -> None:
    result = attribute_with(tiny, Seen.of_text(TEXT, 256, pages), policy, label, 32, hook=hook)
    assert result.completeness_gap <= max(2000, abs(result.total) // 50)
    assert abs(abs(added(result) - result.total) - result.completeness_gap) < 150  # each part is rounded
    assert result.method == METHOD_OF_SEGMENTS


def test_each_page_and_the_text_is_a_segment_with_its_place_and_share(
    tiny: OmniModel, policy: PolicySpec, pages: list[Page]
) -> None:
    result = attribute_with(tiny, Seen.of_text(TEXT, 256, pages), policy, "cat", hook=hook)
    first, second, text = result.segments
    assert first.place == Area(part=0, left=0, top=0, right=140, bottom=100)
    assert second.place == Area(part=3, left=0, top=0, right=140, bottom=100)
    assert [len(row) for row in second.grid] == [TINY.grid] * TINY.grid
    assert text.place == Span(start=0, end=len(TEXT))
    assert [span.place for span in text.spans] == [Span(start=i, end=i + 1) for i in range(len(TEXT))]
    assert result.grid == ()
    assert result.picture_share == pytest.approx(first.share + second.share, abs=2)
    assert result.text_share == text.share
    assert 0 < text.share < MILLION
    words = sum(abs(token.value) for token in result.tokens)
    pixels = sum(abs(value) for page in (first, second) for row in page.grid for value in row)
    letters = round(pixels * result.text_share / result.picture_share)
    assert (MILLION - result.picture_share - result.text_share) / MILLION == pytest.approx(
        words / (words + pixels + letters), abs=1e-3
    )


def test_a_text_alone(tiny: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(tiny, Seen.of_text(TEXT, 256), policy, "cat", 32, hook=hook)
    (text,) = result.segments
    assert (result.picture_share, result.grid, text.grid) == (0, (), ())
    assert text.share == result.text_share > 0
    assert result.completeness_gap <= max(2000, abs(result.total) // 50)


def test_empty_lines_get_nothing(tiny: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(tiny, Seen.of_text("\n\n\n", 256), policy, "cat", hook=hook)
    assert [span.value for span in result.segments[0].spans] == [0, 0, 0]
    assert result.text_share == 0
    assert result.extent != 0


def test_where_a_policy_shows_nothing_the_words_are_all(tiny: OmniModel, policy: PolicySpec) -> None:
    result = attribute_with(tiny, Seen.of_text("", 256), policy, "cat", hook=hook)
    assert (result.segments, result.picture_share, result.text_share) == ((), 0, 0)
    assert abs(abs(added(result) - result.total) - result.completeness_gap) < 50


def test_few_points_at_once_give_the_same(
    tiny: OmniModel, policy: PolicySpec, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long medium goes through the model a point at a time, so that its gradients fit the memory."""
    seen = Seen.of_text(TEXT, 256, pages)
    whole = attribute_with(tiny, seen, policy, "cat", hook=hook)
    monkeypatch.setitem(attribute_with.__globals__, "TOKENS_AT_ONCE", 1)
    apart = attribute_with(tiny, seen, policy, "cat", hook=hook)
    for one, other in zip(whole.segments[2].spans, apart.segments[2].spans, strict=True):
        assert one.value == pytest.approx(other.value, abs=50)


def test_the_words_are_asked_once_for_pictures_and_texts_alike(
    tiny: OmniModel, policy: PolicySpec, pages: list[Page], tmp_path: Path
) -> None:
    picture = attribute_with(tiny, Seen.of_picture(pages[0].pixels), policy, "cat", hook=hook, kept=tmp_path)
    text = attribute_with(tiny, Seen.of_text(TEXT, 256), policy, "cat", hook=hook, kept=tmp_path)
    assert picture.tokens == ()  # word by word only what was prepared: it takes a minute
    assert picture.question == text.question != 0
    (file,) = tmp_path.iterdir()
    assert '"shares": []' in file.read_text()
    asked = asked_of(tiny, build_prompt(policy, tiny.words), policy, ("cat",))
    leaning_of(asked, tmp_path, lambda _: None)
    picture = attribute_with(tiny, Seen.of_picture(pages[0].pixels), policy, "cat", hook=hook, kept=tmp_path)
    text = attribute_with(tiny, Seen.of_text(TEXT, 256), policy, "cat", hook=hook, kept=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(picture.tokens) > 10
    assert sum(token.value for token in picture.tokens) == pytest.approx(picture.question, abs=2000)
    assert picture.tokens == text.tokens
