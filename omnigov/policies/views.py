"""Policies, to be read by every member."""

from __future__ import annotations

import base64

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.policies import queries
from omnigov.policies.comparison import differences
from omnigov.policies.models import PolicyVersion
from omnigov.policies.stopping import stop_of
from omnigov.registry.queries import adapted_to, other_models
from omnigov.security import EVIDENCE_POLICY


@role_required()
@require_GET
def policies(request: MemberRequest) -> HttpResponse:
    """The newest version of each policy."""
    versions = list(queries.current_versions(request.workspace))
    context = {
        "versions": versions,
        "stopped": queries.stopped_policies(request.workspace),
        "measurements": queries.measurements_of(versions),
        "offers": queries.offers(request.workspace),
    }
    return render(request, "policies/list.html", context)


@role_required()
@require_GET
def version(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """One version: what is asked, the labels, what is hidden, what waits for a person, and what changed."""
    found = _version(request, slug, number)
    before = queries.version_before(found)
    others = queries.versions_of(found.policy)
    context = {
        "version": found,
        "spec": found.spec,
        "others": others,
        "newest": others[0],
        "stopped": stop_of(found.policy),
        "before": before,
        "published": queries.published(found),
        "offer": queries.offer_of(request.workspace, slug),
        "adapted": adapted_to(found.policy_id),
        "other_models": other_models(found.spec.stage, found.model_version),
        "measurement": queries.measurement_of(found),
        "differences": differences(before.spec, found.spec) if before else [],
    }
    return render(request, "policies/version.html", context)


@role_required()
@require_GET
def reference(request: MemberRequest, slug: str, number: int, place: int) -> HttpResponse:
    """What a version keeps of a form: a picture without what stood in its fields."""
    templates = _version(request, slug, number).spec.redaction.templates
    if place >= len(templates):
        raise Http404
    response = HttpResponse(base64.b64decode(templates[place].reference), content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = EVIDENCE_POLICY
    response["Content-Disposition"] = "inline"
    return response


def _version(request: MemberRequest, slug: str, number: int) -> PolicyVersion:
    """One version of one of the workspace's policies."""
    found = queries.version_of(request.workspace, slug, number)
    if found is None:
        raise Http404
    return found
