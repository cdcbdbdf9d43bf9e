"""Engagements of external auditors: made and ended by stewards, seen by auditors."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omnigov.accounts.engagements import NotEngaged, engagement_begin, engagement_end
from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Engagement, Role
from omnigov.clock import database_now
from omnigov.intake.models import Batch
from omnigov.policies.models import Policy
from omnigov.sentences import spoken
from omnigov.templatetags.omnigov import policy_name
from omnigov.trail.engagement_forms import EngagementForm

SHOWN = 100


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def engagements(request: MemberRequest) -> HttpResponse:
    """The newest engagements; POST, a steward's, makes another one."""
    if request.method == "POST" and not request.membership.may():
        raise PermissionDenied
    form = EngagementForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            engagement_begin(
                workspace=request.workspace,
                username=given["username"],
                password=given["password"],
                since=given["since"],
                until=given["until"],
                batches=[uuid.UUID(each) for each in given["batches"]],
                policies=[uuid.UUID(each) for each in given["policies"]],
                by=request.user,
            )
            messages.success(request, _("The engagement is made, and on the record. It ends by itself."))
            return redirect("trail:engagements")
        except NotEngaged as reason:
            form.add_error(None, spoken("", str(reason)))
    found = list(
        Engagement.objects.filter(workspace=request.workspace).select_related("person", "made_by")[:SHOWN]
    )
    batches = Batch.objects.in_bulk({each for one in found for each in one.batches})
    policies = Policy.objects.in_bulk({each for one in found for each in one.policies})
    now = database_now()
    listed = [
        {
            "engagement": one,
            "of": [
                *(policy_name(policies[each]) for each in one.policies if each in policies),
                *(batches[each].name for each in one.batches if each in batches),
            ],
            "state": "ended" if one.over(now) else "running" if one.runs(now) else "to_come",
        }
        for one in found
    ]
    context = {"form": form, "listed": listed}
    return render(request, "trail/engagements.html", context, status=422 if form.errors else 200)


@role_required(Role.STEWARD)
@require_POST
def end(request: MemberRequest, engagement_id: uuid.UUID) -> HttpResponse:
    """Ends one before its time."""
    if not Engagement.objects.filter(workspace=request.workspace, pk=engagement_id).exists():
        raise Http404
    try:
        engagement_end(engagement_id=engagement_id, by=request.user)
        messages.success(request, _("The engagement has ended, and that is on the record."))
    except NotEngaged as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("trail:engagements")
