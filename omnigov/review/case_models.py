"""What waits for a person, as rows: cases, who holds one, questions to operators, notices, saved queues.

A case comes into being with its decision or quarantine, by a trigger (`migrations/review/0003_cases.py`), so
that none is forgotten whichever way a run took. Everything that people do with it is `review`'s services.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Decision, Run
from omnigov.history import tracked
from omnigov.intake.models import Batch
from omnigov.policies.models import Policy


class CaseKind(models.TextChoices):
    DECISION = "decision", _("decision")
    CORRECTION = "correction", _("decision after a correction")
    RELEASE = "release", _("release from quarantine")


class CaseState(models.TextChoices):
    """Whether somebody holds a case is told by `held_until`, which runs out by itself, and by no state."""

    OPEN = "open", _("not answered yet")
    ESCALATED = "escalated", _("escalated")
    SENT_BACK = "sent_back", _("with the operator")
    ANSWERED = "answered", _("answered")
    CLOSED = "closed", _("closed")


WAITING = (CaseState.OPEN, CaseState.ESCALATED, CaseState.SENT_BACK)
"""States in which a case waits for somebody."""


class Risk(models.IntegerChoices):
    """The highest first, so that a list in the order of this number begins with it."""

    HIGH = 1, _("high")
    MEDIUM = 2, _("medium")
    LOW = 3, _("low")


class Case(models.Model):
    """One decision, or one file in quarantine, as people have to answer it.

    What it is filtered by is kept in the row itself: a list of a million is read from one table's indexes.
    `outcome` follows from the verdicts (`review.agreement`) and is the decision's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="cases")
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="case")
    kind = models.CharField(max_length=10, choices=CaseKind.choices)
    state = models.CharField(max_length=10, choices=CaseState.choices)
    reasons = ArrayField(models.CharField(max_length=40), default=list, help_text="why a person is asked")
    label = models.CharField(max_length=40, blank=True, help_text="the model's")
    outcome = models.CharField(max_length=40, blank=True)
    confidence = models.PositiveIntegerField(default=0)
    medium = models.CharField(max_length=10, blank=True, help_text="kind of medium")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_index=False)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    risk = models.PositiveSmallIntegerField(choices=Risk.choices)
    urgency = models.PositiveSmallIntegerField(default=1, help_text="0: escalated, or came back; else 1")
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True)

    needed = models.PositiveSmallIntegerField(default=1, help_text="verdicts that have to agree")
    most = models.PositiveSmallIntegerField(default=1, help_text="people asked before it is escalated")
    blind = models.BooleanField(
        default=True, help_text="of several, nobody sees the others' before their own"
    )
    disagreed = models.BooleanField(default=False, help_text="the verdicts so far do not agree")
    named = models.BooleanField(default=False, help_text="escalated to people by name: `CaseAsked`")

    indexed = models.BooleanField(db_default=False, help_text="it can be found: `SearchText`")
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    looked_until = models.DateTimeField(null=True, help_text="somebody's page of it is open; no hold")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run"], condition=Q(kind="release"), name="a_quarantine_is_one_case"
            ),
            models.CheckConstraint(
                condition=(Q(kind="release") & Q(decision__isnull=True))
                | (~Q(kind="release") & Q(decision__isnull=False)),
                name="a_case_is_about_a_decision_or_a_quarantine",
            ),
            models.CheckConstraint(
                condition=Q(held_by__isnull=True) | Q(held_until__isnull=False), name="a_hold_runs_out"
            ),
        ]
        indexes: ClassVar = [
            # One for each order of what waits, and one for each order of all.
            models.Index(
                fields=["workspace", "urgency", "since", "id"],
                name="cases_waiting",
                condition=Q(state__in=["open", "escalated", "sent_back"]),
            ),
            models.Index(
                fields=["workspace", "risk", "since", "id"],
                name="cases_by_risk",
                condition=Q(state__in=["open", "escalated", "sent_back"]),
            ),
            models.Index(
                fields=["workspace", "held_by"],
                name="cases_held",
                condition=Q(held_by__isnull=False),
            ),
            models.Index(fields=["workspace", "since", "id"], name="cases_in_time"),
            models.Index(fields=["workspace", "label", "since", "id"], name="cases_by_label"),
            models.Index(fields=["workspace", "batch", "since", "id"], name="cases_by_batch"),
            models.Index(fields=["workspace", "policy", "since", "id"], name="cases_by_policy"),
            models.Index(fields=["workspace", "outcome", "since", "id"], name="cases_by_outcome"),
            models.Index(fields=["workspace", "uploader", "since", "id"], name="cases_by_person"),
            models.Index(fields=["-since"], name="cases_to_index", condition=Q(indexed=False)),
            GinIndex(
                fields=["reasons"],
                name="cases_by_reason",
                condition=Q(state__in=["open", "escalated", "sent_back"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    def held(self, now: datetime) -> bool:
        """Whether somebody holds it at this moment of the database's clock."""
        return self.held_by_id is not None and self.held_until is not None and self.held_until > now


class CaseCount(models.Model):
    """Cases that came into a state, or left it where `cases` is negative. Triggers write it.

    The sum of the rows of one `what` counts; now and then a trigger gathers them, as `decisions.counts` does.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    what = models.CharField(max_length=24, help_text="kind and state, as release:open")
    cases = models.IntegerField()


class CaseAsked(models.Model):
    """A person whom a case was escalated to by name. Gone once it is answered or escalated anew."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="asked")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person"], name="a_person_is_asked_once")
        ]


class CaseSkipped(models.Model):
    """A person looks at a case later: until then it is not the next one for them."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="skipped")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person"], name="a_case_is_skipped_once_a_person")
        ]


class Draft(models.Model):
    """What a person began to write on a page of a case and has not sent (`review.drafts`)."""

    class Page(models.TextChoices):
        VERDICT = "verdict"
        CORRECTION = "correction"
        RELEASE = "release"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="drafts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=10, choices=Page.choices)
    fields = models.JSONField(help_text="by the name of a field: its values")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "person", "page"], name="one_draft_a_page_and_person")
        ]


class VerdictTakenBack(models.Model):
    """A verdict that its officer took back at once. The verdict's row and entry stay as they are."""

    review = models.OneToOneField(
        "review.Review", primary_key=True, on_delete=models.PROTECT, related_name="taken_back"
    )
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)


@tracked(without=("question", "answer"))
class Question(models.Model):
    """What an officer asked whoever handed the file in, and the answer. Words go with an erasure."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    question = models.TextField()
    answer = models.TextField(blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, help_text="answered, or answered for by an officer's verdict")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    entry = models.UUIDField(unique=True, help_text="the ledger entry of the question")

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_open_question_a_case"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["to", "asked_at"], name="questions_open", condition=Q(ended_at__isnull=True))
        ]


@tracked()
class Absence(models.Model):
    """A person is away; what is asked of them by name is asked of whoever stands in, too."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    stand_in = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "person"], name="one_absence_a_person")
        ]


class NoticeKind(models.TextChoices):
    """What a person is told of. The words are `review.notices`'s."""

    ASKED = "asked"
    HANDED = "handed"
    QUESTION = "question"
    CAME_BACK = "came_back"
    ANSWERED = "answered"


class Notice(models.Model):
    """Something waits for a person, or came back to them. It names ids alone, and no medium's content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=[(each.value, each.value) for each in NoticeKind])
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True, help_text="or found to be nothing to mail")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-created_at"], name="notices_of_a_person"),
            models.Index(fields=["person"], name="notices_unseen", condition=Q(seen_at__isnull=True)),
            models.Index(fields=["created_at"], name="notices_to_mail", condition=Q(mailed_at__isnull=True)),
        ]


class MailTo(models.Model):
    """Where a person wants to be told by mail. No row: not at all."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="mail_to"
    )
    address = models.EmailField()


class SavedView(models.Model):
    """A queue with its filters and order, under an address of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="as it stands in an address, filters in their order")

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "person", "name"], name="a_person_names_a_view_once")
        ]


class SearchText(models.Model):
    """What a case is found by: words, and pairs of signs where a language has no spaces (`review.grams`).

    It says what is in the redacted copy, so it goes with an erasure.
    """

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="search_text")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField(help_text="the case's: matches are looked for from the newest on")
    grams = SearchVectorField()
    whole = models.BooleanField(default=True, help_text="the text was not too long to be indexed whole")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-since", "case"], name="texts_in_time"),
            GinIndex(fields=["grams"], name="texts_by_grams"),
        ]
