"""Runs, and what came of them: decisions and attributions."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from omnigov import contracts
from omnigov.accounts.models import User, Workspace
from omnigov.history import tracked
from omnigov.intake.models import Batch, MediaAsset, Submission
from omnigov.policies.models import Measurement, Policy, PolicyVersion
from omnigov.registry.models import ModelVersion


class RunState(models.TextChoices):
    CHECKING = "checking", _("checking")
    RECEIVED = "received", _("received")
    REDACTING = "redacting", _("redacting")
    INFERRING = "inferring", _("inferring")
    ATTRIBUTING = "attributing", _("attributing")
    RECORDED = "recorded", _("recorded")
    KEPT = "kept", _("kept as an example")
    JOINED = "joined", _("part of a report")
    QUARANTINED = "quarantined", _("quarantined")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")
    ERASED = "erased", _("erased")


ENDED = frozenset(
    {
        RunState.RECORDED,
        RunState.KEPT,
        RunState.JOINED,
        RunState.QUARANTINED,
        RunState.FAILED,
        RunState.REFUSED,
        RunState.CANCELLED,
        RunState.ERASED,
    }
)
"""States that no worker leaves by itself."""

PROGRESS = {
    RunState.CHECKING: 0,
    RunState.RECEIVED: 0,
    RunState.INFERRING: 400_000,
    RunState.ATTRIBUTING: 700_000,
    RunState.RECORDED: 1_000_000,
    RunState.KEPT: 1_000_000,
    RunState.JOINED: 1_000_000,
}
"""How much of a run is done where a step begins, in millionths."""


class Run(models.Model):
    """One asset × policy version × model version × redaction. The row is the job.

    A state names the step that comes next or is being done. Whether it is being done is told by the
    lease: a worker holds a run while `lease_until` lies ahead, and each of its writes asks for its own
    `lease_token`, so that a worker that was thought dead can't write over the one that came after it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="runs")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="runs")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="runs")
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="runs")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    seed = models.PositiveIntegerField(default=0)
    edits = models.JSONField(
        null=True,
        help_text="contracts.RedactionEdits: what people added and took away, this run's parents' too",
    )
    by_hand = models.BooleanField(default=False, help_text="an officer let it out of quarantine")

    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RECEIVED)
    step = models.CharField(max_length=40, blank=True, help_text="the part of the step that is being done")
    progress = models.PositiveIntegerField(default=0, help_text="of the whole run, in millionths")
    failure_code = models.CharField(max_length=40, blank=True)
    failure_sentence = models.TextField(blank=True)

    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=120, blank=True)
    attempt = models.PositiveIntegerField(default=0, help_text="claims since the last step that ended")
    suspect = models.BooleanField(
        default=False, help_text="a worker died while it had this run and others at work: it is taken alone"
    )
    not_before = models.DateTimeField(null=True, help_text="nobody claims it earlier: a pause after a fault")
    troubled_since = models.DateTimeField(null=True, help_text="the first of the faults that it waits out")
    trouble_code = models.CharField(max_length=40, blank=True)
    trouble = models.TextField(blank=True, help_text="why it was given back and waits, for people to read")

    redaction = models.JSONField(null=True, help_text="contracts.RedactionResult")
    inference = models.JSONField(null=True, help_text="contracts.InferenceResult")
    redactions = models.GeneratedField(
        expression=models.Func(KeyTransform("findings", "redaction"), function="jsonb_array_length"),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    """How many findings there are, so that a list of runs need not read them. None: not redacted."""
    timings = models.JSONField(default=dict, help_text="milliseconds by step")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(parent__isnull=True), name="a_file_is_run_once"
            ),
            models.UniqueConstraint(
                fields=["parent"], condition=Q(parent__isnull=False), name="a_run_is_corrected_once"
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_until__isnull=True)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="a_lease_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["state", "created_at"],
                name="claimable_runs",
                condition=Q(state__in=["checking", "received", "redacting", "inferring", "attributing"]),
            ),
            # Each heartbeat and each progress report asks for a run by its token.
            models.Index(fields=["lease_token"], name="held_runs", condition=Q(lease_token__isnull=False)),
            models.Index(
                fields=["workspace", "ended_at"], name="quarantine", condition=Q(state="quarantined")
            ),
        ]

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def redaction_edits(self) -> contracts.RedactionEdits:
        return contracts.RedactionEdits.model_validate(self.edits or {})

    @property
    def stored_findings(self) -> list[dict[str, Any]]:
        """What was hidden, as it was stored: what an entry commits to, and is checked against."""
        return self.redaction["findings"] if self.redaction else []

    @property
    def redaction_result(self) -> contracts.RedactionResult | None:
        return contracts.RedactionResult.model_validate(self.redaction) if self.redaction else None

    @property
    def inference_result(self) -> contracts.InferenceResult | None:
        return contracts.InferenceResult.model_validate(self.inference) if self.inference else None


class BesideMedium(models.Model):
    """A picture that a run was decided together with: the run of its redacted copy, which the model saw.

    Written with what the model answered, so that a picture's later correction leaves the answer its own.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="beside")
    medium = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="decided_with")
    part = models.PositiveSmallIntegerField(help_text="its place among the pictures, from 0")

    class Meta:
        ordering: ClassVar = ["run", "part"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "part"], name="a_part_is_one_picture"),
            models.UniqueConstraint(fields=["run", "medium"], name="a_picture_stands_once_in_a_report"),
        ]


class LiveWorker(models.Model):
    """A worker process as its parent announces it, every few seconds: what it takes and what it holds.

    `holds` are the model versions that it can be asked of. A row that was not seen for a
    while is a worker that died; the keeper removes it.
    """

    name = models.CharField(primary_key=True, max_length=120)
    queue = models.CharField(max_length=20)
    ready = models.BooleanField(default=False, help_text="it has loaded what its work needs")
    trouble = models.TextField(blank=True, help_text="why it does not work, for people to read")
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    holds = models.JSONField(default=list, help_text="digests of model versions")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["queue", "seen_at"], name="workers_seen")]


class BatchCount(models.Model):
    """Files of a batch that came into a state, or left it where `files` is negative: `decisions.counts`.

    Triggers write it. No foreign key in the database: each change of a file would look the batch up.
    """

    batch = models.ForeignKey(Batch, on_delete=models.DO_NOTHING, related_name="counts", db_constraint=False)
    state = models.CharField(max_length=40)
    files = models.IntegerField(help_text="added; the sum of a state's rows counts")


class ReviewState(models.TextChoices):
    NOT_NEEDED = "not_needed", _("no review needed")
    WAITING = "waiting", _("waiting for review")
    REVIEWED = "reviewed", _("reviewed")
    ESCALATED = "escalated", _("escalated")
    CORRECTED = "corrected", _("corrected: another decision is in its place")


@tracked(without=("workspace",))
class Decision(models.Model):
    """What the model decided in a run. Written once, its `outcome` and review state aside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="decision")
    workspace = models.ForeignKey(
        Workspace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="the run's: the queue's index has it",
    )
    label = models.CharField(max_length=40, help_text="the model's")
    outcome = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="the label after the verdicts (`decisions.outcome`); empty: abstained, and nobody decided",
    )
    confidence = models.PositiveIntegerField()
    confidence_kind = models.CharField(max_length=12)
    abstained = models.BooleanField(default=False)
    review_state = models.CharField(max_length=10, choices=ReviewState.choices)
    review_reasons = models.JSONField(default=list, help_text="codes of the rules that ask for a person")
    measurement = models.ForeignKey(
        Measurement,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="what was known of the policy and the model when they decided; null: not measured",
    )
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "review_state", "created_at"], name="review_queue")
        ]


class Origin(models.TextChoices):
    UPLOAD = "upload", _("handed in")
    VERDICT = "verdict", _("an officer's verdict")


class Example(models.Model):
    """A redacted medium whose right label a person says: what a policy is measured with, and adapted by.

    What is shown and learned from is the run's redacted copy. The row goes when the medium is erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="examples")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="examples")
    label = models.CharField(max_length=40)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-added_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy", "run"],
                condition=Q(removed_at__isnull=True),
                name="a_run_is_one_example_of_a_policy",
            )
        ]


class Attribution(models.Model):
    """What the chosen label's score rests on, or why that could not be told."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="attribution")
    result = models.JSONField(null=True, help_text="contracts.AttributionResult")
    digest = models.CharField(max_length=64, blank=True)
    failure_sentence = models.TextField(blank=True)

    @property
    def record(self) -> contracts.AttributionResult | None:
        return contracts.AttributionResult.model_validate(self.result) if self.result else None


class DeepState(models.TextChoices):
    WAITING = "waiting", _("waiting for a worker")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class DeepExplanation(models.Model):
    """The thorough explanation of a decision, asked for by an officer or drawn by the policy; the job itself.

    A worker holds it while `lease_until` lies ahead and writes only with its own `token`, as with runs.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="deep")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who asked for it; none: the policy drew it."""
    state = models.CharField(max_length=10, choices=DeepState.choices, default=DeepState.WAITING)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True, help_text="contracts.DeepAttribution")
    failure_sentence = models.TextField(blank=True)
    entry = models.UUIDField(null=True, unique=True, help_text="the ledger entry, once it ended")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="deep_waiting", condition=Q(state="waiting"))
        ]

    @property
    def record(self) -> contracts.DeepAttribution | None:
        return contracts.DeepAttribution.model_validate(self.result) if self.result else None
