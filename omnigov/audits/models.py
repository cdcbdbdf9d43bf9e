"""Samples that auditors draw from the record, each with a sheet: a row an entry, and what was found."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.intake.models import Batch
from omnigov.policies.models import Policy


class Sample(models.Model):
    """Entries drawn from a population by a seed, as the ledger's entry says it (`ledger.sampling`).

    Written once, but for `sheet_version`: how often the sheet was put on the record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="samples")
    population_kind = models.CharField(max_length=40, blank=True, help_text="of entries; empty: every kind")
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=64)
    seed_chosen = models.BooleanField()
    log_size = models.PositiveBigIntegerField()
    population = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    sheet_version = models.PositiveIntegerField(default=0)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-drawn_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-drawn_at", "-id"], name="samples_in_time")]

    def __str__(self) -> str:
        return str(self.id)


class Mark(models.TextChoices):
    OPEN = "", _("not looked at")
    FINE = "fine", _("nothing found")
    FINDING = "finding", _("a finding")


class SampleItem(models.Model):
    """A line of a sheet. The record holds an HMAC of it under `key`, which goes with the words."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveIntegerField(help_text="its place in the order drawn, from 1")
    entry = models.UUIDField(help_text="the entry that was drawn")
    subject = models.UUIDField(db_index=True)
    mark = models.CharField(max_length=8, choices=Mark.choices, blank=True, default=Mark.OPEN)
    finding = models.TextField(blank=True, default="")
    key = models.BinaryField(default=b"")
    commitment = models.CharField(max_length=64, blank=True, help_text="as the record names it")
    forgotten = models.BooleanField(default=False, help_text="its medium was erased, and the words with it")

    class Meta:
        ordering: ClassVar = ["sample", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "number"], name="a_line_of_a_sheet_is_one"),
            models.CheckConstraint(
                condition=~Q(mark="finding") | ~Q(finding="") | Q(forgotten=True),
                name="a_finding_is_in_words",
            ),
        ]
