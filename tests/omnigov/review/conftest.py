"""What tests of cases share."""

from __future__ import annotations

from omnigov.review.models import Case


def asks(case: Case, *, needed: int, most: int) -> None:
    """As if the policy had asked for so many people when the case was opened."""
    Case.objects.filter(pk=case.pk).update(needed=needed, most=most)
    case.refresh_from_db()
