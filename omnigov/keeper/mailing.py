"""Mails people that something waits for them, where they asked for that: a link, and nothing of a medium.

A mail goes out a while after its notice, so that what was taken back at once or read meanwhile is not mailed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from omnigov.clock import database_now
from omnigov.keeper.job import Job, each_alone
from omnigov.review.case_models import Notice, NoticeKind
from omnigov.review.notices import to_mail

NAME = "mail"
AFTER = timedelta(seconds=30)


def sweep(leaving: threading.Event) -> int:
    waiting = to_mail(database_now() - AFTER)
    return each_alone(NAME, _Item.all(waiting), mail, leaving)


class _Item:
    """A notice under its id, by which a fault is kept."""

    def __init__(self, notice: Notice) -> None:
        self.notice = notice

    def __str__(self) -> str:
        return str(self.notice.pk)

    @classmethod
    def all(cls, notices: Iterable[Notice]) -> list[_Item]:
        return [cls(each) for each in notices]


def mail(item: _Item) -> None:
    """Sends one mail, and notes that it was: first noted, so that none goes out twice."""
    notice = item.notice
    mine = Notice.objects.filter(pk=notice.pk, mailed_at__isnull=True).update(mailed_at=database_now())
    address: str | None = getattr(notice, "address", None)
    if not mine or not address or notice.seen_at is not None or not settings.OMNIGOV_URL:
        return
    with translation.override(notice.person.language):
        send_mail(
            subject=_subject(notice.kind),
            message=_(
                "{what}\n\n{link}\n\nThis mail holds nothing about the file. Sign in to see it."
            ).format(
                what=_subject(notice.kind), link=settings.OMNIGOV_URL.rstrip("/") + reverse("review:mine")
            ),
            from_email=None,
            recipient_list=[address],
        )


def _subject(kind: str) -> str:
    return {
        NoticeKind.ASKED.value: _("OmniGov: a case was escalated to you"),
        NoticeKind.HANDED.value: _("OmniGov: a case was handed over to you"),
        NoticeKind.QUESTION.value: _("OmniGov: an officer has a question about your file"),
        NoticeKind.CAME_BACK.value: _("OmniGov: your question was answered"),
        NoticeKind.ANSWERED.value: _("OmniGov: a case that you escalated was answered"),
    }[kind]


JOB = Job(NAME, 15.0, sweep)
