"""The export page: what is ordered, how far it is, what is done."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.exports import jobs
from omnigov.exports.forms import ExportForm
from omnigov.exports.models import ExportJob
from omnigov.exports.unseen import says_hidden_verdicts
from omnigov.ledger.keys import log_verifier
from omnigov.sentences import spoken

JOBS_A_PAGE = 25
CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,18})-")


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def exports(request: MemberRequest) -> HttpResponse:
    """What was exported so far; POST orders another one."""
    engagement = request.membership.engaged
    initial = {"language": (get_language() or "en")[:2], "sample": request.GET.get("sample", "")}
    form = ExportForm(
        request.POST or None, initial=initial, workspace=request.workspace, engagement=engagement
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        jobs.job_create(
            workspace=request.workspace,
            by=request.user,
            profile=given["profile"],
            language=given["language"],
            since=given["since"],
            until=given["until"],
            kind=given["kind"],
            batch=given["batch"] or None,
            sample=given["sample"] or None,
            engagement=engagement,
        )
        return redirect("exports:list")
    listed = _listed(request)
    done = [_name(job) for job in listed["page"] if job.state == ExportJob.State.DONE]
    name = done[0] if done else "provenance.zip"
    context = {"form": form, "key": str(log_verifier()), "name": name, **listed}
    return render(request, "exports/exports.html", context, status=422 if form.errors else 200)


@role_required(Role.AUDITOR)
@require_GET
def progress(request: MemberRequest) -> HttpResponse:
    """The part of the page that changes; 204 where it still is what the page shows already."""
    context = _listed(request)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return HttpResponse(render_to_string("exports/_jobs.html", context, request))


@role_required(Role.AUDITOR)
@require_POST
def resume(request: MemberRequest, job_id: uuid.UUID) -> HttpResponse:
    """Takes up an export that failed."""
    try:
        jobs.job_resume(job_id=_job(request, job_id).id)
        messages.success(request, _("The export goes on where it stopped."))
    except jobs.NotExported as reason:
        messages.error(request, spoken("", str(reason)))
    return redirect("exports:list")


@role_required(Role.AUDITOR)
@require_GET
def file(request: MemberRequest, job_id: uuid.UUID) -> HttpResponse:
    """The finished file. A download that was cut off can go on: `Range: bytes=N-`."""
    job = _job(request, job_id)
    found = jobs.file_of(job)
    if job.state != ExportJob.State.DONE or not found.exists():
        raise Http404
    if says_hidden_verdicts(job, request.user):
        messages.error(
            request,
            _(
                "This export says what others' verdicts are on cases that you may still answer without "
                "having seen them. Answer these first, or have an auditor fetch it."
            ),
        )
        return redirect("exports:list")
    start, asked = 0, _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and request.headers.get("If-Range", f'"{job.digest}"') == f'"{job.digest}"':
        start = int(asked[1])
        if start >= job.size:
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{job.size}"
            return refused
    later = isinstance(request, ASGIRequest)
    content: Any = _pieces_later(found, start) if later else _pieces(found, start)
    response: Any = StreamingHttpResponse(
        content, content_type="application/zip", status=206 if start else 200
    )
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{job.digest}"'
    response["Content-Length"] = str(job.size - start)
    if start:
        response["Content-Range"] = f"bytes {start}-{job.size - 1}/{job.size}"
    response["Content-Disposition"] = f'attachment; filename="{_name(job)}"'
    answer: HttpResponse = response
    return answer


def _name(job: ExportJob) -> str:
    """What the file is called once it is downloaded."""
    return f"provenance-{job.created_at:%Y%m%d-%H%M%S}-{job.profile}.zip"


def _pieces(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as content:
        content.seek(start)
        while piece := content.read(CHUNK):
            yield piece


async def _pieces_later(path: Path, start: int) -> AsyncIterator[bytes]:
    # An asynchronous server would otherwise gather the whole bundle in memory first. Reading a piece of
    # a local file does not hold up other requests noticeably.
    for piece in _pieces(path, start):
        yield piece


def _listed(request: MemberRequest) -> dict[str, Any]:
    found = _jobs(request).select_related("by", "batch", "sample")
    page = Paginator(found, JOBS_A_PAGE).get_page(request.GET.get("page"))
    shown = [(str(job.id), job.state, job.entries, job.total) for job in page]
    return {
        "page": page,
        "open": any(job.state in jobs.OPEN for job in page),
        "seen": hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
    }


def _jobs(request: MemberRequest) -> QuerySet[ExportJob]:
    """The workspace's; an engaged auditor's own."""
    found = ExportJob.objects.filter(workspace=request.workspace)
    return found.filter(by=request.user) if request.membership.engaged else found


def _job(request: MemberRequest, job_id: uuid.UUID) -> ExportJob:
    job = _jobs(request).filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job
