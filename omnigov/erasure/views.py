"""The page of a medium: its sealed original, legal holds, and its erasure."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.models import Run
from omnigov.decisions.together import media_together
from omnigov.erasure.certificate import certificate
from omnigov.erasure.forms import EraseForm
from omnigov.erasure.models import Erasure
from omnigov.erasure.services import NotErased, asset_erase, hold_place, hold_release
from omnigov.intake.models import MediaAsset
from omnigov.intake.originals import NotOpened, original_open, pass_for
from omnigov.intake.queries import uploaded
from omnigov.keys import KeyUnavailable
from omnigov.ledger.sequencer import IntegrationTimeoutError
from omnigov.passes import VIEW_SECONDS
from omnigov.reasons import ReasonForm
from omnigov.sentences import spoken


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def medium(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """What there is of a medium, and what can be done with it."""
    return _page(request, _asset(request, asset_id))


@role_required(Role.OFFICER)
@require_POST
def hold(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Places a legal hold."""
    done = _("The legal hold stands, and is on the record.")
    return _with_reason(request, asset_id, "hold", hold_place, done)


@role_required(Role.OFFICER)
@require_POST
def release(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Releases the legal hold."""
    done = _("The legal hold is released, and that is on the record.")
    return _with_reason(request, asset_id, "release", hold_release, done)


def _with_reason(
    request: MemberRequest, asset_id: uuid.UUID, name: str, change: Callable[..., object], done: str
) -> HttpResponse:
    asset, form = _asset(request, asset_id), ReasonForm(request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, asset, {name: form}, status=422)
    try:
        change(asset_id=asset.id, reason=form.cleaned_data["reason"], by=request.user)
    except NotErased as reason:
        return _page(request, asset, failure=spoken("", str(reason)), status=409)
    messages.success(request, done)
    return redirect("erasure:medium", asset.id)


@role_required(Role.OFFICER)
@require_POST
def erase(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Erases the medium for good."""
    asset, form = _asset(request, asset_id), EraseForm(request.POST, prefix="erase")
    if not form.is_valid():
        return _page(request, asset, {"erase": form}, status=422)
    try:
        asset_erase(asset_id=asset.id, by=request.user, reference=form.cleaned_data["reference"])
    except NotErased as reason:
        return _page(request, asset, failure=spoken("", str(reason)), status=409)
    messages.success(request, _("The medium is erased, and that is on the record."))
    return redirect("erasure:medium", asset.id)


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def erasure_certificate(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The certificate with its proof, as a ZIP."""
    found = Erasure.objects.filter(asset=_asset(request, asset_id)).first()
    if found is None:
        raise Http404
    try:
        content = certificate(found)
    except IntegrationTimeoutError as reason:
        return _page(request, found.asset, failure=spoken("", str(reason)), status=409)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="erasure-{asset_id}.zip"'
    return response


@role_required(Role.OFFICER)
@require_POST
def open_original(request: MemberRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Records who opens the sealed original and why, and then shows it for some minutes."""
    asset, form = _asset(request, asset_id), ReasonForm(request.POST, prefix="open")
    if not form.is_valid():
        return _page(request, asset, {"open": form}, status=422)
    try:
        original_open(asset_id=asset.id, reason=form.cleaned_data["reason"], by=request.user)
    except (NotOpened, KeyUnavailable) as reason:
        return _page(request, asset, failure=spoken("", str(reason)), status=409)
    context = {"asset": asset, "allowed": pass_for(asset, request.user), "minutes": VIEW_SECONDS // 60}
    return render(request, "erasure/original.html", context)


def _others_of_its_report(asset: MediaAsset) -> list[Run]:
    """The other files that an erasure reaches: those that were decided together with it."""
    others = [each for each in media_together(asset.id) if each != asset.id]
    runs = Run.objects.filter(asset__in=others, parent=None).exclude(asset__erased_at__isnull=False)
    return list(runs.select_related("submission").order_by("created_at"))


def _asset(request: MemberRequest, asset_id: uuid.UUID) -> MediaAsset:
    found = MediaAsset.objects.filter(workspace=request.workspace, pk=asset_id).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: MemberRequest,
    asset: MediaAsset,
    filled: dict[str, Form] | None = None,
    *,
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, with the forms that were filled in and don't fit, by their names."""
    asset.refresh_from_db()
    runs = Run.objects.filter(asset=asset).select_related("submission__batch", "decision")
    holds = list(asset.holds.select_related("placed_by", "released_by"))
    forms: dict[str, Form] = {name: ReasonForm(prefix=name) for name in ("hold", "release", "open")}
    forms |= {"erase": EraseForm(prefix="erase")} | (filled or {})
    context = {
        "asset": asset,
        "erasure": Erasure.objects.filter(asset=asset).select_related("by").first(),
        "runs": runs.order_by("created_at"),
        "own": uploaded(asset.id, request.user),
        "together": _others_of_its_report(asset),
        "holds": holds,
        "held": next((each for each in holds if each.released_at is None), None),
        **{f"{name}_form": form for name, form in forms.items()},
        "failure": failure,
        "minutes": VIEW_SECONDS // 60,
    }
    return render(request, "erasure/medium.html", context, status=status)
