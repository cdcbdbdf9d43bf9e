"""The entries that are written: decisions of some 1.5 KB."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

DIGEST = "0123456789abcdef" * 4


def decision() -> Any:
    from omnigov.contracts import LabelScore, ModelVersion, Stage, WeightFile
    from omnigov.ledger import schemas

    files = (WeightFile(name="connector.safetensors", role="connector", sha256=DIGEST),)
    short = {"attribution": None, "attribution_method": None, "attribution_missing": "attribution_failed"}
    return schemas.Decision(
        asset=DIGEST,
        redacted=DIGEST,
        findings=DIGEST,
        findings_count=3,
        redaction_revision=DIGEST,
        policy=DIGEST,
        model=ModelVersion(name="bench", stage=Stage.IMAGE_TEXT, config_digest=DIGEST, files=files),
        code_version="bench",
        libraries={},
        device="cpu",
        dtype="float32",
        seed=1,
        stage=Stage.IMAGE_TEXT,
        prompt=DIGEST,
        label="animal",
        scores=(LabelScore(label="animal", log_likelihood=-120_000, probability=1_000_000),),
        confidence=700_000,
        confidence_kind="uncalibrated",
        abstained=False,
        reasons=DIGEST,
        **short,
        review_rules=(),
        durations={"redact": 120},
        parent=None,
    )


def entry_bytes() -> bytes:
    """What an entry of this kind comes to, for those who only need its bytes."""
    from omnigov.ledger import canonical

    envelope = {
        "at": "2026-01-01T00:00:00.000000Z",
        "id": str(UUID(int=1)),
        "key": f"bench:{UUID(int=1)}",
        "kind": "decision",
        "previous": None,
        "record": decision().model_dump(mode="json"),
        "schema": 1,
        "subject": str(UUID(int=1)),
        "workspace": str(UUID(int=7)),
    }
    return canonical.encode(envelope)


def new_entries(body: Any, number: int) -> list[Any]:
    from omnigov.ledger.services import NewEntry

    runs = [uuid4() for _ in range(number)]
    return [NewEntry(body, UUID(int=7), run, f"bench:{run}") for run in runs]
