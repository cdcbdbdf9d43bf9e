"""The embedded servers: shared, private, and gone with the last one who needed them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from omnigov import embedded

HOLD = (
    "import sys, time; from pathlib import Path; from omnigov.embedded import running, leave_on_terminate\n"
    "leave_on_terminate()\n"
    "with running(Path(sys.argv[1])) as urls:\n"
    "    print(urls.database, flush=True); time.sleep(120)\n"
)

pytestmark = pytest.mark.services


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    # Not pytest's own folder: as root, the server runs as another user, who has to reach it.
    with tempfile.TemporaryDirectory(prefix="omnigov-embedded-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def hold(var: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(var)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        return process, said.readline().strip()


def test_they_stop_with_the_last_holder(var: Path) -> None:
    with embedded.running(var) as urls:
        with embedded.running(var) as again:
            assert again == urls
        assert answers(urls.database)
        assert embedded._valkey_answers(embedded.socket_folder(var) / "valkey.sock")
    assert not answers(urls.database)
    assert not embedded._valkey_answers(embedded.socket_folder(var) / "valkey.sock")


def test_the_application_role_owns_nothing_and_nobody_gets_in_without_a_password(var: Path) -> None:
    with embedded.running(var) as urls:
        with psycopg.connect(urls.database_owner) as owner:
            owner.execute("CREATE TABLE kept (n int)")
        with psycopg.connect(urls.database) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE kept")
        host = urls.database.split("host=")[1]
        assert not answers(f"postgresql://postgres@/postgres?host={host}")


def test_a_holder_that_is_asked_to_leave_stops_them(var: Path) -> None:
    process, url = hold(var)
    assert answers(url)
    process.terminate()
    process.wait(20)
    assert not answers(url)


def test_a_killed_holder_does_not_keep_them_alive_for_ever(var: Path) -> None:
    process, url = hold(var)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert answers(url)
    with embedded.running(var) as urls:
        assert urls.database == url
    time.sleep(0.1)
    assert not answers(url)
