"""The media that a decision was made from, as a browser loads them: never the original."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.contracts import Area, Place
from omnigov.decisions import queries
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.together import decided_with
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.serving import part_response, waveform_response

SMALL_ENOUGH = 400_000
"""Bytes of a redacted picture that is shown small as it is."""


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def picture(request: MemberRequest, decision_id: uuid.UUID, piece: str) -> HttpResponse:
    """The redacted copy, the heat map, a recording's peaks or a video's tracks; never the original."""
    found = _decision(request, decision_id)
    run = found.run
    redaction = run.redaction_result
    if redaction is None:
        raise Http404
    explained = found.attribution.result
    digest: str | None
    if piece == "redacted":
        name, digest, media_type = Name.REDACTED, redaction.digest, str(redaction.media_type)
    elif piece == "heatmap" and explained is not None:
        name, digest, media_type = Name.HEAT_MAP, explained["heat_map"], "image/png"
    elif piece == "peaks":
        name, digest, media_type = Name.PEAKS, redaction.kept(Name.PEAKS), "application/octet-stream"
    elif piece == "tracks" and redaction.video is not None:
        name, digest, media_type = Name.TRACKS, redaction.kept(Name.TRACKS), "application/json"
    else:
        raise Http404
    opened = evidence.checked_open if name == Name.PEAKS else evidence.part_open
    try:
        return part_response(request, opened(run.id, name, digest=digest), media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def thumbnail(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """The redacted copy, small: a document's first page, a video's poster, a recording's waveform.

    Of a small picture without one, the copy itself.
    """
    found = _decision(request, decision_id)
    redaction = found.run.redaction_result
    if redaction is None:
        raise Http404
    try:
        if evidence.has(found.run_id, Name.PAGES):
            opened, media_type = _stretch(found, 0, "thumbnail")
        elif evidence.has(found.run_id, Name.THUMBNAIL):
            small = redaction.kept(Name.THUMBNAIL)
            opened, media_type = _checked(found.run_id, Name.THUMBNAIL, small), "image/jpeg"
        elif evidence.has(found.run_id, Name.PEAKS):
            peaks = evidence.content(found.run_id, Name.PEAKS, digest=redaction.kept(Name.PEAKS))
            return waveform_response(peaks)
        else:
            opened = evidence.part_open(found.run_id, Name.REDACTED, digest=redaction.digest)
            media_type = str(redaction.media_type)
            if not media_type.startswith("image/") or opened.size > SMALL_ENOUGH:
                raise Http404
        return part_response(request, opened, media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def pages(request: MemberRequest, decision_id: uuid.UUID) -> HttpResponse:
    """Where a redacted document's pages are to be had, and their sizes: for the page that draws on them."""
    found = _decision(request, decision_id)
    try:
        redaction = found.run.redaction_result
        index = evidence.pages(found.run_id, digest=redaction.kept(Name.PAGES) if redaction else None)
    except evidence.EvidenceDamaged:
        raise Http404 from None
    return JsonResponse(
        {
            "pages": [
                {
                    "src": reverse("decisions:page", args=[found.id, part, "redacted"]),
                    "width": page.width,
                    "height": page.height,
                }
                for part, page in enumerate(index.pages)
            ]
        }
    )


@role_required(Role.OPERATOR, Role.OFFICER, Role.AUDITOR)
@require_GET
def page(request: MemberRequest, decision_id: uuid.UUID, part: int, piece: str) -> HttpResponse:
    """One page of a redacted document, its thumbnail, or the heat map over it. `part` counts from 0.

    Of a spoken report, one of its pictures. Each is a stretch of a part of the evidence, and only that is
    opened.
    """
    found = _decision(request, decision_id)
    try:
        opened, media_type = _stretch(found, part, piece)
        return part_response(request, opened, media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None


def _stretch(decision: Decision, part: int, piece: str) -> tuple[evidence.Opened, str]:
    """The bytes of a piece of a page, and their type. Raises `Http404`, `EvidenceDamaged`."""
    run = decision.run
    redaction = run.redaction_result
    pictures = decided_with(run)
    if redaction is None or part >= (len(pictures) or redaction.pages):
        raise Http404
    if pictures and piece != "heatmap":
        return _picture_beside(pictures[part], piece)
    if piece == "heatmap":
        record = decision.attribution.record
        segments = record.segments if record else ()
        at = next((each.heat_map for each in segments if _is_page(each.place, part)), None)
        if record is None or at is None:
            raise Http404
        return evidence.part_open(run.id, Name.HEAT_MAP, digest=record.heat_map).stretch(*at), "image/png"
    index = evidence.pages(run.id, digest=redaction.kept(Name.PAGES)).pages
    if part >= len(index):
        raise Http404
    if piece == "redacted":
        whole = evidence.part_open(run.id, Name.REDACTED, digest=redaction.digest)
        return whole.stretch(index[part].start, index[part].end), "image/jpeg"
    if piece == "thumbnail":
        small = evidence.part_open(run.id, Name.THUMBNAIL, digest=redaction.kept(Name.THUMBNAIL))
        return small.stretch(index[part].thumbnail_start, index[part].thumbnail_end), "image/jpeg"
    raise Http404


def _checked(run: uuid.UUID, name: Name, digest: str | None) -> evidence.Opened:
    """A part that is what the record of redaction says it is; one that it says nothing of, from before."""
    return evidence.checked_open(run, name, digest=digest) if digest else evidence.part_open(run, name)


def _picture_beside(run: Run, piece: str) -> tuple[evidence.Opened, str]:
    """The redacted copy of a picture that belongs to a recording, or its thumbnail."""
    redaction = run.redaction_result
    if redaction is None or piece not in {"redacted", "thumbnail"}:
        raise Http404
    if piece == "thumbnail" and evidence.has(run.id, Name.THUMBNAIL):
        return _checked(run.id, Name.THUMBNAIL, redaction.kept(Name.THUMBNAIL)), "image/jpeg"
    return evidence.part_open(run.id, Name.REDACTED, digest=redaction.digest), redaction.media_type


def _is_page(place: Place, part: int) -> bool:
    return isinstance(place, Area) and place.part == part


def _decision(request: MemberRequest, decision_id: uuid.UUID) -> Decision:
    found = queries.decision_of(request.workspace, decision_id)
    if found is None:
        raise Http404
    return found
