"""Which decisions wait for a person, and why. Pure: the same decision always answers alike."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from omnigov.contracts import MILLION, InferenceResult, PolicySpec, RedactionResult, Severity

HIGH_SEVERITY = "high_severity"
LOW_CONFIDENCE = "low_confidence"
ABSTAINED = "abstained"
SAMPLE = "sample"
CORRECTED = "corrected"
BADLY_READ = "badly_read"
MANY_REGIONS = "many_regions"
REDACTION_SAMPLE = "redaction_sample"
NOT_MEASURED = "not_measured"
OF_REDACTION = frozenset({CORRECTED, BADLY_READ, MANY_REGIONS, REDACTION_SAMPLE})
"""What asks for a look at what is hidden, and not at the label."""


def review_reasons(
    run_id: uuid.UUID,
    policy: PolicySpec,
    redactions: Sequence[RedactionResult],
    inference: InferenceResult,
    *,
    measured: bool,
    corrected: bool = False,
) -> list[str]:
    """Codes of the rules that ask for a review; none: the decision stands by itself.

    `redactions` are the medium's, and those of the pictures that were decided together with it.
    A decision on what a person hid or uncovered is always looked at, so that none that waited is lost; and so
    is one of which nobody knows how often its like is right.
    """
    rule = policy.review
    reasons = [CORRECTED] if corrected else []
    if not measured:
        reasons.append(NOT_MEASURED)
    reasons += _of_redaction(run_id, policy, redactions)
    if rule.high_severity and policy.label(inference.label).severity is Severity.HIGH:
        reasons.append(HIGH_SEVERITY)
    if inference.abstained:
        reasons.append(ABSTAINED)
    if inference.confidence < rule.below_confidence:
        reasons.append(LOW_CONFIDENCE)
    if not reasons and _drawn(run_id, b"review sample") < rule.sample_rate:
        reasons.append(SAMPLE)
    return reasons


def deep_drawn(run_id: uuid.UUID, policy: PolicySpec) -> bool:
    """Whether the policy wants this decision explained thoroughly without being asked."""
    return _drawn(run_id, b"thorough explanation") < policy.deep_share


def _of_redaction(run_id: uuid.UUID, policy: PolicySpec, redactions: Sequence[RedactionResult]) -> list[str]:
    """Why a person has to look at what was hidden, and at what was not."""
    rule, reasons = policy.review, []
    badly_read = rule.badly_read
    if badly_read is not None and any(
        each.writing is not None and each.writing.share >= badly_read for each in redactions
    ):
        reasons.append(BADLY_READ)
    if rule.many_regions is not None and sum(len(each.findings) for each in redactions) >= rule.many_regions:
        reasons.append(MANY_REGIONS)
    if not reasons and _drawn(run_id, b"redaction sample") < rule.redaction_rate:
        reasons.append(REDACTION_SAMPLE)
    return reasons


def _drawn(run_id: uuid.UUID, what: bytes) -> int:
    """A number below a million that nobody can steer: it follows from the run's random id.

    Another one for each `what`, so that two samples are drawn apart.
    """
    return int.from_bytes(hashlib.sha256(what + run_id.bytes).digest()[:8], "big") % MILLION
