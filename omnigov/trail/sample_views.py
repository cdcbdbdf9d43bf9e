"""Samples: drawn from the record, and their sheets."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.audits.models import Mark, Sample, SampleItem
from omnigov.audits.queries import drawn_before, lines_of, rate_below, sample_of, samples_of
from omnigov.audits.services import NotSampled, sample_draw, sheet_keep
from omnigov.ledger.models import LedgerEntry
from omnigov.sentences import spoken
from omnigov.trail.deeds import Deed, deeds_of
from omnigov.trail.sample_forms import SampleForm

LINES_A_PAGE = 25
SAMPLES_SHOWN = 100


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def samples(request: MemberRequest) -> HttpResponse:
    """The samples drawn so far; POST draws another one."""
    form = SampleForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            sample = sample_draw(
                workspace=request.workspace,
                by=request.user,
                population=form.population,
                size=given["size"],
                seed=given["seed"],
            )
            return redirect("trail:sample", sample.id)
        except NotSampled as reason:
            form.add_error(None, spoken("", str(reason)))
    context = {"form": form, "samples": samples_of(request.workspace, SAMPLES_SHOWN)}
    return render(request, "trail/samples.html", context, status=422 if form.errors else 200)


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def sample(request: MemberRequest, sample_id: uuid.UUID) -> HttpResponse:
    """A sample's sheet, some lines a page; POST keeps what was found."""
    found = sample_of(request.workspace, sample_id)
    if found is None:
        raise Http404
    after = _number(request.GET.get("after", "")) or 0
    if request.method == "GET":
        return _sheet(request, found, after)
    items, _more = lines_of(found, after, LINES_A_PAGE)
    given = {
        item.number: (request.POST.get(f"mark-{item.number}", ""), _words(request, item.number))
        for item in items
        if not item.forgotten
    }
    try:
        version = _number(request.POST.get("version", ""))
        sheet_keep(sample=found, version=-1 if version is None else version, lines=given, by=request.user)
    except NotSampled as reason:
        return _sheet(request, found, after, given=given, refused=spoken("", str(reason)))
    messages.success(request, _("The sheet is kept, and on the record."))
    return redirect(f"{reverse('trail:sample', args=[found.id])}?after={after}")


def _words(request: MemberRequest, number: int) -> str:
    return request.POST.get(f"finding-{number}", "").replace("\r\n", "\n").strip()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _sheet(
    request: MemberRequest,
    found: Sample,
    after: int,
    *,
    given: dict[int, tuple[str, str]] | None = None,
    refused: str = "",
) -> HttpResponse:
    found.refresh_from_db()
    items, more = lines_of(found, after, LINES_A_PAGE)
    for item in items:
        item.mark, item.finding = (given or {}).get(item.number, (item.mark, item.finding))
    context: dict[str, Any] = {
        "sample": found,
        "lines": _lines(items, request),
        "marks": Mark.choices,
        "after": after,
        "next": items[-1].number if more else None,
        "previous": max(0, after - LINES_A_PAGE) if after else None,
        "refused": refused,
        "before": drawn_before(found),
        "below": round(1_000_000 * rate_below(found.size)),
        "all": found.size == found.population,
        "open": found.items.filter(mark=Mark.OPEN, forgotten=False).count(),
    }
    return render(request, "trail/sample.html", context, status=422 if refused else 200)


def _lines(items: list[SampleItem], request: MemberRequest) -> list[tuple[SampleItem, Deed | None]]:
    """Each line with what its entry says."""
    entries = LedgerEntry.objects.filter(id__in=[item.entry for item in items]).select_related("leaf")
    deeds = {deed.entry.id: deed for deed in deeds_of(list(entries), request.user)}
    return [(item, deeds.get(item.entry)) for item in items]
