"""Measuring a policy and adapting its model: asked for here, done by a worker, decided by two people."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.intake.models import MediaAsset
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.registry.models import ModelVersion
from omnigov.registry.queries import adapted_to
from omnigov.sentences import spoken
from omnigov.studio import studies
from omnigov.studio.card import card_of, head_words
from omnigov.studio.example_views import newest_or_404
from omnigov.studio.models import Proposal, StudyKind
from omnigov.studio.promotion import NotPromoted, promotion_decide, promotion_propose


@role_required(Role.STEWARD)
@require_POST
def ask(request: MemberRequest, slug: str) -> HttpResponse:
    """Asks a worker to measure the newest version, or a candidate of it, or to adapt its model."""
    version = newest_or_404(request, slug)
    kind = request.POST.get("kind", "")
    if kind not in StudyKind.values:
        raise Http404
    candidate = request.POST.get("model", "")
    model = _candidate(version, candidate) if candidate else None
    try:
        studies.study_ask(version=version, kind=kind, by=request.user, model_version=model)
    except studies.NotStudied as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("studio:examples", slug)


@role_required(Role.STEWARD, Role.OFFICER)
@require_GET
def progress(request: MemberRequest, slug: str, study_id: uuid.UUID) -> HttpResponse:
    """The part of the page that says how far a study is."""
    version = newest_or_404(request, slug)
    study = studies.studies_of(version).filter(pk=study_id).first()
    if study is None:
        raise Http404
    response = render(request, "studio/_study.html", {"version": version, "study": study})
    if study.state not in studies.OPEN:
        response["HX-Refresh"] = "true"  # what came of it stands all over the page
    return response


@role_required()
@require_GET
def measured(request: MemberRequest, slug: str, measurement_id: uuid.UUID) -> HttpResponse:
    """The card of one measurement: figures, confusion, risk curve, and on which examples."""
    version = newest_or_404(request, slug)
    found = (
        Measurement.objects.filter(policy=version.policy, pk=measurement_id)
        .select_related("model_version", "asked_by")
        .first()
    )
    if found is None:
        raise Http404
    spec = _text_of(version, found.policy_digest)
    context = {
        "version": version,
        "measurement": found,
        "card": card_of(found, spec),
        "gone": _gone(version, found.examples),
    }
    return render(request, "studio/measured.html", context)


@role_required()
@require_GET
def candidate(request: MemberRequest, slug: str, model_id: uuid.UUID) -> HttpResponse:
    """The card of a model version that was adapted to the policy, and what two people decide about it."""
    version = newest_or_404(request, slug)
    model = _candidate(version, str(model_id))
    return _candidate_page(request, version, model)


def _candidate_page(
    request: MemberRequest, version: PolicyVersion, model: ModelVersion, status: int = 200, error: str = ""
) -> HttpResponse:
    proposals = (
        Proposal.objects.filter(model_version=model)
        .select_related("proposed_by", "decided_by", "policy_version")
        .order_by("-proposed_at")
    )
    waiting = next((each for each in proposals if each.promoted is None), None)
    found = Measurement.objects.filter(policy=version.policy, model_version=model).first()
    fits = model.head.policy_digest == version.digest
    spec = _text_of(version, model.head.policy_digest)
    context = {
        "version": version,
        "model": model,
        "head": model.head.spec,
        "words": head_words(model.head.spec),
        "examples": model.head.examples,
        "gone": _gone(version, model.head.examples),
        "measurement": found,
        "card": card_of(found, spec) if found else None,
        "proposals": proposals,
        "waiting": waiting,
        "own": waiting is not None and waiting.proposed_by_id == request.user.id,
        "fits": fits,
        "asked": version.model_version_id == model.pk,
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "studio/candidate.html", context, status=status)


@role_required(Role.STEWARD)
@require_POST
def propose(request: MemberRequest, slug: str, model_id: uuid.UUID) -> HttpResponse:
    """A steward's proposal to ask the policy of this model version."""
    version = newest_or_404(request, slug)
    model = _candidate(version, str(model_id))
    try:
        promotion_propose(
            version=version, model_version=model, reason=request.POST.get("reason", ""), by=request.user
        )
    except NotPromoted as reason:
        return _candidate_page(request, version, model, 422, spoken("", str(reason)))
    messages.success(request, _("It is proposed. A second person decides."))
    return redirect("studio:candidate", slug, model.pk)


@role_required(Role.STEWARD, Role.OFFICER)
@require_POST
def decide(request: MemberRequest, slug: str, model_id: uuid.UUID, proposal_id: uuid.UUID) -> HttpResponse:
    """The second person's decision: the policy's next version, or none."""
    version = newest_or_404(request, slug)
    model = _candidate(version, str(model_id))
    proposal = Proposal.objects.filter(pk=proposal_id, model_version=model).first()
    if proposal is None:
        raise Http404
    try:
        made = promotion_decide(
            proposal_id=proposal.pk, promote=request.POST.get("step") == "promote", by=request.user
        )
    except NotPromoted as reason:
        return _candidate_page(request, version, model, 422, spoken("", str(reason)))
    if made is None:
        messages.success(request, _("The proposal is declined. The policy stays as it is."))
        return redirect("studio:candidate", slug, model.pk)
    messages.success(request, _("The policy has a new version, which asks the adapted model."))
    return redirect("policies:version", slug, made.number)


def _candidate(version: PolicyVersion, model_id: str) -> ModelVersion:
    try:
        found = adapted_to(version.policy_id).filter(pk=uuid.UUID(model_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _gone(version: PolicyVersion, commitments: list[str]) -> int:
    """How many of these media were erased since: nobody can tell any more which they were."""
    there = MediaAsset.objects.filter(workspace=version.policy.workspace_id, commitment__in=commitments)
    return len(commitments) - there.count()


def _text_of(version: PolicyVersion, digest: str) -> PolicyVersion:
    """The policy's version with this text: its labels name the rows and columns."""
    return version.policy.versions.filter(digest=digest).first() or version
