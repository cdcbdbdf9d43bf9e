"""`omnigov doctor`: checks this machine, and says the mend for what is amiss."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from typing import TypedDict

from omnigov.commands.installation import installation, var_folder
from omnigov.embedded import ServicesFailed

ENOUGH_DISK = 2_000_000_000


class Check(TypedDict):
    """One line of the doctor's: `mend` is empty where `ok`."""

    check: str
    ok: bool
    found: str
    mend: str


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov doctor", description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    checks = [*_gpu_side(), _disk(), *_servers()]
    if options.json:
        print(json.dumps(checks, ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'ok  ' if check['ok'] else 'MEND'}  {check['check']}: {check['found']}")
            if not check["ok"]:
                print(f"      {check['mend']}")
    return 0 if all(check["ok"] for check in checks) else 1


def _gpu_side() -> list[Check]:
    """Python, torch, PyAV and the model files: asked of the GPU side, which alone may load them."""
    command = [sys.executable, "-m", "workers", "doctor", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    try:
        checks: list[Check] = json.loads(answer.stdout)
    except json.JSONDecodeError:
        last = (answer.stderr.strip().splitlines() or ["no answer"])[-1]
        return [Check(check="workers", ok=False, found=last, mend="Install anew: make clean setup")]
    return checks


def _disk() -> Check:
    folder = var_folder()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    return Check(
        check="disk for data",
        ok=free >= ENOUGH_DISK,
        found=f"{free / 1e9:.1f} GB free for {folder}",
        mend="Free some space, or set OMNIGOV_VAR to a folder on a larger disk.",
    )


def _servers() -> list[Check]:
    try:
        with installation() as urls:
            return [
                _database(urls.database == urls.database_owner),
                *_migrations(),
                _broker(urls.broker),
                *_at_work(),
            ]
    except ServicesFailed as failure:
        return [Check(check="servers", ok=False, found="did not start", mend=str(failure))]


def _database(one_role: bool) -> Check:
    from django.db import DatabaseError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_user")
            version, role = cursor.fetchone()
    except DatabaseError as error:
        return Check(
            check="database",
            ok=False,
            found=str(error).strip().splitlines()[0],
            mend="Check DATABASE_URL, and that the server is up; unset it to use the embedded one.",
        )
    return Check(
        check="database",
        ok=not one_role,
        found=f"PostgreSQL {version} as {role}",
        mend="The application's role owns the tables and could switch off the record's guard. "
        "Make a second role, and set DATABASE_OWNER_URL to the owner and DATABASE_URL to the weaker one.",
    )


def _migrations() -> list[Check]:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return []  # said by the check before
    found = f"{len(missing)} migrations not applied" if missing else "up to date"
    return [Check(check="tables", ok=not missing, found=found, mend="Run: omnigov setup")]


def _at_work() -> list[Check]:
    """What the keeper's jobs can't get done, and workers that say why they do not work."""
    from django.db import DatabaseError

    from omnigov.decisions.live_workers import workers_in_trouble
    from omnigov.keeper.faults import faults

    try:
        found = [
            Check(
                check=f"keeper, {fault}",
                ok=False,
                found=f"{fault.sentence} ({fault.times} times since {fault.first_at:%Y-%m-%d %H:%M})",
                mend="Mend what it names; the keeper tries it again by itself.",
            )
            for fault in faults()
        ]
        found += [
            Check(
                check=f"worker {worker.name}",
                ok=False,
                found=worker.trouble,
                mend="Mend what it names; the worker starts again by itself.",
            )
            for worker in workers_in_trouble()
        ]
    except DatabaseError:
        return []  # said by the checks before
    return found or [Check(check="keeper and workers", ok=True, found="no faults are known", mend="")]


def _broker(url: str) -> Check:
    from kombu import Connection
    from kombu.exceptions import OperationalError

    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except (OperationalError, OSError) as error:
        return Check(
            check="broker",
            ok=False,
            found=type(error).__name__,
            mend="Check BROKER_URL, and that the server is up; unset it to use the embedded one.",
        )
    return Check(check="broker", ok=True, found="answers", mend="")
