"""All that writes policies.

A version is published by a steward with a reason. The policies that come with the product are published once
in a workspace; what a newer product brings is offered to the steward, and never takes back what they
published.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from omnigov import celery
from omnigov.accounts.models import User, Workspace
from omnigov.contracts import PolicySpec, RedactionProfile, Stage, digest_of
from omnigov.ledger import schemas
from omnigov.ledger import services as ledger
from omnigov.policies.models import Builtin, BuiltinState, Policy, PolicyVersion
from omnigov.registry.models import ModelVersion
from omnigov.registry.queries import current_model, models_of

BUILTIN = Path(__file__).parent / "builtin"
PREPARES = "workers.decide"
"""The task in which a worker computes ahead what explanations under a new version have in common."""


REPLACED = "This offer was decided already, or a newer one is in its place. Load the page again."


class NotPublished(Exception):
    """The version can't be published; the sentence says why, and what to do."""


@transaction.atomic
def policy_publish(
    *, workspace: Workspace, slug: str, name_en: str, name_ja: str, spec: PolicySpec, by: User | None = None
) -> PolicyVersion:
    """Makes `spec` the newest version of the policy, or returns the newest where it says the same.

    Raises `NotPublished` where two labels have the same words.
    """
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
    newest = _unmoved(based_on)
    if newest.spec.redaction == redaction:
        raise NotPublished("Nothing differs from this version, so there is nothing to publish.")
    spec = newest.spec.model_copy(update={"redaction": redaction})
    return _publish(based_on.policy, newest, spec, by=by, reason=_reason(reason))


@transaction.atomic
def explained_publish(*, based_on: PolicyVersion, deep_share: int, reason: str, by: User) -> PolicyVersion:
    """Publishes `based_on`, with another share of decisions explained thoroughly unasked, in millionths.

    Raises `NotPublished` as `redaction_publish` does.
    """
    newest = _unmoved(based_on)
    if newest.spec.deep_share == deep_share:
        raise NotPublished("Nothing differs from this version, so there is nothing to publish.")
    spec = newest.spec.model_copy(update={"deep_share": deep_share})
    return _publish(based_on.policy, newest, spec, by=by, reason=_reason(reason))


@transaction.atomic
def model_publish(
    *, based_on: PolicyVersion, model_version: ModelVersion, reason: str, by: User
) -> PolicyVersion:
    """Publishes `based_on`, asked of another model version, as the policy's next version.

    Raises `NotPublished` as `redaction_publish` does, and for a model of another stage.
    """
    newest = _unmoved(based_on)
    if model_version.stage != newest.spec.stage.value:
        raise NotPublished("This model version is of another stage than the policy.")
    if not _may_ask(based_on.policy, newest.spec, model_version):
        raise NotPublished(
            "This model version was adapted to another policy, or to another text of this one."
        )
    if newest.model_version_id == model_version.pk:
        raise NotPublished("Nothing differs from this version, so there is nothing to publish.")
    return _publish(based_on.policy, newest, newest.spec, model=model_version, by=by, reason=_reason(reason))


@transaction.atomic
def stage_publish(
    *, based_on: PolicyVersion, model_version: ModelVersion, reason: str, by: User
) -> PolicyVersion:
    """Publishes `based_on`, asked at the stage of this model version, as the policy's next version.

    Whether it was measured there is the caller's to ask. Raises `NotPublished` as `redaction_publish` does.
    """
    newest = _unmoved(based_on)
    if model_version.stage == newest.spec.stage.value:
        raise NotPublished("Nothing differs from this version, so there is nothing to publish.")
    if model_version.policy is not None:
        raise NotPublished(
            "This model version was adapted to another policy, or to another text of this one."
        )
    spec = newest.spec.model_copy(update={"stage": Stage(model_version.stage)})
    return _publish(based_on.policy, newest, spec, model=model_version, by=by, reason=_reason(reason))


def _may_ask(policy: Policy, spec: PolicySpec, model: ModelVersion) -> bool:
    """Whether this text may be asked of the model version: what was fitted to one text answers no other."""
    if model.policy is None:
        return True
    return model.policy == policy.id and model.head.policy_digest == digest_of(spec)


def _unmoved(based_on: PolicyVersion) -> PolicyVersion:
    """The policy's newest version, if it is the one that a change was made on."""
    newest = _newest(based_on.policy)
    if newest is None or newest.pk != based_on.pk:
        raise NotPublished(
            "Somebody published another version meanwhile. Look at what changed, and make your change anew."
        )
    return newest


def _reason(reason: str) -> str:
    if not reason.strip():
        raise NotPublished("Write a reason: an outsider has to understand later why this was done.")
    return reason.strip()


def _newest(policy: Policy) -> PolicyVersion | None:
    """The newest version, held until the transaction ends: two people publishing get two numbers."""
    Policy.objects.select_for_update().get(pk=policy.pk)
    return policy.versions.select_related("model_version").order_by("-number").first()


def _publish(
    policy: Policy,
    newest: PolicyVersion | None,
    spec: PolicySpec,
    *,
    by: User | None,
    reason: str = "",
    model: ModelVersion | None = None,
    builtin: bool = False,
) -> PolicyVersion:
    """The next version. It is asked of the model version that the one before it names, or of `model`."""
    if _alike(spec):
        raise NotPublished(
            "Two labels of this policy have the same words, so nothing could tell them apart. Give each "
            "label words of its own."
        )
    before = newest.model_version if newest and newest.spec.stage is spec.stage else None
    if before and not _may_ask(policy, spec, before):
        before = before.base
    model = model or before or current_model(spec.stage)
    version = PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        body=spec.model_dump(mode="json"),
        digest=digest_of(spec),
        model_version=model,
        reason=reason,
        reason_key=secrets.token_bytes(32) if reason else b"",
        created_by=by,
    )
    published = schemas.PolicyPublished3(
        number=version.number,
        policy=version.digest,
        before=newest.digest if newest else None,
        changed=_changed(newest.spec.model_dump(mode="json"), version.body) if newest else (),
        model=model.digest,
        model_before=newest.model_version.digest if newest and newest.model_version else None,
        builtin=builtin,
        reason=version.reason_commitment,
        by=by.id if by else None,
    )
    ledger.record(published, workspace=policy.workspace_id, subject=policy.id)
    if not builtin:  # those come with a new installation, whose workers have yet to start
        transaction.on_commit(partial(celery.wake, PREPARES))
    return version


def _alike(spec: PolicySpec) -> bool:
    """Whether the words of two labels differ in case, width and spaces at most.

    Asked where a version is published and not in `PolicySpec`: old versions have to be read as they are.
    """
    phrases = (unicodedata.normalize("NFKC", label.phrase).casefold() for label in spec.labels)
    return len({" ".join(phrase.split()) for phrase in phrases}) < len(spec.labels)


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


# --- what comes with the product -----------------------------------------------------------------------


def builtin_publish(*, workspace: Workspace, by: User | None = None) -> list[PolicyVersion]:
    """Publishes each policy that comes with the product and that the workspace has no text of yet.

    A text that is new since is offered to the steward, once. A policy of a stage that no model is registered
    for waits until there is one. Returns the newest version of each, in the order of their titles.
    """
    titles = json.loads((BUILTIN / "titles.json").read_text(encoding="utf-8"))
    specs = {
        stem: PolicySpec.model_validate_json((BUILTIN / f"{stem}.json").read_text(encoding="utf-8"))
        for stem in titles
    }
    return [
        _builtin_come(
            workspace,
            slug=stem.replace("_", "-"),
            names={"name_en": title["en"], "name_ja": title["ja"]},
            spec=specs[stem],
            by=by,
        )
        for stem, title in titles.items()
        if models_of(specs[stem].stage).exists()
    ]


@transaction.atomic
def _builtin_come(
    workspace: Workspace, *, slug: str, names: dict[str, str], spec: PolicySpec, by: User | None
) -> PolicyVersion:
    policy, _ = Policy.objects.get_or_create(workspace=workspace, slug=slug, defaults=names)
    newest, digest = _newest(policy), digest_of(spec)
    text = {"policy": policy, "digest": digest, "body": spec.model_dump(mode="json")}
    if newest is None:
        Builtin.objects.create(**text, state=BuiltinState.PUBLISHED)
        return _publish(policy, None, spec, by=by, builtin=True)
    # Compared as they are read: a later product may store the same words differently.
    if any(each.spec == spec for each in policy.builtins.all()):
        return newest
    # A version that says this was published before the product kept what it had brought.
    known = any(each.spec == spec for each in policy.versions.all())
    policy.builtins.filter(state=BuiltinState.OFFERED).update(state=BuiltinState.OVERTAKEN)
    Builtin.objects.create(**text, state=BuiltinState.PUBLISHED if known else BuiltinState.OFFERED)
    return newest


@transaction.atomic
def builtin_accept(*, offer: Builtin, based_on: PolicyVersion, reason: str, by: User) -> PolicyVersion:
    """Publishes the text that came with the product as the policy's next version. Raises `NotPublished`."""
    newest = _unmoved(based_on)
    _decide(offer, BuiltinState.PUBLISHED, by)
    offer.save()
    return _publish(offer.policy, newest, offer.spec, by=by, reason=_reason(reason), builtin=True)


@transaction.atomic
def builtin_decline(*, offer: Builtin, based_on: PolicyVersion, reason: str, by: User) -> None:
    """Keeps the policy as it is. The same text is not offered again. Raises `NotPublished`."""
    newest = _unmoved(based_on)
    _decide(offer, BuiltinState.DECLINED, by)
    offer.reason, offer.reason_key = _reason(reason), secrets.token_bytes(32)
    offer.save()
    declined = schemas.BuiltinDeclined(
        offered=offer.digest, policy=newest.digest, reason=offer.reason_commitment, by=by.id
    )
    ledger.record(declined, workspace=offer.policy.workspace_id, subject=offer.policy_id)


def _decide(offer: Builtin, state: BuiltinState, by: User) -> None:
    if Builtin.objects.select_for_update().get(pk=offer.pk).state != BuiltinState.OFFERED:
        raise NotPublished(REPLACED)
    offer.state, offer.decided_by, offer.decided_at = state, by, datetime.now(UTC)
