"""All that writes model versions."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

from django.db import transaction

from omnigov import contracts
from omnigov.contracts.evaluation import Head as HeadCard
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.registry.models import Head, ModelVersion


@transaction.atomic
def model_version_register(
    spec: contracts.ModelVersion, *, policy: uuid.UUID | None = None, base: ModelVersion | None = None
) -> ModelVersion:
    """The row of this model version; the same weights and settings are one row, however often asked.

    `policy` and `base` are of what was fitted to one policy. The same fitted to another is another row: each
    is bound to its own policy alone.
    """
    digest = contracts.digest_of(spec)
    version, made = ModelVersion.objects.get_or_create(
        digest=digest,
        policy=policy,
        defaults={
            "name": spec.name,
            "stage": spec.stage.value,
            "body": spec.model_dump(mode="json"),
            "base": base,
        },
    )
    if made:
        body = schemas.ModelRegistered(model=spec, version=digest)
        ledger.record(body, workspace=None, subject=version.id)
    return version


class NotOfThisModel(ValueError):
    """A head that does not stand on the model version, or whose file is not the one on its card."""


@transaction.atomic
def head_register(
    *, base: ModelVersion, card: HeadCard, content: bytes, policy: uuid.UUID, examples: Iterable[str]
) -> ModelVersion:
    """The row of a model version that was fitted to a policy, and is bound to it alone.

    `examples` are the commitments of the media that it learned from. Raises `NotOfThisModel`.
    """
    if contracts.digest_of(card.base) != base.digest:
        raise NotOfThisModel("This head stands on another model version.")
    if hashlib.sha256(content).hexdigest() != card.file_digest:
        raise NotOfThisModel("The file of this head is not the one that its card names.")
    version = model_version_register(card.model_version, policy=policy, base=base)
    Head.objects.get_or_create(
        model_version=version,
        defaults={
            "policy_digest": card.policy_digest,
            "content": content,
            "card": card.model_dump(mode="json"),
            "examples": sorted(examples),
        },
    )
    return version
