"""What was live at a moment, by the record: each policy's version, its model, its rules; each person's role.

Everything here begins with an entry of the ledger that was there by then. What the product's tables say of it
beside that is held against the entry's digest, and where they do not agree, that is said.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from omnigov.accounts.models import Role, User, Workspace
from omnigov.contracts import digest_of_stored
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import Measurement, Policy, PolicyVersion
from omnigov.registry.models import ModelVersion


@dataclass(frozen=True)
class LivePolicy:
    """A policy as it was asked then. `version` is None where the row is not what the entry commits to.

    `measured_by` and `stopped_by` are the entries of what was measured by then, and of the stop that held.
    """

    policy: Policy
    number: int
    digest: str
    entry: uuid.UUID
    version: PolicyVersion | None
    model: ModelVersion | None
    model_digest: str | None
    measurement: Measurement | None
    measured_by: uuid.UUID | None
    stopped_by: uuid.UUID | None


@dataclass(frozen=True)
class LivePerson:
    """A person's role then. `name` is None where nobody has the id any more."""

    id: uuid.UUID
    name: str | None
    role: str
    entry: uuid.UUID


@dataclass(frozen=True)
class Live:
    """All of a workspace at a moment. `code_version` is what made the last decision before it."""

    at: datetime
    policies: list[LivePolicy]
    people: list[LivePerson]
    code_version: str | None
    decided_by: uuid.UUID | None


def live_at(workspace: Workspace, at: datetime) -> Live:
    """What the workspace's record says was in force at this moment."""
    decided = _until(workspace, ("decision",), at).order_by("-created_at", "-seq").first()
    return Live(
        at=at,
        policies=sorted(_policies(workspace, at), key=lambda each: each.policy.slug),
        people=sorted(_people(workspace, at), key=lambda each: (each.name is None, each.name or "")),
        code_version=_record(decided)["code_version"] if decided else None,
        decided_by=decided.id if decided else None,
    )


def _until(workspace: Workspace, kinds: Collection[str], at: datetime) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(workspace=workspace.id, kind__in=kinds, created_at__lte=at)


def _newest(workspace: Workspace, kinds: Collection[str], at: datetime) -> list[LedgerEntry]:
    """The newest entry of these kinds about each subject."""
    found = _until(workspace, kinds, at).order_by("subject", "-created_at", "-seq")
    return list(found.distinct("subject"))


def _policies(workspace: Workspace, at: datetime) -> Iterator[LivePolicy]:
    published = _newest(workspace, ("policy_published",), at)
    policies = Policy.objects.in_bulk([each.subject for each in published])
    versions = {
        (each.policy_id, each.number): each
        for each in PolicyVersion.objects.filter(policy__in=policies).select_related("policy")
    }
    records = {each.subject: _record(each) for each in published}
    models = _models({record["model"] for record in records.values() if record.get("model")}, policies)
    measured = _measured(workspace, at)
    of_stops = _newest(workspace, ("policy_stopped", "policy_resumed"), at)
    stopped = {each.subject: each.id for each in of_stops if each.kind == "policy_stopped"}
    for entry in published:
        policy, record = policies.get(entry.subject), records[entry.subject]
        if policy is None:
            continue
        model = record.get("model")
        version = versions.get((policy.pk, record["number"]))
        by = measured.get((policy.pk, record["policy"], model))
        yield LivePolicy(
            policy=policy,
            number=record["number"],
            digest=record["policy"],
            entry=entry.id,
            version=version if version and _agrees(version, record["policy"]) else None,
            model=models.get((model, policy.pk)) or models.get((model, None)),
            model_digest=model,
            measurement=Measurement.objects.filter(entry=by).first() if by else None,
            measured_by=by,
            stopped_by=stopped.get(policy.pk),
        )


def _agrees(version: PolicyVersion, digest: str) -> bool:
    return version.digest == digest == digest_of_stored(version.body)


def _models(
    digests: set[str], policies: dict[uuid.UUID, Policy]
) -> dict[tuple[str | None, uuid.UUID | None], ModelVersion]:
    found = ModelVersion.objects.filter(digest__in=digests)
    return {(each.digest, each.policy): each for each in found if not each.policy or each.policy in policies}


def _measured(workspace: Workspace, at: datetime) -> dict[tuple[uuid.UUID, str, str | None], uuid.UUID]:
    """The newest measurement's entry of each policy's text and model, by then."""
    found = {}
    for entry in _until(workspace, ("evaluated",), at).order_by("created_at", "seq"):
        record = _record(entry)
        found[entry.subject, record["policy"], record["model"]] = entry.id
    return found


def _people(workspace: Workspace, at: datetime) -> list[LivePerson]:
    """Roles that were given for good, and engagements that ran."""
    kinds = ("role_given", "engagement_begun", "engagement_ended")
    given = _newest(workspace, kinds, at)
    names = dict(User.objects.filter(pk__in=[each.subject for each in given]).values_list("pk", "username"))
    people = []
    for each in given:
        record = _record(each)
        if each.kind == "engagement_begun":
            since, until = (datetime.fromisoformat(record[name]) for name in ("since", "until"))
            role = Role.AUDITOR.value if since <= at < until else ""
        else:
            role = record.get("role", "")
        if role:
            people.append(LivePerson(each.subject, names.get(each.subject), role, each.id))
    return people


def _record(entry: LedgerEntry) -> dict[str, Any]:
    found: dict[str, Any] = canonical.decode(bytes(entry.body))["record"]
    return found
