"""An original that an officer opened, upright: for the person and the minutes that the record names.

A worker makes the view. Whoever asks for it earlier waits here for a while.
"""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import Any

from django.db import close_old_connections
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.contracts import PageIndex
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.serving import part_response
from omnigov.intake.models import MediaAsset
from omnigov.intake.originals import NotMade, pass_holds, view_open
from omnigov.review.marked import portion, portions, readable

MADE_WITHIN = 30.0
"""Seconds for which a browser is let wait until a worker has made the view of an original."""
LOOK_AGAIN = 0.2
DOCUMENT = "application/pdf"
MOST = 32 * 1024 * 1024
"""Bytes of a text's view: it has no more than the policy's characters."""


class _Later(Exception):
    """No worker has made the view yet: the browser may ask again."""


@role_required(Role.OFFICER)
@require_GET
def original(request: MemberRequest, asset_id: uuid.UUID, pass_: str) -> HttpResponse:
    """The view itself, whatever it is."""
    asset = _asset(request, asset_id, pass_)
    try:
        view, media_type = _view(asset)
        return part_response(request, view, media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()


@role_required(Role.OFFICER)
@require_GET
def pages(request: MemberRequest, asset_id: uuid.UUID, pass_: str) -> HttpResponse:
    """Where the original's pages are to be had, and their sizes; a picture is one page without a size."""
    asset = _asset(request, asset_id, pass_)
    try:
        media_type = _view(asset)[1]
        if media_type != DOCUMENT:
            return JsonResponse({"pages": [{"src": reverse("erasure:original", args=[asset.id, pass_])}]})
        index = evidence.pages(asset.id)
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()
    return JsonResponse({"pages": _listed(index, asset, pass_)})


@role_required(Role.OFFICER)
@require_GET
def peaks(request: MemberRequest, asset_id: uuid.UUID, pass_: str) -> HttpResponse:
    """What the waveform of an original recording is drawn from."""
    asset = _asset(request, asset_id, pass_)
    try:
        _view(asset)
        return part_response(request, evidence.part_open(asset.id, Name.PEAKS), "application/octet-stream")
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()


@role_required(Role.OFFICER)
@require_GET
def page(request: MemberRequest, asset_id: uuid.UUID, pass_: str, part: int) -> HttpResponse:
    """One page of an original document. `part` counts from 0."""
    asset = _asset(request, asset_id, pass_)
    try:
        view, media_type = _view(asset)
        index = evidence.pages(asset.id).pages
        if media_type != DOCUMENT or part >= len(index):
            raise Http404
        return part_response(request, view.stretch(index[part].start, index[part].end), "image/jpeg")
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()


@role_required(Role.OFFICER)
@require_GET
def tracks(request: MemberRequest, asset_id: uuid.UUID, pass_: str) -> HttpResponse:
    """When each picture of an original video is shown: for the page that draws on them."""
    asset = _asset(request, asset_id, pass_)
    try:
        if not _view(asset)[1].startswith("video/"):
            raise Http404
        return part_response(request, evidence.part_open(asset.id, Name.TRACKS), "application/json")
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()


@role_required(Role.OFFICER)
@require_GET
def text(request: MemberRequest, asset_id: uuid.UUID, pass_: str, number: int) -> HttpResponse:
    """A portion of an original text as it stands, for the page on which spans are marked."""
    asset = _asset(request, asset_id, pass_)
    try:
        return JsonResponse(portion(_text(asset), number))
    except evidence.EvidenceDamaged:
        raise Http404 from None
    except _Later:
        return _later()


@role_required(Role.OFFICER)
@require_GET
def shown(request: MemberRequest, asset_id: uuid.UUID, pass_: str, number: int) -> HttpResponse:
    """The original as its page puts it in once the view is made: all pages, a portion of a text, a player."""
    asset = _asset(request, asset_id, pass_)
    context: dict[str, Any] = {"asset": asset, "allowed": pass_}
    try:
        media_type = _view(asset)[1]
        if media_type == DOCUMENT:
            context |= {"pages": _listed(evidence.pages(asset.id), asset, pass_)}
        elif media_type.startswith("audio/"):
            context |= {"sound": reverse("erasure:original", args=[asset.id, pass_])}
        elif media_type.startswith("video/"):
            context |= {"video": reverse("erasure:original", args=[asset.id, pass_])}
        elif media_type.startswith("text/"):
            whole = _text(asset)
            cut = portions(whole)
            number = max(1, min(number, len(cut)))
            start, end = cut[number - 1]
            context |= {"text": readable(whole[start:end]), "total": len(cut)}
        else:
            context |= {"pages": [{"src": reverse("erasure:original", args=[asset.id, pass_])}]}
    except evidence.EvidenceDamaged:
        context |= {"gone": True}
    except _Later:
        context |= {"later": True}
    except Http404:
        context |= {"gone": True}
    context |= {"number": number, "previous": number - 1, "next": number + 1}
    return render(request, "erasure/_shown.html", context)


def _listed(index: PageIndex, asset: MediaAsset, pass_: str) -> list[dict[str, str | int]]:
    where = partial(reverse, "erasure:original-page")
    return [
        {"src": where(args=[asset.id, pass_, part]), "width": page.width, "height": page.height}
        for part, page in enumerate(index.pages)
    ]


def _text(asset: MediaAsset) -> str:
    view, media_type = _view(asset)
    if not media_type.startswith("text/") or view.size > MOST:
        raise Http404
    return b"".join(view.pieces()).decode("utf-8", "replace")


def _asset(request: MemberRequest, asset_id: uuid.UUID, pass_: str) -> MediaAsset:
    found = MediaAsset.objects.filter(workspace=request.workspace, pk=asset_id).first()
    if found is None or not pass_holds(pass_, found, request.user):
        raise Http404
    return found


def _view(asset: MediaAsset) -> tuple[evidence.Opened, str]:
    """The view and its media type. Raises `_Later`, `EvidenceDamaged`, and `Http404` where there is none."""
    until = time.monotonic() + MADE_WITHIN
    while True:
        try:
            return view_open(asset)
        except NotMade as reason:
            if reason.final:
                raise Http404 from None
            if time.monotonic() > until:
                raise _Later from None
        # Whoever waits keeps no connection to the database from others.
        close_old_connections()
        time.sleep(LOOK_AGAIN)


def _later() -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": "10", "Cache-Control": "no-store"})
