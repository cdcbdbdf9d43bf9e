"""What the keeper's jobs could not do, for whoever looks after the installation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.keeper.faults import faults

SHOWN = 200
JOBS = {
    "checker": _("checking the record"),
    "cosigning": _("asking the witnesses"),
    "engagements": _("ending engagements of external auditors"),
    "erasures": _("carrying out erasures again"),
    "evidence": _("removing what a crash left"),
    "exports": _("making exports"),
    "locks": _("ending locks of sign-ins"),
    "old exports": _("removing old exports"),
    "retention": _("erasing what was kept for long enough"),
    "samples of forms": _("removing samples of forms"),
    "search": _("making cases findable"),
    "mail": _("sending mail"),
    "sequencer": _("giving entries their place in the log"),
    "spare originals": _("removing originals that a crash left"),
    "uploads": _("finishing and refusing uploads"),
    "views of originals": _("removing views of originals"),
    "waking": _("waking the workers"),
}


@role_required(Role.STEWARD)
@require_GET
def housekeeping(request: MemberRequest) -> HttpResponse:
    """Each item that does not go through: of which job, why, since when, and when it is tried again."""
    rows = [(JOBS.get(fault.job, fault.job), fault) for fault in faults()[:SHOWN]]
    return render(request, "keeper/faults.html", {"rows": rows})
