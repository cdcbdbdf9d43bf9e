"""What stands behind the commitments of decisions and of what people did, and the keys to check: `full`.

An entry says nothing of what was found, written or reasoned; it commits to it with an HMAC under the medium's
own key. Here is the key, and what was committed to. Whoever holds this can check it for ever, also after the
medium was erased: a full bundle is personal data, and to be kept as such. Profile `redacted` is without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from omnigov.decisions.entries import beside_copies
from omnigov.decisions.models import BesideMedium, Decision, DeepExplanation, Run, RunState
from omnigov.decisions.together import decided_with
from omnigov.keys import AssetKeys, KeyUnavailable, keyring
from omnigov.ledger import bundle, canonical
from omnigov.ledger.export import joined
from omnigov.review.known_answers import committed
from omnigov.review.models import Correction, Disposition, KnownAnswer, Letter, Review

_KINDS = frozenset(
    {
        *("decision", "deep_attribution", "review", "redaction_corrected", "quarantine_released"),
        *("disposition", "letter_made", "known_answer_placed"),
    }
)
_PAGE = 500

_Row = Decision | DeepExplanation | Review | Correction | Disposition | Letter | KnownAnswer


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
        rows = _rows(ids)
        runs = [each.run_id for each in rows.values() if isinstance(each, Decision)]
        reports = set(BesideMedium.objects.filter(run__in=runs).values_list("run_id", flat=True))
        for index, id_ in self._waiting:
            found = rows.get(id_)
            self._file.write(
                canonical.encode({"index": index, **_opened(found, reports)}, bundle.EVIDENCE_LIMIT) + b"\n"
            )
        self._waiting = []


def _rows(ids: list[UUID]) -> dict[UUID, _Row]:
    """What the product keeps of these entries, by their ids."""
    of_decision = ("decision__run",)
    asked: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
        (Decision, ("run", "attribution")),
        (Review, of_decision),
        (DeepExplanation, of_decision),
        (Correction, ("run",)),
        (Disposition, of_decision),
        (Letter, of_decision),
        (KnownAnswer, ("case__run",)),
    )
    found: dict[UUID, _Row] = {}
    for model, beside in asked:
        found |= {each.entry: each for each in model.objects.filter(entry__in=ids).select_related(*beside)}
    return found


def _opened(found: _Row | None, reports: Collection[UUID]) -> dict[str, Any]:
    """The key and what was committed to, or why there is neither. `reports` are runs with pictures beside."""
    if found is None:
        return {"missing": "no row of the product names this entry"}
    run = _run(found)
    if run.state == RunState.ERASED:
        return {"missing": "the medium was erased"}
    try:
        keys = keyring().asset(run.asset_id)
    except KeyUnavailable as reason:
        return {"missing": str(reason)}
    opens: dict[str, Any]
    if isinstance(found, Decision):
        opens = _decision_opens(found, decided_with(run) if run.pk in reports else [])
    elif isinstance(found, DeepExplanation):
        opens = {"attribution": found.result} if found.result else {}
    elif isinstance(found, Disposition):
        opens = {name: said for name in ("to", "words") if (said := getattr(found, name))}
    elif isinstance(found, Letter):
        opens = {"letter": found.content} if found.content else {}
    elif isinstance(found, KnownAnswer):
        # Whoever may yet be asked must not read it here either.
        if found.case.waits:
            return {"missing": "the case with this known answer still waits"}
        opens = {"answer": committed(found)}
    else:
        opens = {"reason": found.reason}
        if isinstance(found, Review) and found.displayed is not None:
            opens["displayed"] = found.displayed
    if isinstance(found, Correction):
        opens["edits"] = run.edits
    return {"key": _key(keys), "opens": opens}


def _run(found: _Row) -> Run:
    if isinstance(found, KnownAnswer):
        return found.case.run
    if isinstance(found, Review | DeepExplanation | Disposition | Letter):
        return found.decision.run
    return found.run


def _decision_opens(decision: Decision, pictures: Sequence[Run]) -> dict[str, Any]:
    run = decision.run
    redaction, inference = run.redaction_result, run.inference_result
    opens: dict[str, Any] = {}
    if redaction:
        opens["redacted"] = redaction.digest
        opens["findings"] = run.stored_findings
    if pictures:
        opens["beside_copies"] = beside_copies(pictures)
    if inference:
        opens["prompt"] = inference.prompt_digest
        opens["reasons"] = list(inference.reasons)
    attribution = getattr(decision, "attribution", None)
    if attribution and attribution.result:
        opens["attribution"] = attribution.digest
    return opens


def _key(keys: AssetKeys) -> str:
    return keys.commitment.hex()
