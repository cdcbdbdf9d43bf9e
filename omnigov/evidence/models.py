"""The manifest of a run's evidence: one row a part."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Name(models.TextChoices):
    """What a part is to those who look at a decision."""

    REDACTED = "redacted"
    PAGES = "pages"
    """Of a document: where each page lies in the redacted copy and in the thumbnails."""
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
    PEAKS = "peaks"
    """Of a recording's redacted copy: a lowest and a highest sample for each `PEAK_MS`."""
    TRANSCRIPT = "transcript"
    TURNS = "turns"
    """Of a recording: who speaks when, and where their words stand in the transcript (`Conversation`)."""
    TRACKS = "tracks"
    """Of a video: its frames' times, its shots, and where each thing is hidden in which frame (`Tracks`)."""
    ATTRIBUTION = "attribution"
    HEAT_MAP = "heat_map"
    UPRIGHT = "upright"
    """Of a medium and not of a run: its original as an officer may look at it, for some minutes."""


class EvidencePart(models.Model):
    """One sealed part, by the worker's hold that wrote it. Its row is written with the step's own record.

    Run and asset are named by their ids alone: this app knows nothing of what they are. Erasure removes the
    rows, whose digests would otherwise tell the media from others.
    """

    run = models.UUIDField()
    asset = models.UUIDField()
    name = models.CharField(max_length=12, choices=Name.choices)
    token = models.UUIDField(help_text="of the lease under which it was written; part of its path")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes before they were sealed")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes before they were sealed")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["run", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="a_run_has_one_part_of_a_name")
        ]
