"""What a steward decides about a policy beside its words: a newer text of the product, and the model.

Both show what differs first, and both make the policy's next version with a reason, or none.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.policies import queries
from omnigov.policies.comparison import differences
from omnigov.policies.models import Builtin, PolicyVersion
from omnigov.policies.services import (
    REPLACED,
    NotPublished,
    builtin_accept,
    builtin_decline,
    explained_publish,
    model_publish,
)
from omnigov.registry.queries import other_models
from omnigov.sentences import spoken
from omnigov.studio.forms import ExplainedForm, ModelForm, PublishForm
from omnigov.studio.profile_views import newer_than, overtaken, version_or_404


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def offer(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """The newer text of the product beside the version that holds. `step` publishes or declines."""
    version = version_or_404(request, slug, number)
    found = queries.offer_of(request.workspace, slug)
    if found is None:
        raise Http404
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    differing = differences(version.spec, found.spec)
    step = request.POST.get("step")
    weaker = step != "decline" and any(each.weaker for each in differing)
    form = PublishForm(request.POST if step else None, weaker=weaker, reference=False)
    status = 422 if step else 200
    if step and form.is_valid():
        try:
            if request.POST.get("offer") != found.digest:  # another one came since the page was looked at
                raise NotPublished(REPLACED)
            return _decided(request, found, version, form.cleaned_data["reason"], publish=step == "publish")
        except NotPublished as reason:
            form.add_error(None, spoken("", str(reason)))
            status = 409
    context = {"version": version, "offer": found, "differences": differing, "form": form}
    return render(request, "studio/offer.html", context, status=status)


def _decided(
    request: MemberRequest, found: Builtin, version: PolicyVersion, reason: str, *, publish: bool
) -> HttpResponse:
    asked: dict[str, Any] = {"offer": found, "based_on": version, "reason": reason, "by": request.user}
    if publish:
        version = builtin_accept(**asked)
        messages.success(request, _("The new version is published, and that is on the record."))
    else:
        builtin_decline(**asked)
        messages.success(request, _("The policy stays as it is, and that is on the record."))
    return redirect("policies:version", version.policy.slug, version.number)


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def explained(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """How many of the policy's decisions are explained thoroughly unasked."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    form = ExplainedForm(request.POST or None, initial={"deep_share": version.spec.deep_share})
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            published = explained_publish(
                based_on=version,
                deep_share=form.cleaned_data["deep_share"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except NotPublished as reason:
            form.add_error(None, spoken("", str(reason)))
            status = 409
        else:
            messages.success(request, _("The new version is published, and that is on the record."))
            return redirect("policies:version", published.policy.slug, published.number)
    return render(request, "studio/explained.html", {"version": version, "form": form}, status=status)


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def model(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """The model version that the policy is asked of, and the others of its stage."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    others = other_models(version.spec.stage, version.model_version)
    form = ModelForm(request.POST or None, models=others)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            published = model_publish(
                based_on=version,
                model_version=form.cleaned_data["model_version"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except NotPublished as reason:
            form.add_error(None, spoken("", str(reason)))
            status = 409
        else:
            messages.success(request, _("The new version is published, and that is on the record."))
            return redirect("policies:version", published.policy.slug, published.number)
    return render(
        request, "studio/model.html", {"version": version, "others": others, "form": form}, status=status
    )
