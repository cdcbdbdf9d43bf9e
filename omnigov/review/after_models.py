"""What comes after a verdict, as rows: what was done on it, letters about it, known answers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.decisions.models import Decision
from omnigov.history import tracked
from omnigov.review.case_models import Case


class Done(models.TextChoices):
    RELEASED = "released", _("released")
    REJECTED = "rejected", _("rejected")
    SENT_ON = "sent_on", _("sent on")
    NOTHING = "nothing", _("nothing further done")


@tracked(without=("to", "words"))
class Disposition(models.Model):
    """What was done with the matter on the strength of an outcome. Added, never edited: the newest holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="dispositions")
    verdict = models.ForeignKey(
        "review.Review",
        null=True,
        on_delete=models.PROTECT,
        related_name="dispositions",
        help_text="the newest that stood; null: no person was asked",
    )
    done = models.CharField(max_length=10, choices=Done.choices)
    outcome = models.CharField(max_length=40, help_text="the label that held")
    to = models.CharField(max_length=200, blank=True, help_text="where it was sent on to")
    words = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done="sent_on") | Q(to=""), name="only_what_is_sent_on_goes_somewhere"
            )
        ]


@tracked(without=("content",))
class Letter(models.Model):
    """A letter about a decision to the person concerned, as it was made. `content` goes with an erasure."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="letters")
    language = models.CharField(max_length=2, choices=[("en", "English"), ("ja", "日本語")])
    content = models.JSONField(null=True, help_text="paragraph by paragraph; null: the medium was erased")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]


class LetterContact(models.Model):
    """Where whoever contests a decision of this workspace writes to, as it was filled in the last time."""

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="letter_contact"
    )
    contact = models.TextField()
    days = models.PositiveSmallIntegerField(default=30)


@tracked()
class KnownAnswer(models.Model):
    """A case whose right answer somebody knows: it waits as any other, and whoever answers is not told."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT, related_name="known_answer")
    label = models.CharField(max_length=40, help_text="the right one")
    nonce = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="in the commitment: labels are few, and could be tried"
    )
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry = models.UUIDField(unique=True, help_text="the ledger entry")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "case"]
