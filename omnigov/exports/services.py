"""A whole provenance bundle: the ledger's entries with their proofs, and every other form of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal
from uuid import UUID

from omnigov.exports.evidence import Evidence
from omnigov.exports.parquet import Parquet
from omnigov.exports.prov import Prov
from omnigov.exports.report import Report
from omnigov.exports.sheets import Sheets
from omnigov.exports.statements import KINDS, Statements
from omnigov.ledger.bundle import PREDICATE_FIELDS, predicate_type
from omnigov.ledger.export import Exported, Form, export
from omnigov.ledger.keys import log_signer
from omnigov.ledger.queries import Selection, recorded_since
from omnigov.ledger.schemas import SCHEMAS

Profile = Literal["full", "redacted"]

_MAPPING = Path(__file__).parent / "mapping"


class Documents:
    """What is the same in every bundle: the schema of each kind of entry, and the mapping sheets."""

    def segment(self, folder: Path) -> Documents:
        return self

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        """Nothing of theirs depends on an entry."""

    def close(self) -> None:
        """Nothing is open."""

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        for (kind, version), schema in sorted(SCHEMAS.items()):
            text = json.dumps(schema.model_json_schema(), indent=1, sort_keys=True)
            yield f"schemas/{kind}-{version}.json", [text.encode()]
            if kind in KINDS:
                text = json.dumps(predicate_schema(kind, version), indent=1, sort_keys=True)
                yield f"schemas/predicate-{kind}-{version}.json", [text.encode()]
        for file in sorted(_MAPPING.glob("mapping.*.md")):
            yield file.name, [file.read_bytes()]


def predicate_schema(kind: str, version: int) -> dict[str, Any]:
    """The JSON Schema of an in-toto predicate about entries of this kind."""
    record = SCHEMAS[kind, version].model_json_schema()
    return {
        "$defs": record.pop("$defs", {}),
        "$id": predicate_type(kind, version),
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "additionalProperties": False,
        "properties": {
            "at": {"format": "date-time", "type": "string"},
            "id": {"format": "uuid", "type": "string"},
            "kind": {"const": kind},
            "record": record,
            "schema": {"const": version},
            "subject": {"format": "uuid", "type": "string"},
        },
        "required": list(PREDICATE_FIELDS),
        "type": "object",
    }


def bundle_write(
    out: Path | IO[bytes],
    *,
    profile: Profile = "redacted",
    language: str = "en",
    workspace: UUID | None = None,
    subjects: Collection[UUID] | None = None,
    kinds: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    spool: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    begun: Callable[[int], None] | None = None,
    exporter: UUID | None = None,
) -> Exported:
    """Write a bundle of the selected entries in every form, as `ledger.export.export` does.

    Profile `full` opens the commitments of decisions and verdicts and names people in the report; `redacted`
    does neither, and its proofs hold all the same. A full one in which a medium may be quoted that was erased
    meanwhile is not written (`Overtaken`). `begun` is told the size of the log before anything is read.
    """
    erasures = Selection(workspace=workspace, kinds=frozenset({"erasure"}))

    def holds(size: int) -> bool:
        if begun:
            begun(size)
        return profile == "redacted" or not recorded_since(erasures, size)

    forms: list[Form] = [
        Documents(),
        Statements(log_signer()),
        Prov(),
        Parquet(),
        Report(language, full=profile == "full"),
        Sheets(full=profile == "full"),
    ]
    if profile == "full":
        forms.append(Evidence())
    return export(
        out,
        forms=forms,
        profile=profile,
        workspace=workspace,
        subjects=subjects,
        kinds=kinds,
        since=since,
        until=until,
        spool=spool,
        progress=progress,
        holds=holds,
        exporter=exporter,
    )
