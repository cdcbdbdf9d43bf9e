"""Seals what runs left as plain files before evidence was sealed. For `omnigov setup`; safe to repeat."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from omnigov.decisions.models import Attribution, Run
from omnigov.evidence import services
from omnigov.evidence.models import EvidencePart, Name
from omnigov.keys import KeyUnavailable

log = logging.getLogger(__name__)


def plain_evidence_seal() -> int:
    """How many files were sealed. What is gone or was changed stays as it is, and its page says so."""
    done = 0
    for run, asset, name, media_type, digest in _plain():
        try:
            done += services.plain_seal(run=run, asset=asset, name=name, media_type=media_type, digest=digest)
        except KeyUnavailable as reason:
            log.warning("The evidence of run %s stays as it is: %s", run, reason)
    return done


def _plain() -> Iterator[tuple[UUID, UUID, Name, str, str]]:
    """Parts that a run's record speaks of and its manifest does not: run, asset, name, type and digest."""
    named = EvidencePart.objects.filter(run=OuterRef("pk"))
    redacted = Run.objects.filter(~Exists(named.filter(name=Name.REDACTED)), redaction__isnull=False)
    for run in redacted.iterator():
        result = run.redaction_result
        if result:
            yield run.id, run.asset_id, Name.REDACTED, result.media_type, result.digest
    explained = Run.objects.filter(
        ~Exists(named.filter(name=Name.HEAT_MAP)),
        decision__attribution__result__heat_map__gt="",
    ).annotate(
        heat_map=Subquery(
            Attribution.objects.filter(decision__run=OuterRef("pk")).values("result__heat_map")[:1]
        )
    )
    for pk, asset, heat_map in explained.values_list("pk", "asset_id", "heat_map").iterator():
        yield pk, asset, Name.HEAT_MAP, "image/png", heat_map
