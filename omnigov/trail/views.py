"""The record as people read it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.engaged import entries_within
from omnigov.decisions.models import Decision
from omnigov.ledger import canonical, queries
from omnigov.ledger.checking import newest_check
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.keys import log_verifier
from omnigov.ledger.models import LedgerEntry
from omnigov.trail.deeds import deeds_of, hidden, without_verdict
from omnigov.trail.forms import FilterForm, MomentForm
from omnigov.trail.live import live_at
from omnigov.trail.queries import DEEDS, KINDS, Narrowed, entries_before, newest_of, witnesses_seen

ENTRIES_A_PAGE = 50


@role_required(Role.AUDITOR)
@require_GET
def log(request: MemberRequest) -> HttpResponse:
    """The workspace's entries, newest first, and the newest checkpoint of the log."""
    form = _filter(request)
    context = {
        **_page(request, form),
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
    """Who did what, in words: what people and administrators caused; of one file or subject, all of it."""
    form = _filter(request)
    context = _page(request, form, usual=DEEDS)
    context["deeds"] = deeds_of(context["entries"], request.user, request.membership.engaged)
    return render(request, "trail/trail.html", {**context, "form": form, "check": newest_check()})


@role_required(Role.AUDITOR)
@require_GET
def live(request: MemberRequest) -> HttpResponse:
    """What was in force at a moment: policies with their models and rules, and people's roles."""
    form = MomentForm(request.GET)
    found = live_at(request.workspace, form.cleaned_data["at"]) if form.is_valid() else None
    return render(request, "trail/live.html", {"form": form, "live": found})


def _filter(request: MemberRequest) -> FilterForm:
    return FilterForm(request.GET, kinds=KINDS, workspace=request.workspace, within=_within(request))


def _page(request: MemberRequest, form: FilterForm, usual: Collection[str] | None = None) -> dict[str, Any]:
    """One page of what the filter leaves, newest first; where no kind, subject or file is asked for, of
    `usual`."""
    valid = form.is_valid()
    given = form.cleaned_data if valid else {}
    subjects = given.get("file")
    if given.get("subject"):
        subjects = {given["subject"]} if subjects is None else subjects & {given["subject"]}
    narrowed = Narrowed(
        kinds=[given["kind"]] if given.get("kind") else (usual if subjects is None else None),
        subjects=subjects,
        person=given["person"].pk if given.get("person") else None,
        since=given.get("since"),
        until=given.get("until"),
        within=_within(request),
    )
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    # What can't be understood shows its error and no entries, never entries that were not asked for.
    entries, more = (
        entries_before(request.workspace.id, narrowed, before, ENTRIES_A_PAGE) if valid else ([], False)
    )
    kept = {name: value for name, value in request.GET.items() if name != "before" and value}
    return {
        "entries": entries,
        "older": urlencode({**kept, "before": entries[-1].seq}) if more else "",
        "newest": urlencode(kept) if before is not None else None,
        "filtered": bool(kept),
        "subjects": subjects,
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
    within = _within(request)
    if within is not None and not LedgerEntry.objects.filter(within, pk=found.pk).exists():
        raise Http404
    return found


def _within(request: MemberRequest) -> Q | None:
    """What an engaged auditor is narrowed down to, whatever they ask for."""
    engagement = request.membership.engaged
    return entries_within(engagement) if engagement else None
