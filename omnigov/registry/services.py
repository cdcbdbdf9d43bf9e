"""All that writes model versions."""

from __future__ import annotations

from django.db import transaction

from omnigov import contracts
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.registry.models import ModelVersion


@transaction.atomic
def model_version_register(spec: contracts.ModelVersion) -> ModelVersion:
    """The row of this model version; the same weights and settings are one row, however often asked."""
    digest = contracts.digest_of(spec)
    version, made = ModelVersion.objects.get_or_create(
        digest=digest,
        defaults={"name": spec.name, "stage": spec.stage.value, "body": spec.model_dump(mode="json")},
    )
    if made:
        body = schemas.ModelRegistered(model=spec, version=digest)
        ledger.record(body, workspace=None, subject=version.id)
    return version
