"""What was done after a verdict, and letters about a decision."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.models import Decision
from omnigov.decisions.queries import decision_of
from omnigov.decisions.services import NotPossible
from omnigov.review.after import after_of, disposition_add
from omnigov.review.after_forms import DispositionForm, KnownAnswerForm, LetterForm
from omnigov.review.after_models import Letter
from omnigov.review.case_models import Case
from omnigov.review.known_answers import known_answer_place, placed_by
from omnigov.review.letters import contact_of, letter_make
from omnigov.review.queries import newest_verdict
from omnigov.sentences import spoken


def after_context(
    request: MemberRequest, decision: Decision, case: Case, newest: uuid.UUID | None
) -> dict[str, Any]:
    """What the page of a decision shows of what came after it."""
    after = after_of(decision, case, newest)
    context: dict[str, Any] = {
        "after": after,
        "letters": after.letters,
        "after_form": DispositionForm(newest=after.newest) if after.holds else None,
    }
    if request.membership.may(Role.STEWARD) and not decision.reviews.exists():
        known = placed_by(case.id, request.user)
        context |= {"known": known, "known_form": None if known else KnownAnswerForm(decision=decision)}
    return context


@role_required(Role.OPERATOR, Role.OFFICER)
@require_http_methods(["GET", "POST"])
def after(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """What was done on a decision's outcome; POST adds what was done now."""
    found = _decision(request, decision_id)
    shown = after_of(found, Case.objects.get(decision=found), newest_verdict(found))
    form = DispositionForm(request.POST or None, newest=shown.newest)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = disposition_add(
                decision_id=found.id,
                by=request.user,
                done=given["done"],
                to=given["to"],
                words=given["words"],
                disposition_id=given["disposition_id"],
                seen=given["seen"],
            )
            if made.decision_id != found.id:
                raise NotPossible("This form belongs to another decision. Load the page again.")
        except NotPossible as reason:
            form.add_error(None, spoken("", str(reason)))
        else:
            messages.success(request, _("What was done is recorded."))
            return redirect(f"{reverse('review:decision', args=[found.id])}#after")
    if form.errors:
        found.refresh_from_db()
        shown = after_of(found, Case.objects.get(decision=found), newest_verdict(found))
        form.looked_at(shown.newest)
    context = {
        "decision": found,
        "spec": found.run.policy_version.spec,
        "after": shown,
        "after_form": form if shown.holds or form.errors else None,
    }
    return render(request, "review/after.html", context, status=422 if form.errors else 200)


@role_required(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def letter(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """A letter about the decision for the person concerned; POST makes it."""
    found = _decision(request, decision_id)
    form = LetterForm(request.POST or None, contact=contact_of(request.workspace))
    if request.method == "POST" and form.is_valid():
        try:
            made = letter_make(decision_id=found.id, by=request.user, **form.cleaned_data)
            if made.decision_id != found.id:
                raise NotPossible("This form belongs to another decision. Load the page again.")
        except NotPossible as reason:
            form.add_error(None, spoken("", str(reason)))
        else:
            return redirect("review:letter-made", made.id)
    shown = after_of(found, Case.objects.get(decision=found), newest_verdict(found))
    context = {"decision": found, "form": form, "after": shown, "letters": shown.letters}
    return render(request, "review/letter.html", context, status=422 if form.errors else 200)


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def letter_made(request: MemberRequest, letter_id: uuid.UUID) -> HttpResponse:
    """A letter as it was made, to be printed."""
    found = (
        Letter.objects.filter(pk=letter_id, decision__workspace=request.workspace)
        .select_related("decision__run__submission", "by")
        .first()
    )
    if found is None:
        raise Http404
    return render(request, "review/letter_made.html", {"letter": found})


@role_required(Role.STEWARD)
@require_POST
def known(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Puts the decision among those that wait, with its right answer kept aside."""
    found = _decision(request, decision_id)
    form = KnownAnswerForm(request.POST, decision=found)
    if not form.is_valid():
        messages.error(request, _("Choose the right label."))
        return redirect("review:decision", found.id)
    try:
        known_answer_place(decision_id=found.id, label=form.cleaned_data["label"], by=request.user)
        messages.success(
            request, _("The case waits among the others. Whoever answers it is not told that you know.")
        )
    except NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("review:decision", found.id)


def _decision(request: MemberRequest, decision_id: uuid.UUID) -> Decision:
    found = decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    return found
