"""Policies. A version is written once; a change is the next version."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from omnigov.accounts.models import Workspace
from omnigov.contracts import PolicySpec
from omnigov.history import tracked


@tracked()
class Policy(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="policies")
    slug = models.SlugField(max_length=60)
    name_en = models.CharField(max_length=120)
    name_ja = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="policy_slug_is_unique")
        ]

    def __str__(self) -> str:
        return self.name_en


@tracked(without=("reason", "reason_key"))
class PolicyVersion(models.Model):
    """`reason` is why it was published, in the publisher's own words. The ledger holds an HMAC of it under
    `reason_key`: without both, nobody can tell from the record what was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.JSONField(help_text="contracts.PolicySpec")
    digest = models.CharField(max_length=64)
    reason = models.TextField(blank=True, default="")
    reason_key = models.BinaryField(default=b"")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["policy", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_number_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.policy.slug} v{self.number}"

    @property
    def spec(self) -> PolicySpec:
        return PolicySpec.model_validate(self.body)

    @property
    def reason_commitment(self) -> str | None:
        """What the ledger holds of the reason: HMAC-SHA-256, in hex; None where there is no reason."""
        if not self.reason:
            return None
        return hmac.new(bytes(self.reason_key), self.reason.encode(), hashlib.sha256).hexdigest()
