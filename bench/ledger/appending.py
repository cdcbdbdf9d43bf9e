"""How fast entries are committed and signed, beside bare INSERTs of the same bytes."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from figures import quantile
from material import decision, entry_bytes, new_entries


def bare_table() -> None:
    from django.conf import settings
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bare (seq bigserial PRIMARY KEY, body bytea NOT NULL)")
        cursor.execute(f"GRANT SELECT, INSERT ON bare TO {settings.OMNIGOV_APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON SEQUENCE bare_seq_seq TO {settings.OMNIGOV_APP_ROLE}")


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
        "checkpoint_lag_s": {"median": quantile(lags, 0.5), "p95": quantile(lags, 0.95)},
    }


def _write_all(what: str, rows: int, options: argparse.Namespace) -> tuple[float, list[float]]:
    start = str(time.time() + 3)
    command = [sys.executable, str(Path(__file__).parent), "--out", os.devnull, "--write", what, str(rows)]
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

    body, data, number = decision(), entry_bytes(), int(rows)

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
