"""Pseudonyms: one number for one value in a case, and where it was hidden."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from omnigov.decisions.models import Run
from omnigov.intake.models import Batch


class Case(models.Model):
    """The pseudonyms of a batch. Numbers are given under the lock of this row, and never given again.

    The key that values are recognised with is a file beside the media's keys, under the batch's id.
    """

    batch = models.OneToOneField(Batch, primary_key=True, on_delete=models.PROTECT, related_name="case")
    numbers = models.JSONField(default=dict, help_text="the last number that was given, by kind")


class Pseudonym(models.Model):
    """One value of the case, known again by a digest under the case's key."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pseudonyms")
    kind = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    digest = models.BinaryField(help_text="HMAC-SHA-256 with the case's key over kind and value")

    class Meta:
        ordering: ClassVar = ["kind", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "kind", "number"], name="one_number_is_one_value"),
            models.UniqueConstraint(fields=["case", "kind", "digest"], name="one_value_is_one_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}_{self.number}"


class Mention(models.Model):
    """One finding of a run, and the value that was hidden there, sealed with its medium's own key."""

    pseudonym = models.ForeignKey(Pseudonym, on_delete=models.CASCADE, related_name="mentions")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="mentions")
    finding = models.PositiveIntegerField(help_text="its place in the record of what was hidden")
    sealed = models.BinaryField(help_text="AES-256-GCM: nonce, ciphertext, tag")

    class Meta:
        ordering: ClassVar = ["run", "finding"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "finding"], name="a_finding_is_one_pseudonym")
        ]
