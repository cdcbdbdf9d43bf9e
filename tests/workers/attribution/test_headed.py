"""What a head decided is explained by the head's own log-odds, down to what it reads of the tower itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omnigov.contracts import MILLION, PolicySpec
from tests.workers.alignment.test_adapting import BASE, policy_of, silent
from workers.alignment.adapting import adapt
from workers.alignment.examples import Example, asked_of, known
from workers.alignment.fitting import Way, fit
from workers.attribution.asking import scorer_of
from workers.attribution.attribute import METHOD, OF_HEAD, Contrast, explain
from workers.attribution.deep import examine_with
from workers.omni.config import TINY
from workers.omni.features import NEAR, features_of
from workers.omni.heads import FittedHead, head_from, stacked
from workers.omni.hearing import TINY_SOUND, new_hearing, save_hearing
from workers.omni.model import OmniModel, new_model, with_hearing
from workers.omni.seen import Page, Seen, listen
from workers.omni.space import TINY_SPACE, new_space

POLICY = policy_of(["good", "damaged"], "Is it whole?")
SIDE = 64


@pytest.fixture(scope="module")
def model() -> OmniModel:
    return new_model(TINY)


def picture(random: np.random.Generator, at: tuple[int, int] | None) -> np.ndarray:
    """Grey, and a small bright spot in one of sixteen places."""
    pixels = np.full((SIDE, SIDE, 3), 90.0) + random.normal(0, 4, (SIDE, SIDE, 3))
    if at is not None:
        pixels[at[0] * 16 + 4 : at[0] * 16 + 12, at[1] * 16 + 4 : at[1] * 16 + 12] = (250, 220, 30)
    return pixels.clip(0, 255).astype(np.uint8)


def examples(each: int, *, text: bool = False) -> list[Example]:
    random = np.random.default_rng(4)
    found = []
    for label in ("good", "damaged"):
        for number in range(each):
            at = (number % 4, number // 4 % 4) if label == "damaged" else None
            pixels = picture(random, at)
            seen = Seen.of_picture(pixels)
            if text:
                words = f"{'broken' if at else 'fine'} {number}"
                seen = Seen((Page(0, pixels, (SIDE, SIDE)),), words)
            found.append(Example(seen, label))
    return found


def head_of(model: OmniModel, given: list[Example], policy: PolicySpec = POLICY) -> FittedHead:
    return head_from(adapt(given, policy, silent, model=model, version=BASE)[0])


def odds(model: OmniModel, head: FittedHead, seen: Seen, contrast: Contrast) -> float:
    """Of the shares that the head gives when it decides, in nats."""
    blocks = {**features_of(model, [seen], POLICY, silent)[0].blocks}
    blocks["asked"] = asked_of(model, BASE, [seen], POLICY)[0]
    shares = head.shares(stacked([blocks], {**head.widths, "asked": 2}))[0]
    at = [head.labels.index(each) for each in contrast.labels]
    return float(np.log(shares[at[0]] / shares[at[1]]))


def asking(head: FittedHead) -> FittedHead:
    """The head, which counts what the model itself says as well: it has all kinds of terms."""
    (share, part), *others = head.parts
    return replace(head, parts=((share, replace(part, asked=0.7)), *others))


def test_the_score_is_the_one_that_decided(model: OmniModel) -> None:
    given = examples(8)
    head, seen = asking(head_of(model, given)), given[-1].seen
    own = np.maximum(1, np.round(np.exp(asked_of(model, BASE, [seen], POLICY)[0]) * MILLION)).astype(int)
    contrast = Contrast("damaged", "good", own=(int(own[1]), int(own[0])))
    found = explain(model, seen, POLICY, contrast, hook=silent, head=head)
    whole = max(found.coalitions, key=lambda each: len(each.members))
    assert whole.score / MILLION == pytest.approx(odds(model, head, seen, contrast), abs=0.02)


@pytest.mark.parametrize("text", [False, True])
def test_it_adds_up(model: OmniModel, text: bool) -> None:
    given = examples(8, text=text)
    head, seen = asking(head_of(model, given)), given[-1].seen
    found = explain(model, seen, POLICY, Contrast("damaged", "good"), 64, hook=silent, head=head)
    assert found.completeness_gap <= 0.1 * abs(found.total)
    assert found.method.endswith(OF_HEAD)
    if text:
        assert len(found.segments) == 2
        assert found.text_share > 0


def test_a_head_that_hears_gives_credit_to_the_seconds(tmp_path: Path) -> None:
    file = tmp_path / "audio.safetensors"
    save_hearing(new_hearing(TINY_SOUND), file)
    model = with_hearing(new_model(TINY), file)

    def recording(loud: float, number: int) -> Seen:
        random = np.random.default_rng(number)
        samples = (random.standard_normal(4 * 16_000) * 0.01).astype(np.float32)
        samples[2 * 16_000 : 3 * 16_000] += loud * np.sin(np.arange(16_000) * 0.3).astype(np.float32)
        return Seen.of_sound(listen([samples], len(samples)), "", 256)

    given = [Example(recording(0.0, number), "good") for number in range(8)]
    given += [Example(recording(0.5, 8 + number), "damaged") for number in range(8)]
    head = head_of(model, given)
    assert any("heard" in part.weight for _, part in head.parts)
    found = explain(model, given[-1].seen, POLICY, Contrast("damaged", "good"), 64, hook=silent, head=head)
    assert found.complete
    (segment,) = found.segments
    loudest = max(segment.intervals, key=lambda each: each.value)
    assert 2000 - 160 <= loudest.place.start < 3000
    whole = max(found.coalitions, key=lambda each: len(each.members))
    expected = odds(model, head, given[-1].seen, Contrast("damaged", "good"))
    assert whole.score / MILLION == pytest.approx(expected, abs=0.02)


def test_a_small_thing_gets_its_credit_where_it_lies(model: OmniModel) -> None:
    head = head_of(model, examples(16))
    alone = replace(
        head, parts=tuple((share, replace(part, asked=0.0)) for share, part in head.parts if part.weight)
    )
    right = 0
    places = [(row, column) for row in range(4) for column in range(4)]
    for at in places:
        seen = Seen.of_picture(picture(np.random.default_rng(8), at))
        found = explain(model, seen, POLICY, Contrast("damaged", "good"), hook=silent, head=alone)
        assert found.complete
        assert found.method == METHOD + OF_HEAD
        assert found.steps == 0, "the model itself has no part in this score"
        grid = np.asarray(found.grid)
        y, x = np.unravel_index(int(grid.argmax()), grid.shape)
        right += (int(y) * 4 // grid.shape[0], int(x) * 4 // grid.shape[1]) == at
    assert right >= 14


def test_trials_ask_the_head_as_a_decision_does(model: OmniModel) -> None:
    given = examples(8)
    head, seen = head_of(model, given), given[-1].seen
    contrast = Contrast("damaged", "good")
    asked = scorer_of(model, POLICY, silent, head)([seen])[0]
    assert np.log(asked[1] / asked[0]) == pytest.approx(odds(model, head, seen, contrast), abs=1e-3)
    deep = examine_with(model, seen, POLICY, contrast, seed=1, hook=silent, head=head)
    assert deep.probability == pytest.approx(asked[1] * MILLION, abs=1)
    assert deep.counterfactual is not None
    assert deep.stability is not None


def test_what_is_read_of_the_shared_space_is_explained_with_the_rest() -> None:
    """Prototypes read the picture's place in the space: it is taken apart over the patches, and adds up."""
    spaced = new_model(TINY)
    spaced.join(new_space(TINY_SPACE))
    given = examples(8)
    material = known(given, POLICY, silent, model=spaced, version=BASE)
    head, seen = head_of(spaced, given), given[-1].seen
    for names in ((NEAR,), ("pooled", "local")):
        way = Way("prototypes", names, started=True)
        part = fit(way, material.blocks, material.truth, 2, material.words)[3]
        by_words = replace(head, parts=((1.0, part),), temperature=1.0)
        contrast = Contrast("damaged", "good")
        found = explain(spaced, seen, POLICY, contrast, 64, hook=silent, head=by_words)
        assert found.complete
        whole = max(found.coalitions, key=lambda each: len(each.members))
        assert whole.score / MILLION == pytest.approx(odds(spaced, by_words, seen, contrast), rel=0.01)
        assert any(any(row) for row in found.grid)
