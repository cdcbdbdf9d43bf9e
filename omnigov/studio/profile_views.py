"""A policy's next version: what it hides is changed, the difference is shown, and it is published.

Each step is a form that carries all that was filled in before, so nothing of a change is kept before it is
published. `step` says which button was pressed: *look* shows the difference, *back* the form again, and
*publish* makes the version.
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
from omnigov.contracts import FormTemplate, RedactionProfile
from omnigov.policies import queries
from omnigov.policies.comparison import differences
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import NotPublished, redaction_publish
from omnigov.sentences import spoken
from omnigov.studio.forms import ProfileForm, PublishForm
from omnigov.studio.own_print import OwnPrintForm


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def edit(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """The redaction profile as a form, and the way to its publication."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    before = version.spec.redaction
    if request.method == "GET":
        return _form(request, version, ProfileForm(before=before))
    form = ProfileForm(request.POST, before=before)
    if not form.is_valid():
        return _form(request, version, form, status=422)
    after = form.profile()
    if after == before:
        form.add_error(None, _("Nothing differs from this version, so there is nothing to publish."))
        return _form(request, version, form, status=422)
    if request.POST.get("step") == "back":
        return _form(request, version, form)
    carried = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    return show_or_publish(request, version, after, carried=carried)


def version_or_404(request: MemberRequest, slug: str, number: int) -> PolicyVersion:
    """The version of one of the workspace's policies that is to be followed by another."""
    found = queries.version_of(request.workspace, slug, number)
    if found is None:
        raise Http404
    return found


def _form(
    request: MemberRequest, version: PolicyVersion, form: ProfileForm, status: int = 200
) -> HttpResponse:
    return render(request, "studio/edit.html", {"version": version, "form": form}, status=status)


def newer_than(version: PolicyVersion) -> PolicyVersion | None:
    """The policy's newest version, where it is not this one."""
    newest = queries.versions_of(version.policy)[0]
    return None if newest.pk == version.pk else newest


def overtaken(request: MemberRequest, version: PolicyVersion, newer: PolicyVersion) -> HttpResponse:
    """Says what was published meanwhile: a change is made on what its maker has seen."""
    context = {
        "version": version,
        "newer": newer,
        "differences": differences(version.spec, newer.spec),
    }
    return render(request, "studio/overtaken.html", context, status=409)


def show_or_publish(
    request: MemberRequest,
    version: PolicyVersion,
    redaction: RedactionProfile,
    *,
    carried: list[tuple[str, str]],
    template: FormTemplate | None = None,
    may_go_back: bool = True,
    own_print: OwnPrintForm | None = None,
) -> HttpResponse:
    """Shows how `redaction` differs from the version, or publishes it where that was asked.

    `carried` comes back with the form, whose address is that of this request. `template` is one that was
    drawn now: what is kept of it is shown, and has to be looked at. `own_print` is what detectors found on
    its sample; nothing is published before what is kept was shown with what is marked there.
    """
    found = differences(version.spec, version.spec.model_copy(update={"redaction": redaction}))
    settled = own_print is None or own_print.settled
    asked = request.POST.get("step") == "publish" and settled
    form = PublishForm(
        request.POST if asked else None,
        weaker=any(each.weaker for each in found),
        reference=template is not None,
    )
    status = 200
    if asked and form.is_valid():
        try:
            reasons = [form.cleaned_data["reason"], own_print.sentence() if own_print else ""]
            published = redaction_publish(
                based_on=version,
                redaction=redaction,
                reason="\n".join(filter(None, reasons)),
                by=request.user,
            )
        except NotPublished as reason:
            form.add_error(None, spoken("", str(reason)))
            status = 409
        else:
            messages.success(request, _("The new version is published, and that is on the record."))
            return redirect("policies:version", published.policy.slug, published.number)
    elif asked or (own_print is not None and own_print.errors):
        status = 422
    context: dict[str, Any] = {
        "version": version,
        "differences": found,
        "form": form,
        "carried": carried,
        "template": template,
        "may_go_back": may_go_back,
        "own_print": own_print,
    }
    return render(request, "studio/publish.html", context, status=status)
