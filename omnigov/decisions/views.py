"""The pictures that a decision was made from."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions import queries
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.serving import part_response


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def picture(request: MemberRequest, decision_id: uuid.UUID, piece: str) -> HttpResponse:
    """The redacted copy or the heat map; the original is never served."""
    found = queries.decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    run = found.run
    redaction = run.redaction_result
    if redaction is None:
        raise Http404
    explained = found.attribution.result
    if piece == "redacted":
        name, digest, media_type = Name.REDACTED, redaction.digest, str(redaction.media_type)
    elif piece == "heatmap" and explained is not None:
        name, digest, media_type = Name.HEAT_MAP, explained["heat_map"], "image/png"
    else:
        raise Http404
    try:
        return part_response(request, evidence.part_open(run.id, name, digest=digest), media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None
