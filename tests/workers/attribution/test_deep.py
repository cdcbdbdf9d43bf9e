"""Trials are really run: parts are taken away, and what is counted for hidden places is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from omnigov.contracts import MILLION, Area, Label, PolicySpec, Span
from workers.attribution.asked import asked_of, contents_of
from workers.attribution.attribute import DEEP, Contrast, explain, margin
from workers.attribution.deep import curves_of, examine_with, rank_correlation
from workers.attribution.modalities import shapley
from workers.attribution.parts import Part, ground_of, parts_of, without
from workers.attribution.shares import hidden_credit
from workers.omni.config import TINY
from workers.omni.model import OmniModel, new_model
from workers.omni.prompt import about, build_prompt
from workers.omni.score import embedded, label_scores, read_media, read_question
from workers.omni.seen import Page, Seen

TEXT = "A box came. 荷物が届いた。"


def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
    pass


@pytest.fixture(scope="module")
def tiny() -> OmniModel:
    return new_model(TINY)


@pytest.fixture(scope="module")
def policy() -> PolicySpec:
    words = ("cat", "steam engine", "tree house")
    return PolicySpec(
        question="What is it?",
        labels=tuple(Label(key=w.replace(" ", "_"), phrase=w, name_en=w, name_ja=w) for w in words),
    )


@pytest.fixture(scope="module")
def seen() -> Seen:
    pixels = np.random.default_rng(4).integers(0, 256, size=(48, 64, 3), dtype=np.uint8)
    return Seen.of_text(TEXT, 256, [Page(2, pixels, (128, 96))])


def test_labels_side_by_side_score_as_the_decision_scored_them(
    tiny: OmniModel, policy: PolicySpec, seen: Seen
) -> None:
    """Two labels of several tokens in one row, neither of which sees the other."""
    prompt = about(build_prompt(policy, tiny.words), seen, policy, tiny.words)
    asked = asked_of(tiny, prompt, policy, ("tree_house", "steam_engine"))
    contents = contents_of(tiny, prompt, seen)
    with torch.inference_mode():
        media = embedded(tiny, [prompt], tiny.patches([seen.pages[0].pixels]))
        scores = label_scores(tiny, read_media(tiny, media, prompt, read_question(tiny, prompt)), prompt)[0]
    with torch.no_grad():
        words = tiny.embed(tiny.ids(prompt.before[prompt.asked])).unsqueeze(0)
        found = asked.of_media(*contents.actual)[0]
        all_at_once = asked.of_all(words, *contents.actual)[0]
    assert found.tolist() == pytest.approx(scores[[2, 1]].tolist(), abs=1e-3)
    assert all_at_once.tolist() == pytest.approx(found.tolist(), abs=1e-3)


def test_what_is_explained_is_the_label_less_the_runner_up(
    tiny: OmniModel, policy: PolicySpec, seen: Seen
) -> None:
    result = explain(tiny, seen, policy, Contrast("cat", "tree_house"), hook=hook, tier=DEEP)
    assert (result.label, result.against, result.complete) == ("cat", "tree_house", True)
    prompt = about(build_prompt(policy, tiny.words), seen, policy, tiny.words)
    asked = asked_of(tiny, prompt, policy, ("cat", "tree_house"))
    with torch.no_grad():
        whole = float(margin(asked.of_media(*contents_of(tiny, prompt, seen).actual)))
    full = next(each for each in result.coalitions if len(each.members) == 3)
    assert full.score / MILLION == pytest.approx(whole, abs=1e-3)


def test_every_coalition_is_asked_once_and_the_shares_sum_to_the_change(
    tiny: OmniModel, policy: PolicySpec, seen: Seen
) -> None:
    result = explain(tiny, seen, policy, Contrast("cat", "tree_house"), hook=hook, tier=DEEP)
    assert len({each.members for each in result.coalitions}) == len(result.coalitions) == 8
    scores = {len(each.members): each.score for each in result.coalitions}
    assert sum(each.value for each in result.modalities) == pytest.approx(scores[3] - scores[0], abs=5)


def test_shapleys_value_of_a_game_that_is_known() -> None:
    """Two gloves on the left and one on the right (Shapley & Shubik): a pair is worth one."""
    players = ("question", "pictures", "text")

    def worth(members: frozenset[str]) -> float:
        return float("text" in members and len(members) > 1)

    scores = {
        frozenset(each): worth(frozenset(each))
        for each in [(), *((p,) for p in players), players[:2], players[1:], ("question", "text"), players]
    }
    values = shapley(players, scores)  # type: ignore[arg-type]
    assert values == pytest.approx({"question": 1 / 6, "pictures": 1 / 6, "text": 2 / 3})


def test_a_part_is_grey_in_the_picture_and_gone_from_the_text(seen: Seen) -> None:
    less = without(seen, [Area(part=2, left=0, top=0, right=64, bottom=48), Span(start=2, end=6)])
    assert (less.pages[0].pixels[:24, :32] == ground_of(seen.pages[0].pixels)).all()
    assert (less.pages[0].pixels[24:] == seen.pages[0].pixels[24:]).all()
    assert less.text == "A came. 荷物が届いた。"
    assert seen.text == TEXT


def test_the_ground_of_a_page_is_the_colour_of_its_border() -> None:
    page = np.full((100, 60, 3), (250, 252, 249), np.uint8)
    page[20:80, 10:50] = (200, 10, 10)
    assert ground_of(page) == (248, 255, 248)


def test_parts_are_areas_and_whole_words(tiny: OmniModel, policy: PolicySpec, seen: Seen) -> None:
    parts = parts_of(explain(tiny, seen, policy, Contrast("cat"), hook=hook), seen)
    areas = [part for part in parts if isinstance(part.place, Area)]
    words = [TEXT[part.place.start : part.place.end] for part in parts if isinstance(part.place, Span)]
    assert len(areas) == TINY.grid**2
    assert words[:6] == ["A", " ", "box", " ", "came", "."]
    assert "".join(words) == TEXT


def test_curves_of_an_order_that_is_right_lie_beyond_random_ones() -> None:
    pixels = np.full((80, 80, 3), 255, np.uint8)
    pixels[8:-8] = 0
    seen = Seen.of_picture(pixels)
    places = [Area(left=8 * i, top=0, right=8 * i + 8, bottom=80) for i in range(10)]
    parts = [Part(place, 100 - index) for index, place in enumerate(places)]

    def probability(media: Any) -> np.ndarray:
        """Of the first three parts, how many are there."""
        return np.array([(each.pages[0].pixels[40, :24, 0] == 0).mean() for each in media])

    deletion, insertion = curves_of(parts, seen, probability, 0)
    assert deletion.named < 0.7 * deletion.at_random
    assert insertion.named > 1.3 * insertion.at_random
    assert deletion.holds
    assert insertion.holds


def test_the_whole_examination_is_repeatable(tiny: OmniModel, policy: PolicySpec, seen: Seen) -> None:
    contrast = Contrast("cat", "tree_house", (Area(part=2, left=0, top=0, right=64, bottom=48),))
    one, other = (
        examine_with(tiny, seen, policy, contrast, seed=3, hook=hook).model_copy(update={"duration_ms": 0})
        for _ in range(2)
    )
    assert one.curves == other.curves
    assert one.stability == other.stability
    assert one.counterfactual is not None
    assert one.without_hidden is not None
    assert len(one.without_hidden.removed) == 4


def test_hidden_places_with_more_than_their_share_are_told() -> None:
    areas = [Area(left=10 * i, top=0, right=10 * i + 10, bottom=10) for i in range(10)]
    hidden = [Area(left=0, top=0, right=10, bottom=10)]
    even = hidden_credit([Part(area, 100) for area in areas], hidden, 0.0)
    much = hidden_credit([Part(area, 1000 if i == 0 else 100) for i, area in enumerate(areas)], hidden, 0.0)
    assert even is not None
    assert much is not None
    assert (even.covered, even.credit, even.beyond) == (100_000, 100_000, False)
    assert (much.credit > 500_000, much.beyond) == (True, True)
    assert hidden_credit([Part(areas[3], 5)], hidden, 0.0) is None


def test_rank_correlation() -> None:
    one = np.array([1.0, 5.0, 2.0, 9.0])
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.ones(4)) == 0
