"""All that reads policies."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from omnigov.accounts.models import Workspace
from omnigov.contracts import digest_of_stored
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import Builtin, BuiltinState, Measurement, Policy, PolicyStop, PolicyVersion
from omnigov.registry.models import ModelVersion


class NoSuchPolicy(LookupError):
    """No policy of that name; the sentence names those there are."""


def newest_versions() -> QuerySet[PolicyVersion]:
    """The newest version of each policy, of all workspaces."""
    newest = PolicyVersion.objects.filter(policy=OuterRef("policy")).order_by("-number").values("pk")[:1]
    return (
        PolicyVersion.objects.filter(pk=Subquery(newest))
        .select_related("policy", "model_version__base")
        .order_by("policy__slug")
    )


def current_versions(workspace: Workspace) -> QuerySet[PolicyVersion]:
    """The newest version of each of the workspace's policies."""
    return newest_versions().filter(policy__workspace=workspace)


def current_version(workspace: Workspace, slug: str) -> PolicyVersion:
    found = current_versions(workspace).filter(policy__slug=slug).first()
    if found is None:
        names = ", ".join(version.policy.slug for version in current_versions(workspace)) or "none yet"
        raise NoSuchPolicy(f"There is no policy named {slug!r}. The policies here are: {names}.")
    return found


def version_of(workspace: Workspace, slug: str, number: int) -> PolicyVersion | None:
    """One version of one of the workspace's policies."""
    return (
        PolicyVersion.objects.filter(policy__workspace=workspace, policy__slug=slug, number=number)
        .select_related("policy", "created_by", "model_version")
        .first()
    )


def versions_of(policy: Policy) -> QuerySet[PolicyVersion]:
    """All versions of a policy, newest first."""
    return policy.versions.order_by("-number")


def version_before(version: PolicyVersion) -> PolicyVersion | None:
    """The version that this one follows."""
    return version.policy.versions.filter(number__lt=version.number).order_by("-number").first()


def measurement_of(version: PolicyVersion) -> Measurement | None:
    """The newest measurement of this version's text and of the model that it names; None: not measured."""
    return measurements_of([version]).get(version.pk)


def measurement_by(version: PolicyVersion, model: ModelVersion) -> Measurement | None:
    """The newest measurement of this version's text, asked of this model version."""
    found = Measurement.objects.filter(
        policy=version.policy_id, policy_digest=version.digest, model_version=model
    )
    return found.order_by("created_at", "id").last()


def measurements_of(versions: Iterable[PolicyVersion]) -> dict[uuid.UUID, Measurement]:
    """The newest measurement of each version that has one, by the version's id, in one query."""
    asked = list(versions)
    found = Measurement.objects.filter(policy__in={version.policy_id for version in asked})
    newest: dict[tuple[uuid.UUID, str, uuid.UUID | None], Measurement] = {
        (each.policy_id, each.policy_digest, each.model_version_id): each
        for each in found.order_by("created_at", "id")
    }
    of_each = {
        version.pk: newest.get((version.policy_id, version.digest, version.model_version_id))
        for version in asked
    }
    return {pk: found for pk, found in of_each.items() if found}


@dataclass(frozen=True)
class Published:
    """A version's entry on the record, and whether the version still says what that entry commits to."""

    entry: LedgerEntry
    agrees: bool


def published(version: PolicyVersion) -> Published | None:
    """Where the version stands on the record; None where its entry is not there."""
    entries = LedgerEntry.objects.filter(kind="policy_published", subject=version.policy_id)
    for entry in entries.order_by("-seq"):
        record = canonical.decode(bytes(entry.body))["record"]
        if record["number"] == version.number:
            asked = version.model_version.digest if version.model_version else None
            said = (record["policy"], record["policy"], record.get("reason"), record.get("model", asked))
            return Published(
                entry,
                said == (version.digest, digest_of_stored(version.body), version.reason_commitment, asked),
            )
    return None


def stopped_policies(workspace: Workspace) -> set[uuid.UUID]:
    """The ids of the policies under which nothing is decided now."""
    stops = PolicyStop.objects.filter(policy__workspace=workspace, ended_at__isnull=True)
    return set(stops.values_list("policy", flat=True))


def offers(workspace: Workspace) -> dict[uuid.UUID, Builtin]:
    """The newer text of a policy that waits for a steward, by the policy's id."""
    waiting = Builtin.objects.filter(policy__workspace=workspace, state=BuiltinState.OFFERED)
    return {offer.policy_id: offer for offer in waiting}


def offer_of(workspace: Workspace, slug: str) -> Builtin | None:
    """The newer text of this policy that waits for a steward."""
    return (
        Builtin.objects.filter(policy__workspace=workspace, policy__slug=slug, state=BuiltinState.OFFERED)
        .select_related("policy")
        .first()
    )
