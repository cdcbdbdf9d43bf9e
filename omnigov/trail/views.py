"""The record as people read it."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.models import Decision
from omnigov.ledger import canonical, queries
from omnigov.ledger.checking import newest_check
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.keys import log_verifier
from omnigov.ledger.models import LedgerEntry
from omnigov.trail.forms import FilterForm
from omnigov.trail.queries import (
    DEEDS,
    KINDS,
    deeds_of,
    hidden,
    newest_of,
    without_verdict,
    witnesses_seen,
)

ENTRIES_A_PAGE = 50


@role_required(Role.AUDITOR)
@require_GET
def log(request: MemberRequest) -> HttpResponse:
    """The workspace's entries, newest first, and the newest checkpoint of the log."""
    form = _filter(request)
    context = {
        **_page(request, form, LedgerEntry.objects.filter(workspace=request.workspace.id)),
        "form": form,
        "checkpoint": queries.latest_checkpoint(),
        "key": str(log_verifier()),
        "witnesses": witnesses_seen(),
        "check": newest_check(),
    }
    return render(request, "trail/log.html", context)


@role_required(Role.AUDITOR)
@require_GET
def trail(request: MemberRequest) -> HttpResponse:
    """Who did what: the entries that a person or an administrator caused, in words."""
    form = _filter(request)
    found = LedgerEntry.objects.filter(workspace=request.workspace.id, kind__in=DEEDS)
    context = _page(request, form, found)
    context["deeds"] = deeds_of(context["entries"], request.user)
    return render(request, "trail/trail.html", {**context, "form": form, "check": newest_check()})


def _filter(request: MemberRequest) -> FilterForm:
    return FilterForm(request.GET, kinds=KINDS, workspace=request.workspace)


def _page(request: MemberRequest, form: FilterForm, found: QuerySet[LedgerEntry]) -> dict[str, Any]:
    """One page of what the filter leaves, newest first, from the entry `before` on: no page is slower."""
    given = form.cleaned_data if form.is_valid() else {}
    if given.get("kind"):
        found = found.filter(kind=given["kind"])
    if given.get("subject"):
        found = found.filter(subject=given["subject"])
    if given.get("since"):
        found = found.filter(created_at__gte=given["since"])
    if given.get("until"):
        found = found.filter(created_at__lt=given["until"])
    if given.get("person"):
        found = queries.naming(found, given["person"].pk)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(seq__lt=int(before))
    entries = list(found.select_related("leaf").order_by("-seq")[: ENTRIES_A_PAGE + 1])
    kept = {name: value for name, value in request.GET.items() if name != "before" and value}
    older = entries[ENTRIES_A_PAGE - 1].seq if len(entries) > ENTRIES_A_PAGE else None
    return {
        "entries": entries[:ENTRIES_A_PAGE],
        "older": urlencode({**kept, "before": older}) if older else "",
        "newest": urlencode(kept) if before else None,
        "filtered": bool(kept),
    }


@role_required(Role.AUDITOR)
@require_GET
def entry(request: MemberRequest, entry_id: uuid.UUID) -> HttpResponse:
    """One entry, what it says, and how to show that it is in the log."""
    found = _entry(request, entry_id)
    body = canonical.decode(bytes(found.body))
    secret = bool(hidden([found], request.user))
    if secret:
        body["record"] = without_verdict(body["record"])
    index, checkpoint = queries.index_of(found), queries.latest_checkpoint()
    covered = index is not None and checkpoint is not None and index < checkpoint.size
    others = LedgerEntry.objects.filter(workspace=request.workspace.id, subject=found.subject)
    context = {
        "entry": found,
        "index": index,
        "checkpoint": checkpoint if covered else None,
        "leaf_hash": bytes(found.leaf_hash).hex(),
        "body": json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True),
        "hidden": secret,
        "previous": body["previous"],
        "decision": Decision.objects.filter(run=found.subject).first(),
        "others": newest_of(others.exclude(pk=found.pk)),
    }
    return render(request, "trail/entry.html", context)


@role_required(Role.AUDITOR)
@require_GET
def proof(request: MemberRequest, entry_id: uuid.UUID) -> HttpResponse:
    """The entry's inclusion proof against the newest checkpoint, as a C2SP tlog-proof."""
    found = _entry(request, entry_id)
    index, checkpoint = queries.index_of(found), queries.latest_checkpoint()
    if index is None or checkpoint is None or index >= checkpoint.size:
        raise Http404
    note = queries.cosigned_note(checkpoint)
    text = tlog_proof(index, queries.inclusion(index, checkpoint.size), note)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="entry-{index}.tlog-proof"'
    return response


@role_required(Role.AUDITOR)
@require_GET
def entry_bytes(request: MemberRequest, entry_id: uuid.UUID) -> HttpResponse:
    """The entry as it was hashed, for whoever checks its proof."""
    found = _entry(request, entry_id)
    if hidden([found], request.user):
        return HttpResponseForbidden(
            _("It says what another officer's verdict is. You see it once you have given your own."),
            content_type="text/plain; charset=utf-8",
        )
    response = HttpResponse(bytes(found.body), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="entry-{found.id}.json"'
    return response


def _entry(request: MemberRequest, entry_id: uuid.UUID) -> LedgerEntry:
    found = queries.entry(entry_id)
    if found is None or found.workspace != request.workspace.id:
        raise Http404
    return found
