"""received → redacting → inferring | quarantined | failed"""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction

from omnigov.contracts import ReadValues
from omnigov.decisions import services
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import PROGRESS, RunState
from omnigov.evidence.models import Name
from omnigov.intake import vault
from omnigov.pseudonyms.services import values_seal
from workers import pipeline
from workers.running.ends import guarded
from workers.running.orders import hook_for, order_of, part_of, run_of
from workers.running.process import process

PATIENCE = 300
"""Seconds without progress after which redaction hangs. It reports each detector of each page."""


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
    copy, result = pipeline.redact(order, original, hook, read)
    part = part_of(claim, run, Name.REDACTED, result.media_type, copy)
    with transaction.atomic():
        services.redaction_record(claim, result, parts=[part])
        values_seal(run_id=run.id, findings=result.findings, read=read)
