"""Handing files in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.decisions.uploads import file_submit
from omnigov.intake.forms import FilesForm
from omnigov.intake.models import Submission
from omnigov.intake.services import batch_create


@role_required(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def upload(request: MemberRequest) -> HttpResponse:
    """The upload page. Its POST is for browsers without scripts: a few files in one form."""
    form = FilesForm(request.POST or None, request.FILES or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        batch = batch_create(
            policy_version=form.cleaned_data["policy"], name=form.cleaned_data["name"], by=request.user
        )
        recording = None
        files = form.cleaned_data["files"]
        for file in files:
            made = file_submit(
                batch=batch,
                name=file.name,
                content=file.read(),
                by=request.user,
                encoding=form.cleaned_data["encoding"],
                beside=recording,
                with_pictures=len(files) - 1 if form.cleaned_data["together"] and not recording else 0,
            )
            if form.cleaned_data["together"] and not recording:
                recording = made  # the first one, as the form has it
                if made.state == Submission.State.REFUSED:
                    break
        return redirect("decisions:batch", batch.id)
    status = 422 if request.method == "POST" else 200
    return render(request, "decisions/upload.html", {"form": form}, status=status)
