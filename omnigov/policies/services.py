"""All that writes policies."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from django.db import transaction

from omnigov.accounts.models import User, Workspace
from omnigov.contracts import PolicySpec, RedactionProfile, digest_of
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Policy, PolicyVersion

BUILTIN = Path(__file__).parent / "builtin"


class NotPublished(Exception):
    """The version can't be published; the sentence says why, and what to do."""


@transaction.atomic
def policy_publish(
    *, workspace: Workspace, slug: str, name_en: str, name_ja: str, spec: PolicySpec, by: User | None = None
) -> PolicyVersion:
    """Makes `spec` the newest version of the policy, or returns the newest where it says the same."""
    policy, _ = Policy.objects.get_or_create(
        workspace=workspace, slug=slug, defaults={"name_en": name_en, "name_ja": name_ja}
    )
    newest = _newest(policy)
    if newest and newest.spec == spec:
        return newest
    return _publish(policy, newest, spec, by=by)


@transaction.atomic
def redaction_publish(
    *, based_on: PolicyVersion, redaction: RedactionProfile, reason: str, by: User
) -> PolicyVersion:
    """Publishes `based_on` with another redaction profile as the policy's next version.

    Raises `NotPublished` where somebody published meanwhile, so that nobody takes back a change that they
    have not seen; where nothing differs; and where there is no reason.
    """
    newest = _newest(based_on.policy)
    if newest is None or newest.pk != based_on.pk:
        raise NotPublished(
            "Somebody published another version meanwhile. Look at what changed, and make your change anew."
        )
    if newest.spec.redaction == redaction:
        raise NotPublished("Nothing differs from this version, so there is nothing to publish.")
    if not reason.strip():
        raise NotPublished("Write a reason: an outsider has to understand later why this was done.")
    spec = newest.spec.model_copy(update={"redaction": redaction})
    return _publish(based_on.policy, newest, spec, by=by, reason=reason.strip())


def _newest(policy: Policy) -> PolicyVersion | None:
    """The newest version, held until the transaction ends: two people publishing get two numbers."""
    Policy.objects.select_for_update().get(pk=policy.pk)
    return policy.versions.order_by("-number").first()


def _publish(
    policy: Policy, newest: PolicyVersion | None, spec: PolicySpec, *, by: User | None, reason: str = ""
) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        body=spec.model_dump(mode="json"),
        digest=digest_of(spec),
        reason=reason,
        reason_key=secrets.token_bytes(32) if reason else b"",
        created_by=by,
    )
    published = schemas.PolicyPublished2(
        number=version.number,
        policy=version.digest,
        before=newest.digest if newest else None,
        changed=_changed(newest.spec.model_dump(mode="json"), version.body) if newest else (),
        reason=version.reason_commitment,
        by=by.id if by else None,
    )
    ledger.record(published, workspace=policy.workspace_id, subject=policy.id)
    return version


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """The fields that differ; those of a part, as `review`, by its name and their own."""
    names = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            names += [f"{name}_{field}" for field in sorted({*old, *new}) if old.get(field) != new.get(field)]
        elif old != new:
            names.append(name)
    return tuple(names)


def builtin_publish(*, workspace: Workspace, by: User | None = None) -> list[PolicyVersion]:
    """Publishes each policy that comes with the product: the files that `titles.json` names."""
    titles = json.loads((BUILTIN / "titles.json").read_text(encoding="utf-8"))
    return [
        policy_publish(
            workspace=workspace,
            slug=stem.replace("_", "-"),
            name_en=title["en"],
            name_ja=title["ja"],
            spec=PolicySpec.model_validate_json((BUILTIN / f"{stem}.json").read_text(encoding="utf-8")),
            by=by,
        )
        for stem, title in sorted(titles.items())
    ]
