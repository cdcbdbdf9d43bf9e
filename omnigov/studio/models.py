"""What waits for the detectors: the sample of a form, before anything of it is kept in a policy."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from omnigov.accounts.models import Workspace


class SampleLook(models.Model):
    """A sample that a worker's detectors look at, for an hour at most.

    The sample is sealed to the workers' key, and gone from here as soon as they have looked. What stays says
    where something was found and of what kind, and never what stood there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="of the sample, keyed: it is known again by it")
    sealed = models.BinaryField(help_text="the sample, until it was looked at")
    asked_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    found = models.JSONField(default=list, help_text="kind and place of each finding")
    failure_code = models.CharField(max_length=40, blank=True)
    failure_sentence = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="a_sample_is_looked_at_once")
        ]
