"""What an officer does with one case beside giving a verdict, and taking a verdict back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role, User
from omnigov.clock import database_now
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.services import NotPossible
from omnigov.review import claims, queue
from omnigov.review.case_models import Case, CaseKind
from omnigov.review.cases import check_may_answer, colleagues, hidden_from, verdicts_standing
from omnigov.review.models import Review
from omnigov.review.questions import case_send_back, questions_about
from omnigov.review.services import UNDO_SECONDS, review_take_back, review_to_take_back
from omnigov.sentences import spoken

GIVEN_BACK = gettext_lazy("The case is given back.")
PUT_OFF = gettext_lazy("The case is put off: it is not offered to you for some hours.")
HANDED_OVER = gettext_lazy("The case is handed over.")
SENT_BACK = gettext_lazy(
    "Your question is with whoever handed the file in. The case comes back with the answer."
)
TAKEN_BACK = gettext_lazy("Your verdict is taken back, and that is on the record.")


@role_required(Role.OFFICER)
@require_POST
def hold(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    """The case is this person's for a while."""
    return _do(request, case_id, lambda: claims.case_hold(case_id=case_id, by=request.user))


@role_required(Role.OFFICER)
@require_POST
def give_back(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    return _do(
        request, case_id, lambda: claims.case_give_back(case_id=case_id, by=request.user), said=GIVEN_BACK
    )


@role_required(Role.OFFICER)
@require_POST
def skip(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    """The case is put off, and the queue goes on."""
    return _do(
        request,
        case_id,
        lambda: claims.case_skip(case_id=case_id, by=request.user),
        said=PUT_OFF,
        to_queue=True,
    )


@role_required(Role.OFFICER)
@require_POST
def hand_over(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    to = request.POST.get("to", "")
    person = uuid.UUID(to) if queue.is_uuid(to) else uuid.UUID(int=0)
    return _do(
        request,
        case_id,
        lambda: claims.case_hand_over(case_id=case_id, by=request.user, to=person),
        said=HANDED_OVER,
    )


@role_required(Role.OFFICER)
@require_POST
def send_back(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    """The case goes to whoever handed the file in, with a question."""
    mark = request.POST.get("question_id", "")
    return _do(
        request,
        case_id,
        lambda: case_send_back(
            case_id=case_id,
            by=request.user,
            question=request.POST.get("question", ""),
            question_id=uuid.UUID(mark) if queue.is_uuid(mark) else uuid.uuid4(),
        ),
        said=SENT_BACK,
    )


@role_required(Role.OFFICER)
@require_POST
def look(request: MemberRequest, case_id: uuid.UUID) -> HttpResponse:
    """The person's page of the case is open; the answer says who else's is."""
    _case(request, case_id)
    case = claims.case_look(case_id=case_id, by=request.user)
    return render(
        request, "review/_looked.html", {"case": case, "other": case.looked_by_id != request.user.id}
    )


@role_required(Role.OFFICER)
@require_POST
def take_back(request: MemberRequest, review_id: uuid.UUID) -> HttpResponse:
    """The verdict that was given a moment ago counts no more."""
    found = Review.objects.filter(decision__workspace=request.workspace, pk=review_id).first()
    if found is None:
        raise Http404
    try:
        review_take_back(review_id=review_id, officer=request.user)
        messages.success(request, TAKEN_BACK)
    except NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("review:decision", found.decision_id)


def _do(
    request: MemberRequest,
    case_id: uuid.UUID,
    work: Callable[[], object],
    *,
    said: Any = "",
    to_queue: bool = False,
) -> HttpResponse:
    case = _case(request, case_id)
    try:
        work()
        if said:
            messages.success(request, said)
    except NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
        to_queue = False
    if to_queue:
        return redirect("review:queue")
    if case.decision_id is None:
        return redirect("review:release", case.run_id)
    return redirect("review:decision", case.decision_id)


def _case(request: MemberRequest, case_id: uuid.UUID) -> Case:
    found = Case.objects.filter(workspace=request.workspace, pk=case_id).first()
    if found is None:
        raise Http404
    return found


def is_blind(decision: Decision, person: User) -> bool:
    """Whether this officer may not see yet what others said."""
    return hidden_from(Case.objects.select_related("run").get(decision=decision), person)


def case_context(decision: Decision, person: User) -> dict[str, Any]:
    """What the page of a decision shows of its case to an officer."""
    return _context(_CASES.get(decision=decision), person)


def release_context(run: Run, person: User) -> dict[str, Any]:
    """What the page of a file in quarantine shows of its case."""
    return _context(_CASES.get(run=run, kind=CaseKind.RELEASE), person)


_CASES = Case.objects.select_related(
    *("held_by", "uploader", "run", "looked_by", "workspace", "known_answer")
)


def _context(case: Case, person: User) -> dict[str, Any]:
    now, refusal = database_now(), ""
    standing = verdicts_standing(case.decision_id) if case.decision_id else []
    try:
        check_may_answer(case, person, now)
    except NotPossible as reason:
        refusal = spoken("", str(reason))
    held = case.held(now)
    return {
        "case": case,
        "blind": hidden_from(case, person),
        "given": len({each.officer_id for each in standing if each.verdict != "escalate"}),
        "refusal": refusal,
        "held_by_me": held and case.held_by_id == person.id,
        "held_by_other": case.held_by if held and case.held_by_id != person.id else None,
        "hold_left": _seconds_left(case, now) if held and case.held_by_id == person.id else 0,
        "late": case.waits and case.due_at is not None and case.due_at < now,
        "colleagues": colleagues(case, person) if case.waits else [],
        "questions": questions_about(case),
        "question_id": uuid.uuid4(),
        "undo": review_to_take_back(case.workspace, person, now),
        "undo_seconds": UNDO_SECONDS,
        "asked_by_name": [each.person for each in case.asked.select_related("person")] if case.named else [],
    }


def _seconds_left(case: Case, now: datetime) -> int:
    return round((case.held_until - now).total_seconds()) if case.held_until else 0
