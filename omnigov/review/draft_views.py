"""Keeps what an officer is writing while they write it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.services import NotPossible
from omnigov.review.case_models import Draft
from omnigov.review.drafts import draft_keep
from omnigov.sentences import spoken


@role_required(Role.OFFICER)
@require_POST
def keep(request: MemberRequest, run_id: uuid.UUID, page: str) -> HttpResponse:
    """The fields of a form that is not sent yet."""
    if page not in Draft.Page.values:
        raise Http404
    try:
        known = draft_keep(
            workspace=request.workspace,
            run_id=run_id,
            person=request.user,
            page=page,
            text=request.POST.get("fields", ""),
        )
    except NotPossible as reason:
        return HttpResponse(spoken("", str(reason)), status=422, content_type="text/plain; charset=utf-8")
    if not known:
        raise Http404
    return HttpResponse(status=204)
