"""What waits for a worker: samples of forms for the detectors, and policies to be measured or adapted."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.registry.models import ModelVersion


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


class StudyKind(models.TextChoices):
    EVALUATE = "evaluate", _("measure")
    ADAPT = "adapt", _("adapt")


class StudyState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    WORKING = "working", _("at work")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Study(models.Model):
    """A policy version that is measured on its examples, or a model adapted by them. The row is the job.

    A worker holds it by a lease, as it holds a run, and each of its writes asks for its own token.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=StudyKind.choices)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="studies")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="+", help_text="that is measured or adapted"
    )
    state = models.CharField(max_length=10, choices=StudyState.choices, default=StudyState.WAITING)
    step = models.CharField(max_length=40, blank=True)
    progress = models.PositiveIntegerField(default=0, help_text="in millionths")
    tries = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=40, blank=True)
    failure_sentence = models.TextField(blank=True)
    measurement = models.ForeignKey(Measurement, null=True, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+", help_text="what adapting made"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy_version"],
                condition=Q(state__in=["waiting", "working"]),
                name="one_study_of_a_version_at_a_time",
            )
        ]


class Proposal(models.Model):
    """A steward wants a policy asked of a model version that was adapted to it; a second person decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="proposals")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="proposals")
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    promoted = models.BooleanField(null=True, help_text="null: nobody has decided")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model_version"],
                condition=Q(promoted__isnull=True),
                name="one_proposal_of_a_model_at_a_time",
            )
        ]
