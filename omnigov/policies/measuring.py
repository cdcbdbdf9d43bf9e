"""What writes measurements: how often a policy's question is answered rightly by a model version.

A measurement is of a text and of a model version, both by digest. Whatever is published with another text or
another model is *not measured*, and all of its decisions wait for a person (`decisions.review_rules`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from omnigov.accounts.models import User, Workspace
from omnigov.contracts.evaluation import Evaluation, measured_digest
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.bundle import EVIDENCE_LIMIT
from omnigov.policies.models import Measurement, Policy
from omnigov.policies.queries import current_versions, measurement_of
from omnigov.registry.models import ModelVersion

BUILTIN = Path(__file__).parent / "builtin" / "measured"
"""Evaluations that come with the product, each good for exactly one text and one model version."""


class NotOfThis(ValueError):
    """An evaluation of another policy or model version than the one it was handed in for."""


def examples_digest(examples: Iterable[tuple[str, str]]) -> str:
    """What the record names a list of examples by: their media's commitments, each with its label."""
    listed = [list(each) for each in sorted(examples)]
    return hashlib.sha256(canonical.encode(listed, EVIDENCE_LIMIT)).hexdigest()


@transaction.atomic
def measurement_record(
    *,
    policy: Policy,
    model_version: ModelVersion,
    evaluation: Evaluation,
    examples: Iterable[tuple[str, str]],
    by: User | None,
    builtin: bool = False,
) -> Measurement:
    """Keeps what was measured, and puts it on the record. `examples` are commitments with their labels.

    Raises `NotOfThis` where the evaluation is of another model version.
    """
    if evaluation.model_digest != model_version.digest:
        raise NotOfThis("This evaluation is of another model version.")
    listed = sorted(examples)
    body = schemas.Evaluated(
        policy=evaluation.policy_digest,
        model=evaluation.model_digest,
        evaluation=measured_digest(evaluation),
        examples=examples_digest(listed) if listed else evaluation.examples_digest,
        examples_count=evaluation.n,
        accuracy=evaluation.accuracy.value,
        accuracy_low=evaluation.accuracy.low,
        accuracy_high=evaluation.accuracy.high,
        calibrated=evaluation.calibrated,
        builtin=builtin,
        by=by.id if by else None,
    )
    entry = ledger.record(body, workspace=policy.workspace_id, subject=policy.id)
    return Measurement.objects.create(
        policy=policy,
        policy_digest=evaluation.policy_digest,
        model_version=model_version,
        body=evaluation.model_dump(mode="json"),
        digest=measured_digest(evaluation),
        examples=[commitment for commitment, _label in listed],
        builtin=builtin,
        asked_by=by,
        entry=entry.id,
    )


def builtin_measure(*, workspace: Workspace) -> list[Measurement]:
    """Registers the evaluations that come with the product, where text and model are exactly those here.

    A policy that was changed, or whose model is another one, stays not measured.
    """
    found = [
        Evaluation.model_validate_json(each.read_text("utf-8")) for each in sorted(BUILTIN.glob("*.json"))
    ]
    by_digests = {(each.policy_digest, each.model_digest): each for each in found}
    return [
        measurement_record(
            policy=version.policy,
            model_version=version.model_version,
            evaluation=by_digests[version.digest, version.model_version.digest],
            examples=(),
            by=None,
            builtin=True,
        )
        for version in current_versions(workspace)
        if version.model_version is not None
        and (version.digest, version.model_version.digest) in by_digests
        and measurement_of(version) is None
    ]
