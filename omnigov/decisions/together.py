"""A spoken report with its pictures: which redacted copies a recording is decided together with.

Each is a file of its own, checked and redacted by its own kind, and each may be kept back by itself. A
picture's run ends with its copy (`joined`); the recording's waits for all that were announced, and then the
model is given sound, transcript and pictures at once. Nothing is ever decided on a part of a report.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from omnigov.decisions.models import BesideMedium, Run, RunState
from omnigov.intake.models import Submission
from omnigov.intake.queries import ABANDONED_AFTER


def _standing() -> QuerySet[Run]:
    """Runs in whose place no other is."""
    return Run.objects.exclude(Exists(Run.objects.filter(parent=OuterRef("pk"))))


def pictures_now(run: Run) -> list[Run]:
    """The pictures that this recording would be decided with now, in the order they were handed in."""
    if not run.submission.with_pictures:
        return []
    joined = _standing().filter(submission__beside=run.submission_id, state=RunState.JOINED)
    return list(joined.select_related("asset", "submission").order_by("submission__created_at", "pk"))


def decided_with(run: Run) -> list[Run]:
    """The pictures that the model's answer in this run was made with, in their order; mostly none."""
    given = BesideMedium.objects.filter(run=run).order_by("part")
    return [each.medium for each in given.select_related("medium__asset", "medium__submission")]


def given_record(run: Run, pictures: Iterable[uuid.UUID]) -> None:
    """Writes down which pictures the model's answer was made with. In the caller's transaction."""
    BesideMedium.objects.filter(run=run).delete()
    BesideMedium.objects.bulk_create(
        BesideMedium(run=run, medium_id=medium, part=part) for part, medium in enumerate(pictures)
    )


def is_picture(run: Run) -> bool:
    """Whether the run is a picture's that belongs to a recording: it ends with its redacted copy."""
    return run.submission.beside_id is not None


def recording_of(run: Run) -> Run | None:
    """The newest run of the recording that this picture belongs to; None for what is no picture of one."""
    if run.submission.beside_id is None:
        return None
    return _standing().filter(submission=run.submission.beside_id).first()


def whole() -> Q:
    """Of runs those whose pictures are all there: redacted, and as many as were announced."""
    joined = _standing().filter(submission__beside=OuterRef("submission"), state=RunState.JOINED)
    count = joined.order_by().values("submission__beside").annotate(number=Count("pk")).values("number")
    return Q(submission__with_pictures=0) | Q(submission__with_pictures=Subquery(count))


def waits_for(run: Run) -> list[str]:
    """The states of the pictures that a recording waits for; of one that has not come, `uploading`."""
    if run.state != RunState.INFERRING or not run.submission.with_pictures:
        return []
    states: list[str] = []
    pictures = Submission.objects.filter(beside=run.submission_id)
    newest = {each.submission_id: str(each.state) for each in _standing().filter(submission__in=pictures)}
    states += [newest.get(each.pk, str(each.state)) for each in pictures]
    states += [str(Submission.State.UPLOADING)] * (run.submission.with_pictures - len(states))
    return [state for state in states if state != RunState.JOINED]


def never_whole(now: datetime) -> list[uuid.UUID]:
    """Recordings that wait for a picture that was refused or taken back, or that did not come for a day."""
    refused = Submission.objects.filter(beside=OuterRef("submission"), state=Submission.State.REFUSED)
    cancelled = _standing().filter(submission__beside=OuterRef("submission"), state=RunState.CANCELLED)
    waiting = Run.objects.filter(state=RunState.INFERRING, submission__with_pictures__gt=0)
    too_few = Q(pictures__lt=F("submission__with_pictures"), submission__created_at__lt=now - ABANDONED_AFTER)
    counted: QuerySet[Any] = waiting.annotate(pictures=Count("submission__pictures", distinct=True))
    found = counted.filter(Exists(refused) | Exists(cancelled) | too_few)
    return list(found.order_by("created_at").values_list("pk", flat=True))


def media_together(asset: uuid.UUID) -> list[uuid.UUID]:
    """The media that stand in a report with this one, and with those in turn; itself first.

    What was decided of a report is about all of its media at once, so none is erased without the others.
    """
    found, waiting = [asset], [asset]
    while waiting:
        submissions = list(Run.objects.filter(asset__in=waiting).values_list("submission_id", flat=True))
        recordings = Submission.objects.filter(pk__in=submissions).exclude(beside=None)
        heads = {*submissions, *recordings.values_list("beside_id", flat=True)}
        reports = Q(submission__in=heads) | Q(submission__beside__in=heads)
        near = Run.objects.filter(reports).exclude(asset__in=found).order_by("asset_id")
        waiting = list(near.values_list("asset_id", flat=True).distinct())
        found += waiting
    return found
