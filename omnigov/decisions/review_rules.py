"""Which decisions wait for a person, and why. Pure: the same decision always answers alike."""

from __future__ import annotations

import hashlib
import uuid

from omnigov.contracts import MILLION, InferenceResult, PolicySpec, Severity

HIGH_SEVERITY = "high_severity"
LOW_CONFIDENCE = "low_confidence"
ABSTAINED = "abstained"
SAMPLE = "sample"
CORRECTED = "corrected"


def review_reasons(
    run_id: uuid.UUID, policy: PolicySpec, inference: InferenceResult, *, corrected: bool = False
) -> list[str]:
    """Codes of the rules that ask for a review; none: the decision stands by itself.

    A decision on what a person hid or uncovered is always looked at, so that none that waited is lost.
    """
    rule = policy.review
    reasons = [CORRECTED] if corrected else []
    if rule.high_severity and policy.label(inference.label).severity is Severity.HIGH:
        reasons.append(HIGH_SEVERITY)
    if inference.abstained:
        reasons.append(ABSTAINED)
    if inference.confidence < rule.below_confidence:
        reasons.append(LOW_CONFIDENCE)
    if not reasons and _drawn(run_id) < rule.sample_rate:
        reasons.append(SAMPLE)
    return reasons


def _drawn(run_id: uuid.UUID) -> int:
    """A number below a million that nobody can steer: it follows from the run's random id."""
    return int.from_bytes(hashlib.sha256(b"review sample" + run_id.bytes).digest()[:8], "big") % MILLION
