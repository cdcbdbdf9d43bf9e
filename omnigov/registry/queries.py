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
            f"No model is registered for the stage {stage.value}. "
            "Run `omnigov models fetch`, then `omnigov setup`."
        )
    return version


def model_versions() -> list[tuple[ModelVersion, bool]]:
    """Every model version, newest first, and whether it is the one that answers new runs of its stage."""
    seen: set[str] = set()
    versions = []
    for version in ModelVersion.objects.order_by("-registered_at"):
        versions.append((version, version.stage not in seen))
        seen.add(version.stage)
    return versions
