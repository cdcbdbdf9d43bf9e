"""The record as people read it, and its export."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import IO, Any

from django.core.handlers.asgi import ASGIRequest
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.models import Decision
from omnigov.ledger import canonical, queries
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.cosigning import WitnessesError
from omnigov.ledger.export import ExportError
from omnigov.ledger.export import export as write_bundle
from omnigov.ledger.forms import ExportForm
from omnigov.ledger.keys import LogKeyError, log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.schemas import SCHEMAS
from omnigov.ledger.tiles import LedgerDamagedError
from omnigov.sentences import spoken

ENTRIES_A_PAGE = 50
OTHERS = 20
KINDS = sorted({kind for kind, _ in SCHEMAS})
CHUNK = 256 * 1024


@role_required(Role.AUDITOR)
@require_GET
def log(request: MemberRequest) -> HttpResponse:
    """The workspace's entries, newest first, and the newest checkpoint of the log."""
    return _log(request, ExportForm())


def _log(request: MemberRequest, form: ExportForm, failure: str = "", status: int = 200) -> HttpResponse:
    kind = request.GET.get("kind", "")
    found = LedgerEntry.objects.filter(workspace=request.workspace.id).order_by("-seq")
    if kind in KINDS:
        found = found.filter(kind=kind)
    page = Paginator(found.select_related("leaf").defer("body"), ENTRIES_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "kind": kind if kind in KINDS else "",
        "kinds": KINDS,
        "checkpoint": queries.latest_checkpoint(),
        "key": str(log_signer().verifier),
        "form": form,
        "failure": failure,
        "query": f"kind={kind}&" if kind in KINDS else "",
    }
    return render(request, "ledger/log.html", context, status=status)


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


@role_required(Role.AUDITOR)
@require_POST
def export(request: MemberRequest) -> HttpResponse:
    """The provenance bundle of the workspace, to be checked elsewhere."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _log(request, form, status=422)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the last byte is sent
    try:
        write_bundle(
            file,
            workspace=request.workspace.id,
            since=form.cleaned_data["since"],
            until=form.cleaned_data["until"],
            exporter=request.user.id,
        )
    except (ExportError, LogKeyError, LedgerDamagedError, WitnessesError) as error:
        file.close()
        return _log(request, form, failure=spoken("", str(error)), status=409)
    return _download(request, file, f"provenance-{timezone.now():%Y%m%d-%H%M%S}.zip")


def _download(request: MemberRequest, file: IO[bytes], name: str) -> HttpResponse:
    length = file.seek(0, 2)
    file.seek(0)
    content: Any = _chunks_later(file) if isinstance(request, ASGIRequest) else _chunks(file)
    response: Any = StreamingHttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(length)
    answer: HttpResponse = response
    return answer


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _chunks_later(file: IO[bytes]) -> AsyncIterator[bytes]:
    # An asynchronous server would otherwise gather the whole bundle in memory first. Reading a piece of
    # a local file that was written a moment ago does not hold up other requests noticeably.
    for chunk in _chunks(file):
        yield chunk


def _entry(request: MemberRequest, entry_id: uuid.UUID) -> LedgerEntry:
    found = queries.entry(entry_id)
    if found is None or found.workspace != request.workspace.id:
        raise Http404
    return found
