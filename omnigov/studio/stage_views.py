"""The page on which a steward measures a policy at another stage of the model, and opens it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.examples import usable
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import NotPublished
from omnigov.sentences import spoken
from omnigov.studio import stages, studies
from omnigov.studio.forms import ReasonForm
from omnigov.studio.models import StudyKind
from omnigov.studio.profile_views import newer_than, overtaken, version_or_404


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def stage(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """The other stages: what was measured of the policy there. POST measures it at one, or opens one."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    if request.method != "POST":
        return _page(request, version, ReasonForm())
    chosen = next(
        (each for each in stages.openable(version) if each.stage.value == request.POST.get("stage")), None
    )
    if chosen is None:
        raise Http404
    if request.POST.get("step") == "measure":
        try:
            studies.study_ask(
                version=version, kind=StudyKind.EVALUATE, by=request.user, model_version=chosen.model
            )
        except studies.NotStudied as refused:
            messages.error(request, spoken("", str(refused)))
        return redirect("studio:stage", slug, number)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            made = stages.stage_open(
                version=version,
                model_version=chosen.model,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except NotPublished as refused:
            form.add_error(None, spoken("", str(refused)))
        else:
            messages.success(request, _("The stage is open for this policy, and that is on the record."))
            return redirect("policies:version", slug, made.number)
    return _page(request, version, form, opening=chosen.stage.value, status=422)


def _page(
    request: MemberRequest, version: PolicyVersion, form: ReasonForm, opening: str = "", status: int = 200
) -> HttpResponse:
    under_way = studies.studies_of(version).filter(state__in=studies.OPEN).first()
    context = {
        "version": version,
        "form": form,
        "opening": opening,
        "stages": stages.openable(version),
        "study": under_way,
        "missing": studies.missing(StudyKind.EVALUATE, version, usable(version)),
    }
    return render(request, "studio/stage.html", context, status=status)
