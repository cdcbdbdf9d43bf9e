"""People, workspaces, and who may do what in which."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from omnigov.history import tracked


@tracked(without=("password", "last_login", "first_name", "last_name", "email"))
class User(AbstractUser):
    """A person. The ledger knows a person by `id` alone, which says nothing about who it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    language = models.CharField(max_length=5, choices=[("en", "English"), ("ja", "日本語")], default="en")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


@tracked(without=("wrapped_key",))
class Workspace(models.Model):
    """What belongs together: its media, policies and people are seen by nobody else.

    `wrapped_key` is the key of the digests by which the same bytes are recognised, wrapped by the
    key-encryption key (`omnigov.keys`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OPERATOR = "operator", _("operator")
    OFFICER = "officer", _("compliance officer")
    AUDITOR = "auditor", _("auditor")
    STEWARD = "steward", _("steward")


@tracked()
class Membership(models.Model):
    """One person's role in one workspace; a steward may do what each of the others may."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_role_per_person_and_workspace")
        ]

    @property
    def engaged(self) -> Engagement | None:
        """The engagement that the role is of; None: it is of somebody of the house."""
        found: Engagement | None = getattr(self, "engagement", None)
        return found

    def may(self, *roles: str) -> bool:
        """Whether the membership's role is one of `roles`. A steward's is, always."""
        return self.role == Role.STEWARD or self.role in roles


class Engagement(models.Model):
    """An external auditor's account: an auditor's role for a time, of some batches and policies.

    What they may see is `decisions.engaged`, which pages they may open `trail.engaged`. Batches and policies
    are ids, as this app knows of neither. `membership` goes when it has ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="engagements")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="engagements")
    membership = models.OneToOneField(
        Membership, null=True, on_delete=models.SET_NULL, related_name="engagement"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    batches = ArrayField(models.UUIDField(), default=list)
    policies = ArrayField(models.UUIDField(), default=list)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["until"], name="engagements_to_end", condition=Q(ended_at__isnull=True))
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="an_engagement_ends_after_it_begins"
            )
        ]

    def over(self, now: datetime) -> bool:
        return self.ended_at is not None or now >= self.until

    def runs(self, now: datetime) -> bool:
        """Whether its account may be used at this moment."""
        return self.since <= now and not self.over(now)


class SignInLock(models.Model):
    """A name that may not sign in from an address until a moment. The row goes when the lock ends.

    `key` and `name` are HMACs (`accounts.locks`): the row says neither what was typed nor from where.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=64, unique=True, help_text="of name and address together")
    name = models.CharField(max_length=64)
    person = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, related_name="+", help_text="null: nobody has that name"
    )
    until = models.DateTimeField()
    refused = models.PositiveIntegerField(default=0, help_text="tries while it lasts")

    def __str__(self) -> str:
        return str(self.id)
