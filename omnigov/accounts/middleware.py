"""Says in which workspace a request is and with which role, and in which time zone its reader lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from omnigov.accounts.models import Membership, User, Workspace

P = ParamSpec("P")
ZONE_COOKIE = "omnigov_zone"
"""The name of the browser's time zone, which `static/page.js` puts there. It is of no use to anybody else."""
_ZONES = frozenset(available_timezones())


class MemberRequest(HttpRequest):
    """A request of a signed-in person inside a workspace."""

    user: User
    membership: Membership
    workspace: Workspace


class WorkspaceMiddleware:
    """Puts `request.membership` (or None) on each request: the chosen workspace's, or the first's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = None
        if request.user.is_authenticated:
            now = timezone.now()
            engaged = Q(engagement__isnull=True) | Q(engagement__since__lte=now, engagement__until__gt=now)
            mine = (
                Membership.objects.filter(engaged, user=request.user)
                .select_related("workspace", "engagement")
                .order_by("id")
            )
            chosen = request.session.get("workspace")
            membership = (mine.filter(workspace_id=chosen).first() if chosen else None) or mine.first()
        cast(Any, request).membership = membership
        cast(Any, request).workspace = membership.workspace if membership else None
        return self.get_response(request)


class TimeZoneMiddleware:
    """Times on the pages, and days that are filled in, are of the browser's time zone, where it is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(ZONE_COOKIE, "")
        with timezone.override(ZoneInfo(name) if name in _ZONES else None):
            return self.get_response(request)


def role_required(
    *roles: str,
) -> Callable[
    [Callable[Concatenate[MemberRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Lets in whoever holds one of `roles` in the workspace; no role named: every member.

    Whoever isn't signed in is sent to sign in; whoever lacks the role gets 403.
    """

    def wrap(
        view: Callable[Concatenate[MemberRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            member = cast(MemberRequest, request)
            if member.membership is None or (roles and not member.membership.may(*roles)):
                raise PermissionDenied
            return view(member, *args, **kwargs)

        return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], checked)

    return wrap
