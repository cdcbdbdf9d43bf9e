"""How much may be hidden in one medium."""

from __future__ import annotations

from omnigov.contracts import Refused

FINDINGS_MAX = 50_000  # each is on the record, and on a page


def check_findings(found: int) -> None:
    """Raises `Refused` where there are more findings than a record holds."""
    if found > FINDINGS_MAX:
        raise Refused(
            "too_many_findings",
            f"More than {FINDINGS_MAX:,} places would have to be hidden in this file. Split it and send the "
            "parts.",
        )
