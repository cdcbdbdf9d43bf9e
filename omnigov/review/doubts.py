"""What detectors hid and were least sure of, for whoever looks at a redaction. Pure.

Where a detector was too unsure to hide something, nothing of it is kept: that is for the eye alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from omnigov.contracts import Finding
from omnigov.review.numbered import Numbered

UNSURE = 600_000
"""Below this score, in millionths, a detector is called unsure."""
MOST = 200


def doubts_of(findings: Sequence[Finding]) -> list[Numbered]:
    """The least sure first: those with a low score, and those that only the second look found."""
    found = [Numbered(ordinal, finding) for ordinal, finding in enumerate(findings, 1)]
    unsure = [each for each in found if each.finding.score < UNSURE or each.finding.look == "second"]
    return sorted(unsure, key=lambda each: (each.finding.score, each.ordinal))[:MOST]
