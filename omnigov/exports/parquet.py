"""Entries as a Parquet table, for whoever asks questions of many."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from omnigov.ledger import canonical
from omnigov.ledger.bundle import CHUNK
from omnigov.ledger.merkle import leaf_hash

NAME = "entries.parquet"
ROWS_A_GROUP = 10_000
SCHEMA = pa.schema(
    [
        pa.field("index", pa.int64(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("schema", pa.int16(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("workspace", pa.string()),
        pa.field("previous", pa.string()),
        pa.field("leaf_hash", pa.binary(32), nullable=False),
        # The model's answer of a decision, the label that holds after a verdict or without one that was taken
        # back; null where there is none.
        pa.field("outcome", pa.string()),
        # Of a decision: whether it was known how often such decisions are right. Null of other kinds.
        pa.field("measured", pa.bool_()),
        # What each kind says differs; as JSON it stays one table.
        pa.field("record", pa.string(), nullable=False),
    ]
)
# Of a verdict: whether an entry of this table takes it back. Null of other kinds.
WHOLE = SCHEMA.append(pa.field("taken_back", pa.bool_()))


class Parquet:
    """Writes `entries.parquet`: one row an entry, in groups of ROWS_A_GROUP."""

    def segment(self, folder: Path) -> _Segment:
        return _Segment(folder)

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield NAME, self._table(folders)

    @staticmethod
    def _table(folders: Sequence[Path]) -> Iterator[bytes]:
        """One table of the segments' tables, a row group at a time."""
        taken_back = {
            bytes.fromhex(json.loads(record)["review"])
            for group in _groups(folders, ["kind", "record"])
            for record in group.filter(pc.field("kind") == "verdict_taken_back")["record"].to_pylist()
        }
        with tempfile.TemporaryFile() as file:
            with pq.ParquetWriter(file, WHOLE, compression="zstd") as writer:
                for group in _groups(folders):
                    writer.write_table(_marked(group, taken_back))
            file.seek(0)
            while chunk := file.read(CHUNK):
                yield chunk


def _groups(folders: Sequence[Path], columns: list[str] | None = None) -> Iterator[pa.Table]:
    for folder in folders:
        with pq.ParquetFile(folder / NAME) as part:
            for group in range(part.num_row_groups):
                yield part.read_row_group(group, columns=columns)


def _marked(group: pa.Table, taken_back: set[bytes]) -> pa.Table:
    """The group with the column that says of each verdict whether it was taken back."""
    kinds, leaves = group["kind"].to_pylist(), group["leaf_hash"].to_pylist()
    said = [
        leaf in taken_back if kind == "review" else None for kind, leaf in zip(kinds, leaves, strict=True)
    ]
    return group.append_column(WHOLE.field("taken_back"), pa.array(said, pa.bool_()))


def _outcome(entry: dict[str, Any]) -> str | None:
    """The label that the entry leaves a decision with, as far as the entry alone says it."""
    record = entry["record"]
    if entry["kind"] == "verdict_taken_back":
        return None if record["outcome"] is None else str(record["outcome"])
    if entry["kind"] == "decision":
        return None if record["abstained"] else str(record["label"])
    if entry["kind"] != "review":
        return None
    if "outcome" in record:
        return None if record["outcome"] is None else str(record["outcome"])
    # The first version names no outcome; one that escalates leaves it as it was, which this entry can't say.
    return {"uphold": record["label"], "overturn": record["right_label"]}.get(record["verdict"])


class _Segment:
    def __init__(self, folder: Path) -> None:
        self._writer = pq.ParquetWriter(folder / NAME, SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        self._rows.append(
            {
                "index": index,
                **{
                    name: entry[name] for name in ("id", "kind", "schema", "subject", "workspace", "previous")
                },
                "at": datetime.fromisoformat(entry["at"]),
                "leaf_hash": leaf_hash(body),
                "outcome": _outcome(entry),
                # Decisions from before measurements were kept name none, and nothing was measured then.
                "measured": bool(entry["record"].get("measurement")) if entry["kind"] == "decision" else None,
                "record": canonical.encode(entry["record"]).decode(),
            }
        )
        if len(self._rows) == ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, SCHEMA))
            self._rows = []

    def close(self) -> None:
        self._flush()
        self._writer.close()
