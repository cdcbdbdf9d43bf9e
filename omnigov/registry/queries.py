"""All that reads model versions."""

from __future__ import annotations

from omnigov.contracts import Stage
from omnigov.registry.models import ModelVersion


class NoModel(LookupError):
    """No model version is registered for a stage."""


def current_model(stage: Stage) -> ModelVersion:
    """The newest model version of a stage, or `NoModel`."""
    version = ModelVersion.objects.filter(stage=stage.value).order_by("-registered_at").first()
    if version is None:
        raise NoModel(
            f"No model is registered for the stage {stage.value}. Run `omnigov models fetch`, then `omnigov setup`."
        )
    return version
