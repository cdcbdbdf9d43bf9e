"""Model versions: which weights, by digest, a decision was made with."""

from __future__ import annotations

import uuid

from django.db import models

from omnigov import contracts
from omnigov.history import tracked


@tracked()
class ModelVersion(models.Model):
    """Written once. A policy's version names the one it is asked of; registering one changes no policy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=20)
    body = models.JSONField(help_text="contracts.ModelVersion")
    digest = models.CharField(max_length=64, unique=True)
    registered_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name} {self.digest[:12]}"

    @property
    def spec(self) -> contracts.ModelVersion:
        return contracts.ModelVersion.model_validate(self.body)
