"""Examples as a worker leaves them, and decisions that can become one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from omnigov.accounts.models import User
from omnigov.contracts import Label, PolicySpec
from omnigov.decisions.examples import batch_for
from omnigov.decisions.models import Decision, Run
from omnigov.decisions.uploads import file_submit
from omnigov.policies.models import PolicyVersion
from omnigov.policies.services import policy_publish
from tests.omnigov.recorded import batch_of, checked, encoded, png, record, redact, run_of


def kept(
    version: PolicyVersion, by: User, label: str, colour: str = "teal", size: tuple[int, int] = (64, 48)
) -> Run:
    """A file that was handed in as an example of this label, after its redaction."""
    content = png(colour, size)
    batch = batch_for(version=version, label=label, by=by)
    submission = checked(file_submit(batch=batch, name=f"{colour}.png", content=content, by=by))
    run = run_of(submission)
    redact(run, Image.open(io.BytesIO(content)), [])
    run.refresh_from_db()
    return run


def decided(version: PolicyVersion, by: User, label: str = "animal") -> Decision:
    """A decision on a file of one's own, by the record."""
    content = png()
    batch = batch_of(version, by, ("a.png", content))
    submission = batch.submissions.get()
    return record(submission, picture=Image.open(io.BytesIO(content)), label=label)


COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 200)}


def colours_kept(people: Any, *, each: int = 6) -> PolicyVersion:
    """A policy that asks for colours, with so many examples of each of its two labels."""
    labels = tuple(Label(key=key, phrase=key, name_en=key, name_ja=key) for key in COLOURS)
    spec = PolicySpec(
        question="Which colour is it?", labels=labels, reasons_max_tokens=0, attribution_steps=2
    )
    made = policy_publish(
        workspace=people.workspace,
        slug="colour",
        name_en="Colour",
        name_ja="色",
        spec=spec,
        by=people.steward,
    )
    random = np.random.default_rng(3)
    for number in range(2 * each):
        label = list(COLOURS)[number % 2]
        pixels = np.asarray(COLOURS[label]) + random.normal(0, 30, (48, 64, 3))
        content = encoded(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))
        batch = batch_for(version=made, label=label, by=people.steward)
        file = file_submit(batch=batch, name=f"{number}.png", content=content, by=people.steward)
        redact(run_of(checked(file)), Image.open(io.BytesIO(content)), [])
    return made
