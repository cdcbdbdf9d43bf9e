"""The queue and what is done from it: the next case, several at once, saved views, one's own verdicts."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role
from omnigov.clock import database_now
from omnigov.decisions.services import NotPossible
from omnigov.review import desk, queue
from omnigov.review.case_models import Case, CaseKind, Risk, SavedView
from omnigov.review.counts import waiting_in
from omnigov.review.following import asked_in, case_named, case_take_next
from omnigov.review.models import Review, Verdict
from omnigov.review.served import Served
from omnigov.review.services import MIN_REASON, UNDO_SECONDS, review_add, review_to_take_back
from omnigov.wording import MEDIA

BULK = 50
"""Cases that are upheld at once: what a page shows."""
TABS = ("waiting", "mine", "escalated", "sent_back", "all")


ORDER_WORDS = {
    "urgent": gettext_lazy("most urgent first"),
    "risk": gettext_lazy("highest risk first"),
    "oldest": gettext_lazy("oldest first"),
    "newest": gettext_lazy("newest first"),
}


def _days(days: int) -> str:
    return ngettext("for %(number)s day or more", "for %(number)s days or more", days) % {"number": days}


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def cases(request: MemberRequest) -> HttpResponse:
    """What waits, or whatever else the address asks for."""
    return _page(request, queue.Asked.read(request.GET.dict()))


@role_required(Role.OFFICER)
@require_GET
def view(request: MemberRequest, view_id: uuid.UUID) -> HttpResponse:
    """A queue that the person saved."""
    saved = desk.view_of(request.workspace, request.user, view_id)
    if saved is None:
        raise Http404
    return _page(request, queue.Asked.read(QueryDict(saved.query).dict()), saved=saved)


def _page(request: MemberRequest, asked: queue.Asked, saved: SavedView | None = None) -> HttpResponse:
    page = queue.page_of(request.workspace, request.user, asked, request.GET.get("after", ""))
    now = database_now()
    rows = desk.rows_of(page.cases, request.user, now)
    context = {
        "asked": asked,
        "chosen": asked.chosen,
        "rows": rows,
        "bulk": request.membership.may(Role.OFFICER) and any(row.bulk for row in rows),
        "bulk_id": uuid.uuid4(),
        "undo": review_to_take_back(request.workspace, request.user, now),
        "undo_seconds": UNDO_SECONDS,
        "page": page,
        "more": urlencode({**asked.chosen, "after": page.next}) if page.next else "",
        "choices": desk.choices_of(request.workspace),
        "views": desk.views_of(request.workspace, request.user),
        "saved": saved,
        "count": waiting_in(request.workspace),
        "tabs": [(name, asked.with_(show=name).without("sort").query) for name in TABS],
        "orders": [(name, str(words)) for name, words in ORDER_WORDS.items()],
        "media": [(name, str(words)) for name, (_sign, words) in MEDIA.items()],
        "kinds": [(value, str(words)) for value, words in CaseKind.choices],
        "risks": [(str(value), str(words)) for value, words in Risk.choices],
        "ages": [(name, _days(days)) for name, days in queue.AGES.items()],
        "narrowed": bool(asked.without("show", "sort", "q").chosen),
        "most_found": queue.MOST_FOUND,
    }
    return render(request, "review/queue.html", context)


@role_required(Role.OFFICER)
@require_POST
def following(request: MemberRequest) -> HttpResponse:
    """Takes the next case of the queue that the page was opened from, and opens it."""
    after = case_named(request.workspace, request.POST.get("after", ""))
    return goes_on(request, request.POST.get("in", ""), after)


def goes_on(request: MemberRequest, query: str, after: Case | None) -> HttpResponse:
    """To the next case of the queue of this address, after that one; to the queue where there is none."""
    asked = asked_in(query)
    found = case_take_next(workspace=request.workspace, person=request.user, asked=asked, after=after)
    if found is None:
        messages.success(request, _("Nothing else waits for you here."))
        return redirect(f"{reverse('review:queue')}?{asked.query}" if asked.query else "review:queue")
    if found.decision_id is None:
        return redirect(case_address("review:release", found.run_id, asked.query))
    return redirect(case_address("review:decision", found.decision_id, asked.query))


def case_address(page: str, one: uuid.UUID, query: str) -> str:
    """Where a case is looked at, with the queue that it is reached from."""
    address = reverse(page, args=[one])
    return f"{address}?{urlencode({'in': query[:1000]})}" if query else address


@role_required(Role.OFFICER)
@require_POST
def bulk(request: MemberRequest) -> HttpResponse:
    """Upholds what was drawn at random and chosen, each with a verdict and an entry of its own.

    The form's id makes each verdict's: sent twice, they are given once.
    """
    reason = request.POST.get("reason", "")
    ids = [each for each in request.POST.getlist("case") if queue.is_uuid(each)][:BULK]
    chosen = Case.objects.filter(workspace=request.workspace, pk__in=ids).order_by("since", "id")
    form = request.POST.get("bulk_id", "")
    if len(reason.strip()) < MIN_REASON or not ids or not queue.is_uuid(form):
        messages.error(request, _("Choose cases, and write the reason that holds for each of them."))
        return redirect("review:queue")
    done, left = 0, 0
    for case in chosen:
        mark = uuid.uuid5(uuid.UUID(form), str(case.id))
        if not desk.may_bulk(case) and not _was_given(mark):
            left += 1
            continue
        assert case.decision_id is not None  # noqa: S101 - `may_bulk` says so
        try:
            review_add(
                decision_id=case.decision_id,
                officer=request.user,
                verdict=Verdict.UPHOLD,
                reason=reason,
                review_id=mark,
                served=Served(parts=("queue_row",)) if not _was_given(mark) else None,
            )
            done += 1
        except NotPossible:
            left += 1
    if done:
        said = ngettext("%(number)s decision is upheld.", "%(number)s decisions are upheld.", done)
        messages.success(request, said % {"number": done})
    if left:
        said = ngettext(
            "%(number)s case was left as it is: not yours to answer now, or not drawn at random.",
            "%(number)s cases were left as they are: not yours to answer now, or not drawn at random.",
            left,
        )
        messages.error(request, said % {"number": left})
    return redirect("review:queue")


def _was_given(review_id: uuid.UUID) -> bool:
    return Review.objects.filter(pk=review_id).exists()


@role_required(Role.OFFICER)
@require_POST
def view_save(request: MemberRequest) -> HttpResponse:
    """Keeps the filters under a name."""
    name = request.POST.get("name", "").strip()
    asked = queue.Asked.read(QueryDict(request.POST.get("query", "")).dict())
    if not name:
        messages.error(request, _("Give the view a name."))
        return redirect("review:queue")
    saved = desk.view_save(workspace=request.workspace, person=request.user, name=name, query=asked.query)
    return redirect("review:view", saved.id)


@role_required(Role.OFFICER)
@require_POST
def view_remove(request: MemberRequest, view_id: uuid.UUID) -> HttpResponse:
    desk.view_remove(workspace=request.workspace, person=request.user, view_id=view_id)
    messages.success(request, _("The view is removed."))
    return redirect("review:queue")


@role_required(Role.OFFICER)
@require_GET
def done(request: MemberRequest) -> HttpResponse:
    """The person's own verdicts, the newest first."""
    shown, following_page = desk.done_by(request.workspace, request.user, request.GET.get("before", ""))
    context = {
        "shown": shown,
        "next": following_page,
        "tabs": [(name, queue.Asked({"show": name}).query) for name in TABS],
        "count": waiting_in(request.workspace),
    }
    return render(request, "review/done.html", context)


@role_required(Role.OFFICER, Role.AUDITOR)
@require_GET
def counts(request: MemberRequest) -> HttpResponse:
    """What waits, for the page's frame: it asks again now and then."""
    return render(request, "review/_counts.html")
