"""What is asked again and again, or of tables that grow for years, is asked of an index."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from omnigov.decisions import leases
from omnigov.decisions.models import Decision, Run
from omnigov.intake.models import MediaAsset, Submission
from omnigov.ledger import queries
from omnigov.ledger.models import LedgerEntry
from omnigov.review.case_models import Case

pytestmark = pytest.mark.services


def plan(found: QuerySet[Any], *off: str) -> str:
    """How PostgreSQL would do it in a table that is too large to be read whole, and not in the ways `off`."""
    with connection.cursor() as cursor:
        for way in ("seqscan", *off):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    return found.explain()


@pytest.mark.parametrize(
    ("index", "asked"),
    [
        ("held_runs", lambda: Run.objects.filter(lease_token__in=[uuid.uuid4(), uuid.uuid4()])),
        ("claimable_runs", lambda: leases.claimable("redact")[:1]),
        (
            "open_uploads",
            lambda: Submission.objects.filter(
                state="uploading", touched_at__lt=timezone.now() - timedelta(days=1)
            ).order_by("touched_at"),
        ),
        (
            "media_to_look_at",
            lambda: MediaAsset.objects.filter(
                erased_at__isnull=True, retention_at__lte=timezone.now()
            ).order_by("retention_at")[:500],
        ),
        (
            "review_queue",
            lambda: Decision.objects.filter(
                workspace=uuid.uuid4(), review_state__in=["waiting", "escalated"]
            ).order_by("created_at"),
        ),
        (
            "entries_in_time",
            lambda: LedgerEntry.objects.filter(
                workspace=uuid.uuid4(), created_at__lt=timezone.now() - timedelta(days=900)
            ).order_by("-created_at", "-seq")[:51],
        ),
        (
            "cases_waiting",
            lambda: Case.objects.filter(workspace=uuid.uuid4(), state__in=["open", "escalated"]).order_by(
                "urgency", "since", "id"
            )[:26],
        ),
        (
            "cases_by_risk",
            lambda: Case.objects.filter(workspace=uuid.uuid4(), state__in=["open", "escalated"]).order_by(
                "risk", "since", "id"
            )[:26],
        ),
        ("cases_to_index", lambda: Case.objects.filter(indexed=False).order_by("-since")[:200]),
        ("cases_in_time", lambda: Case.objects.filter(workspace=uuid.uuid4()).order_by("-since", "-id")[:26]),
        (
            "quarantine",
            lambda: Run.objects.filter(workspace=uuid.uuid4(), state="quarantined").order_by("ended_at"),
        ),
    ],
)
def test_the_index_is_used(db: None, index: str, asked: Any) -> None:
    assert index in plan(asked())


def test_entries_that_name_somebody_are_found_by_an_index(db: None) -> None:
    # It is walked by bitmap. In a test's nearly empty table another index, read whole, can look cheaper.
    asked = queries.naming(LedgerEntry.objects.all(), uuid.uuid4())
    assert "entries_by_named" in plan(asked, "indexscan", "indexonlyscan")
