"""The record at speed: each figure beside its bare counterpart, in one run, on a database of its own.

Entries are decisions of some 1.5 KB. Writers are processes that commit `--rows` entries a transaction, as the
product does where it has several, in one call. They stand beside two counterparts that insert the same bytes,
as many a transaction, into a table with a key and no index: by one INSERT an entry, and by one for all.
Writes JSON.

    omnigov bench ledger [--entries 100000] [--seconds 5] [--writers 8]
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from omnigov.commands.house import house

DIGEST = "0123456789abcdef" * 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=100_000, help="in the log that is proved and exported")
    parser.add_argument("--seconds", type=float, default=5, help="that the writers write")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rows", type=int, nargs="*", default=[1, 50, 500], help="entries a transaction")
    parser.add_argument(
        "--write", nargs=4, metavar=("WHAT", "ROWS", "SECONDS", "START"), help=argparse.SUPPRESS
    )
    parser.add_argument("--verify", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        return write(*options.write)
    if options.verify:
        return verify(options.verify)
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    os.environ["OMNIGOV_VAR"] = str(folder)
    try:
        with house():
            result = measure(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    _bare_table()
    result: dict[str, Any] = {
        "benchmark": "ledger",
        "cores": os.cpu_count(),
        "entry_bytes": len(_body()),
        "canonical_json": canonical_json(),
        "append": [append(options, rows) for rows in options.rows],
    }
    result["integrate"] = fill(options.entries)
    result["proof"] = proof()
    result["export"] = export(folder / "whole.zip")
    result["prov"] = prov(folder)
    result["verify"] = verified(folder / "whole.zip")
    return result


def _bare_table() -> None:
    from django.conf import settings
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bare (seq bigserial PRIMARY KEY, body bytea NOT NULL)")
        cursor.execute(f"GRANT SELECT, INSERT ON bare TO {settings.OMNIGOV_APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON SEQUENCE bare_seq_seq TO {settings.OMNIGOV_APP_ROLE}")


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


def _body() -> bytes:
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


# --- append ----------------------------------------------------------------------------------------------


def append(options: argparse.Namespace, rows: int) -> dict[str, Any]:
    """Committed entries a second by all writers together, while a sequencer signs; and the bare INSERT's."""
    bare, _ = _write_all("bare", rows, options)
    bulk, _ = _write_all("bulk", rows, options)
    entries, lags = _write_all("entry", rows, options)
    return {
        "writers": options.writers,
        "rows_a_transaction": rows,
        "entries_per_second": round(entries),
        "bare_insert_per_second": round(bare),
        "bare_insert_of_all_per_second": round(bulk),
        "ratio": round(entries / bare, 3),
        "ratio_to_insert_of_all": round(entries / bulk, 3),
        "checkpoint_lag_s": {"median": _share(lags, 0.5), "p95": _share(lags, 0.95)},
    }


def _write_all(what: str, rows: int, options: argparse.Namespace) -> tuple[float, list[float]]:
    start = str(time.time() + 3)
    command = [sys.executable, __file__, "--out", os.devnull, "--write", what, str(rows)]
    writers = [
        subprocess.Popen([*command, str(options.seconds), start], stdout=subprocess.PIPE, text=True)
        for _ in range(options.writers)
    ]
    stop, lags = threading.Event(), list[float]()
    sequencer = threading.Thread(target=_sequence, args=(stop, lags))
    if what == "entry":
        sequencer.start()
    counts = [int(writer.communicate()[0]) for writer in writers]
    stop.set()
    if what == "entry":
        sequencer.join()
    return sum(counts) / options.seconds, lags


def _sequence(stop: threading.Event, lags: list[float]) -> None:
    """Integrates as a worker does, and notes how long the oldest entry of each batch had waited."""
    from django.db import connection

    from omnigov.ledger.sequencer import INTERVAL, integrate

    try:
        while not stop.is_set() or integrate():
            if not integrate():
                time.sleep(INTERVAL)
                continue
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT extract(epoch FROM c.created_at - e.created_at) FROM ledger_checkpoint c "
                    "JOIN ledger_leaf l ON l.index = c.size - 1 JOIN ledger_entry e ON e.seq = l.entry_id "
                    "ORDER BY c.size DESC LIMIT 1"
                )
                lags.append(float(cursor.fetchone()[0]))
    finally:
        connection.close()


def write(what: str, rows: str, seconds: str, start: str) -> int:
    """One writer: prints how many entries it has committed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    django.setup()
    import psycopg
    from django.db import connection, transaction

    from omnigov.ledger.services import append_many

    body, data, number = decision(), _body(), int(rows)

    def entries() -> None:
        append_many(new_entries(body, number))

    def bare() -> None:
        with psycopg.Cursor(connection.connection) as cursor:
            for _ in range(number):
                cursor.execute("INSERT INTO bare (body) VALUES (%b)", [data])

    def bulk() -> None:
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute("INSERT INTO bare (body) SELECT unnest(%b::bytea[])", [[data] * number])

    commit = {"entry": entries, "bare": bare, "bulk": bulk}[what]
    connection.ensure_connection()
    time.sleep(max(0.0, float(start) - time.time()))
    count, until = 0, time.monotonic() + float(seconds)
    while time.monotonic() < until:
        with transaction.atomic():
            commit()
        count += number
    print(count)
    return 0


def new_entries(body: Any, number: int) -> list[Any]:
    from omnigov.ledger.services import NewEntry

    runs = [uuid4() for _ in range(number)]
    return [NewEntry(body, UUID(int=7), run, f"bench:{run}") for run in runs]


def fill(count: int) -> dict[str, Any]:
    """Grows the log to `count` entries, and says how fast they got their places."""
    from django.db import transaction

    from omnigov.ledger import queries, sequencer, services

    newest = queries.latest_checkpoint()
    body, missing, spent, integrated = decision(), count - (newest.size if newest else 0), 0.0, 0
    while missing > 0:
        with transaction.atomic():
            services.append_many(new_entries(body, min(missing, 5000)))
        missing -= 5000
        began = time.perf_counter()
        integrated += sequencer.integrate()
        spent += time.perf_counter() - began
    newest = queries.latest_checkpoint()
    return {
        "log_size": newest.size if newest else 0,
        "entries_per_second": round(integrated / spent) if spent else None,
    }


# --- proofs, export, verify ------------------------------------------------------------------------------


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
    hashing = _rate(lambda: [hashlib.sha256(b"\x01" + leaf + top).digest() for _ in hashes])
    return {
        "log_size": newest.size,
        "bytes": len(tlog_proof(index, hashes, newest.note).encode()),
        "make_ms": _median(lambda: queries.inclusion(index, newest.size), 50),
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
    command = [sys.executable, __file__, "--out", os.devnull, "--verify", str(bundle)]
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

    value = canonical.decode(_body())
    assert canonical.encode(value) == rfc8785.dumps(value)
    ours = _rate(lambda: [canonical.encode(value) for _ in range(20)]) * 20
    theirs = _rate(lambda: [rfc8785.dumps(value) for _ in range(20)]) * 20
    return {"per_second": round(ours), "rfc8785_per_second": round(theirs), "ratio": round(ours / theirs, 2)}


# --- figures ---------------------------------------------------------------------------------------------


def _rate(work: Callable[[], object], rounds: int = 200, repeats: int = 5) -> float:
    """Calls a second, the median of some repeats."""
    rates = []
    for _ in range(repeats):
        began = time.perf_counter()
        for _ in range(rounds):
            work()
        rates.append(rounds / (time.perf_counter() - began))
    return statistics.median(rates)


def _median(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of a call, the median."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(times), 2)


def _share(values: list[float], share: float) -> float | None:
    """The value below which this share of them lies."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 3) if values else None


if __name__ == "__main__":
    sys.exit(main())
