"""A policy's examples: redacted media whose right label a person says.

They are handed in on a page of the studio, into a batch of their own, and are sealed, checked and redacted as
every file is; or a decision becomes one, with the label that an officer's verdict left it with. Only redacted
copies are ever shown, measured on or learned from.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from omnigov.accounts.models import User
from omnigov.clock import database_now
from omnigov.decisions.models import ENDED, Decision, Example, Origin, ReviewState, Run, RunState
from omnigov.intake.models import Batch, Submission
from omnigov.intake.services import batch_create
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Policy, PolicyVersion


class NotAnExample(Exception):
    """What was asked can't be; the sentence says why."""


# --- writing -------------------------------------------------------------------------------------------


def batch_for(*, version: PolicyVersion, label: str, by: User) -> Batch:
    """The batch that this person's examples of a label go into. Raises `NotAnExample`."""
    if label not in {each.key for each in version.spec.labels}:
        raise NotAnExample("This policy has no such label any more. Load the page again.")
    mine = Batch.objects.filter(policy_version=version, label=label, created_by=by).first()
    if mine:
        return mine
    batch = batch_create(policy_version=version, name=label, by=by)
    batch.label = label
    batch.save(update_fields=["label"])
    return batch


def example_keep(run: Run, batch: Batch) -> Example:
    """A file of such a batch is redacted: it is an example from here on. In the caller's transaction."""
    return _add(run, batch.policy_version.policy, batch.label, Origin.UPLOAD, run.submission.uploaded_by)


@transaction.atomic
def example_of_verdict(*, decision_id: uuid.UUID, by: User) -> Example:
    """Makes a decision's redacted copy an example of the label that the verdicts left it with.

    The same again is the same example. Raises `NotAnExample` where no officer has decided, where the medium
    is erased, and where another decision is in its place.
    """
    decision = Decision.objects.select_for_update(of=("self",)).select_related("run").get(pk=decision_id)
    run = Run.objects.select_related("asset", "policy_version__policy").get(pk=decision.run_id)
    if run.state == RunState.ERASED:
        raise NotAnExample("This medium is erased; there is nothing left to learn from.")
    if decision.review_state != ReviewState.REVIEWED or not decision.outcome:
        raise NotAnExample("Only a decision that an officer has upheld or overturned can be an example.")
    policy = run.policy_version.policy
    known = Example.objects.filter(
        policy=policy, run=run, label=decision.outcome, removed_at__isnull=True
    ).first()
    return known or _add(run, policy, decision.outcome, Origin.VERDICT, by)


def _add(run: Run, policy: Policy, label: str, origin: str, by: User) -> Example:
    """One medium is one example of a policy: what it was one of before, it is no more."""
    for earlier in Example.objects.filter(policy=policy, run__asset=run.asset_id, removed_at__isnull=True):
        _remove(earlier, by)
    body = schemas.ExampleAdded(
        asset=run.asset.commitment, policy=policy.id, label=label, origin=origin, by=by.id
    )
    ledger.record(body, workspace=run.workspace_id, subject=run.id)
    return Example.objects.create(policy=policy, run=run, label=label, origin=origin, added_by=by)


def example_follow(decision: Decision, by: User) -> None:
    """A verdict was taken back: what became an example by it, of a label that holds no more, is taken out.

    In the caller's transaction, which holds the decision.
    """
    holds = decision.outcome if decision.review_state == ReviewState.REVIEWED else ""
    made = Example.objects.filter(run=decision.run_id, origin=Origin.VERDICT, removed_at__isnull=True)
    for example in made.exclude(label=holds):
        _remove(example, by)


@transaction.atomic
def example_remove(*, example_id: uuid.UUID, by: User) -> None:
    """Takes an example out. What was measured with it stays measured; its medium goes as all media do."""
    example = Example.objects.select_for_update(of=("self",)).filter(pk=example_id).first()
    if example and example.removed_at is None:
        _remove(example, by)


def _remove(example: Example, by: User) -> None:
    run = Run.objects.select_related("asset").get(pk=example.run_id)
    body = schemas.ExampleRemoved(
        asset=run.asset.commitment, policy=example.policy_id, label=example.label, by=by.id
    )
    ledger.record(body, workspace=run.workspace_id, subject=run.id)
    Example.objects.filter(pk=example.pk).update(removed_at=database_now())


def examples_forget(runs: list[uuid.UUID]) -> None:
    """The media of these runs are erased: nothing is left of them that could be an example."""
    Example.objects.filter(run__in=runs).delete()


# --- reading -------------------------------------------------------------------------------------------


def examples_of(policy: Policy) -> QuerySet[Example]:
    """The policy's examples, newest first."""
    return (
        Example.objects.filter(policy=policy, removed_at__isnull=True)
        .select_related("run__asset", "run__submission", "run__policy_version", "added_by")
        .defer("run__inference", "run__edits", "run__timings")
    )


@dataclass(frozen=True)
class Usable:
    """What a version can be measured on, and what was left out because it was redacted otherwise."""

    examples: list[Example]
    otherwise: int
    """Redacted under another profile: the model would see them as it sees nothing under this version."""
    unknown: int
    """Of a label that this version does not have."""

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for example in self.examples:
            found[example.label] = found.get(example.label, 0) + 1
        return found


def usable(version: PolicyVersion) -> Usable:
    """The examples that a version can be measured on: of its labels, and redacted as it redacts."""
    spec = version.spec
    keys = {label.key for label in spec.labels}
    same: dict[uuid.UUID, bool] = {version.pk: True}
    fit, otherwise, unknown = [], 0, 0
    for example in examples_of(version.policy):
        under = example.run.policy_version
        if under.pk not in same:
            same[under.pk] = under.spec.redaction == spec.redaction
        if example.label not in keys:
            unknown += 1
        elif not same[under.pk]:
            otherwise += 1
        else:
            fit.append(example)
    return Usable(fit, otherwise, unknown)


def example_of(run: Run) -> Example | None:
    """What this run is an example of now."""
    return Example.objects.filter(run=run, removed_at__isnull=True).select_related("added_by").first()


@dataclass(frozen=True)
class Arriving:
    """Files that were handed in as examples and are none yet, or never will be."""

    under_way: int
    stopped: list[Run]
    refused: list[Submission]


def arriving(policy: Policy) -> Arriving:
    """How far the files are that were handed in as a policy's examples."""
    handed_in = Submission.objects.filter(batch__policy_version__policy=policy).exclude(batch__label="")
    runs = Run.objects.filter(submission__in=handed_in).select_related("submission__batch")
    going = handed_in.filter(state=Submission.State.UPLOADING).count()
    return Arriving(
        under_way=going + runs.exclude(state__in=ENDED).count(),
        stopped=list(
            runs.filter(state__in=[RunState.QUARANTINED, RunState.FAILED]).order_by("-created_at")[:20]
        ),
        refused=list(
            handed_in.filter(state=Submission.State.REFUSED)
            .select_related("batch")
            .order_by("-created_at")[:20]
        ),
    )
