"""Exports that were ordered in the pages."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Engagement, Workspace
from omnigov.audits.models import Sample
from omnigov.intake.models import Batch


class ExportJob(models.Model):
    """One export. Whoever holds its lock (`exports.jobs`) works on it; the row says how far it is.

    `state` says what is left to do, not whether somebody does it: a job that is running and that nobody holds
    was cut off, and is taken up again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="exports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(max_length=10)
    language = models.CharField(max_length=5)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    engagement = models.ForeignKey(
        Engagement,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="of an external auditor, whose export is of what it is of alone",
    )
    kind = models.CharField(max_length=40, blank=True, default="", help_text="of entries; empty: every kind")
    batch = models.ForeignKey(
        Batch, null=True, on_delete=models.PROTECT, related_name="+", help_text="entries about its runs"
    )
    sample = models.ForeignKey(
        Sample, null=True, on_delete=models.PROTECT, related_name="+", help_text="what its entries are about"
    )

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    entries = models.PositiveBigIntegerField(default=0, help_text="written so far")
    total = models.PositiveBigIntegerField(default=0, help_text="selected; 0 until it is known")
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of the finished file")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the finished file")
    sentence = models.TextField(blank=True, help_text="why it failed")
    created_at = models.DateTimeField(auto_now_add=True)
    log_size = models.PositiveBigIntegerField(
        null=True, help_text="of the log that it is of; known before anything is read"
    )
    began_at = models.DateTimeField(null=True, help_text="when the first of it was written")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                name="exports_to_do",
                condition=models.Q(state__in=["waiting", "running"]),
            )
        ]

    @property
    def last_day(self) -> datetime | None:
        """A moment of the last day that is in it: `until` is the first moment that is not."""
        return self.until - timedelta(microseconds=1) if self.until else None

    @property
    def percent(self) -> int:
        return 100 * self.entries // self.total if self.total else 0
