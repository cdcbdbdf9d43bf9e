"""The stop button: officers and stewards stop a policy, a steward lets it go on."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.policies import queries
from omnigov.policies.models import Policy
from omnigov.policies.stopping import NotStopped, policy_resume, policy_stop
from omnigov.sentences import spoken


@role_required(Role.OFFICER)
@require_POST
def stop(request: MemberRequest, slug: str) -> HttpResponse:
    """Nothing is decided under the policy any more, from now on."""
    policy = _policy(request, slug)
    try:
        policy_stop(policy=policy, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, _("The policy is stopped, and that is on the record."))
    except NotStopped as refused:
        messages.error(request, spoken("", str(refused)))
    return _back(policy)


@role_required(Role.STEWARD)
@require_POST
def resume(request: MemberRequest, slug: str) -> HttpResponse:
    """What waited is decided."""
    policy = _policy(request, slug)
    try:
        policy_resume(policy=policy, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, _("The policy goes on, and that is on the record."))
    except NotStopped as refused:
        messages.error(request, spoken("", str(refused)))
    return _back(policy)


def _policy(request: MemberRequest, slug: str) -> Policy:
    policy = Policy.objects.filter(workspace=request.workspace, slug=slug).first()
    if policy is None:
        raise Http404
    return policy


def _back(policy: Policy) -> HttpResponse:
    newest = queries.versions_of(policy).first()
    if newest is None:
        return redirect("policies:list")
    return redirect("policies:version", policy.slug, newest.number)
