"""All that writes export jobs, and the thread that works on them."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from omnigov.accounts.models import User, Workspace
from omnigov.durable import private_folder
from omnigov.exports.models import ExportJob
from omnigov.exports.services import Profile, bundle_write
from omnigov.ledger.cosigning import WitnessesError
from omnigov.ledger.export import ExportError
from omnigov.ledger.keys import LogKeyError
from omnigov.ledger.tiles import LedgerDamagedError

log = logging.getLogger(__name__)

State = ExportJob.State
OPEN = (State.WAITING, State.RUNNING)
INTERVAL = 0.5
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
) -> ExportJob:
    """An export that waits to be written."""
    return ExportJob.objects.create(
        workspace=workspace, by=by, profile=profile, language=language, since=since, until=until
    )


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
    return _folder() / f"{job.id}.zip"


def jobs_run() -> int:
    """Works on every open job that no other process works on; how many there were."""
    done = 0
    for job_id in list(
        ExportJob.objects.filter(state__in=OPEN).order_by("created_at").values_list("pk", flat=True)
    ):
        with _held(job_id) as mine:
            if mine:
                done += _run(job_id)
    return done


def jobs_expire(now: datetime | None = None) -> int:
    """Removes files that lay long enough; how many. An export can be ordered anew at any time."""
    before = (now or datetime.now(UTC)) - timedelta(days=settings.OMNIGOV_EXPORTS_DAYS)
    old = list(ExportJob.objects.filter(state__in=[State.DONE, State.FAILED], ended_at__lt=before))
    for job in old:
        _discard(job)
    return len(old)


def full_exports_discard(*, workspace: uuid.UUID, before: datetime) -> int:
    """Removes what full exports that began before this moment have written: a medium was erased since.

    One that is at work is told by its row, and begins anew.
    """
    found = ExportJob.objects.filter(workspace=workspace, profile="full", began_at__lt=before)
    discarded = 0
    for job in found.exclude(state=State.EXPIRED):
        discarded += 1
        if job.state in OPEN:
            ExportJob.objects.filter(pk=job.pk).update(state=State.WAITING, began_at=None)
        else:
            _discard(job)
    return discarded


class Exporter(threading.Thread):
    """Works on what was ordered, until `leave()`."""

    def __init__(self) -> None:
        super().__init__(name="exporter", daemon=True)
        self.stopping = threading.Event()

    def leave(self) -> None:
        self.stopping.set()

    def run(self) -> None:
        try:
            while not self.stopping.wait(INTERVAL):
                try:
                    jobs_run()
                    jobs_expire()
                except Exception:  # the thread has to live on; the database may be back in a moment
                    close_old_connections()
                    log.exception("Exports could not be worked on; trying again.")
                    self.stopping.wait(10)
        finally:
            connection.close()


class _BeganAnew(Exception):
    """A medium was erased while its words were being exported."""


def _run(job_id: uuid.UUID) -> int:
    # Asked again, with the lock: whoever held it before may have finished.
    job = ExportJob.objects.filter(pk=job_id, state__in=OPEN).select_related("by").first()
    if job is None:
        return 0
    if job.began_at is None:
        shutil.rmtree(_spool(job), ignore_errors=True)
        job.began_at = datetime.now(UTC)
    job.state = State.RUNNING
    job.save(update_fields=["state", "began_at"])
    began = job.began_at

    def progress(count: int, total: int) -> None:
        mine = ExportJob.objects.filter(pk=job_id, began_at=began)
        if not mine.update(entries=count, total=total):
            raise _BeganAnew

    try:
        written = bundle_write(
            file_of(job),
            profile="full" if job.profile == "full" else "redacted",
            language=job.language,
            workspace=job.workspace_id,
            since=job.since,
            until=job.until,
            spool=_spool(job),
            progress=progress,
            exporter=job.by_id,
        )
    except _BeganAnew:
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
    file_of(job).unlink(missing_ok=True)
    shutil.rmtree(_spool(job), ignore_errors=True)
    ExportJob.objects.filter(pk=job.pk).update(state=State.EXPIRED)


def _spool(job: ExportJob) -> Path:
    return _folder() / f"{job.id}.spool"


def _folder() -> Path:
    return private_folder(Path(settings.OMNIGOV_EXPORTS_DIR))


@contextlib.contextmanager
def _held(job_id: uuid.UUID) -> Iterator[bool]:
    """Whether this process works on the job for the block. When it dies, the kernel lets the lock go."""
    file = _folder() / f"{job_id}.lock"
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
