"""Proofs, exports and their check, beside `COPY`, bare hashing and the libraries of the same formats."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from figures import median_ms, rate_of
from material import entry_bytes


def proof() -> dict[str, Any]:
    from omnigov.ledger import merkle, queries
    from omnigov.ledger.checkpoint import tlog_proof

    newest = queries.latest_checkpoint()
    assert newest is not None
    index = newest.size // 3
    entry = queries.entry_at(index)
    assert entry is not None
    hashes = queries.inclusion(index, newest.size)
    leaf, top = bytes(entry.leaf_hash), bytes(newest.root)
    rounds = 20_000
    began = time.perf_counter()
    for _ in range(rounds):
        merkle.verify_inclusion(index, newest.size, leaf, hashes, top)
    rate = rounds / (time.perf_counter() - began)
    hashing = rate_of(lambda: [hashlib.sha256(b"\x01" + leaf + top).digest() for _ in hashes])
    return {
        "log_size": newest.size,
        "bytes": len(tlog_proof(index, hashes, newest.note).encode()),
        "make_ms": median_ms(lambda: queries.inclusion(index, newest.size), 50),
        "verify_per_second": round(rate),
        "bare_hashing_per_second": round(hashing),
        "ratio": round(rate / hashing, 3),
    }


def export(bundle: Path) -> dict[str, Any]:
    """The bundle of the whole log, its NDJSON part alone, and COPY of the same rows."""
    import psycopg
    from django.db import connection

    from omnigov.ledger import queries
    from omnigov.ledger.export import export as write_bundle
    from omnigov.ledger.export import ndjson_line

    newest = queries.latest_checkpoint()
    assert newest is not None
    lines, rows_file = bundle.with_suffix(".ndjson"), bundle.with_suffix(".copy")
    began = time.perf_counter()
    count = 0
    with lines.open("wb") as out:
        for index, body in queries.entries(size=newest.size):
            out.write(ndjson_line(index, body))
            count += 1
    reading = count / (time.perf_counter() - began)
    lines.unlink()
    connection.ensure_connection()
    began = time.perf_counter()
    with (
        rows_file.open("wb") as out,
        psycopg.Cursor(connection.connection) as cursor,
        cursor.copy(
            "COPY (SELECT index, body FROM ledger_leaf JOIN ledger_entry ON seq = entry_id ORDER BY index) "
            "TO STDOUT"
        ) as rows,
    ):
        for row in rows:
            out.write(row)
    rows_file.unlink()
    copying = count / (time.perf_counter() - began)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    done = write_bundle(bundle)
    writing = done.entries / (time.perf_counter() - began)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "entries": done.entries,
        "bundle_entries_per_second": round(writing),
        "ndjson_entries_per_second": round(reading),
        "copy_rows_per_second": round(copying),
        "ratio_ndjson_to_copy": round(reading / copying, 3),
        "memory_grown_mib": round(grown / 1024, 1),
    }


def prov(folder: Path, count: int = 5000) -> dict[str, Any]:
    """Decisions a second as PROV-JSONLD, by ours and by the `prov` library's own model and writer."""
    from omnigov.exports.prov import Prov
    from omnigov.ledger import canonical, queries

    newest = queries.latest_checkpoint()
    assert newest is not None
    found = [
        (index, canonical.decode(body), body)
        for index, body in itertools.islice(queries.entries(size=newest.size), count)
    ]
    form = Prov()
    part = folder / "prov"
    part.mkdir()
    began = time.perf_counter()
    segment = form.segment(part)
    for each in found:
        segment.add(*each)
    segment.close()
    ((_, pieces),) = form.members([part])
    text = b"".join(pieces)
    ours = count / (time.perf_counter() - began)
    # The library makes the same statements from the same entries, and writes them in the same form.
    few = found[: count // 10]
    began = time.perf_counter()
    _prov_library(few)
    theirs = len(few) / (time.perf_counter() - began)
    return {
        "decisions_per_second": round(ours),
        "prov_library_per_second": round(theirs),
        "ratio": round(ours / theirs, 1),
        "bytes_a_decision": len(text) // count,
    }


def _prov_library(found: list[tuple[int, dict[str, Any], bytes]]) -> str:
    import datetime

    from prov.model import PROV, ProvDocument

    document = ProvDocument()
    document.add_namespace("id", "urn:uuid:")
    document.add_namespace("sha256", "urn:sha256:")
    document.add_namespace("omnigov", "https://omnigov.example/ns#")
    for index, entry, _ in found:
        record = entry["record"]
        at = datetime.datetime.fromisoformat(entry["at"])
        original = document.entity(f"omnigov:asset-{record['asset']}")
        policy = document.entity(f"sha256:{record['policy']}", {"prov:type": PROV["Plan"]})
        model = document.agent(f"sha256:{record['policy']}m", {"prov:type": PROV["SoftwareAgent"]})
        copy = document.entity(
            f"omnigov:copy-{record['redacted']}", {"omnigov:findings": record["findings_count"]}
        )
        document.wasDerivedFrom(copy, original)
        run = document.activity(f"id:{entry['subject']}", None, at, {"omnigov:device": record["device"]})
        document.used(run, copy)
        document.wasAssociatedWith(run, model, policy)
        decision = document.entity(
            f"id:{entry['id']}", {"omnigov:label": record["label"], "omnigov:index": index}
        )
        document.wasGeneratedBy(decision, run, at)
        document.wasAttributedTo(decision, model)
    text: str = document.serialize(format="jsonld")
    return text


def verified(bundle: Path) -> dict[str, Any]:
    """A process that verifies the bundle, beside hashing the bytes of the same members."""
    began = time.perf_counter()
    with zipfile.ZipFile(bundle) as archive:
        for name in archive.namelist():
            digest = hashlib.sha256()
            with archive.open(name) as member:
                while chunk := member.read(1 << 20):
                    digest.update(chunk)
    hashing = time.perf_counter() - began
    command = [sys.executable, str(Path(__file__).parent), "--out", os.devnull, "--verify", str(bundle)]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return {**found, "bare_hashing_s": round(hashing, 2), "ratio": round(found["seconds"] / hashing, 1)}


def verify(bundle: Path) -> int:
    from omnigov.ledger.verify import verify_bundle

    began = time.perf_counter()
    report = verify_bundle(bundle)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "ok": report.ok,
                "entries": report.entries,
                "seconds": round(seconds, 2),
                "peak_mib": round(peak),
            }
        )
    )
    return 0


def canonical_json() -> dict[str, Any]:
    import rfc8785

    from omnigov.ledger import canonical

    value = canonical.decode(entry_bytes())
    assert canonical.encode(value) == rfc8785.dumps(value)
    ours = rate_of(lambda: [canonical.encode(value) for _ in range(20)]) * 20
    theirs = rate_of(lambda: [rfc8785.dumps(value) for _ in range(20)]) * 20
    return {"per_second": round(ours), "rfc8785_per_second": round(theirs), "ratio": round(ours / theirs, 2)}
