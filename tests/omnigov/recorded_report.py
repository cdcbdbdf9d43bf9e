"""A spoken report with its pictures, as a worker would leave it: each redacted, and decided together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from omnigov.accounts.models import User
from omnigov.contracts import Area, Interval, SegmentAttribution, Span
from omnigov.decisions import services, together
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.uploads import file_submit
from omnigov.evidence.models import Name
from omnigov.intake.models import Batch, Submission
from omnigov.intake.services import batch_create
from omnigov.policies.models import PolicyVersion
from tests.omnigov import recorded, recorded_media, recorded_sound
from tests.omnigov.recorded import claim

SIZE = (640, 480)
BOXES = [("FACE", (40, 60, 140, 180)), ("PLATE", (300, 300, 420, 340))]


@dataclass(frozen=True)
class HandedIn:
    batch: Batch
    recording: Submission
    pictures: list[Submission]


def hand_in(
    version: PolicyVersion, by: User, pictures: Sequence[bytes] = (), *, wav: bytes | None = None
) -> HandedIn:
    """A recording with its pictures, each of them looked at by a worker."""
    batch = batch_create(policy_version=version, name="Reports", by=by)
    files = list(pictures) or [recorded.png("teal", SIZE)]
    recording = file_submit(
        batch=batch,
        name="report.wav",
        content=wav or recorded_sound.wav(3000),
        by=by,
        with_pictures=len(files),
    )
    beside = [
        file_submit(batch=batch, name=f"photo-{at}.png", content=each, by=by, beside=recording)
        for at, each in enumerate(files, 1)
    ]
    for each in (recording, *beside):
        recorded.checked(each)
    return HandedIn(batch, recording, beside)


def redact_picture(run: Run) -> None:
    content, result = recorded.redacted(Image.new("RGB", SIZE, "teal"), BOXES)
    parts = {Name.REDACTED: (content, result.media_type)}
    recorded_media.redact(run, recorded_media.Copy(content, result, parts))


def decide(run: Run) -> Decision:
    """The model's answer on a recording all of whose pictures are there, with heat maps over these."""
    run.refresh_from_db()
    pictures = together.pictures_now(run)
    text = recorded_sound.transcript(recorded_sound.sound())
    areas = [Area(part=part, left=0, top=0, right=SIZE[0], bottom=SIZE[1]) for part, _ in enumerate(pictures)]
    places = (*areas, Interval(start=0, end=5120), Span(start=0, end=len(text)))
    hold = claim(run, "decide")
    result = recorded.inferred(run, "animal", 620_000, ("It asks for something.",))
    services.inference_record(
        hold, result.model_copy(update={"seen": places}), pictures=[each.id for each in pictures]
    )
    why, maps = recorded_media.explained("animal", places, text)
    heard = SegmentAttribution(place=places[-2], share=100_000)
    why = why.model_copy(update={"segments": (*why.segments, heard)})
    assert why.heat_map == hashlib.sha256(maps).hexdigest()
    part = recorded_media._part(run, hold.token, Name.HEAT_MAP, maps, "image/png")
    return services.decision_record(hold, why, parts=[part])


def record(version: PolicyVersion, by: User, pictures: Sequence[bytes] = ()) -> Decision:
    """Takes a spoken report through every step."""
    handed_in = hand_in(version, by, pictures)
    recorded_media.redact(recorded.run_of(handed_in.recording), recorded_sound.sound())
    for each in handed_in.pictures:
        redact_picture(recorded.run_of(each))
    return decide(recorded.run_of(handed_in.recording))
