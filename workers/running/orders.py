"""What the GPU side is given of a run, and how it reports back."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from omnigov.contracts import Hook, PolicySpec, RedactionResult
from omnigov.contracts.kinds import of_copy
from omnigov.decisions import services, together
from omnigov.decisions.leases import Claim
from omnigov.decisions.models import Run
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, part_write
from workers import omni, pipeline
from workers.media.source import Source
from workers.running.process import process

SHOWN_AT_MOST = 0.2
"""Seconds between two changes of a progress bar."""


def run_of(claim: Claim) -> Run:
    with_all = Run.objects.select_related("asset", "policy_version", "model_version__base", "submission")
    return with_all.get(pk=claim.run_id)


def order_of(run: Run) -> pipeline.Order:
    return pipeline.Order(
        policy=run.policy_version.spec,
        seed=run.seed,
        edits=run.redaction_edits,
        by_hand=run.by_hand,
        head=_head_of(run),
        encoding=run.submission.encoding,
    )


def _head_of(run: Run) -> bytes | None:
    """The head that the run's model version adds to its base."""
    version = run.model_version
    return bytes(version.head.content) if version is not None and version.base else None


def seen_of(run: Run, policy: PolicySpec | None = None, pictures: Sequence[Run] | None = None) -> omni.Seen:
    """What the model is given of the redacted copy. Raises `EvidenceDamaged` if that was changed.

    `policy` is another text than the run's that says how much of it: an example is seen as the policy that is
    measured on it would see it. `pictures` are those of a spoken report that is yet to be decided; without
    them those that it was decided with.
    """
    order = order_of(run) if policy is None else replace(order_of(run), policy=policy)
    result = run.redaction_result
    if result is None:
        raise services.NotPossible("The model sees a medium only after it was redacted.")
    kind = of_copy(result.media_type).name
    if kind in ("sound", "video"):
        part = evidence.part_open(run.id, Name.REDACTED, digest=result.digest)
        lying_there = Source(lambda start, end: b"".join(part.pieces(start, end)), part.size)
        if kind == "video":
            get_on = process.line.get_on
            return pipeline.seen_of_video(order, result, lying_there, _transcript_of(run), get_on)
        beside = together.decided_with(run) if pictures is None else pictures
        copies = (_copy_of(each) for each in beside)
        return pipeline.seen_of_sound(order, result, lying_there, _transcript_of(run), copies)
    if kind == "document":
        part = evidence.part_open(run.id, Name.REDACTED, digest=result.digest)
        lying = [
            (page.start, page.end) for page in evidence.pages(run.id, digest=result.kept(Name.PAGES)).pages
        ]
        return pipeline.seen_of_pages(
            order, lying, lambda start, end: b"".join(part.pieces(start, end)), _transcript_of(run)
        )
    copy = evidence.content(run.id, Name.REDACTED, digest=result.digest)
    return pipeline.seen(order, result, copy, _transcript_of(run))


def _copy_of(picture: Run) -> bytes:
    """The redacted copy of a picture that belongs to a recording. Raises `EvidenceDamaged`."""
    result = picture.redaction_result
    return evidence.content(picture.id, Name.REDACTED, digest=result.digest if result else "")


def redactions_of(pictures: Iterable[Run]) -> list[RedactionResult]:
    """What was hidden in each of these pictures."""
    return [each.redaction_result for each in pictures if each.redaction_result]


def _transcript_of(run: Run) -> str:
    """What can still be read on a document's redacted pages, or heard; nothing where nothing was."""
    result = run.redaction_result
    digest = result.kept(Name.TRANSCRIPT) if result else None
    if digest is None and not evidence.has(run.id, Name.TRANSCRIPT):
        return ""
    return evidence.content(run.id, Name.TRANSCRIPT, digest=digest).decode()


def part_of(claim: Claim, run: Run, name: Name, media_type: str, content: Iterable[bytes]) -> Part:
    """Seals a part under this hold's token; it becomes the run's with the step's record."""
    return part_write(
        run=run.id,
        asset=run.asset_id,
        token=claim.token,
        name=name,
        media_type=media_type,
        content=content,
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
