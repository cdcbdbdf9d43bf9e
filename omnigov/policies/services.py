"""All that writes policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from omnigov.accounts.models import User, Workspace
from omnigov.contracts import PolicySpec, digest_of
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Policy, PolicyVersion

BUILTIN = Path(__file__).parent / "builtin"


@transaction.atomic
def policy_publish(
    *, workspace: Workspace, slug: str, name_en: str, name_ja: str, spec: PolicySpec, by: User | None = None
) -> PolicyVersion:
    """Makes `spec` the newest version of the policy, or returns the newest where it says the same."""
    policy, _ = Policy.objects.get_or_create(
        workspace=workspace, slug=slug, defaults={"name_en": name_en, "name_ja": name_ja}
    )
    Policy.objects.select_for_update().get(pk=policy.pk)  # two people publishing get two numbers
    newest = policy.versions.order_by("-number").first()
    digest = digest_of(spec)
    if newest and newest.digest == digest:
        return newest
    version = PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        body=spec.model_dump(mode="json"),
        digest=digest,
        created_by=by,
    )
    published = schemas.PolicyPublished(
        number=version.number,
        policy=digest,
        before=newest.digest if newest else None,
        changed=_changed(newest.body, version.body) if newest else (),
        by=by.id if by else None,
    )
    ledger.record(published, workspace=workspace.id, subject=policy.id)
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
