"""Correcting what is hidden on a decided file: regions are added, moved and taken away."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role, User
from omnigov.contracts import RedactionResult
from omnigov.contracts.kinds import of_copy
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.decisions.queries import decision_of
from omnigov.decisions.review_rules import OF_REDACTION
from omnigov.decisions.services import NotPossible
from omnigov.evidence.queries import EvidenceDamaged
from omnigov.intake.originals import NotOpened, original_open, pass_for, pass_holds
from omnigov.intake.queries import uploaded
from omnigov.keys import KeyUnavailable
from omnigov.passes import VIEW_SECONDS
from omnigov.review import queries, regions
from omnigov.review.beside import pictures_of
from omnigov.review.corrections import redaction_correct
from omnigov.review.doubts import doubts_of
from omnigov.review.drafts import draft_of
from omnigov.review.forms import CorrectionForm, OpenForm
from omnigov.review.marked import portion
from omnigov.review.models import Draft
from omnigov.review.parts import gap_map, gaps_of
from omnigov.review.playing import PLAYED, page_with_player
from omnigov.sentences import spoken
from omnigov.wording import FINDINGS


@role_required(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def correct(request: MemberRequest, decision_id: uuid.UUID, part: int | None = None) -> HttpResponse:
    """The regions of a decided file, to be changed; POST begins the new run.

    With a `part`, those of this picture of a spoken report, from 0.
    """
    found = _corrected(request, decision_id, part)
    if request.method != "POST":
        return _page(request, found, CorrectionForm())
    form = CorrectionForm(request.POST, request.FILES, medium=found.run.submission.name)
    if form.is_valid():
        given = form.cleaned_data
        result = found.result
        try:
            change = regions.changed(result, found.run.redaction_edits, given["regions"])
            redaction_correct(
                run_id=found.run.id,
                by=request.user,
                change=regions.with_file(result, change, given["edits"]),
                reason=given["reason"],
                new_id=given["new_id"],
            )
        except (NotPossible, regions.NotRegions) as reason:
            form.add_error(None, spoken("regions_unusable", str(reason)))
        else:
            messages.success(request, _("The correction is recorded. A new copy is being made."))
            return redirect("review:decision", found.decision.id)
    return _page(request, found, form, status=422)


@role_required(Role.OFFICER)
@require_POST
def see(request: MemberRequest, decision_id: uuid.UUID, part: int | None = None) -> HttpResponse:
    """Records why the original is opened, and shows the regions over it."""
    found = _corrected(request, decision_id, part)
    form, opening, failure = begun(CorrectionForm, request), OpenForm(request.POST), ""
    if opening.is_valid():
        pass_, failure = opened(found.run, request.user, opening.cleaned_data["open_reason"])
        if pass_:
            return _page(request, found, form, pass_=pass_)
    return _page(request, found, form, opening=opening, failure=failure, status=422)


@role_required(Role.OFFICER)
@require_GET
def copy_text(request: MemberRequest, decision_id: uuid.UUID, number: int) -> HttpResponse:
    """A portion of a redacted text as it stands, for the page on which spans of it are marked."""
    found = _corrected(request, decision_id)
    if found.result.text is None:
        raise Http404
    try:
        text = queries.media_of(found.decision).text()
        return JsonResponse(portion(text, number, gaps_of(found.result.findings)))
    except EvidenceDamaged:
        raise Http404 from None


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def chain(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """What the decision was made from and what is in its place: the part of its page that changes."""
    found = decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    return render(request, "review/_chain.html", {"chain": queries.chain_of(found.run), "decision": found})


def opened(run: Run, person: User, reason: str) -> tuple[str, str]:
    """A pass for the original, once its opening is on the record; or why there is none."""
    if uploaded(run.asset_id, person):
        own = "You handed this file in; another officer has to uncover what is in it."
        return "", spoken("", own)
    try:
        original_open(asset_id=run.asset_id, reason=reason, by=person)
    except (NotOpened, KeyUnavailable) as refused:
        return "", spoken("", str(refused))
    return pass_for(run.asset, person), ""


def begun(kind: type[CorrectionForm], request: MemberRequest) -> CorrectionForm:
    """The form as far as it is filled in, before anybody judges it."""
    names = ("new_id", "regions", "reason", "act")
    return kind(initial={name: request.POST[name] for name in names if request.POST.get(name)})


def drawing(
    request: MemberRequest,
    run: Run,
    form: CorrectionForm,
    current: list[dict[str, Any]],
    pass_: str,
    page: Draft.Page,
) -> dict[str, Any]:
    """What both pages with regions need; `current` is what they begin with, if nothing was sent yet."""
    sent = form.data.get("pass_", "") if form.is_bound else ""
    held = pass_ or (sent if sent and pass_holds(sent, run.asset, request.user) else "")
    given = form.data.get("regions") if form.is_bound else form.initial.get("regions")
    kinds = [("BY_HAND", str(FINDINGS["BY_HAND"]))]
    kinds += sorted(((kind, str(name)) for kind, name in FINDINGS.items() if kind != "BY_HAND"), key=_name)
    return {
        "run": run,
        "form": form,
        "pass_": held,
        "own": uploaded(run.asset_id, request.user),
        "kinds": json.dumps(kinds, ensure_ascii=False),
        "regions": given or json.dumps(current),
        "kind": run.asset.kind,
        "minutes": VIEW_SECONDS // 60,
        "seconds": VIEW_SECONDS,
        # What is in the form already, because it was sent or the original was opened with it, is newer.
        "draft": "" if form.is_bound or form.initial else draft_of(run.id, request.user, page),
    }


def _name(kind: tuple[str, str]) -> str:
    return kind[1]


@dataclass(frozen=True)
class _Corrected:
    """What is corrected: a decision's own medium, or the picture `part` of its report."""

    decision: Decision
    run: Run
    result: RedactionResult
    part: int | None

    @property
    def addresses(self) -> dict[str, str]:
        """Where the form goes, where its original is asked for, and where the redacted copy lies."""
        at = [self.decision.id] if self.part is None else [self.decision.id, self.part]
        own = self.part is None
        source = [self.decision.id, "redacted"] if own else [*at, "redacted"]
        return {
            "action": reverse("review:correct" if own else "review:correct-picture", args=at),
            "open_url": reverse("review:correct-original" if own else "review:picture-original", args=at),
            "source": reverse("decisions:picture" if own else "decisions:page", args=source),
        }


def _corrected(request: MemberRequest, decision_id: uuid.UUID, part: int | None = None) -> _Corrected:
    found = decision_of(request.workspace, decision_id)
    if found is None or found.run.state != RunState.RECORDED:
        raise Http404
    if part is None:
        run, result = found.run, found.run.redaction_result
    else:
        pictures = pictures_of(found)
        if part >= len(pictures):
            raise Http404
        run, result = pictures[part]
    if result is None:
        raise Http404
    return _Corrected(found, run, result, part)


def _page(
    request: MemberRequest,
    found: _Corrected,
    form: CorrectionForm,
    *,
    opening: OpenForm | None = None,
    pass_: str = "",
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    result, decision = found.result, found.decision
    current = regions.shown(result, found.run.redaction_edits)
    context = {
        **drawing(request, found.run, form, current, pass_, Draft.Page.CORRECTION),
        **found.addresses,
        "decision": decision,
        "redaction": result,
        "opening": opening or OpenForm(),
        "failure": failure,
        "reasons": [code for code in decision.review_reasons if code in OF_REDACTION],
        "doubts": doubts_of(result.findings),
        "replaced": queries.chain_of(decision.run).after is not None,
        "kind": of_copy(result.media_type).name,
        "gaps": json.dumps(gap_map(result.findings)),
    }
    shows = page_with_player if context["kind"] in PLAYED else render
    return shows(request, "review/correct.html", context, status=status)
