"""Policies. A version is written once; a change is the next version."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.contracts import PolicySpec
from omnigov.contracts.evaluation import Evaluation
from omnigov.history import tracked
from omnigov.registry.models import ModelVersion


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
    """What is asked, and of which model version: adapting the model of one policy changes no other.

    `reason` is why it was published, in the publisher's own words. The ledger holds an HMAC of it under
    `reason_key`: without both, nobody can tell from the record what was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.JSONField(help_text="contracts.PolicySpec")
    digest = models.CharField(max_length=64)
    model_version = models.ForeignKey(
        ModelVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="policy_versions",
        help_text="that decides; null only where none was registered when models came to be named",
    )
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
        return committed(self.reason, self.reason_key)


@tracked(without=("body", "examples"))
class Measurement(models.Model):
    """How well a policy's text is answered by a model version, on which examples. Written once.

    It speaks of the text and of the model version alone: what is published later with another of them is not
    measured by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="measurements")
    policy_digest = models.CharField(max_length=64)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="measurements")
    body = models.JSONField(help_text="contracts.evaluation.Evaluation")
    digest = models.CharField(max_length=64, help_text="of `body`, as the record names it")
    examples = models.JSONField(
        default=list, help_text="commitments of the examples' media; none where it came with the product"
    )
    builtin = models.BooleanField(default=False, help_text="it came with the product")
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["policy", "policy_digest"], name="measured_policies")]

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation.model_validate(self.body)


class PolicyStop(models.Model):
    """A policy was stopped by a person: while it holds, nothing is decided under it (`policies.stopping`).

    The record holds an HMAC of each reason under the key beside it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="stops")
    reason = models.TextField()
    reason_key = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    end_reason = models.TextField(blank=True, default="")
    end_key = models.BinaryField(default=b"")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(ended_at__isnull=True), name="a_policy_is_stopped_once"
            )
        ]


class BuiltinState(models.TextChoices):
    PUBLISHED = "published", _("published")
    OFFERED = "offered", _("offered")
    DECLINED = "declined", _("declined")
    OVERTAKEN = "overtaken", _("overtaken by a newer one")


@tracked(without=("reason", "reason_key"))
class Builtin(models.Model):
    """A text of a policy that came with the product, and what became of it here. One row a text.

    The first one is published; whatever comes later waits for a steward, who publishes or declines it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="builtins")
    body = models.JSONField(help_text="contracts.PolicySpec")
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=BuiltinState.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="", help_text="why it was declined")
    reason_key = models.BinaryField(default=b"")
    came_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["came_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "digest"], name="a_builtin_text_comes_once"),
            models.UniqueConstraint(
                fields=["policy"],
                condition=models.Q(state="offered"),
                name="one_builtin_is_offered_at_a_time",
            ),
        ]

    @property
    def spec(self) -> PolicySpec:
        return PolicySpec.model_validate(self.body)

    @property
    def reason_commitment(self) -> str | None:
        """What the ledger holds of the reason, as of a version's."""
        return committed(self.reason, self.reason_key)


def committed(reason: str, key: bytes | memoryview[int]) -> str | None:
    """HMAC-SHA-256, in hex, of a reason under its key, as the record holds it; None where there is none."""
    return hmac.new(bytes(key), reason.encode(), hashlib.sha256).hexdigest() if reason else None
