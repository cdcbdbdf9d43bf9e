"""The review queue, the decision page, and the pictures on it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions import queries
from omnigov.decisions.forms import VerdictForm
from omnigov.decisions.models import Decision, RunState
from omnigov.decisions.reviews import review_add
from omnigov.decisions.services import NotPossible
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.serving import part_response
from omnigov.sentences import spoken

QUEUE_A_PAGE = 25


@role_required(Role.OFFICER)
@require_GET
def queue(request: MemberRequest) -> HttpResponse:
    """What waits for an officer."""
    pages = Paginator(queries.review_queue(request.workspace), QUEUE_A_PAGE)
    return render(request, "decisions/queue.html", {"page": pages.get_page(request.GET.get("page"))})


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def decision(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """One decision, with all that it was made from. Only an officer can do more than read it."""
    found = _decision(request, decision_id)
    return _page(request, found, VerdictForm(decision=found))


@role_required(Role.OFFICER)
@require_POST
def verdict(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Adds an officer's verdict."""
    found = _decision(request, decision_id)
    form = VerdictForm(request.POST, decision=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    given = form.cleaned_data
    try:
        review = review_add(
            decision_id=found.id,
            officer=request.user,
            verdict=given["verdict"],
            label=given["label"],
            reason=given["reason"],
            review_id=given["review_id"],
        )
        if review.decision_id != found.id:
            raise NotPossible("This form belongs to another decision. Load the page again.")
    except NotPossible as reason:
        form.add_error(None, spoken("", str(reason)))
        return _page(request, found, form, status=422)
    messages.success(request, _("Your verdict is recorded."))
    return redirect("decisions:decision", found.id)


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def picture(request: MemberRequest, decision_id: uuid.UUID, piece: str) -> HttpResponse:
    """The redacted copy or the heat map; the original is never served."""
    found = _decision(request, decision_id)
    run = found.run
    redaction = run.redaction_result
    if redaction is None:
        raise Http404
    explained = found.attribution.result
    if piece == "redacted":
        name, digest, media_type = Name.REDACTED, redaction.digest, str(redaction.media_type)
    elif piece == "heatmap" and explained is not None:
        name, digest, media_type = Name.HEAT_MAP, explained["heat_map"], "image/png"
    else:
        raise Http404
    try:
        return part_response(request, evidence.part_open(run.id, name, digest=digest), media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None


def _decision(request: MemberRequest, decision_id: uuid.UUID) -> Decision:
    found = queries.decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    return found


def _page(request: MemberRequest, decision: Decision, form: VerdictForm, status: int = 200) -> HttpResponse:
    if decision.run.state == RunState.ERASED:
        left = {"shown": queries.erased_page(decision)}
        return render(request, "decisions/erased.html", left, status=status)
    reviewing = request.membership.may(Role.OFFICER)
    context = {
        "shown": queries.decision_page(decision),
        "form": form,
        "next": queries.next_waiting(request.workspace, decision) if reviewing else None,
    }
    return render(request, "decisions/decision.html", context, status=status)
