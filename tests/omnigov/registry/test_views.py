"""Models and stages, as every member reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from omnigov.contracts import ModelVersion, Stage, WeightFile
from omnigov.contracts.stage import StageCard
from omnigov.registry.cards import card_of, cards, interval
from omnigov.registry.services import model_version_register
from tests.conftest import Cast

CONNECTORS = Path(settings.BASE_DIR) / "workers" / "omni" / "connectors"


def a_version(name: str, stage: Stage, *digests: str) -> ModelVersion:
    files = tuple(WeightFile(name=f"{name}.safetensors", role="connector", sha256=each) for each in digests)
    return ModelVersion(name=name, stage=stage, config_digest="2e" * 32, files=files)


def test_the_newest_version_of_a_stage_is_marked(client: Client, cast: Cast) -> None:
    for name in ("older", "newer"):
        model_version_register(a_version(name, Stage.VIDEO, "1f" * 32))
    client.force_login(cast.auditor)
    page = client.get("/models/").content.decode()
    newer, older = page.index(">newer<"), page.index(">older<")
    assert newer < older
    assert "newest of its stage" in page[newer:older]
    assert "earlier version" in page[older:]
    assert "1f" * 32 in page
    assert "newer.safetensors" in page
    assert "Nothing is written down" in page


def test_a_stage_says_what_it_learned_cost_scores_and_kept(client: Client, cast: Cast) -> None:
    (audio,) = (card for card in cards() if card.stage is Stage.AUDIO)
    model_version_register(a_version("hears", Stage.AUDIO, "1f" * 32, *audio.files))
    client.force_login(cast.operator)
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get("/models/").content.decode()).split())
    for said in (
        "1,690 · descriptions of pictures, spoken in French, Russian and Spanish",
        "562,048 numbers",
        "82 seconds, of one processor core",
        "44 of 130 34 % (26–42 %) 28 % (21–36 %) always the most common kind",
        "bit by bit the same, held by tests/workers/omni/test_hearing.py",
        audio.command,
    ):
        assert said in page


def test_the_page_is_japanese_for_readers_of_japanese(client: Client, cast: Cast) -> None:
    (audio,) = (card for card in cards() if card.stage is Stage.AUDIO)
    model_version_register(a_version("hears", Stage.AUDIO, *audio.files))
    client.force_login(cast.operator)
    page = client.get("/models/", headers={"accept-language": "ja"}).content.decode()
    assert audio.learned[0].what.ja in page
    assert audio.learned[0].what.en not in page


def test_a_stage_that_is_not_trained_says_so(client: Client, cast: Cast) -> None:
    (video,) = (card for card in cards() if card.stage is Stage.VIDEO)
    model_version_register(a_version("watches", Stage.VIDEO, *video.files))
    client.force_login(cast.operator)
    page = client.get("/models/").content.decode()
    assert "It is not trained." in page[page.index("stage-video") :]
    assert "tests/workers/omni/test_watching.py" in page


def test_a_card_speaks_of_no_other_weights() -> None:
    (audio,) = (card for card in cards() if card.stage is Stage.AUDIO)
    assert card_of(a_version("hears", Stage.AUDIO, *audio.files)) == audio
    assert card_of(a_version("hears", Stage.AUDIO, *audio.files[:-1])) is None
    assert card_of(a_version("hears", Stage.VIDEO, *audio.files)) is None


def test_the_interval_is_wilsons() -> None:
    found = interval(44, 130)
    assert (found.share, found.low, found.high) == (34, 26, 42)


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.stage.value)
def test_cards_say_what_training_wrote_down(card: StageCard) -> None:
    """Each figure stands in the model card, which was written by the run that measured it."""
    written = (CONNECTORS / f"{card.stage.value}.md").read_text("utf-8")
    assert card.command in written
    if card.cost is None:
        assert "not trained" in written
    else:
        assert f"{card.cost.parameters:,} parameters" in written
    for score in card.scores:
        if score.of > 20:  # the photographs are told of in words
            assert f"{score.right}/{score.of}" in written
    for kept in card.kept:
        assert (Path(settings.BASE_DIR) / kept.held_by).exists() or " " in kept.held_by
