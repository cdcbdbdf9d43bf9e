"""The record as people read it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role, User
from omnigov.decisions.models import Decision
from omnigov.ledger import canonical, queries
from omnigov.ledger.checking import newest_check
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.cosigning import WitnessesError, witnesses
from omnigov.ledger.forms import FilterForm
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.schemas import SCHEMAS

ENTRIES_A_PAGE = 50
OTHERS = 20
KINDS = sorted({kind for kind, _ in SCHEMAS})
#: What people and administrators do, beside the runs' own entries.
DEEDS = frozenset(KINDS) - {
    "decision",
    "attribution",
    "run_queued",
    "run_step",
    "run_failed",
    "quarantine",
    "file_refused",
}


@role_required(Role.AUDITOR)
@require_GET
def log(request: MemberRequest) -> HttpResponse:
    """The workspace's entries, newest first, and the newest checkpoint of the log."""
    form = _filter(request)
    context = {
        **_page(request, form, LedgerEntry.objects.filter(workspace=request.workspace.id)),
        "form": form,
        "checkpoint": queries.latest_checkpoint(),
        "key": str(log_signer().verifier),
        "witnesses": _witnesses(),
        "check": newest_check(),
    }
    return render(request, "ledger/log.html", context)


@role_required(Role.AUDITOR)
@require_GET
def trail(request: MemberRequest) -> HttpResponse:
    """Who did what: the entries that a person or an administrator caused, in words."""
    form = _filter(request)
    found = LedgerEntry.objects.filter(workspace=request.workspace.id, kind__in=DEEDS)
    context = _page(request, form, found)
    context["deeds"] = _deeds(context["entries"])
    return render(request, "ledger/trail.html", {**context, "form": form, "check": newest_check()})


@dataclass(frozen=True)
class Deed:
    """An entry, who caused it (None: the command line or the product itself), and what it says in short."""

    entry: LedgerEntry
    who: str | None
    said: list[tuple[str, str]]


def _deeds(entries: Sequence[LedgerEntry]) -> list[Deed]:
    records = [canonical.decode(bytes(entry.body))["record"] for entry in entries]
    doers = [_doer(entry, record) for entry, record in zip(entries, records, strict=True)]
    names = dict(User.objects.filter(pk__in=[doer for doer in doers if doer]).values_list("pk", "username"))
    return [
        Deed(entry, names.get(uuid.UUID(doer), doer) if doer else None, _said(record))
        for entry, record, doer in zip(entries, records, doers, strict=True)
    ]


def _doer(entry: LedgerEntry, record: dict[str, Any]) -> str | None:
    for name in ("by", "reviewer", "viewer", "exporter"):
        if name in record:
            found: str | None = record[name]
            return found
    return str(entry.subject) if entry.kind in {"sign_in", "sign_out", "sign_in_refused"} else None


def _said(record: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields that a person can read: no digests, no ids."""
    short = (
        "role",
        "before",
        "verdict",
        "label",
        "right_label",
        "code",
        "cause",
        "profile",
        "entries",
        "use",
    )
    more = ("pseudonym", "number", "changed", "known", "runs_count", "seconds", "step")
    return [
        (name, ", ".join(record[name]) if isinstance(record[name], list) else str(record[name]))
        for name in (*short, *more)
        if record.get(name) not in (None, []) and len(str(record[name])) < 64
    ]


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


def _witnesses() -> list[tuple[str, int]]:
    """Each witness and the size that it has cosigned."""
    try:
        return [(each.key.name, queries.cosigned_size(str(each.key))) for each in witnesses()]
    except WitnessesError:
        return []


@role_required(Role.AUDITOR)
@require_GET
def entry(request: MemberRequest, entry_id: uuid.UUID) -> HttpResponse:
    """One entry, what it says, and how to show that it is in the log."""
    found = _entry(request, entry_id)
    body = canonical.decode(bytes(found.body))
    index, checkpoint = queries.index_of(found), queries.latest_checkpoint()
    covered = index is not None and checkpoint is not None and index < checkpoint.size
    others = LedgerEntry.objects.filter(workspace=request.workspace.id, subject=found.subject)
    context = {
        "entry": found,
        "index": index,
        "checkpoint": checkpoint if covered else None,
        "leaf_hash": bytes(found.leaf_hash).hex(),
        "body": json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True),
        "previous": body["previous"],
        "decision": Decision.objects.filter(run=found.subject).first(),
        "others": _newest(others.exclude(pk=found.pk)),
    }
    return render(request, "ledger/entry.html", context)


def _newest(entries: QuerySet[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The newest few, in order: a person signs in thousands of times."""
    newest = entries.annotate(index=F("leaf__index")).defer("body").order_by("-seq")
    return list(newest[:OTHERS])[::-1]


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
    response = HttpResponse(bytes(found.body), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="entry-{found.id}.json"'
    return response


def _entry(request: MemberRequest, entry_id: uuid.UUID) -> LedgerEntry:
    found = queries.entry(entry_id)
    if found is None or found.workspace != request.workspace.id:
        raise Http404
    return found
