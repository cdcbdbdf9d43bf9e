"""Form templates: drawn on a sample form, drawn anew, removed. Each makes the policy's next version."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.contracts import Area, FormTemplate, RedactionProfile, Refused
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.policies.models import PolicyVersion
from omnigov.policies.words import field_kinds
from omnigov.security import DRAWING_POLICY
from omnigov.sentences import spoken
from omnigov.studio import queries, samples
from omnigov.studio.forms import DrawingForm, SampleForm
from omnigov.studio.looks import found_outside, look_ask
from omnigov.studio.models import SampleLook
from omnigov.studio.own_print import OwnPrintForm
from omnigov.studio.profile_views import newer_than, overtaken, show_or_publish, version_or_404
from omnigov.templatetags.omnigov import finding_name

COPIES_SHOWN = 12


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def sample(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """Asks for the sample, and hands it to the page on which the fields are drawn."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    runs = queries.redacted_copies(request.workspace)
    status, form = 200, SampleForm(runs=runs)
    if request.method == "POST":
        status, form = 422, SampleForm(request.POST, request.FILES, runs=runs)
        if form.is_valid():
            try:
                drawing = _drawing(form)
            except Refused as refused:
                form.add_error(None, spoken(refused.code, refused.sentence))
            except evidence.EvidenceDamaged as damage:
                form.add_error(None, spoken("EvidenceDamaged", str(damage)))
            else:
                look_ask(sample=samples.returned(drawing["sample"].value()), workspace=request.workspace)
                return _page(request, version, drawing)
    context = {"version": version, "form": form, "runs": runs[:COPIES_SHOWN]}
    return render(request, "studio/sample.html", context, status=status)


def _drawing(chosen: SampleForm) -> DrawingForm:
    """The first drawing on a chosen sample: empty, or with what was hidden in the copy as its fields."""
    run: Run | None = chosen.cleaned_data["run"]
    if run is None:
        taken = samples.taken(chosen.cleaned_data["picture"].read())
        return DrawingForm(initial={"sample": taken.text, "regions": "[]"})
    result = run.redaction_result
    if result is None:
        raise Refused("sample_lost", "This run has no redacted copy. Choose another one.")
    boxes = [finding.area for finding in result.findings]
    taken = samples.taken(evidence.content(run.id, Name.REDACTED, digest=result.digest), boxes)
    across, down = taken.width / result.width, taken.height / result.height
    regions = [
        _region(
            place,
            samples.scaled(finding.area, across, down, taken.width, taken.height),
            "FORM_FIELD" if finding.kind not in dict(field_kinds()) else finding.kind,
            f"{finding_name(finding.kind)} {place}",
        )
        for place, finding in enumerate(result.findings, 1)
    ]
    return DrawingForm(initial={"sample": taken.text, "regions": json.dumps(regions, ensure_ascii=False)})


@role_required(Role.STEWARD)
@require_POST
def draw(request: MemberRequest, slug: str, number: int) -> HttpResponse:
    """A new template: its drawing, then the difference, then the version."""
    version = version_or_404(request, slug, number)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    return _drawn(request, version, None)


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def redraw(request: MemberRequest, slug: str, number: int, place: int) -> HttpResponse:
    """A template that is there, drawn anew on what was kept of its form."""
    version = version_or_404(request, slug, number)
    template = _template(version, place)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    if request.method == "POST":
        return _drawn(request, version, place)
    kept, fields = samples.of_template(template)
    regions = [
        _region(n, field.place, field.kind, f"{field.name} *" if field.required else field.name)
        for n, field in enumerate(fields, 1)
    ]
    look_ask(sample=kept, workspace=request.workspace)
    initial = {"name": template.name, "sample": kept.text, "regions": json.dumps(regions, ensure_ascii=False)}
    return _page(request, version, DrawingForm(initial=initial), place)


@role_required(Role.STEWARD)
@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, slug: str, number: int, place: int) -> HttpResponse:
    """The next version without a template."""
    version = version_or_404(request, slug, number)
    template = _template(version, place)
    if newer := newer_than(version):
        return overtaken(request, version, newer)
    before = version.spec.redaction
    left = [each for each in before.templates if each != template]
    after = _with(before, left)
    return show_or_publish(request, version, after, carried=[], may_go_back=False)


def _drawn(request: MemberRequest, version: PolicyVersion, place: int | None) -> HttpResponse:
    """The drawing that was sent: shown again where it does not fit, else the way to its publication."""
    before = version.spec.redaction
    others = [each for n, each in enumerate(before.templates) if n != place]
    form = DrawingForm(request.POST, taken=[each.name for each in others])
    if not form.is_valid():
        # A sample that is lost can't be drawn on: the way back leads to the choice of one.
        return _page(request, version, form, place, status=422)
    if request.POST.get("step") == "back":
        return _page(request, version, form, place)
    sample, carried = (
        form.cleaned_data["sample"],
        [(name, request.POST.get(name, "")) for name in form.fields],
    )
    look = look_ask(sample=sample, workspace=request.workspace)
    if look.looked_at is None or look.failure_code:
        return _looking(request, version, look, carried)
    found = found_outside(look, form.drawn_fields())
    own_print = OwnPrintForm(request.POST, sample=sample, found=found)
    try:
        template = form.template(own_print.masked())
    except Refused as refused:
        form.add_error(None, spoken(refused.code, refused.sentence))
        return _page(request, version, form, place, status=422)
    templates = [*before.templates, template]
    if place is not None:
        templates = [template if n == place else each for n, each in enumerate(before.templates)]
    after = _with(before, templates)
    answer = show_or_publish(
        request, version, after, carried=carried, template=template, own_print=own_print if found else None
    )
    answer["Content-Security-Policy"] = DRAWING_POLICY
    return answer


def _looking(
    request: MemberRequest, version: PolicyVersion, look: SampleLook, carried: list[tuple[str, str]]
) -> HttpResponse:
    """The page that waits for the detectors, and asks again by itself; or says that they could not look."""
    failure = spoken(look.failure_code, look.failure_sentence)
    context = {"version": version, "carried": carried, "failure": failure}
    # What asks by itself shows nothing of an answer that is an error.
    status = 422 if failure and "HX-Request" not in request.headers else 200
    response = render(request, "studio/looking.html", context, status=status)
    response["Content-Security-Policy"] = DRAWING_POLICY
    return response


def _with(profile: RedactionProfile, templates: Iterable[FormTemplate]) -> RedactionProfile:
    """The profile with these templates. Without any, known forms alone can't be asked for."""
    left = tuple(templates)
    update = {"templates": left, "template_required": profile.template_required and bool(left)}
    return profile.model_copy(update=update)


def _page(
    request: MemberRequest,
    version: PolicyVersion,
    form: DrawingForm,
    place: int | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"version": version, "form": form, "place": place, "kinds": json.dumps(field_kinds())}
    response = render(request, "studio/draw.html", context, status=status)
    response["Content-Security-Policy"] = DRAWING_POLICY
    return response


def _template(version: PolicyVersion, place: int) -> FormTemplate:
    templates = version.spec.redaction.templates
    if place >= len(templates):
        raise Http404
    return templates[place]


def _region(number: int, place: Area, kind: str, label: str) -> dict[str, object]:
    """A region as the page's editor reads it."""
    return {
        "id": str(number),
        "place": place.model_dump(mode="json"),
        "kind": kind,
        "label": label,
        "origin": "drawn",
        "removed": False,
    }
