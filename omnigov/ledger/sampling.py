"""A sample that anybody can draw again: which entries it is made of follows from the record and a seed.

The population is said by the entry `sample_drawn`: entries of a workspace that have their place before
`log_size`, of one kind or of all, made in a time, about runs of a batch or under a policy's texts. They are
put in the order of SHA-256(seed, newline, the entry's id in lower case with hyphens), and the first `size`
are the sample. Nobody can steer that without steering the seed or the ids, which are random.

This file imports nothing of the house beyond the files beside it: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import json
from collections.abc import Iterable, Iterator
from typing import Any

from omnigov.ledger.bundle import ENTRIES, CheckFailed
from omnigov.ledger.canonical import CanonicalError, encode
from omnigov.ledger.contents import Contents

ALGORITHM = "sha256-of-seed-and-id/1"
SAMPLES = "samples.ndjson"
SAMPLE_DRAWN, SAMPLE_SHEET = "sample_drawn", "sample_sheet"
#: Kinds of entries by which a run comes into being; they name its policy, and its batch or the run before it.
_BEGINNINGS = ("run_queued", "redaction_corrected", "quarantine_released")


def sample_rank(seed: str, entry: str) -> bytes:
    """By what entries are put in order: the smallest first."""
    return hashlib.sha256(f"{seed}\n{entry}".encode()).digest()


def drawn_digest(entries: Iterable[str]) -> str:
    """SHA-256, in hex, of the ids in the order in which they were drawn, each with a newline after it."""
    return hashlib.sha256("".join(f"{each}\n" for each in entries).encode()).hexdigest()


def line_commitment(key: bytes, entry: str, mark: str, finding: str) -> str:
    """HMAC-SHA-256, in hex, of a sheet's line in canonical JSON, under a key that is kept beside it."""
    said = {"entry": entry, "finding": finding, "mark": mark}
    return hmac.new(key, encode(said), hashlib.sha256).hexdigest()


def sheet_digest(commitments: Iterable[str]) -> str:
    """SHA-256, in hex, of the lines' commitments in their order, each with a newline; empty: nothing kept."""
    return hashlib.sha256("".join(f"{each}\n" for each in commitments).encode()).hexdigest()


class _Redrawn:
    """One sample's population as the entries go by."""

    def __init__(self, index: int, entry: dict[str, Any]) -> None:
        self.index, self.workspace, self.record = index, entry["workspace"], entry["record"]
        self.sample = entry["subject"]
        self._nearest: list[tuple[int, str]] = []
        self.population = 0

    def add(self, index: int, entry: dict[str, Any], origin: tuple[str | None, str | None]) -> None:
        record = self.record
        batch, policy = origin
        if (
            index >= record["log_size"]
            or entry["workspace"] != self.workspace
            or (record["population_kind"] not in (None, entry["kind"]))
            or (record["since"] is not None and entry["at"] < record["since"])
            or (record["until"] is not None and entry["at"] >= record["until"])
            or (record["batch"] is not None and batch != record["batch"])
            or (record["policies"] and policy not in record["policies"])
        ):
            return
        self.population += 1
        # A heap has its smallest first, and here the farthest has to go: so ranks are negated.
        rank = -int.from_bytes(sample_rank(record["seed"], entry["id"]), "big")
        if len(self._nearest) < record["size"]:
            heapq.heappush(self._nearest, (rank, entry["id"]))
        else:
            heapq.heappushpop(self._nearest, (rank, entry["id"]))

    def drawn(self) -> list[str]:
        return [id_ for _, id_ in sorted(self._nearest, reverse=True)]


def _entries(contents: Contents) -> Iterator[tuple[int, dict[str, Any]]]:
    with contents.open(ENTRIES) as lines:
        for line in lines:
            found = json.loads(line)
            yield found["index"], found["entry"]


def check_samples(contents: Contents, manifest: dict[str, Any]) -> bool:
    """Holds each sample's sheet against its entry, and draws it again where all it is drawn from is here.

    The entries were checked before. False where some sample could not be drawn again, as the export is of a
    part of the log.
    """
    samples: dict[int, _Redrawn] = {}
    kept: dict[int, dict[str, Any]] = {}
    for index, entry in _entries(contents):
        if entry["kind"] == SAMPLE_DRAWN:
            samples[index] = _Redrawn(index, entry)
        elif entry["kind"] == SAMPLE_SHEET:
            kept[index] = entry
    _check_sheets(contents, samples, kept)
    selection = manifest["selection"]
    if any(selection[name] is not None for name in ("kinds", "since", "subjects", "until")):
        return not samples
    origins: dict[str, tuple[str | None, str | None]] = {}
    asks = any(each.record["batch"] or each.record["policies"] for each in samples.values())
    for index, entry in _entries(contents) if samples else ():
        if asks and entry["kind"] in _BEGINNINGS:
            said = entry["record"]
            before = origins.get(said.get("parent") or "", (None, None))
            origins[entry["subject"]] = (said.get("batch", before[0]), said["policy"])
        for each in samples.values():
            each.add(index, entry, origins.get(entry["subject"], (None, None)))
    for each in samples.values():
        if each.population != each.record["population"]:
            raise CheckFailed(
                "samples",
                f"the sample is said to be of {each.record['population']} entries, and there are "
                f"{each.population}",
                each.index,
            )
        if drawn_digest(each.drawn()) != each.record["drawn"]:
            raise CheckFailed("samples", "drawn again, the sample is made of other entries", each.index)
    return True


def _check_sheets(contents: Contents, samples: dict[int, _Redrawn], kept: dict[int, dict[str, Any]]) -> None:
    """Each sample's sheet lists what was drawn, and is the one that the entry it names commits to."""
    found: set[int] = set()
    with contents.open(SAMPLES) as lines:
        for line in lines:
            try:
                said = json.loads(line)
                index, sheet, items = said["index"], said["sheet"], said["items"]
                if index not in samples or index in found:
                    raise CheckFailed("samples", f"{SAMPLES} holds a sample that there is no entry of", index)
                found.add(index)
                if drawn_digest(each["entry"] for each in items) != samples[index].record["drawn"]:
                    raise CheckFailed("samples", "its sheet lists other entries than were drawn", index)
                if sheet is not None:
                    _check_sheet(samples[index].sample, kept.get(sheet), items, index)
            except (ValueError, KeyError, TypeError, CanonicalError):
                raise CheckFailed("samples", f"a line of {SAMPLES} is no sample's sheet") from None
    if found != samples.keys():
        raise CheckFailed("samples", f"{SAMPLES} lacks the sheet of a sample", min(samples.keys() - found))


def _check_sheet(sample: str, entry: dict[str, Any] | None, items: list[dict[str, Any]], index: int) -> None:
    if entry is None or entry["subject"] != sample:
        raise CheckFailed(
            "samples", "the entry that its sheet names is not there, or another sample's", index
        )
    if sheet_digest(each["commitment"] for each in items) != entry["record"]["sheet"]:
        raise CheckFailed("samples", "its sheet is not what the entry of the sheet commits to", index)
    for each in items:
        if each["key"] is None:
            continue
        made = line_commitment(bytes.fromhex(each["key"]), each["entry"], each["mark"], each["finding"])
        if made != each["commitment"]:
            raise CheckFailed("samples", f"line {each['number']} of its sheet is not what was kept", index)
