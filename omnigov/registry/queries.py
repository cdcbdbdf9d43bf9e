"""All that reads model versions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from omnigov.contracts import Stage
from omnigov.contracts.stage import StageCard, StageScore
from omnigov.registry import cards
from omnigov.registry.models import ModelVersion


class NoModel(LookupError):
    """No model version is registered for a stage."""


def current_model(stage: Stage) -> ModelVersion:
    """The newest model version of a stage, which a new policy is asked of; or `NoModel`."""
    version = models_of(stage).first()
    if version is None:
        raise NoModel(
            f"No model is registered for the stage {stage.value}. "
            "Run `omnigov models fetch`, then `omnigov setup`."
        )
    return version


def models_of(stage: Stage) -> QuerySet[ModelVersion]:
    """The model versions of a stage that any policy may be asked of, newest first.

    What was adapted to one policy is bound to it, and comes to be asked by promotion alone.
    """
    return ModelVersion.objects.filter(stage=stage.value, policy__isnull=True).order_by("-registered_at")


def other_models(stage: Stage, than: ModelVersion | None) -> QuerySet[ModelVersion]:
    """The stage's model versions but this one, newest first."""
    return models_of(stage).exclude(pk=than.pk) if than else models_of(stage)


def adapted_to(policy: uuid.UUID) -> QuerySet[ModelVersion]:
    """The model versions that were adapted to a policy, newest first."""
    return (
        ModelVersion.objects.filter(policy=policy).select_related("head", "base").order_by("-registered_at")
    )


@dataclass(frozen=True)
class StageShown:
    """A stage with what is written down about its newest version, and all of its versions, newest first."""

    stage: Stage
    card: StageCard | None
    scores: tuple[tuple[StageScore, cards.Interval, cards.Interval | None], ...]
    versions: tuple[ModelVersion, ...]


def stages() -> list[StageShown]:
    """The stages in the order in which they are learned. One without a model has no version."""
    found = []
    for stage in Stage:
        versions = tuple(models_of(stage))
        card = cards.card_of(versions[0].spec) if versions else None
        scores = (
            tuple((each, cards.interval_of(each), cards.beside(each)) for each in card.scores) if card else ()
        )
        found.append(StageShown(stage, card, scores, versions))
    return found
