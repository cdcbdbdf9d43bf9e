"""What went wrong in the keeper's jobs, until it goes well."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class JobFault(models.Model):
    """One item of one job that does not go through; with an empty subject, the job as a whole."""

    job = models.CharField(max_length=20)
    subject = models.CharField(max_length=120, blank=True)
    sentence = models.TextField()
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now=True)
    next_at = models.DateTimeField(help_text="it is not tried again before")

    class Meta:
        ordering: ClassVar = ["job", "subject"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "subject"], name="a_fault_is_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.subject}".strip()
