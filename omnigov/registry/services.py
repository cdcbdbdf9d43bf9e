"""All that writes model versions."""

from __future__ import annotations

from omnigov import contracts
from omnigov.registry.models import ModelVersion


def model_version_register(spec: contracts.ModelVersion) -> ModelVersion:
    """The row of this model version; the same weights and settings are one row, however often asked."""
    version, _ = ModelVersion.objects.get_or_create(
        digest=contracts.digest_of(spec),
        defaults={"name": spec.name, "stage": spec.stage.value, "body": spec.model_dump(mode="json")},
    )
    return version
