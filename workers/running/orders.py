"""What the GPU side is given of a run, and how it reports back."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from omnigov.contracts import Hook
from omnigov.decisions import services
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, part_write
from workers import pipeline
from workers.running.process import process

SHOWN_AT_MOST = 0.2
"""Seconds between two changes of a progress bar."""


def run_of(claim: Claim) -> Run:
    return Run.objects.select_related("asset", "policy_version", "model_version").get(pk=claim.run_id)


def order_of(run: Run) -> pipeline.Order:
    return pipeline.Order(
        policy=run.policy_version.spec, seed=run.seed, edits=run.redaction_edits, by_hand=run.by_hand
    )


def redacted_of(run: Run) -> bytes:
    result = run.redaction_result
    if result is None:
        raise services.NotPossible("The model sees a picture only after it was redacted.")
    return evidence.content(run.id, Name.REDACTED, digest=result.digest)


def part_of(claim: Claim, run: Run, name: Name, media_type: str, content: bytes) -> Part:
    """Seals a part under this hold's token; it becomes the run's with the step's record."""
    return part_write(
        run=run.id,
        asset=run.asset_id,
        token=claim.token,
        name=name,
        media_type=media_type,
        content=[content],
    )


def hook_for(claims: Collection[Claim], low: int, high: int) -> Hook:
    """Tells the parent of each progress, and shows it on the pages."""
    shown = 0.0

    def hook(step: str, artefact: Any = None, progress: float | None = None) -> None:
        nonlocal shown
        process.line.get_on()
        now = time.monotonic()
        if now - shown < SHOWN_AT_MOST:
            return
        shown = now
        part = low if progress is None else low + round((high - low) * progress)
        for claim in claims:
            services.progress_report(claim, step=step, progress=part)

    return hook
