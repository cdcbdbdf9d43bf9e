"""A policy's examples: handed in a label at a time, shown as their redacted copies, taken out again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.contracts.kinds import of_copy
from omnigov.decisions import examples
from omnigov.decisions.models import Example
from omnigov.decisions.uploads import file_submit
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.serving import part_response, waveform_response
from omnigov.policies.models import PolicyVersion
from omnigov.policies.queries import NoSuchPolicy, current_version, measurement_of
from omnigov.sentences import spoken
from omnigov.studio import studies
from omnigov.studio.models import StudyKind

SHOWN_AT_ONCE = 24
"""Thumbnails of a label; the rest is a page further."""


@role_required(Role.STEWARD, Role.OFFICER)
@require_http_methods(["GET", "POST"])
def overview(request: MemberRequest, slug: str) -> HttpResponse:
    """The policy's examples, label by label. POST hands some in; a script asks for their batch alone."""
    version = newest_or_404(request, slug)
    if request.method == "POST":
        return _take(request, version)
    found, coming = examples.usable(version), examples.arriving(version.policy)
    shown = [(label, found.counts.get(label.key, 0)) for label in version.spec.labels]
    lately = studies.studies_of(version)[:5]
    context = {
        "version": version,
        "labels": [
            (label, count, [each for each in found.examples if each.label == label.key][:SHOWN_AT_ONCE])
            for label, count in shown
        ],
        "total": len(found.examples),
        "found": found,
        "arriving": coming,
        "measurement": measurement_of(version),
        "missing": {kind: spoken("", studies.missing(kind, version, found)) for kind in StudyKind.values},
        "study": lately[0] if lately else None,
        "studies": lately,
    }
    response = render(request, "studio/examples.html", context)
    if "HX-Request" in request.headers and not coming.under_way:
        response["HX-Refresh"] = "true"  # all are redacted: they stand on the page from here on
    return response


def newest_or_404(request: MemberRequest, slug: str) -> PolicyVersion:
    """The newest version of one of the workspace's policies."""
    try:
        return current_version(request.workspace, slug)
    except NoSuchPolicy:
        raise Http404 from None


@role_required(Role.STEWARD)
def _take(request: MemberRequest, version: PolicyVersion) -> HttpResponse:
    """Without a script all files come in one request, and stay in memory until they are sealed."""
    by_script = request.headers.get("Accept", "").startswith("application/json")
    try:
        batch = examples.batch_for(version=version, label=request.POST.get("label", ""), by=request.user)
    except examples.NotAnExample as reason:
        sentence = spoken("", str(reason))
        if by_script:
            return JsonResponse({"sentence": sentence}, status=422)
        messages.error(request, sentence)
        return redirect("studio:examples", version.policy.slug)
    if by_script:
        return JsonResponse({"id": str(batch.id)}, status=201)
    files = [file for name in ("files", "folder") for file in request.FILES.getlist(name)]
    refused = 0
    for file in files:
        taken = file_submit(batch=batch, name=file.name or "", content=file.read(), by=request.user)
        refused += bool(taken.refusal_sentence)
    if not files:
        messages.error(request, _("Choose at least one file."))
    elif refused:
        messages.error(
            request, _("%(refused)s of %(all)s files were refused.") % {"refused": refused, "all": len(files)}
        )
    else:
        messages.success(
            request,
            _("%(all)s files are handed in. Personal data in them is hidden first.") % {"all": len(files)},
        )
    return redirect("studio:examples", version.policy.slug)


@role_required(Role.STEWARD, Role.OFFICER)
@require_GET
def label(request: MemberRequest, slug: str, key: str) -> HttpResponse:
    """All examples of one label, page by page."""
    version = newest_or_404(request, slug)
    found = next((each for each in version.spec.labels if each.key == key), None)
    if found is None:
        raise Http404
    mine = examples.examples_of(version.policy).filter(label=key)
    page = Paginator(mine, 4 * SHOWN_AT_ONCE).get_page(request.GET.get("page"))
    return render(request, "studio/examples_label.html", {"version": version, "label": found, "page": page})


@role_required(Role.STEWARD, Role.OFFICER)
@require_POST
def remove(request: MemberRequest, slug: str, example_id: uuid.UUID) -> HttpResponse:
    """Takes an example out. A script puts the answer, which is empty, in the thumbnail's place."""
    found = _example(request, slug, example_id)
    examples.example_remove(example_id=found.id, by=request.user)
    if "HX-Request" in request.headers:
        return HttpResponse()
    messages.success(request, _("The example is taken out."))
    return redirect("studio:examples", slug)


@role_required(Role.STEWARD, Role.OFFICER)
@require_GET
def picture(request: MemberRequest, slug: str, example_id: uuid.UUID) -> HttpResponse:
    """The redacted copy, small: a picture, a document's first page, a waveform, a video's poster."""
    run = _example(request, slug, example_id).run
    result = run.redaction_result
    if result is None:
        raise Http404
    try:
        if of_copy(result.media_type).name == "video":
            poster = evidence.part_open(run.id, Name.THUMBNAIL, digest=result.kept(Name.THUMBNAIL))
            return part_response(request, poster, "image/jpeg")
        if evidence.has(run.id, Name.PEAKS):
            return waveform_response(evidence.content(run.id, Name.PEAKS, digest=result.kept(Name.PEAKS)))
        if of_copy(result.media_type).name == "document":
            first = evidence.pages(run.id, digest=result.kept(Name.PAGES)).pages[0]
            small = evidence.part_open(run.id, Name.THUMBNAIL, digest=result.kept(Name.THUMBNAIL))
            return part_response(
                request, small.stretch(first.thumbnail_start, first.thumbnail_end), "image/jpeg"
            )
        if of_copy(result.media_type).name != "picture":
            raise Http404
        whole = evidence.part_open(run.id, Name.REDACTED, digest=result.digest)
        return part_response(request, whole, result.media_type)
    except evidence.EvidenceDamaged:
        raise Http404 from None


def _example(request: MemberRequest, slug: str, example_id: uuid.UUID) -> Example:
    found = (
        Example.objects.filter(
            pk=example_id, policy__workspace=request.workspace, policy__slug=slug, removed_at__isnull=True
        )
        .select_related("run")
        .first()
    )
    if found is None:
        raise Http404
    return found
