"""The decision page, and the verdict on it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.deep import deep_request
from omnigov.decisions.examples import NotAnExample, example_of, example_of_verdict
from omnigov.decisions.models import Decision, RunState
from omnigov.decisions.queries import decision_of
from omnigov.decisions.services import NotPossible
from omnigov.intake.queries import uploaded
from omnigov.review import queries
from omnigov.review.after_views import after_context
from omnigov.review.case_views import case_context, is_blind
from omnigov.review.cases import HeldByAnother
from omnigov.review.drafts import draft_of
from omnigov.review.forms import VerdictForm
from omnigov.review.heard import SoundPart
from omnigov.review.models import Case, Draft, Review
from omnigov.review.playing import page_with_player
from omnigov.review.queue_views import case_address, goes_on
from omnigov.review.served import NotServed, Served, read, signed
from omnigov.review.services import Moved, review_add
from omnigov.review.similar import similar_to
from omnigov.review.watched import VideoPart
from omnigov.sentences import spoken
from omnigov.templatetags.omnigov import label_of


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def decision(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """One decision, with all that it was made from. Only an officer can do more than read it."""
    found = _decision(request, decision_id)
    return _page(request, found, VerdictForm(decision=found, person=request.user))


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def part(request: MemberRequest, decision_id: uuid.UUID, number: int) -> HttpResponse:
    """Another page of a document, or portion of a text, for the page of its decision that is open.

    What that page took along to say what was in it comes with the request, and goes back with this added.
    """
    found = _decision(request, decision_id)
    if found.run.state == RunState.ERASED:
        raise Http404
    shown = queries.decision_page(found, number)
    if shown.part is None:
        raise Http404
    context = {"shown": shown, "served": _served_with(request, found, shown.served)}
    return render(request, "review/part.html", context)


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def similar(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Past decisions to lay beside this one: a drawer of its page. Not there for who must not be led yet."""
    found = _decision(request, decision_id)
    officer = request.membership.may(Role.OFFICER)
    if found.run.state == RunState.ERASED or (officer and is_blind(found, request.user)):
        raise Http404
    return render(request, "review/_similar.html", {"similar": similar_to(found)})


def _served_with(request: MemberRequest, decision: Decision, more: Served) -> str:
    try:
        before = read(request.GET.get("served", ""), decision=decision, person=request.user)
    except NotServed:
        return ""  # a page without a verdict's form takes nothing along
    return signed(before.with_parts(more.parts), decision=decision, person=request.user)


@role_required(Role.OFFICER)
@require_POST
def verdict(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Adds an officer's verdict."""
    found = _decision(request, decision_id)
    form = VerdictForm(request.POST, decision=found, person=request.user)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    given = form.cleaned_data
    try:
        review = review_add(
            decision_id=found.id,
            officer=request.user,
            verdict=given["verdict"],
            label=given["label"],
            reason=form.whole_reason,
            review_id=given["review_id"],
            served=given["served"],
            to=[uuid.UUID(given["to"])] if given["to"] else [],
            displayed=form.measured,
        )
        if review.decision_id != found.id:
            raise NotPossible("This form belongs to another decision. Load the page again.")
    except Moved as moved:
        form.add_error(None, _what_happened(moved.by, found))
        return _page(request, found, form, status=409)
    except HeldByAnother as held:
        form.add_error(None, _who_holds(held))
        return _page(request, found, form, status=409)
    except NotPossible as reason:
        form.add_error(None, spoken("", str(reason)))
        return _page(request, found, form, status=422)
    query = request.POST.get("in", "")
    if request.POST.get("then") == "next":
        return goes_on(request, query, Case.objects.get(decision=found))
    messages.success(request, _("Your verdict is recorded."))
    return redirect(case_address("review:decision", found.id, query))


@role_required(Role.OFFICER)
@require_POST
def example(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Makes the redacted copy an example of the label that the verdicts left it with."""
    found = _decision(request, decision_id)
    try:
        example_of_verdict(decision_id=found.id, by=request.user)
    except NotAnExample as reason:
        messages.error(request, spoken("", str(reason)))
    else:
        messages.success(request, _("It is an example of this policy from here on."))
    return redirect("review:decision", found.id)


@role_required(Role.OFFICER)
@require_POST
def deep(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Asks for the thorough explanation of a decision."""
    found = _decision(request, decision_id)
    if deep_request(decision=found, by=request.user) is None:
        raise Http404
    messages.success(request, _("The thorough explanation is asked for."))
    return redirect(f"{reverse('review:decision', args=[found.id])}#deep")


def _who_holds(held: HeldByAnother) -> str:
    said = {"who": held.holder.username, "until": localtime(held.until).strftime("%H:%M")}
    happened = _("%(who)s has this case until %(until)s: it was taken while you wrote.") % said
    kept = _("What you wrote is kept below. Wait until it is given back, or go on with another one.")
    return f"{happened} {kept}"


def _what_happened(review: Review, decision: Decision) -> str:
    said = {
        "who": review.officer.username,
        "verdict": review.get_verdict_display(),
        "label": label_of(decision.run.policy_version.spec, review.label),
        "at": localtime(review.created_at).strftime("%Y-%m-%d %H:%M:%S"),
    }
    if review.label:
        happened = _("%(who)s gave the verdict “%(verdict)s” (right label: %(label)s) at %(at)s.") % said
    else:
        happened = _("%(who)s gave the verdict “%(verdict)s” at %(at)s.") % said
    kept = _("Your page was older. What you wrote is kept below; look at it again, and send it.")
    return f"{happened} {kept}"


def _decision(request: MemberRequest, decision_id: uuid.UUID) -> Decision:
    found = decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    return found


def _page(request: MemberRequest, decision: Decision, form: VerdictForm, status: int = 200) -> HttpResponse:
    if decision.run.state == RunState.ERASED:
        left = {"shown": queries.erased_page(decision), "form": form}
        return render(request, "review/erased.html", left, status=status)
    reviewing = request.membership.may(Role.OFFICER)
    of_case: dict[str, Any] = case_context(decision, request.user) if reviewing else {"blind": False}
    case: Case = of_case["case"] if reviewing else Case.objects.get(decision=decision)
    shown = queries.decision_page(decision, _number(request.GET.get("part", "")), blind=of_case["blind"])
    context = {
        "shown": shown,
        "form": form,
        "example": example_of(decision.run),
        "own": uploaded(decision.run.asset_id, request.user),
        "queue_in": (request.POST.get("in") or request.GET.get("in", ""))[:1000],
        # Made with this very page: the form may have been sent from an older one, whose mark and time go on.
        "served": signed(_going_on(shown.served, form), decision=decision, person=request.user)
        if reviewing
        else "",
        "draft": draft_of(decision.run_id, request.user, Draft.Page.VERDICT)
        if reviewing and not form.is_bound
        else "",
        **after_context(request, decision, case, shown.newest),
        **of_case,
    }
    shows = page_with_player if isinstance(shown.part, SoundPart | VideoPart) else render
    return shows(request, "review/decision.html", context, status=status)


def _going_on(served: Served, form: VerdictForm) -> Served:
    before = getattr(form, "cleaned_data", {}).get("served") if form.is_bound else None
    return replace(served, page=before.page, since=before.since) if before else served


def _number(text: str) -> int:
    """The number of a part in an address; what is none leads to the first."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
