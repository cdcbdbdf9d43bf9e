"""All that writes export jobs, and works on them."""

from __future__ import annotations

import logging
import re
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from omnigov.accounts.models import Engagement, User, Workspace
from omnigov.audits.models import Sample
from omnigov.audits.queries import subjects_of as sample_subjects
from omnigov.decisions.engaged import subjects_within
from omnigov.decisions.models import Run
from omnigov.exports.folder import exports_folder, full_spools_remove, held, old_spools_remove, spool_of
from omnigov.exports.models import ExportJob
from omnigov.exports.services import Profile, bundle_write
from omnigov.intake.models import Batch
from omnigov.ledger.cosigning import WitnessesError
from omnigov.ledger.export import ExportError, Overtaken, parts_remove
from omnigov.ledger.keys import LogKeyError
from omnigov.ledger.queries import index_of
from omnigov.ledger.tiles import LedgerDamagedError

log = logging.getLogger(__name__)

State = ExportJob.State
OPEN = (State.WAITING, State.RUNNING)
_ANEW: dict[str, Any] = {"state": State.WAITING, "began_at": None, "log_size": None}
_WRITTEN = frozenset({".zip", ".part", ".spool"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KNOWN = (ExportError, LogKeyError, LedgerDamagedError, WitnessesError)


class NotExported(Exception):
    """What was asked does not fit the job's state; the sentence says why."""


def job_create(
    *,
    workspace: Workspace,
    by: User,
    profile: Profile,
    language: str,
    since: datetime | None,
    until: datetime | None,
    kind: str = "",
    batch: Batch | None = None,
    sample: Sample | None = None,
    engagement: Engagement | None = None,
) -> ExportJob:
    """An export that waits to be written. Raises `NotExported`: an engaged auditor gets nobody's words."""
    if engagement is not None and profile != "redacted":
        raise NotExported("An engagement is of the record, without anybody's words and without keys.")
    return ExportJob.objects.create(
        workspace=workspace,
        by=by,
        profile=profile,
        language=language,
        since=since,
        until=until,
        kind=kind,
        batch=batch,
        sample=sample,
        engagement=engagement,
    )


def subjects_of(job: ExportJob) -> set[uuid.UUID] | None:
    """What the entries are about that it was ordered of; None: anything."""
    found: set[uuid.UUID] | None = None
    if job.sample:
        found = sample_subjects(job.sample)
    elif job.batch_id:
        found = set(Run.objects.filter(submission__batch=job.batch_id).values_list("pk", flat=True))
    if job.engagement:
        within = subjects_within(job.engagement)
        found = within if found is None else found & within
    return found


@transaction.atomic
def job_resume(*, job_id: uuid.UUID) -> ExportJob:
    """A failed export goes on where it was."""
    job = ExportJob.objects.select_for_update().get(pk=job_id)
    if job.state != State.FAILED:
        raise NotExported("Only an export that failed can be taken up again.")
    job.state, job.sentence, job.ended_at = State.WAITING, "", None
    job.save(update_fields=["state", "sentence", "ended_at"])
    return job


def file_of(job: ExportJob) -> Path:
    return exports_folder() / f"{job.id}.zip"


def jobs_run() -> int:
    """Works on every open job that no other process works on; how many there were."""
    done = 0
    for job_id in list(
        ExportJob.objects.filter(state__in=OPEN).order_by("created_at").values_list("pk", flat=True)
    ):
        with held(str(job_id)) as mine:
            if mine:
                done += _run(job_id)
    return done


def jobs_expire(now: datetime | None = None) -> int:
    """Removes files that lay long enough, and what killed exports left; how many exports that were.

    An export can be ordered anew at any time.
    """
    now = now or datetime.now(UTC)
    before = now - timedelta(days=settings.OMNIGOV_EXPORTS_DAYS)
    old = list(ExportJob.objects.filter(state__in=[State.DONE, State.FAILED], ended_at__lt=before))
    for job in old:
        _discard(job)
    return len(old) + _orphans_remove() + old_spools_remove(now)


def _orphans_remove() -> int:
    """Removes what lies in the folder for no job that is open, failed or done: a kill came in between."""
    there = [each.name for each in exports_folder().iterdir() if each.suffix in _WRITTEN]
    found = {match[0] for name in there if (match := _ID.search(name))}
    jobs = ExportJob.objects.filter(pk__in=found).exclude(state=State.EXPIRED)
    orphans = found - {str(each) for each in jobs.values_list("pk", flat=True)}
    removed = 0
    for name in orphans:
        with held(name) as mine:
            if mine:
                _remove(name)
                (exports_folder() / f"{name}.lock").unlink(missing_ok=True)
                removed += 1
    return removed


@transaction.atomic
def full_exports_discard(*, workspace: uuid.UUID, erased: uuid.UUID) -> int:
    """Removes what full exports wrote that may quote a medium whose erasure is this entry; how many.

    For when the erasure is committed: an export that begins after that finds nothing to quote. Whether one
    began before is not told by clocks, but by whether the entry is in the log that it is of. One that is at
    work is told by its row, and begins anew.
    """
    index = index_of(erased)
    found = ExportJob.objects.select_for_update().filter(
        workspace=workspace, profile="full", began_at__isnull=False
    )
    within = Q(log_size__gt=index) if index is not None else Q(pk__in=())
    discarded = full_spools_remove()
    for job in found.exclude(state=State.EXPIRED).exclude(within):
        discarded += 1
        if job.state in OPEN:
            ExportJob.objects.filter(pk=job.pk).update(**_ANEW)
        else:
            _discard(job)
    return discarded


class _BeganAnew(Exception):
    """A medium was erased while its words were being exported."""


def _run(job_id: uuid.UUID) -> int:
    # Asked again, with the lock: whoever held it before may have finished.
    job = (
        ExportJob.objects.filter(pk=job_id, state__in=OPEN)
        .select_related("by", "sample", "engagement")
        .first()
    )
    if job is None:
        return 0
    parts_remove(file_of(job))
    began = job.began_at
    if began is None:
        shutil.rmtree(spool_of(str(job.id)), ignore_errors=True)
        began = datetime.now(UTC)
    mine = ExportJob.objects.filter(pk=job_id, began_at=began)
    taken = ExportJob.objects.filter(pk=job_id, began_at=job.began_at)
    if not taken.update(state=State.RUNNING, began_at=began):
        return 1  # a medium was erased this moment: the next round begins it anew

    def note(**fields: int) -> None:
        if not mine.update(**fields):
            raise _BeganAnew

    try:
        written = bundle_write(
            file_of(job),
            profile="full" if job.profile == "full" else "redacted",
            language=job.language,
            workspace=job.workspace_id,
            since=job.since,
            until=job.until,
            kinds=[job.kind] if job.kind else None,
            subjects=subjects_of(job),
            spool=spool_of(str(job.id)),
            progress=lambda count, total: note(entries=count, total=total),
            begun=lambda size: note(log_size=size),
            exporter=job.by_id,
        )
    except _BeganAnew:
        return 1
    except Overtaken:
        mine.update(**_ANEW)
        return 1
    except KNOWN as reason:
        _end(job, began, state=State.FAILED, sentence=str(reason))
        return 1
    except Exception as error:  # the boundary: the row says that it failed, the log has the cause
        log.exception("Export %s failed.", job_id)
        name = type(error).__name__
        sentence = f"Something unexpected stopped this export ({name}). The log has the details."
        _end(job, began, state=State.FAILED, sentence=sentence)
        return 1
    found = {
        "size": written.bytes,
        "digest": written.digest,
        "entries": written.entries,
        "total": written.entries,
    }
    if not _end(job, began, state=State.DONE, **found):
        file_of(job).unlink(missing_ok=True)
    return 1


def _end(job: ExportJob, began: datetime, **fields: object) -> int:
    """0 where the job was begun anew meanwhile."""
    return ExportJob.objects.filter(pk=job.pk, began_at=began).update(ended_at=datetime.now(UTC), **fields)


def _discard(job: ExportJob) -> None:
    _remove(str(job.id))
    ExportJob.objects.filter(pk=job.pk).update(state=State.EXPIRED)


def _remove(name: str) -> None:
    """The file, its parts and its spool."""
    file = exports_folder() / f"{name}.zip"
    file.unlink(missing_ok=True)
    parts_remove(file)
    shutil.rmtree(spool_of(name), ignore_errors=True)
