"""How well a house's reviewing works as a whole, and what a person's own verdicts look like to themselves."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.review import known_answers
from omnigov.review.concord import ENOUGH, concord
from omnigov.review.counts import waiting_in
from omnigov.review.desk import label_names
from omnigov.review.queue import Asked
from omnigov.review.queue_views import TABS
from omnigov.review.signs import DAYS, NEWEST, QUICK_MS, signs_of
from omnigov.review.statistics import share


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def quality(request: MemberRequest) -> HttpResponse:
    """Known answers and agreement, of the house: no person is named or ranked."""
    answered = known_answers.answered(request.workspace)
    waiting = known_answers.waiting(request.workspace, request.user)
    versions = {each.decision.run.policy_version_id for each in answered}
    versions |= {each.case.decision.run.policy_version_id for each in waiting if each.case.decision}
    names = label_names(versions)
    context = {
        "met": known_answers.met(request.workspace),
        "answered": [
            (
                each,
                names.get((each.decision.run.policy_version_id, each.known.label), each.known.label),
                [names.get((each.decision.run.policy_version_id, label), label) for label in each.said],
            )
            for each in answered
        ],
        "waiting": waiting,
        "concord": concord(request.workspace),
        "enough": ENOUGH,
    }
    return render(request, "review/quality.html", context)


@role_required(Role.OFFICER)
@require_GET
def signs(request: MemberRequest) -> HttpResponse:
    """The person's own verdicts as figures. Nobody else has an address for it."""
    own = known_answers.met_by(request.workspace, request.user)
    names = label_names({each.decision.run.policy_version_id for each, _, _ in own})
    rows = [
        (
            each,
            names.get((each.decision.run.policy_version_id, said), said),
            names.get((each.decision.run.policy_version_id, right), right),
            said == right,
        )
        for each, said, right in own
    ]
    context = {
        "signs": signs_of(request.workspace, request.user),
        "rows": rows,
        "met": share(sum(row[3] for row in rows), len(rows)),
        "days": DAYS,
        "newest": NEWEST,
        "quick": QUICK_MS // 1000,
        "tabs": [(name, Asked({"show": name}).query) for name in TABS],
        "count": waiting_in(request.workspace),
    }
    return render(request, "review/signs.html", context)
