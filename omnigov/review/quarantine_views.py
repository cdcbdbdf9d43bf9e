"""Quarantine: files that redaction could not be shown to have worked on, and how a person lets them out."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.models import Run
from omnigov.decisions.services import NotPossible, run_retry
from omnigov.policies.queries import measurements_of
from omnigov.review import queries, queue, regions
from omnigov.review.case_models import CaseKind, Draft
from omnigov.review.case_views import release_context
from omnigov.review.correction_views import begun, drawing, opened
from omnigov.review.corrections import quarantine_release
from omnigov.review.counts import waiting_in
from omnigov.review.forms import CorrectionForm, OpenForm, ReleaseForm
from omnigov.review.playing import PLAYED, page_with_player
from omnigov.sentences import spoken


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def quarantine(request: MemberRequest) -> HttpResponse:
    """What is in quarantine: the queue's cases of that kind, the longest waiting first."""
    asked = queue.Asked({"kind": CaseKind.RELEASE.value, "sort": "oldest"})
    page = queue.page_of(request.workspace, request.user, asked, request.GET.get("after", ""))
    runs = queries.quarantined(request.workspace).in_bulk([case.run_id for case in page.cases])
    context = {
        "runs": [runs[case.run_id] for case in page.cases if case.run_id in runs],
        "measurements": measurements_of(run.policy_version for run in runs.values()),
        "number": waiting_in(request.workspace).quarantine,
        "next": page.next,
    }
    return render(request, "review/quarantine.html", context)


@role_required(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def release(request: MemberRequest, run_id: uuid.UUID) -> HttpResponse:
    """One file in quarantine; POST lets it out, by hand or as it is."""
    run = _run(request, run_id)
    if request.method != "POST":
        return _page(request, run, ReleaseForm())
    form = ReleaseForm(request.POST, request.FILES, medium=run.submission.name)
    if form.is_valid():
        given = form.cleaned_data
        try:
            quarantine_release(
                run_id=run.id,
                by=request.user,
                act=given["act"],
                change=regions.by_hand(_bounds(run), run.redaction_edits, given["regions"], given["edits"]),
                reason=given["reason"],
                new_id=given["new_id"],
            )
        except (NotPossible, regions.NotRegions) as reason:
            form.add_error(None, spoken("regions_unusable", str(reason)))
        else:
            messages.success(request, _("The file leaves quarantine, and that is on the record."))
            return redirect("decisions:batch", run.submission.batch_id)
    return _page(request, run, form, status=422)


@role_required(Role.OFFICER)
@require_POST
def again(request: MemberRequest, run_id: uuid.UUID) -> HttpResponse:
    """Has the file redacted once more, as it was: for when what stopped it was mended."""
    run = _run(request, run_id)
    try:
        run_retry(run_id=run.id, by=request.user)
        messages.success(request, _("“%(name)s” is tried again.") % {"name": run.submission.title})
    except NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("review:quarantine")


@role_required(Role.OFFICER)
@require_POST
def see(request: MemberRequest, run_id: uuid.UUID) -> HttpResponse:
    """Records why the original is opened, and shows it, to be drawn on."""
    run = _run(request, run_id)
    form, opening, failure = begun(ReleaseForm, request), OpenForm(request.POST), ""
    if opening.is_valid():
        pass_, failure = opened(run, request.user, opening.cleaned_data["open_reason"])
        if pass_:
            return _page(request, run, form, pass_=pass_)
    return _page(request, run, form, opening=opening, failure=failure, status=422)


def _run(request: MemberRequest, run_id: uuid.UUID) -> Run:
    found = queries.quarantined(request.workspace).select_related(
        "asset", "submission__batch", "submission__uploaded_by", "policy_version__policy"
    )
    run = found.filter(pk=run_id).first()
    if run is None:
        raise Http404
    return run


def _bounds(run: Run) -> regions.Bounds:
    """What regions may lie in. How many pages, pictures or characters there are, a worker says."""
    kind = run.asset.kind
    several = kind == "video" or run.asset.media_type in {"application/pdf", "image/tiff"}
    size = (run.asset.width, run.asset.height)
    return regions.Bounds(kind, size, pages=None if several else 1)


def _page(
    request: MemberRequest,
    run: Run,
    form: CorrectionForm,
    *,
    opening: OpenForm | None = None,
    pass_: str = "",
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    current = regions.drawn_before(run.redaction_edits)
    context = {
        **drawing(request, run, form, current, pass_, Draft.Page.RELEASE),
        "opening": opening or OpenForm(),
        "failure": failure,
        "queue_in": request.GET.get("in", "")[:1000],
        **release_context(run, request.user),
    }
    shows = page_with_player if context["kind"] in PLAYED else render
    return shows(request, "review/release.html", context, status=status)
