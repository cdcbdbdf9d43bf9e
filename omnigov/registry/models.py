"""Model versions: which weights, by digest, a decision was made with."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from omnigov import contracts
from omnigov.contracts.evaluation import Head as HeadCard
from omnigov.history import tracked


@tracked()
class ModelVersion(models.Model):
    """Written once. A policy's version names the one it is asked of; registering one changes no policy.

    What was fitted to a policy is a row of that policy, so that equal examples under equal texts make a
    version that each of the policies can be asked of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=20)
    body = models.JSONField(help_text="contracts.ModelVersion")
    digest = models.CharField(max_length=64)
    policy = models.UUIDField(null=True, help_text="that it was adapted to and is bound to; null: any")
    base = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="adapted")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["digest"], condition=Q(policy__isnull=True), name="a_model_version_is_one_row"
            ),
            models.UniqueConstraint(
                fields=["digest", "policy"], name="a_fitted_model_is_one_row_of_its_policy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.digest[:12]}"

    @property
    def spec(self) -> contracts.ModelVersion:
        return contracts.ModelVersion.model_validate(self.body)


class Head(models.Model):
    """What was fitted to one policy, by its digest: the file that a worker reads, and its card."""

    model_version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, related_name="head")
    policy_digest = models.CharField(max_length=64, help_text="of the text that it was fitted to")
    content = models.BinaryField(help_text="the file")
    card = models.JSONField(help_text="contracts.evaluation.Head")
    examples = models.JSONField(default=list, help_text="commitments of the media that it was fitted on")
    made_at = models.DateTimeField(auto_now_add=True)

    @property
    def spec(self) -> HeadCard:
        return HeadCard.model_validate(self.card)
