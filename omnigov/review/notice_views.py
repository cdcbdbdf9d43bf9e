"""What is for one person: what they were told and are asked, their mail, their absence."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.services import NotPossible
from omnigov.review import absences, notices, queue
from omnigov.review.models import MailTo
from omnigov.review.questions import question_answer, question_of, questions_to
from omnigov.sentences import spoken


class MailForm(forms.Form):
    address = forms.EmailField(
        label=gettext_lazy("Your mail address"),
        required=False,
        help_text=gettext_lazy(
            "A mail says that something waits, and nothing of what it is. Empty: no mail is sent."
        ),
    )


@role_required()
@require_GET
def mine(request: MemberRequest) -> HttpResponse:
    """Everything that is for this person by name."""
    return _page(request)


def _page(
    request: MemberRequest,
    *,
    mail: MailForm | None = None,
    refused: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    reviewing = request.membership.may(Role.OFFICER)
    address = MailTo.objects.filter(person=request.user).values_list("address", flat=True).first()
    context = {
        "notices": notices.notices_of(request.user, request.workspace),
        "new": notices.unseen(request.user, request.workspace),
        "questions": questions_to(request.user, request.workspace),
        "mail": mail or MailForm(initial={"address": address or ""}),
        "absence": absences.absence_of(request.workspace, request.user) if reviewing else None,
        "stand_ins": absences.stand_ins(request.workspace, request.user) if reviewing else [],
        "refused": refused or {},
    }
    return render(request, "review/mine.html", context, status=status)


@role_required()
@require_POST
def seen(request: MemberRequest) -> HttpResponse:
    """The person has read what they were told."""
    notices.notices_seen(request.user, request.workspace)
    return redirect("review:mine")


@role_required()
@require_POST
def mail(request: MemberRequest) -> HttpResponse:
    form = MailForm(request.POST)
    if not form.is_valid():
        return _page(request, mail=form, status=422)
    notices.mail_to_set(request.user, form.cleaned_data["address"])
    messages.success(request, _("Your mail address is kept."))
    return redirect("review:mine")


@role_required(Role.OFFICER)
@require_POST
def away(request: MemberRequest) -> HttpResponse:
    """The person is away until the end of a day, and somebody stands in."""
    given, stand_in = request.POST.get("until", ""), request.POST.get("stand_in", "")
    try:
        until = datetime.combine(
            datetime.strptime(given, "%Y-%m-%d").date(),  # noqa: DTZ007 - the zone is given below
            time(23, 59, 59),
            tzinfo=get_current_timezone(),
        )
    except ValueError:
        until = datetime.min.replace(tzinfo=get_current_timezone())
    try:
        absences.absence_set(
            workspace=request.workspace,
            person=request.user,
            stand_in=uuid.UUID(stand_in) if queue.is_uuid(stand_in) else uuid.UUID(int=0),
            until=until,
        )
    except NotPossible as reason:
        refused = {"away": spoken("", str(reason)), "until": given, "stand_in": stand_in}
        return _page(request, refused=refused, status=422)
    messages.success(request, _("You are away, and that is on the record."))
    return redirect("review:mine")


@role_required(Role.OFFICER)
@require_POST
def back(request: MemberRequest) -> HttpResponse:
    absences.absence_end(workspace=request.workspace, person=request.user)
    messages.success(request, _("You are back, and that is on the record."))
    return redirect("review:mine")


@role_required(Role.OPERATOR, Role.OFFICER)
@require_POST
def answer(request: MemberRequest, question_id: uuid.UUID) -> HttpResponse:
    """Whoever handed a file in answers what an officer asked about it."""
    found = question_of(request.workspace, question_id)
    if found is None or found.to_id != request.user.id:
        raise Http404
    words = request.POST.get("answer", "")
    try:
        question_answer(question_id=question_id, by=request.user, answer=words)
    except NotPossible as reason:
        refused = {"question": str(question_id), "why": spoken("", str(reason)), "answer": words}
        return _page(request, refused=refused, status=422)
    messages.success(request, _("Your answer is recorded. The case is with the officers again."))
    return redirect("review:mine")
