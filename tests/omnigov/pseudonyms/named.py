"""Runs whose hidden values were read, as a worker would leave them."""

from __future__ import annotations

from django.db import transaction
from PIL import Image

from omnigov.contracts import ReadValues
from omnigov.decisions import services
from omnigov.decisions.models import Decision, Run
from omnigov.evidence.models import Name
from omnigov.pseudonyms.services import values_seal
from tests.omnigov import recorded

Hidden = tuple[str, str]  # kind and value; the value of a face is empty


def redact(run: Run, *hidden: Hidden) -> None:
    """Takes a run that was received through redaction, as `workers.tasks` does it."""
    boxes = [(kind, (5, 5 + 20 * place, 60, 20 + 20 * place)) for place, (kind, _) in enumerate(hidden)]
    content, result = recorded.redacted(Image.new("RGB", (200, 300), "white"), boxes)
    read = ReadValues()
    for finding, (_, value) in zip(result.findings, hidden, strict=True):
        if value:
            read.note(finding, value, "".join(value.split()).casefold())
    claim = recorded.claim(run, "redact")
    part = recorded.part(run, claim, Name.REDACTED, content)
    with transaction.atomic():
        services.redaction_record(claim, result, parts=[part])
        values_seal(run_id=run.id, findings=result.findings, read=read)


def decide(run: Run) -> Decision:
    run.refresh_from_db()
    claim = recorded.claim(run, "decide")
    services.inference_record(claim, recorded.inferred(run, "animal"))
    return services.decision_record(claim, recorded.attributed("animal"))
