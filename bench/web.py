"""How long the officers' and auditors' pages take with many decisions, and people who open them all the time.

Makes a house of its own, some decisions as workers leave them, and the rest as rows by SQL; starts a real web
server process, and lets people open pages through it for a while, each one every few seconds. Writes JSON:
median, p95 and worst of each page, the connections that the server had, and whether the figures are kept.

    omnigov bench web [--decisions 100000] [--people 20] [--seconds 60] [--every 2]
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg
from painted import LIMITS as PAINT_LIMITS
from painted import painted, within
from quick_fill import without_indexes

from omnigov.commands import setup
from omnigov.commands.installation import child, installation, web_command
from omnigov.commands.serve import port_is_free
from omnigov.pooling import pools_close

LIMITS_MS = {"queue": 150, "decision": 150, "trail": 150, "search": 500}
REAL = 24
"""Decisions with evidence, whose pages are opened."""
WORDS = 5000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two pages of a person")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omnigov-bench-") as folder:
        os.environ["OMNIGOV_VAR"] = folder
        with installation():
            setup.prepare("main")
            began = time.perf_counter()
            house = made(options.decisions)
            filled = time.perf_counter() - began
            result = asked(house, options)
    result |= {"filled_s": round(filled), "cores": os.cpu_count(), "load": os.getloadavg()}
    options.out.write_text(json.dumps(result, indent=2))
    print(json.dumps(result, indent=2))
    return 0


# --- the rows ------------------------------------------------------------------------------------------


def made(decisions: int) -> dict[str, Any]:
    """The people's sessions and the real decisions' ids, once all rows are there."""
    from django.test import Client

    from omnigov.accounts.models import Workspace
    from omnigov.accounts.services import person_add
    from omnigov.decisions.counts import counts_mend
    from omnigov.intake.services import batch_create
    from omnigov.policies.models import PolicyVersion
    from omnigov.review.counts import case_counts_mend

    workspace, password = Workspace.objects.get(), uuid.uuid4().hex
    operator, officer, auditor = (
        person_add(workspace=workspace, username=role, password=password, role=role)
        for role in ("operator", "officer", "auditor")
    )
    version = PolicyVersion.objects.exclude(model_version=None).order_by("policy__slug")[0]
    batch = batch_create(policy_version=version, name="Many", by=operator)
    real = [_decided(batch, operator, number) for number in range(REAL)]
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        labels = [label.key for label in version.spec.labels]
        values = {
            "n": max(0, decisions - REAL),
            "batch": batch.pk,
            "labels": labels,
            "words": WORDS,
            "run": real[0].run_id,
            "decision": real[0].pk,
            "workspace": workspace.pk,
            "officer": officer.pk,
        }
        with without_indexes(owner, TABLES):
            for statement in FILL:
                _tell(f"{statement.split('(')[0].strip()[:40]} …")
                owner.execute(statement, values)
            _tell("indexes …")
        _tell("counters, statistics …")
        counts_mend()
        case_counts_mend()
        owner.execute("VACUUM ANALYZE")
    sessions = {}
    for person in (officer, auditor):
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        sessions[person.username] = client.cookies["sessionid"].value
    return {"sessions": sessions, "real": [str(each.pk) for each in real], "decisions": decisions}


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _decided(batch: Any, operator: Any, number: int) -> Any:
    """A decision with its evidence and entries, by the services that workers use."""
    from datetime import timedelta

    from django.db.models.functions import Now
    from PIL import Image

    from omnigov import contracts
    from omnigov.decisions import leases, services
    from omnigov.decisions.models import Run
    from omnigov.decisions.uploads import file_submit
    from omnigov.evidence.models import Name
    from omnigov.evidence.services import part_write
    from workers.running.probing import check_one

    def held(run: Any, state: str) -> leases.Claim:
        token = uuid.uuid4()
        Run.objects.filter(pk=run.pk).update(
            lease_token=token, lease_until=Now() + timedelta(minutes=5), attempt=1, state=state
        )
        return leases.Claim(run.pk, token, 1)

    out = io.BytesIO()
    Image.new("RGB", (800 + number, 600), "teal").save(out, "PNG")
    picture = out.getvalue()
    submission = file_submit(batch=batch, name=f"real {number}.png", content=picture, by=operator)
    run = Run.objects.get(submission=submission)
    check_one(held(run, "checking"), lambda *_, **__: None)
    run.refresh_from_db()
    place = contracts.Area(left=1, top=1, right=9, bottom=9)
    redaction = contracts.RedactionResult(
        media_type="image/png",
        width=800 + number,
        height=600,
        digest=hashlib.sha256(picture).hexdigest(),
        findings=tuple(
            contracts.Finding(kind="FACE", place=place, score=900_000, detector="bench") for _ in range(40)
        ),
        detectors=(contracts.Detector(name="bench", version="1", digest="5a" * 32),),
        revision="4e" * 32,
        duration_ms=1,
    )
    hold = held(run, "redacting")
    part = part_write(
        run=run.id,
        asset=run.asset_id,
        token=hold.token,
        name=Name.REDACTED,
        media_type="image/png",
        content=[picture],
    )
    services.redaction_record(hold, redaction, parts=[part])
    hold = held(run, "inferring")
    labels = [label.key for label in run.policy_version.spec.labels]
    services.inference_record(
        hold,
        contracts.InferenceResult(
            label=labels[0],
            scores=tuple(
                contracts.LabelScore(label=key, log_likelihood=-1000 * at, probability=300_000 - at)
                for at, key in enumerate(labels)
            ),
            confidence=300_000,
            confidence_kind="uncalibrated",
            abstained=False,
            reasons=("It has four legs.",),
            prompt_digest="9b" * 32,
            model=run.model_version.spec,
            device="cpu",
            dtype="float32",
            seed=0,
            libraries={"bench": "1"},
            duration_ms=1,
        ),
    )
    return services.decision_record(hold, None, attribution_failure="The bench computes none.")


TABLES = (
    *("intake_mediaasset", "intake_submission", "decisions_run", "decisions_decision", "decisions_review"),
    *("review_case", "review_searchtext", "ledger_entry", "ledger_leaf"),
)

#: Everything from one table of numbers, so that rows of different tables fit each other. Nine of ten
#: decisions are done, as in a house of some years; of what waits, one in fifty is escalated.
FILL = (
    """CREATE TEMP TABLE made AS SELECT
        n, gen_random_uuid() AS asset, gen_random_uuid() AS submission, gen_random_uuid() AS run,
        gen_random_uuid() AS decision, gen_random_uuid() AS case_id, gen_random_uuid() AS entry,
        now() - n * interval '40 seconds' AS at,
        (%(labels)s::text[])[1 + floor(random() * array_length(%(labels)s::text[], 1))::int] AS label,
        CASE WHEN random() < 0.9 THEN 'reviewed' WHEN random() < 0.02 THEN 'escalated' ELSE 'waiting' END
            AS state,
        (random() * 1000000)::int AS confidence
    FROM generate_series(1, %(n)s) n""",
    """INSERT INTO intake_mediaasset
        (id, workspace_id, media_type, size, width, height, keyed_digest, commitment, created_at,
         retention_at)
    SELECT asset, %(workspace)s, 'image/png', 1, 1, 1, lpad(n::text, 64, '0'), lpad(n::text, 64, '0'), at, at
        + interval '10 years' FROM made""",
    """INSERT INTO intake_submission (id, batch_id, uploaded_by_id, uploader_assumed, name, state, length,
        "offset", sealed, refusal_code, refusal_sentence, encoding, asset_id, seen_before, created_at,
        touched_at)
    SELECT made.submission, batch_id, uploaded_by_id, false, 'scan of a form ' || n || '.png', 'accepted', 1,
        1, 1, '', '', '', asset, false, at, at
    FROM made, (SELECT batch_id, uploaded_by_id FROM intake_submission WHERE batch_id = %(batch)s LIMIT 1) one
    """,
    """INSERT INTO decisions_run (id, workspace_id, submission_id, asset_id, policy_version_id,
        model_version_id, seed, by_hand, state, step, progress, failure_code, failure_sentence, leased_by,
        attempt, suspect, trouble_code, trouble, redaction, inference, timings, created_at, ended_at)
    SELECT made.run, %(workspace)s, made.submission, made.asset, one.policy_version_id, one.model_version_id,
        0, false, 'recorded', '', 1000000, '', '', '', 0, false, '', '', NULL, NULL, '{}', at, at
    FROM made, (SELECT * FROM decisions_run WHERE id = %(run)s) one""",
    """INSERT INTO decisions_decision (id, run_id, workspace_id, label, outcome, confidence, confidence_kind,
        abstained, review_state, review_reasons, entry, created_at)
    SELECT decision, run, %(workspace)s, label, label, confidence, 'uncalibrated', false, state,
        '["low_confidence"]', entry, at FROM made""",
    """INSERT INTO review_case (id, workspace_id, run_id, decision_id, kind, state, reasons, label, outcome,
        confidence, medium, policy_id, batch_id, uploader_id, risk, urgency, since, answered_at, needed, most,
        blind, disagreed, named, indexed)
    SELECT case_id, %(workspace)s, run, decision, 'decision',
        CASE made.state WHEN 'reviewed' THEN 'answered' WHEN 'escalated' THEN 'escalated' ELSE 'open' END,
        '{low_confidence}', made.label, made.label, made.confidence, 'picture', one.policy_id, %(batch)s,
        one.uploader_id, 1 + n %% 3, CASE made.state WHEN 'escalated' THEN 0 ELSE 1 END, at,
        CASE made.state WHEN 'reviewed' THEN at END, 1, 1, true, false, false, true
    FROM made, (SELECT policy_id, uploader_id FROM review_case WHERE decision_id = %(decision)s) one""",
    # Words as texts have them: a few are nearly everywhere, most are rare.
    """INSERT INTO review_searchtext (case_id, workspace_id, since, grams, whole)
    SELECT case_id, %(workspace)s, at, array_to_tsvector(ARRAY(
        SELECT DISTINCT 'w' || floor(exp(random() * ln(%(words)s)))::int
        FROM generate_series(1, 30) WHERE n > 0
    ) || ARRAY['scan', 'form', n::text]), true FROM made""",
    """INSERT INTO ledger_entry (id, workspace, kind, schema, subject, idempotency_key, created_at, body,
        leaf_hash)
    SELECT entry, workspace, kind, schema, run, 'bench:' || n, at, body, leaf_hash
    FROM made, (SELECT workspace, kind, schema, body, leaf_hash FROM ledger_entry
        WHERE kind = 'decision' ORDER BY seq LIMIT 1) one ORDER BY n DESC""",
    """INSERT INTO ledger_entry (id, workspace, kind, schema, subject, idempotency_key, created_at, body,
        leaf_hash)
    SELECT gen_random_uuid(), workspace, kind, schema, subject, 'bench:r' || n, at, body,
        leaf_hash
    FROM made, (SELECT workspace, kind, schema, subject, body, leaf_hash FROM ledger_entry
        WHERE kind = 'role_given' ORDER BY seq DESC LIMIT 1) one WHERE n %% 3 = 0 ORDER BY n DESC""",
    """INSERT INTO decisions_review (id, decision_id, officer_id, verdict, label, reason, entry, created_at)
    SELECT gen_random_uuid(), decision, %(officer)s, 'uphold', '', 'Plainly so.', gen_random_uuid(), at
    FROM made WHERE state = 'reviewed'""",
    """INSERT INTO ledger_leaf (index, entry_id)
    SELECT (SELECT COALESCE(max(index), -1) FROM ledger_leaf) + row_number() OVER (ORDER BY seq), seq
    FROM ledger_entry entry WHERE NOT EXISTS (SELECT FROM ledger_leaf WHERE entry_id = entry.seq)""",
)


# --- the people ----------------------------------------------------------------------------------------


def asked(house: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """What the pages took while so many people opened them."""
    port = next(port for port in range(8300, 8400) if port_is_free("127.0.0.1", port))
    pools_close()
    log = Path(os.environ["OMNIGOV_VAR"]) / "web.log"
    with child(web_command(host="127.0.0.1", port=port), name="web", log=log) as server:
        _wait(port)
        _tell("one person alone …")
        alone = _alone(port, house, server.pid)
        first = painted(port, {name: (each[0], _session(house, name)) for name, each in pages(house).items()})
        _tell(f"{options.people} people …")
        took: dict[str, list[float]] = {name: [] for name in pages(house)}
        bytes_of: dict[str, int] = {}
        wrong: list[str] = []
        until = time.monotonic() + options.seconds
        watched = _Watched(until)
        people = [
            threading.Thread(
                target=_person, args=(port, house, number, until, options.every, took, bytes_of, wrong)
            )
            for number in range(options.people)
        ]
        for each in (watched, *people):
            each.start()
        for each in (*people, watched):
            each.join()
    figures = {name: _figures(times, bytes_of.get(name, 0)) for name, times in took.items() if times}
    return {
        "benchmark": "web",
        "decisions": house["decisions"],
        "people": options.people,
        "every_s": options.every,
        "pages_opened": sum(len(times) for times in took.values()),
        "refused": wrong[:5],
        "pages": figures,
        "one_person_alone": alone,
        "first_load_worst_of_3": first,
        "first_load_limits": PAINT_LIMITS,
        "first_load_within": within(first),
        "queries": explained(house),
        "connections_most": watched.most,
        "limits_p95_ms": LIMITS_MS,
        "within": not wrong and all(figures[name]["p95_ms"] <= limit for name, limit in LIMITS_MS.items()),
    }


def explained(house: dict[str, Any]) -> dict[str, Any]:
    """Of each page: how many queries, and the one that took longest, as PostgreSQL carries it out."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    found = {}
    for name, addresses in pages(house).items():
        client = Client(SERVER_NAME="localhost")
        client.cookies["sessionid"] = _session(house, name)
        worst: tuple[float, str, str, int] = (0.0, "", "", 0)
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            for each in queries.captured_queries:
                if each["sql"].startswith("SELECT") and float(each["time"]) > worst[0]:
                    worst = (float(each["time"]), address, each["sql"], len(queries))
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, SUMMARY) " + worst[2].replace("%", "%%"))
            plan = [row[0] for row in cursor.fetchall()]
        found[name] = {
            "slowest_ms": round(1000 * worst[0], 1),
            "address": worst[1],
            "queries_of_that_page": worst[3],
            "whole_tables_read": [line.strip() for line in plan if "Seq Scan" in line and _is_large(line)],
            "plan": plan,
        }
    return found


def _is_large(line: str) -> bool:
    return any(f" on {table}" in line for table in TABLES)


def _session(house: dict[str, Any], page: str) -> str:
    found: str = house["sessions"][_who(page)]
    return found


def _alone(port: int, house: dict[str, Any], server: int) -> dict[str, Any]:
    """Each address opened by one person, and what that took the server's processor: true under load, too."""
    found = {}
    for name, addresses in pages(house).items():
        session = house["sessions"][_who(name)]
        _open(port, session, addresses[0])
        times, began = [], _processor_s(server)
        for address in addresses:
            start = time.monotonic()
            _open(port, session, address)
            times.append(1000 * (time.monotonic() - start))
        busy = 1000 * (_processor_s(server) - began) / len(addresses)
        slowest = max(range(len(times)), key=times.__getitem__)
        found[name] = {
            **_figures(times, 0),
            "server_processor_ms": round(busy, 1),
            "slowest": addresses[slowest],
        }
    return found


def _processor_s(pid: int) -> float:
    """Seconds that a process and its threads have computed, by the kernel's count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pages(house: dict[str, Any]) -> dict[str, list[str]]:
    """What is opened, by the name of the figure."""
    rare = [f"w{number}" for number in range(200, WORDS, 97)]
    return {
        "queue": [
            *("/review/", "/review/?sort=risk", "/review/?show=escalated", "/review/?show=mine"),
            *("/review/?label=animal", "/review/?reason=low_confidence&risk=1", "/review/done/"),
            *("/review/?show=all", "/review/?show=answered&outcome=animal", "/review/?age=30"),
        ],
        "decision": [f"/decisions/{pk}/" for pk in house["real"]],
        "trail": ["/ledger/", "/ledger/trail/", "/ledger/?kind=decision"],
        "search": [
            *(f"/review/?q={word}" for word in rare),
            *("/review/?q=scan", "/review/?q=w1", "/review/?q=w2+w3", "/review/?q=nothing+such"),
        ],
    }


def _who(name: str) -> str:
    return "auditor" if name == "trail" else "officer"


def _person(
    port: int,
    house: dict[str, Any],
    number: int,
    until: float,
    every: float,
    took: dict[str, list[float]],
    bytes_of: dict[str, int],
    wrong: list[str],
) -> None:
    """One person at their desk: a page, a look at it, another page."""
    chance, choice = random.Random(number), pages(house)
    time.sleep(chance.random() * every)
    names = ["queue", "decision", "decision", "queue", "search", "trail"]
    while time.monotonic() < until:
        name = chance.choice(names)
        address = chance.choice(choice[name])
        began = time.monotonic()
        try:
            status, size = _open(port, house["sessions"][_who(name)], address)
        except OSError as error:
            wrong.append(f"{address}: {error}")
            continue
        spent = time.monotonic() - began
        if status != 200:
            wrong.append(f"{address}: {status}")
        took[name].append(1000 * spent)
        bytes_of[name] = max(bytes_of.get(name, 0), size)
        time.sleep(max(0.0, every - spent))


def _open(port: int, session: str, address: str) -> tuple[int, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(
            "GET", address, headers={"Cookie": f"sessionid={session}", "Host": f"localhost:{port}"}
        )
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    finally:
        connection.close()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            _open(port, "", "/sign-in/")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The web server did not come up.")


class _Watched(threading.Thread):
    """How many connections the application's role had at most."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.most = 0
        self._until = until

    def run(self) -> None:
        asked_for = (
            "SELECT count(*) FROM pg_stat_activity WHERE usename <> current_user AND datname IS NOT NULL"
        )
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            while time.monotonic() < self._until:
                found = owner.execute(asked_for).fetchone()
                self.most = max(self.most, found[0] if found else 0)
                time.sleep(0.5)


def _figures(times: list[float], size: int) -> dict[str, Any]:
    times = sorted(times)
    return {
        "opened": len(times),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[min(len(times) - 1, int(0.95 * len(times)))], 1),
        "worst_ms": round(times[-1], 1),
        "bytes": size,
    }


if __name__ == "__main__":
    sys.exit(main())
