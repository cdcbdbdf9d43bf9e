"""What people do with decisions: their verdicts, and their corrections of what is hidden.

The tables keep the names they had before this app was made of `decisions`.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.decisions.models import Decision, Run
from omnigov.history import tracked
from omnigov.review.after_models import Disposition, Done, KnownAnswer, Letter, LetterContact
from omnigov.review.case_models import (
    Absence,
    Case,
    CaseAsked,
    CaseCount,
    CaseKind,
    CaseSkipped,
    CaseState,
    Draft,
    MailTo,
    Notice,
    NoticeKind,
    Question,
    Risk,
    SavedView,
    SearchText,
    VerdictTakenBack,
)

__all__ = [
    "Absence",
    "Act",
    "Case",
    "CaseAsked",
    "CaseCount",
    "CaseKind",
    "CaseSkipped",
    "CaseState",
    "Correction",
    "Disposition",
    "Done",
    "Draft",
    "KnownAnswer",
    "Letter",
    "LetterContact",
    "MailTo",
    "Notice",
    "NoticeKind",
    "Question",
    "Review",
    "Risk",
    "SavedView",
    "SearchText",
    "Verdict",
    "VerdictTakenBack",
]


class Verdict(models.TextChoices):
    UPHOLD = "uphold", _("uphold")
    OVERTURN = "overturn", _("overturn")
    ESCALATE = "escalate", _("escalate")


@tracked(without=("reason", "displayed"), table="decisions_reviewevent")
class Review(models.Model):
    """One officer's verdict with a reason. Added, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    label = models.CharField(max_length=40, blank=True, help_text="the right label, where overturned")
    reason = models.TextField()
    displayed = models.JSONField(
        null=True, help_text="what the page measured (`review.displayed`); null: nothing"
    )
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "decisions_review"
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(verdict="overturn") & ~Q(label="")) | (~Q(verdict="overturn") & Q(label="")),
                name="an_overturned_label_has_a_right_one",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["officer", "-created_at", "-id"], name="verdicts_of_an_officer")
        ]


class Act(models.TextChoices):
    """What a person did with what is hidden in a file, so that it is run anew."""

    CORRECTED = "corrected", _("regions corrected")
    BY_HAND = "by_hand", _("redacted by hand")
    NOTHING_VISIBLE = "nothing_visible", _("released as it is")


@tracked(without=("reason",), table="decisions_correctionevent")
class Correction(models.Model):
    """Why a run has a parent: who corrected its regions, or let it out of quarantine. Added, never edited."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.PROTECT, related_name="correction")
    act = models.CharField(max_length=15, choices=Act.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added = models.PositiveIntegerField(help_text="regions, by this act alone")
    removed = models.PositiveIntegerField(help_text="regions, by this act alone")
    reason = models.TextField()
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "decisions_correction"
        ordering: ClassVar = ["created_at"]
