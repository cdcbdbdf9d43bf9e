"""Batches, what was handed in, and the assets it became."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Workspace
from omnigov.policies.models import PolicyVersion


def kind_of_type(media_type: str) -> str:
    """The kind of medium that an original of this type is, a picture for all that are told by their pages."""
    if not media_type:
        return ""
    if media_type.startswith("text/"):
        return "text"
    if media_type.startswith("audio/"):
        return "sound"
    if media_type.startswith("video/"):
        return "video"
    return "document" if media_type == "application/pdf" else "picture"


class Batch(models.Model):
    """Files handed in together, decided by one policy version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="batches")
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="batches")
    name = models.CharField(max_length=120)
    label = models.CharField(
        max_length=40, blank=True, default="", help_text="they are examples of it; empty: to be decided"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class MediaAsset(models.Model):
    """One sealed original. Its bytes are in the vault and its keys in the key folder, both under `id`.

    Until a worker has checked it, what it is and its size in pixels are not known, nor whether these bytes
    were here before; its commitment is then one to its id. Of an erased one the row is left, with nothing in
    it by which the file could be recognised.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="assets")
    media_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    keyed_digest = models.CharField(
        max_length=64, null=True, help_text="HMAC-SHA-256 with the workspace's key"
    )
    commitment = models.CharField(
        max_length=64, blank=True, help_text="HMAC-SHA-256 with the asset's own key"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)
    retention_at = models.DateTimeField(
        default=timezone.now, help_text="retention looks at it then, and not before"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["retention_at"], name="media_to_look_at", condition=Q(erased_at__isnull=True)
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "keyed_digest"], name="the_same_bytes_are_one_asset"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    erased_at__isnull=False,
                    keyed_digest__isnull=True,
                    commitment="",
                    media_type="",
                    size=0,
                    width=0,
                    height=0,
                ),
                name="nothing_is_left_of_an_erased_asset",
            ),
            models.CheckConstraint(
                condition=Q(keyed_digest__isnull=False) | Q(media_type="", width=0, height=0),
                name="what_is_said_of_an_asset_was_checked",
            ),
        ]

    @property
    def checked(self) -> bool:
        """Whether a worker has looked at the whole file. An erased one is not checked any more."""
        return self.keyed_digest is not None

    @property
    def kind(self) -> str:
        """What kind of medium it is, as far as its type says: a TIFF of several pages counts as a picture."""
        return kind_of_type(self.media_type)


class OriginalView(models.Model):
    """An original that somebody opened, as it may be looked at until `until`.

    A worker makes it, upright and as a browser shows it, because only a worker opens originals. It is sealed
    as evidence of the medium, under the token that is this row's id, and goes with its minutes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="views")
    asked_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    media_type = models.CharField(max_length=40, blank=True, help_text="empty: it could not be made")
    tries = models.PositiveSmallIntegerField(default=0, help_text="that were begun, and ended in no view")

    class Meta:
        ordering: ClassVar = ["asked_at"]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], name="views_to_make", condition=Q(made_at__isnull=True)),
            models.Index(fields=["until"], name="views_to_end"),
        ]


class Submission(models.Model):
    """One file of a batch, from its first byte on; the resumable upload's resource is this row.

    `id` is also the id of the vault file that its bytes are sealed in, and of the asset that they are until
    a worker finds that the same bytes were here before. Accepted or refused is told once it was checked.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("uploading")
        CHECKING = "checking", _("checking")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="submissions")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploader_assumed = models.BooleanField(
        default=False, help_text="uploaded before this was kept: taken to be who made the batch"
    )
    name = models.CharField(max_length=120, help_text="for people to read; never on the record")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADING)
    encoding = models.CharField(
        max_length=20, blank=True, help_text="what its uploader said that a text is in; empty: its bytes say"
    )
    beside = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="pictures",
        help_text="the recording that this picture belongs to: both are decided together",
    )
    with_pictures = models.PositiveSmallIntegerField(
        default=0, help_text="how many pictures were announced beside this recording"
    )
    length = models.PositiveBigIntegerField(help_text="bytes announced")
    offset = models.PositiveBigIntegerField(default=0, help_text="bytes received and sealed")
    sealed = models.PositiveBigIntegerField(default=0, help_text="bytes of the vault file that hold them")
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_sentence = models.TextField(blank=True)
    asset = models.ForeignKey(MediaAsset, null=True, on_delete=models.PROTECT, related_name="submissions")
    seen_before = models.BooleanField(default=False, help_text="these bytes were already an asset here")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["touched_at"], name="open_uploads", condition=Q(state="uploading")),
            models.Index(fields=["batch", "created_at", "id"], name="files_in_order"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(offset__lte=models.F("length")), name="no_more_bytes_than_announced"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", asset__isnull=False)
                | (~Q(state="accepted") & Q(asset__isnull=True)),
                name="an_accepted_file_is_an_asset",
            ),
            models.CheckConstraint(
                condition=Q(beside__isnull=True) | Q(with_pictures=0),
                name="a_picture_has_no_pictures_of_its_own",
            ),
        ]

    @property
    def title(self) -> str:
        """The file's name for a page; an erased one has none."""
        return self.name or gettext("(erased)")
