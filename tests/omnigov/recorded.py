"""Runs as a worker would leave them, made through the services that a worker uses.

The records are what the GPU side hands over; only the model is not asked. So pages and services can be
tested without weights, and what reaches the ledger has its true form.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from datetime import timedelta

from django.db.models.functions import Now
from PIL import Image, ImageDraw

from omnigov import contracts
from omnigov.accounts.models import User
from omnigov.contracts import MILLION
from omnigov.decisions import leases, services
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.decisions.uploads import file_submit
from omnigov.evidence.models import Name
from omnigov.evidence.services import Part, part_write
from omnigov.intake.models import Batch, Submission
from omnigov.intake.services import batch_create
from omnigov.policies.models import PolicyVersion
from workers.running.probing import check_one

SHARES = (620_000, 210_000, 90_000, 40_000, 20_000, 10_000, 5_000, 2_000, 1_500, 1_000, 400, 100)


def png(colour: str = "teal", size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture that differs from others by its colour and size."""
    picture = Image.new("RGB", size, colour)
    ImageDraw.Draw(picture).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="white")
    return encoded(picture)


def encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def batch_of(version: PolicyVersion, by: User, *files: tuple[str, bytes], name: str = "Autumn") -> Batch:
    """A batch with these files handed in."""
    batch = batch_create(policy_version=version, name=name, by=by)
    for file, content in files:
        checked(file_submit(batch=batch, name=file, content=content, by=by))
    return batch


def checked(submission: Submission) -> Submission:
    """The upload after a worker has looked at it."""
    run = Run.objects.filter(submission=submission, state=RunState.CHECKING).first()
    if run is not None:
        check_one(claim(run, "check"), lambda *_, **__: None)
        submission.refresh_from_db()
    return submission


def run_of(submission: Submission) -> Run:
    return Run.objects.get(submission=submission)


def claim(run: Run, step: leases.Step) -> leases.Claim:
    """A worker's hold on this very run, whatever else waits."""
    token = uuid.uuid4()
    state = RunState.REDACTING if step == "redact" else run.state
    Run.objects.filter(pk=run.pk).update(
        lease_token=token, lease_until=Now() + timedelta(minutes=5), attempt=1, state=state
    )
    return leases.Claim(run.pk, token, 1)


def redacted(
    picture: Image.Image, boxes: list[tuple[str, tuple[int, int, int, int]]]
) -> tuple[bytes, contracts.RedactionResult]:
    """The picture with the boxes filled, and the record of it."""
    copy = picture.convert("RGB")
    draw = ImageDraw.Draw(copy)
    findings = []
    for number, (kind, box) in enumerate(boxes):
        draw.rectangle(box, fill="black")
        left, top, right, bottom = box
        findings.append(
            contracts.Finding(
                kind=kind,
                place=contracts.Area(left=left, top=top, right=right, bottom=bottom),
                score=max(350_000, 981_400 - 83_000 * number),
                detector="centerface" if kind == "FACE" else "ocr+presidio",
                look="second" if number == 3 else "first",
            )
        )
    content = encoded(copy)
    return content, contracts.RedactionResult(
        media_type="image/png",
        width=copy.width,
        height=copy.height,
        digest=hashlib.sha256(content).hexdigest(),
        findings=tuple(findings),
        detectors=(
            contracts.Detector(name="centerface", version="1.5.0", digest="5a" * 32),
            contracts.Detector(name="ocr+presidio", version="2.2.366", digest="c7" * 32),
        ),
        revision="4e" * 32,
        duration_ms=1840,
    )


def inferred(
    run: Run, label: str, confidence: int = 620_000, reasons: tuple[str, ...] = ()
) -> contracts.InferenceResult:
    """A result in which `label` is the most likely one."""
    keys = [label] + [each.key for each in run.policy_version.spec.labels if each.key != label]
    rest = MILLION - confidence
    shares = [confidence, *(rest * share // sum(SHARES[1:]) for share in SHARES[1 : len(keys)])]
    return contracts.InferenceResult(
        label=label,
        scores=tuple(
            contracts.LabelScore(label=key, log_likelihood=-412_000 - 731_000 * place, probability=share)
            for place, (key, share) in enumerate(zip(keys, shares, strict=True))
        ),
        confidence=confidence,
        confidence_kind="uncalibrated",
        abstained=False,
        reasons=reasons,
        prompt_digest="9b" * 32,
        model=run.model_version.spec,
        device="cpu",
        dtype="float32",
        seed=run.seed,
        libraries={"torch": "2.13.0", "transformers": "5.23.0", "captum": "0.9.0"},
        duration_ms=612,
    )


def attributed(
    label: str, words: str = "What kind of thing does this picture show ?"
) -> contracts.AttributionResult:
    """Shares for a grid of 7 × 7 patches and the question's words."""
    grid = tuple(
        tuple(round(90_000 - 14_000 * ((row - 3) ** 2 + (column - 4) ** 2) ** 0.9) for column in range(7))
        for row in range(7)
    )
    tokens = tuple(
        contracts.TokenShare(text=word, value=(-1) ** place * (96_000 - 9_000 * place))
        for place, word in enumerate(words.split())
    )
    return contracts.AttributionResult(
        method="integrated gradients (captum)",
        label=label,
        grid=grid,
        tokens=tokens,
        picture_share=731_000,
        total=3_412_000,
        completeness_gap=21_300,
        steps=8,
        duration_ms=4210,
    )


def thorough(label: str = "animal") -> contracts.DeepAttribution:
    """Trials that bear the explanation out, one aside."""
    why = attributed(label).model_copy(
        update={
            "against": "plant",
            "complete": False,
            "modalities": (
                contracts.ModalityShare(name="question", value=-200_000, share=100_000),
                contracts.ModalityShare(name="pictures", value=1_800_000, share=900_000),
            ),
            "hidden": contracts.HiddenCredit(covered=20_000, credit=300_000, noise=40_000, beyond=True),
        }
    )
    removed = (contracts.Area(left=0, top=0, right=9, bottom=9),)
    return contracts.DeepAttribution(
        attribution=why,
        probability=900_000,
        curves=(
            contracts.OrderCurve(name="deletion", named=310_000, random=(600_000, 640_000)),
            contracts.OrderCurve(name="insertion", named=400_000, random=(600_000, 380_000)),
        ),
        seeds=(1, 2, 3),
        stability=930_000,
        counterfactual=contracts.Counterfactual(
            removed=removed, removed_share=20_408, label="tool", probability=120_000
        ),
        duration_ms=9_000,
    )


def record(
    submission: Submission,
    *,
    picture: Image.Image,
    boxes: list[tuple[str, tuple[int, int, int, int]]] | None = None,
    label: str = "animal",
    confidence: int = 620_000,
    reasons: tuple[str, ...] = ("It has four legs and fur.",),
    heat_map: bytes | None = None,
    attribution_failure: str = "",
) -> Decision:
    """Takes an accepted file through every step to its decision."""
    run = run_of(submission)
    redact(run, picture, boxes or [])
    run.refresh_from_db()
    hold = claim(run, "decide")
    services.inference_record(hold, inferred(run, label, confidence, reasons))
    attribution = None if attribution_failure else attributed(label)
    parts = []
    if heat_map is not None and attribution is not None:
        parts = [part(run, hold, Name.HEAT_MAP, heat_map)]
        digest = hashlib.sha256(heat_map).hexdigest()
        attribution = attribution.model_copy(update={"heat_map": digest})
    decision = services.decision_record(
        hold, attribution, parts=parts, attribution_failure=attribution_failure
    )
    services.recording_timed(run.id, 14)
    return decision


def redact(run: Run, picture: Image.Image, boxes: list[tuple[str, tuple[int, int, int, int]]]) -> None:
    """Takes a run that was received through redaction."""
    hold = claim(run, "redact")
    content, result = redacted(picture, boxes)
    services.redaction_record(hold, result, parts=[part(run, hold, Name.REDACTED, content)])


def part(run: Run, hold: leases.Claim, name: Name, content: bytes) -> Part:
    """Evidence as a worker seals it under its hold, not yet recorded."""
    return part_write(
        run=run.id,
        asset=run.asset_id,
        token=hold.token,
        name=name,
        media_type="image/png",
        content=[content],
    )


def stop(run: Run, *, quarantine: bool = False) -> None:
    """Ends a run without a decision."""
    hold = claim(run, "redact")
    if quarantine:
        services.run_quarantine(
            hold,
            code="still_found",
            sentence="Personal data was still found in the redacted picture after 3 looks. A person has to "
            "redact it by hand.",
        )
    else:
        services.run_fail(
            hold,
            code="unexpected",
            sentence="Something unexpected stopped this run (OSError). The worker's log has the details; "
            "try it again, and tell your administrator if it fails again.",
        )
