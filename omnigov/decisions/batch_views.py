"""Batches: what became of the files that were handed in, and what can be done with one that stopped."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions import services
from omnigov.decisions.batches import batches_of, first_of_same_bytes, run_of
from omnigov.decisions.counts import counts_of
from omnigov.decisions.models import Run
from omnigov.decisions.progress import Row, batch_page, transcripts_recorded
from omnigov.evidence.queries import beginnings
from omnigov.intake.forms import BatchForm
from omnigov.intake.models import Batch
from omnigov.intake.queries import batch_of
from omnigov.intake.services import batch_create
from omnigov.policies.queries import measurements_of
from omnigov.sentences import spoken

BATCHES_A_PAGE = 25
FILES_A_PAGE = 50


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def batches(request: MemberRequest) -> HttpResponse:
    """The list of batches; POST makes a new one for the upload page's script."""
    if request.method == "POST":
        return _batch_create(request)
    page = Paginator(batches_of(request.workspace), BATCHES_A_PAGE).get_page(request.GET.get("page"))
    counts = counts_of([batch.pk for batch in page])
    measurements = measurements_of(batch.policy_version for batch in page)
    context = {"page": page, "counts": counts, "measurements": measurements}
    return render(request, "decisions/batches.html", context)


@role_required(Role.OPERATOR)
def _batch_create(request: MemberRequest) -> HttpResponse:
    form = BatchForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
        return JsonResponse({"sentence": " ".join(sentences)}, status=422)
    batch = batch_create(
        policy_version=form.cleaned_data["policy"], name=form.cleaned_data["name"], by=request.user
    )
    url = reverse("decisions:batch", args=[batch.id])
    return JsonResponse({"id": str(batch.id), "url": url}, status=201)


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def batch(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """One batch, file by file."""
    found = _batch(request, batch_id)
    return render(request, "decisions/batch.html", {"batch": found, **_progress(request, found)})


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def batch_progress(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The part of the batch page that changes; 204 where it still is what the page shows already.

    So a page on which nothing moves is left alone, and with it the reader's place and focus.
    """
    found = _batch(request, batch_id)
    context = _progress(request, found)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return HttpResponse(render_to_string("decisions/_progress.html", {"batch": found, **context}, request))


def _progress(request: MemberRequest, batch: Batch) -> dict[str, Any]:
    """What the page shows; `here` is what leads to the same page again."""
    counts = counts_of([batch.pk])[batch.pk]
    after, before = (_id_of(request.GET.get(name, "")) for name in ("after", "before"))
    page = batch_page(batch, after=after, before=before, limit=FILES_A_PAGE)
    progress = counts.progress
    if len(page.rows) == counts.total:  # all files are here, each with how far it is
        done = sum(1_000_000 if row.ended else row.progress for row in page.rows)
        progress = done // max(1, counts.total)
    shown = (sorted(counts.files.items()), sorted(counts.reviews.items()), progress // 10_000, page)
    total = counts.total
    return {
        "page": page,
        "spec": batch.policy_version.spec,
        "same_bytes": first_of_same_bytes(page.rows),
        "heard": _heard(page.rows),
        "counts": counts,
        "progress": progress,
        "running": counts.ended < total,
        "summary": ngettext("%(ended)s of %(total)s file done", "%(ended)s of %(total)s files done", total)
        % {"ended": counts.ended, "total": total},
        "here": urlencode([(name, at) for name, at in (("after", after), ("before", before)) if at]),
        "seen": hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
    }


def _heard(rows: Sequence[Row]) -> dict[uuid.UUID, str]:
    """The first words of the recordings among these files, as far as they can still be heard."""
    recordings = [
        row.run for row in rows if row.kind in ("sound", "video") and row.run and row.redactions is not None
    ]
    return beginnings(transcripts_recorded(recordings)) if recordings else {}


def _id_of(text: str) -> uuid.UUID | None:
    """An id in an address; what is none leads to the first page."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@role_required(Role.OPERATOR)
@require_POST
def run_retry(request: MemberRequest, run_id: uuid.UUID) -> HttpResponse:
    """Tries a failed run, or one in quarantine, again."""
    run = _run(request, run_id)
    try:
        services.run_retry(run_id=run.id, by=request.user)
        messages.success(request, _("“%(name)s” is tried again.") % {"name": run.submission.title})
    except services.NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("decisions:batch", run.submission.batch_id)


@role_required(Role.OPERATOR)
@require_POST
def run_cancel(request: MemberRequest, run_id: uuid.UUID) -> HttpResponse:
    """Takes a run back that no worker has begun."""
    run = _run(request, run_id)
    try:
        services.run_cancel(run_id=run.id, by=request.user)
        messages.success(request, _("“%(name)s” was cancelled.") % {"name": run.submission.title})
    except services.NotPossible as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("decisions:batch", run.submission.batch_id)


def _batch(request: MemberRequest, batch_id: uuid.UUID) -> Batch:
    found = batch_of(request.workspace, batch_id)
    if found is None:
        raise Http404
    return found


def _run(request: MemberRequest, run_id: uuid.UUID) -> Run:
    found = run_of(request.workspace, run_id)
    if found is None:
        raise Http404
    return found
