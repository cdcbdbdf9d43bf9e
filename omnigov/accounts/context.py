"""What every page's frame needs to know about who is looking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from omnigov.accounts.models import Membership, Role


def membership(request: HttpRequest) -> dict[str, Any]:
    mine: Membership | None = getattr(request, "membership", None)
    return {
        "membership": mine,
        "workspace": getattr(request, "workspace", None),
        "engagement": mine.engaged if mine else None,
        "may": {
            "upload": mine is not None and mine.may(Role.OPERATOR),
            "see_batches": mine is not None
            and mine.engaged is None
            and mine.may(Role.OPERATOR, Role.OFFICER, Role.AUDITOR),
            "see_cases": mine is not None and mine.engaged is None and mine.may(Role.OFFICER, Role.AUDITOR),
            "say_what_was_done": mine is not None and mine.may(Role.OPERATOR, Role.OFFICER),
            "review": mine is not None and mine.may(Role.OFFICER),
            "see_ledger": mine is not None and mine.may(Role.AUDITOR),
            "publish": mine is not None and mine.may(Role.STEWARD),
        },
    }
