"""What has been kept for long enough.

Each medium has a moment at which retention looks at it, in an index. What is not due then is looked at again
when it can be; so a look costs what is due, and not what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from omnigov.decisions.models import ENDED, ReviewState, Run, RunState
from omnigov.decisions.together import media_together
from omnigov.intake.models import MediaAsset

LOOK_AGAIN = timedelta(hours=1)
"""After this long a medium is looked at again whose period is over, and that something else keeps."""


NEWEST = Coalesce(Max("submissions__created_at"), Max("runs__submission__created_at"))
"""When a medium was last handed in, whether it was taken or not."""

_DAYS = Coalesce(
    Max(Cast(KeyTextTransform("retention_days", "runs__policy_version__body"), IntegerField())), Value(0)
)
UNTIL = ExpressionWrapper(
    NEWEST + ExpressionWrapper(_DAYS * Value(timedelta(days=1)), output_field=DurationField()),
    output_field=DateTimeField(),
)
"""When the longest period of its policies is over."""


@dataclass(frozen=True)
class Looked:
    """How many media were looked at, and which of them are due."""

    count: int
    due: list[UUID]


def retention_look(now: datetime, *, limit: int) -> Looked:
    """Looks at up to `limit` media whose moment has come, and says when each is to be looked at again."""
    ids = list(
        MediaAsset.objects.filter(erased_at__isnull=True, retention_at__lte=now)
        .order_by("retention_at")
        .values_list("pk", flat=True)[:limit]
    )
    floor = timedelta(days=settings.OMNIGOV_RETENTION_FLOOR_DAYS)
    due = _with_all_of_its_report(
        set(retention_due(now).filter(pk__in=ids).values_list("pk", flat=True)), now
    )
    periods = MediaAsset.objects.filter(pk__in=ids).annotate(until=UNTIL, newest=NEWEST)
    again: dict[UUID, datetime] = {}
    for pk, created, newest, until in periods.values_list("pk", "created_at", "newest", "until"):
        waits = max(until or created, (newest or created) + floor)
        again[pk] = waits if waits > now and pk not in due else now + LOOK_AGAIN
    with connection.cursor() as cursor:
        # In plain SQL: `bulk_update` writes a case for each row, which took most of a look's time.
        cursor.execute(
            "UPDATE intake_mediaasset asset SET retention_at = given.at "
            "FROM unnest(%s::uuid[], %s::timestamptz[]) given (id, at) WHERE asset.id = given.id",
            [list(again), list(again.values())],
        )
    return Looked(len(ids), [pk for pk in ids if pk in due])


def _with_all_of_its_report(due: set[UUID], now: datetime) -> set[UUID]:
    """Those that can go: a recording and its pictures go together, so none goes before the last is due."""
    reports = Q(submission__beside__isnull=False) | Q(submission__with_pictures__gt=0)
    in_reports = Run.objects.filter(reports, asset__in=due).values_list("asset_id", flat=True).distinct()
    stay = set()
    for asset in in_reports:
        others = MediaAsset.objects.filter(pk__in=media_together(asset), erased_at__isnull=True)
        if retention_due(now).filter(pk__in=others).count() < others.count():
            stay.add(asset)
    return due - stay


def retention_due(now: datetime) -> QuerySet[MediaAsset]:
    """Media whose longest retention period is over, counted from the day they were last handed in.

    Not those under a hold, with a run that has not ended, or that wait for an officer: with a decision, or in
    quarantine with no other run in its place. A run that failed keeps nothing. No policy can keep media for a
    shorter time than OMNIGOV_RETENTION_FLOOR_DAYS.
    """
    floor = now - timedelta(days=settings.OMNIGOV_RETENTION_FLOOR_DAYS)
    waiting = Q(runs__decision__review_state__in=[ReviewState.WAITING, ReviewState.ESCALATED])
    waiting |= Q(runs__state=RunState.QUARANTINED, runs__corrections__isnull=True)
    kept = MediaAsset.objects.filter(erased_at__isnull=True, created_at__lt=floor)
    return (
        kept.exclude(holds__released_at__isnull=True, holds__isnull=False)
        .annotate(
            until=UNTIL,
            newest=NEWEST,
            unfinished=Count("runs", filter=~Q(runs__state__in=ENDED) | waiting),
        )
        .filter(until__lt=now, newest__lt=floor, unfinished=0)
        .order_by("created_at")
    )
