"""What people are told: that something waits for them by name, or came back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from omnigov.accounts.models import User, Workspace
from omnigov.clock import database_now
from omnigov.review.case_models import Absence, Case, MailTo, Notice, NoticeKind

SHOWN = 50
MOST_COUNTED = 99


def notice_add(case: Case, person: User, kind: NoticeKind, *, by: User | None) -> None:
    """Tells the person, and whoever stands in for them while they are away."""
    people = [person.id]
    if kind in (NoticeKind.ASKED, NoticeKind.HANDED):
        away = Absence.objects.filter(workspace=case.workspace_id, person=person, until__gt=database_now())
        people += away.values_list("stand_in", flat=True)
    for each in dict.fromkeys(people):
        if by is None or each != by.id:
            Notice.objects.create(person_id=each, case=case, kind=kind, by=by)


def notices_take_back(case: Case, kinds: tuple[NoticeKind, ...], *, since: datetime) -> None:
    """What was said because of a verdict is not said any more: it was taken back."""
    Notice.objects.filter(case=case, kind__in=kinds, created_at__gte=since, mailed_at__isnull=True).delete()


def notices_of(person: User, workspace: Workspace) -> list[Notice]:
    """The newest notices of a person in a workspace."""
    mine = Notice.objects.filter(person=person, case__workspace=workspace)
    told = mine.select_related("by", "case__decision", "case__run__submission", "case__batch")
    return list(told.order_by("-created_at")[:SHOWN])


def unseen(person: User, workspace: Workspace) -> int:
    """How many notices the person has not seen; no more than 100 are counted."""
    new = Notice.objects.filter(person=person, seen_at__isnull=True, case__workspace=workspace)
    return len(new.values_list("pk", flat=True)[: MOST_COUNTED + 1])


def notices_seen(person: User, workspace: Workspace) -> None:
    """The person has looked at the page with them."""
    Notice.objects.filter(person=person, seen_at__isnull=True, case__workspace=workspace).update(
        seen_at=database_now()
    )


def mail_to_set(person: User, address: str) -> None:
    """Where the person is told by mail; empty: not any more. It is never on the record, as no name is."""
    if not address:
        MailTo.objects.filter(person=person).delete()
        return
    MailTo.objects.update_or_create(person=person, defaults={"address": address})


def to_mail(before: datetime) -> list[Notice]:
    """Notices from before this moment that nobody was mailed of, the oldest first."""
    waiting = Notice.objects.filter(mailed_at__isnull=True, created_at__lt=before)
    told = waiting.select_related("person", "case__workspace").annotate(address=F("person__mail_to__address"))
    return list(told.order_by("created_at")[:200])
