"""Policies, to be read by every member."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.policies import queries


@role_required()
@require_GET
def policies(request: MemberRequest) -> HttpResponse:
    """The newest version of each policy."""
    return render(request, "policies/list.html", {"versions": queries.current_versions(request.workspace)})


@role_required()
@require_GET
def version(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """One version: what is asked, the labels, what is hidden, and what waits for a person."""
    found = queries.version_of(request.workspace, slug, number)
    if found is None:
        raise Http404
    context = {"version": found, "spec": found.spec, "others": queries.versions_of(found.policy)}
    return render(request, "policies/version.html", context)
