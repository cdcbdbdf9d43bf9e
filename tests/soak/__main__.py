"""An hour of work with five faults a minute: kill of child, parent and keeper, full disk, lost database,
lost broker, poisoned file, damaged upload.

Then every run must have ended once, as it had to; no lease may have been lost without cause; the log must
hold; memory must be flat. Prints JSON.

    python -m tests.soak [--minutes 60] [--faults 5] [--out soak.json]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

WAITING = 6
"""Files that are kept waiting, so that there is always work to be disturbed."""

LAST_RUNS_SECONDS = 600
GROWTH = 1.25
"""What a process may have grown to, from the first half of the soak to the second."""

KINDS = (
    *("child_killed", "disk_full", "upload_damaged", "broker_lost", "database_lost"),
    *("child_killed", "parent_killed", "upload_damaged", "disk_full", "keeper_killed", "file_poisoned"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--faults", type=float, default=5, help="a minute (default: 5)")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write the report there, too")
    options = parser.parse_args()
    var = Path(tempfile.mkdtemp(prefix="omnigov-soak-"))
    os.environ.update(OMNIGOV_VAR=str(var), OMNIGOV_LEASE_SECONDS="15", OMNIGOV_SWEEP_SECONDS="2")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
        os.environ.pop(name, None)
    try:
        report = soak(var, options.minutes, options.faults, random.Random(options.seed))
    finally:
        shutil.rmtree(var, ignore_errors=True)
    text = json.dumps(report, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")
    return 0 if report["ok"] else 1


def soak(var: Path, minutes: float, faults_a_minute: float, chance: random.Random) -> dict[str, Any]:
    from omnigov.commands import setup
    from omnigov.commands.installation import installation

    with installation():
        from tests.soak.faults import Faults
        from tests.soak.running import Files, Processes

        setup.prepare("main")
        processes, files = Processes(var / "log"), Files()
        faults = Faults(var, processes, files)
        try:
            done, memory = _disturbed(processes, files, faults, minutes, faults_a_minute, chance)
            ended_in = _finished(processes, files, faults)
            report = _judged(processes, files, memory) | {
                "minutes": minutes,
                "faults": dict(Counter(done)),
                "kills_by_poison": faults.poison_kills,
                "last_runs_ended_within_s": ended_in,
            }
        finally:
            processes.end()
    report["ok"] = not report["problems"]
    return report


def _disturbed(
    processes: Any, files: Any, faults: Any, minutes: float, rate: float, chance: random.Random
) -> tuple[list[str], list[dict[str, float]]]:
    """Work and faults until the time is over: the faults, and memory as it was every ten seconds."""
    from django.db import DatabaseError, InterfaceError, connections

    kinds: list[str] = []
    done, memory = list[str](), list[dict[str, float]]()
    end = time.monotonic() + 60 * minutes
    next_fault, next_look = time.monotonic() + 30, time.monotonic()
    while time.monotonic() < end:
        processes.look()
        try:
            faults.poison_look()
            while files.waiting() < WAITING:
                files.hand_in()
            if time.monotonic() >= next_fault:
                next_fault = max(next_fault + 60 / rate, time.monotonic())
                kinds = kinds or chance.sample(KINDS, len(KINDS))
                kind = kinds.pop()
                said = getattr(faults, kind)()
                done.append(kind)
                print(f"{len(done):4} {said}", file=sys.stderr, flush=True)
        except (DatabaseError, InterfaceError):
            connections.close_all()
        if time.monotonic() >= next_look:
            next_look += 10
            memory.append(processes.memory())
        time.sleep(0.2)
    return done, memory


def _finished(processes: Any, files: Any, faults: Any) -> float:
    """Seconds until what is left has ended, with nothing to disturb it."""
    began = time.monotonic()
    while files.waiting() and time.monotonic() - began < LAST_RUNS_SECONDS:
        processes.look()
        faults.poison_look()
        time.sleep(0.2)
    return round(time.monotonic() - began, 1)


def _judged(processes: Any, files: Any, memory: list[dict[str, float]]) -> dict[str, Any]:
    from omnigov.decisions.models import ENDED, Run
    from omnigov.keeper.faults import faults as job_faults
    from omnigov.ledger.check import check
    from omnigov.ledger.models import LedgerEntry

    problems: list[str] = []
    states: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    runs = {run.submission_id: run for run in files.runs()}
    for submission, run in runs.items():
        states[run.state] += 1
        codes[run.failure_code] += bool(run.failure_code)
        wanted = {"failed"} if submission in files.poisoned | files.damaged else {"recorded"}
        if run.state not in ENDED:
            problems.append(f"run {run.pk} has not ended: {run.state}, {run.trouble}")
        elif run.state not in wanted:
            problems.append(f"run {run.pk} ended as {run.state}: {run.failure_code} {run.failure_sentence}")
        ends = LedgerEntry.objects.filter(subject=run.pk, kind__in=("decision", "run_failed", "quarantine"))
        if ends.count() != 1:
            problems.append(f"run {run.pk} has {ends.count()} ends on the record")
    lost = processes.log().count("was taken over by another worker")
    if lost:
        problems.append(f"{lost} leases were lost while their worker lived")
    held = Run.objects.filter(lease_token__isnull=False).count()
    if held:
        problems.append(f"{held} runs are held although nothing is left to do")
    problems += [f"the log: {problem.detail}" for problem in check().problems]
    problems += [f"the keeper's job {fault}: {fault.sentence}" for fault in job_faults()]
    grown = _growth(memory)
    problems += [f"{name} grew to {grown[name]:.2f} times" for name in grown if grown[name] > GROWTH]
    return {
        "runs": len(runs),
        "states": dict(states),
        "codes": dict(codes),
        "memory_mib": {name: max(each.get(name, 0) for each in memory) for name in _names(memory)},
        "memory_growth": grown,
        "problems": problems,
    }


def _names(memory: list[dict[str, float]]) -> list[str]:
    return sorted({name for each in memory for name in each})


def _growth(memory: list[dict[str, float]]) -> dict[str, float]:
    """The most of the last half by that of the first, for each process that is there in both.

    The most, because children are killed so often that most of what is seen of them is how they load.
    """
    half = len(memory) // 2
    grown = {}
    for name in _names(memory):
        first = [each[name] for each in memory[:half] if name in each]
        last = [each[name] for each in memory[half:] if name in each]
        if first and last:
            grown[name] = round(max(last) / max(first), 3)
    return grown


if __name__ == "__main__":
    sys.exit(main())
