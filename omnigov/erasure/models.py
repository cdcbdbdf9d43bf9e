"""Legal holds, and what was erased."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.history import tracked
from omnigov.intake.models import MediaAsset


@tracked(without=("reason",))
class LegalHold(models.Model):
    """While it stands, nobody erases the medium, and no retention period does. Released, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField(auto_now_add=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["placed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(released_at__isnull=True), name="one_hold_stands_at_a_time"
            )
        ]


class Cause(models.TextChoices):
    REQUEST = "request", _("asked for")
    RETENTION = "retention", _("retention period over")


@tracked(without=("reference",))
class Erasure(models.Model):
    """That a medium was erased. The journal beside the keys (`erasure.journal`) says so too."""

    asset = models.OneToOneField(
        MediaAsset, primary_key=True, on_delete=models.PROTECT, related_name="erasure"
    )
    cause = models.CharField(max_length=10, choices=Cause.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(
        max_length=120, blank=True, help_text="of the request, for people to read; never on the record"
    )
    erased_at = models.DateTimeField()
    entry = models.UUIDField(unique=True, help_text="the ledger entry")

    class Meta:
        ordering: ClassVar = ["-erased_at"]
