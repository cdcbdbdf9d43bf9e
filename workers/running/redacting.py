"""received → redacting → inferring | quarantined | failed"""

from __future__ import annotations

import hashlib
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from omnigov.contracts import ReadValues
from omnigov.contracts.kinds import of_copy
from omnigov.decisions import services
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import PROGRESS, RunState
from omnigov.evidence.models import Name
from omnigov.intake import vault
from omnigov.pseudonyms.services import values_seal
from workers import pipeline
from workers.media.poster import poster
from workers.media.thumbnail import thumbnail
from workers.redaction.kinds.redactors import Beside
from workers.running.ends import guarded
from workers.running.orders import hook_for, order_of, part_of, run_of
from workers.running.process import process

PATIENCE = 300
"""Seconds without progress after which redaction hangs.

It reports each detector of each page, and each piece of a text.
"""

WRITTEN = {
    "pages": "application/json",
    "thumbnail": "image/jpeg",
    "peaks": "application/octet-stream",
    "turns": "application/json",
    "transcript": "text/plain; charset=utf-8",
    "tracks": "application/json",
}
"""Media types of what is written beside a copy."""

AT_ONCE = 1024 * 1024
"""Bytes of a copy that are sealed at once. Until then it lies in a file without a name."""


def redact(claims: list[Claim]) -> None:
    for claim in claims:
        process.at_work([claim], PATIENCE * settings.OMNIGOV_PATIENCE)
        guarded(claim, partial(redact_one, claim))


def redact_one(claim: Claim) -> None:
    run = run_of(claim)
    original = vault.read(run.asset_id, length=run.asset.size)
    order = order_of(run)
    read = ReadValues()
    hook = hook_for([claim], 0, PROGRESS[RunState.INFERRING])
    beside = Beside()
    with TemporaryFile() as copy:
        result = pipeline.redact_to(order, original, copy, hook, read, beside)
        copy.seek(0)
        parts = [
            part_of(claim, run, Name.REDACTED, result.media_type, iter(partial(copy.read, AT_ONCE), b""))
        ]
        small = _small(copy, result.media_type)
    if small:
        digests = {**result.beside, Name.THUMBNAIL.value: hashlib.sha256(small).hexdigest()}
        result = result.model_copy(update={"beside": digests})
        parts.append(part_of(claim, run, Name.THUMBNAIL, WRITTEN["thumbnail"], [small]))
    parts += [
        part_of(claim, run, Name(name), WRITTEN[name], [content])
        for name, content in beside.written().items()
    ]
    with transaction.atomic():
        services.redaction_record(claim, result, parts=parts)
        values_seal(run_id=run.id, findings=result.findings, read=read)


def _small(copy: BinaryIO, media_type: str) -> bytes:
    """A picture's thumbnail or a video's poster, made of the redacted copy; nothing of the others."""
    match of_copy(media_type).name:
        case "picture":
            return thumbnail(copy)
        case "video":
            return poster(copy)
    return b""
