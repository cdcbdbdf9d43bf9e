"""What stands behind the commitments of decisions and of what people did, and the keys to check: `full`.

An entry says nothing of what was found, written or reasoned; it commits to it with an HMAC under the medium's
own key. Here is the key, and what was committed to. Whoever holds this can check it for ever, also after the
medium was erased: a full bundle is personal data, and to be kept as such. Profile `redacted` is without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from omnigov.decisions.models import Decision, DeepExplanation, RunState
from omnigov.keys import AssetKeys, KeyUnavailable, keyring
from omnigov.ledger import bundle, canonical
from omnigov.ledger.export import joined
from omnigov.review.models import Correction, Review

_KINDS = ("decision", "deep_attribution", "review", "redaction_corrected", "quarantine_released")
_PAGE = 500


class Evidence:
    """Writes `evidence.ndjson`: a line an entry, in the order of the entries."""

    def segment(self, folder: Path) -> _Segment:
        return _Segment(folder)

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield bundle.EVIDENCE, joined(folders, bundle.EVIDENCE)


class _Segment:
    def __init__(self, folder: Path) -> None:
        self._file = (folder / bundle.EVIDENCE).open("wb")
        self._waiting: list[tuple[int, UUID]] = []

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        if entry["kind"] in _KINDS:
            self._waiting.append((index, UUID(entry["id"])))
            if len(self._waiting) == _PAGE:
                self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        ids = [id_ for _, id_ in self._waiting]
        decisions = {
            each.entry: each
            for each in Decision.objects.filter(entry__in=ids).select_related("run", "attribution")
        }
        reviews = {
            each.entry: each for each in Review.objects.filter(entry__in=ids).select_related("decision__run")
        }
        deep = {
            each.entry: each
            for each in DeepExplanation.objects.filter(entry__in=ids).select_related("decision__run")
        }
        corrections = {
            each.entry: each for each in Correction.objects.filter(entry__in=ids).select_related("run")
        }
        for index, id_ in self._waiting:
            found = decisions.get(id_) or reviews.get(id_) or corrections.get(id_) or deep.get(id_)
            self._file.write(
                canonical.encode({"index": index, **_opened(found)}, bundle.EVIDENCE_LIMIT) + b"\n"
            )
        self._waiting = []


def _opened(found: Decision | DeepExplanation | Review | Correction | None) -> dict[str, Any]:
    """The key and what was committed to, or why there is neither."""
    if found is None:
        return {"missing": "no row of the product names this entry"}
    run = found.decision.run if isinstance(found, Review | DeepExplanation) else found.run
    if run.state == RunState.ERASED:
        return {"missing": "the medium was erased"}
    try:
        keys = keyring().asset(run.asset_id)
    except KeyUnavailable as reason:
        return {"missing": str(reason)}
    opens: dict[str, Any]
    if isinstance(found, Decision):
        opens = _decision_opens(found)
    elif isinstance(found, DeepExplanation):
        opens = {"attribution": found.result} if found.result else {}
    else:
        opens = {"reason": found.reason}
        if isinstance(found, Review) and found.displayed is not None:
            opens["displayed"] = found.displayed
    if isinstance(found, Correction):
        opens["edits"] = run.edits
    return {"key": _key(keys), "opens": opens}


def _decision_opens(decision: Decision) -> dict[str, Any]:
    run = decision.run
    redaction, inference = run.redaction_result, run.inference_result
    opens: dict[str, Any] = {}
    if redaction:
        opens["redacted"] = redaction.digest
        opens["findings"] = run.stored_findings
    if inference:
        opens["prompt"] = inference.prompt_digest
        opens["reasons"] = list(inference.reasons)
    attribution = getattr(decision, "attribution", None)
    if attribution and attribution.result:
        opens["attribution"] = attribution.digest
    return opens


def _key(keys: AssetKeys) -> str:
    return keys.commitment.hex()
