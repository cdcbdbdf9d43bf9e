"""What waits, for the frame of every page: from kept counters, and only where the frame asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omnigov.accounts.models import Membership, Role
from omnigov.review.counts import Waiting, waiting_in
from omnigov.review.notices import MOST_COUNTED, unseen


def waiting(request: HttpRequest) -> dict[str, Any]:
    mine: Membership | None = getattr(request, "membership", None)
    if mine is None:
        return {}

    def counted() -> Waiting:
        return waiting_in(mine.workspace) if mine.may(Role.OFFICER, Role.AUDITOR) else Waiting()

    def told() -> int:
        return unseen(mine.user, mine.workspace)

    return {
        "waiting": SimpleLazyObject(counted),
        "told": SimpleLazyObject(told),
        "told_most": MOST_COUNTED,
    }
