"""Models and stages, to be read by every member."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.registry import queries


@role_required()
@require_GET
def models(request: MemberRequest) -> HttpResponse:
    """Each stage with what it learned and kept, and its model versions with their weight files."""
    return render(request, "registry/models.html", {"stages": queries.stages()})
