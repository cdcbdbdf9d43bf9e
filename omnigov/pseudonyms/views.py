"""The pseudonyms of a batch, and the one page that says who one of them is."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.intake.queries import batch_of
from omnigov.keys import KeyUnavailable
from omnigov.passes import VIEW_SECONDS, handed_out, seconds_left
from omnigov.pseudonyms import queries
from omnigov.pseudonyms.models import Mention
from omnigov.pseudonyms.seal import SealBroken
from omnigov.pseudonyms.services import NotShown, value_ask, value_of
from omnigov.reasons import ReasonForm
from omnigov.sentences import spoken

PSEUDONYMS_A_PAGE = 50


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def case(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Which pseudonyms stand in which files of a batch; no value."""
    batch = batch_of(request.workspace, batch_id)
    if batch is None:
        raise Http404
    page = Paginator(queries.pseudonyms_of(batch), PSEUDONYMS_A_PAGE).get_page(request.GET.get("page"))
    rows = queries.case_rows(list(page.object_list))
    return render(request, "pseudonyms/case.html", {"batch": batch, "page": page, "rows": rows})


@role_required(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def ask(request: MemberRequest, run_id: uuid.UUID, finding: int) -> HttpResponse:
    """Asks for a reason, puts it on the record, and then opens the page that shows the value."""
    mention = _mention(request, run_id, finding)
    form = ReasonForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, mention, form)
    if not form.is_valid():
        return _ask(request, mention, form, status=422)
    try:
        value_ask(mention=mention, reason=form.cleaned_data["reason"], seconds=VIEW_SECONDS, by=request.user)
    except (NotShown, KeyUnavailable) as reason:
        return _ask(request, mention, form, failure=spoken("", str(reason)), status=409)
    allowed = handed_out(f"value:{mention.pk}", request.user.id)
    return redirect("pseudonyms:value", run_id, finding, allowed)


@role_required(Role.OFFICER)
@require_GET
def value(request: MemberRequest, run_id: uuid.UUID, finding: int, pass_: str) -> HttpResponse:
    """The value, for the person and the minutes that the record names. Then the page leaves it by itself."""
    mention = _mention(request, run_id, finding)
    left = seconds_left(pass_, f"value:{mention.pk}", request.user.id)
    if not left:
        raise Http404
    try:
        shown = value_of(mention)
    except (KeyUnavailable, SealBroken):
        raise Http404 from None
    response = render(request, "pseudonyms/value.html", {**_about(mention), "value": shown, "seconds": left})
    response["Cache-Control"] = "no-store"
    response["Refresh"] = f"{left}; url={reverse('pseudonyms:ask', args=[run_id, finding])}"
    return response


def _mention(request: MemberRequest, run_id: uuid.UUID, finding: int) -> Mention:
    found = queries.mention_of(request.workspace, run_id, finding)
    if found is None:
        raise Http404
    return found


def _ask(
    request: MemberRequest, mention: Mention, form: ReasonForm, *, failure: str = "", status: int = 200
) -> HttpResponse:
    context = {
        **_about(mention),
        "form": form,
        "failure": failure,
        "files": queries.files_with(mention.pseudonym),
        "minutes": VIEW_SECONDS // 60,
    }
    return render(request, "pseudonyms/ask.html", context, status=status)


def _about(mention: Mention) -> dict[str, object]:
    return {
        "mention": mention,
        "name": str(mention.pseudonym),
        "submission": mention.run.submission,
        "decision": getattr(mention.run, "decision", None),
    }
