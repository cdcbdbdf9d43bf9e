"""What an engaged external auditor may open: the record of what they were engaged for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from omnigov.accounts.models import Engagement
from omnigov.decisions.engaged import runs_of
from omnigov.decisions.models import Decision

#: Pages that narrow down by themselves what an engaged auditor sees, and those that are about nothing.
OPEN = frozenset(
    {
        *("home", "accounts:sign-in", "accounts:sign-out", "accounts:language"),
        *("trail:log", "trail:trail", "trail:entry", "trail:proof", "trail:bytes"),
        *("exports:list", "exports:progress", "exports:file", "exports:resume"),
    }
)
#: Pages of one decision, which has to be of what they were engaged for.
OF_A_DECISION = frozenset(
    {
        *("review:decision", "review:part", "review:chain"),
        *("decisions:picture", "decisions:thumbnail", "decisions:page", "decisions:pages"),
    }
)


class EngagementMiddleware:
    """Refuses every page that is not named here: one that comes later is closed until somebody opens it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        membership = getattr(request, "membership", None)
        engagement: Engagement | None = getattr(membership, "engaged", None)
        if engagement is None or request.resolver_match is None:
            return
        name = request.resolver_match.view_name
        if name in OPEN:
            return
        if name not in OF_A_DECISION:
            raise PermissionDenied
        if not Decision.objects.filter(pk=kwargs["decision_id"], run__in=runs_of(engagement)).exists():
            raise Http404
