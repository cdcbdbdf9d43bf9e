"""A process has a few connections, which its threads share: however many browsers, the database has room."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from omnigov import settings
from omnigov.commands.installation import child, web_command
from omnigov.commands.serve import port_is_free
from omnigov.exports import jobs
from omnigov.exports.models import ExportJob
from tests.conftest import Cast

pytestmark = pytest.mark.services

MOST = 4
BROWSERS = 60
NAME = "watched"


def test_a_database_that_falls_silent_is_noticed() -> None:
    options = settings._database("postgresql://u@db/omnigov?keepalives_idle=60")["OPTIONS"]
    assert options["keepalives_idle"] == "60"
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == ("10", "30000")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        brief = settings._database(f"postgresql://u@127.0.0.1:{port}/omnigov?connect_timeout=2")["OPTIONS"]
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=port, user="u", dbname="omnigov", **brief)
        assert time.monotonic() - began < 10


@pytest.fixture
def site(committed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A web server with a pool of `MOST` connections, which the database knows by a name."""
    monkeypatch.setenv("OMNIGOV_DATABASE_CONNECTIONS", str(MOST))
    monkeypatch.setenv("OMNIGOV_EXPORTS_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"{os.environ['DATABASE_URL']}&application_name={NAME}")
    port = next(port for port in range(8300, 8400) if port_is_free("127.0.0.1", port))
    url = f"http://127.0.0.1:{port}"
    with child(web_command(host="127.0.0.1", port=port), name="web server", log=tmp_path / "web.log"):
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/sign-in/", timeout=5).close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.1)
        yield url


class Watch(threading.Thread):
    """The most connections that the web server has while this runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self._ended = 0, threading.Event()

    def run(self) -> None:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
            while not self._ended.wait(0.01):
                (count,) = connection.execute(asked, [NAME]).fetchone()  # type: ignore[misc]
                self.most = max(self.most, count)

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def signed_in(person: Any) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    return {"Cookie": "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())}


def opened(url: str, headers: dict[str, str]) -> Any:
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)  # noqa: S310 - our own server


def test_many_browsers_share_a_few_connections(committed_cast: Cast, site: str, tmp_path: Path) -> None:
    people: Any = committed_cast
    headers = signed_in(people.operator)

    def look(_: int) -> int:
        with opened(f"{site}/batches/", headers) as answer:
            answer.read()
            return int(answer.status)

    with Watch() as watch, ThreadPoolExecutor(BROWSERS) as browsers:
        pages = list(browsers.map(look, range(BROWSERS)))
    assert pages == [200] * BROWSERS
    assert 0 < watch.most <= MOST


def test_who_reads_a_large_file_slowly_keeps_none(
    committed_cast: Cast, site: str, settings: Any, tmp_path: Path
) -> None:
    people: Any = committed_cast
    settings.OMNIGOV_EXPORTS_DIR = tmp_path
    size = 64 * 1024 * 1024
    job = ExportJob.objects.create(
        workspace=people.workspace,
        by=people.auditor,
        profile="redacted",
        language="en",
        state=ExportJob.State.DONE,
        size=size,
        digest="0" * 64,
        ended_at=datetime.now(UTC),
    )
    with jobs.file_of(job).open("wb") as file:
        file.truncate(size)
    headers = signed_in(people.auditor)
    with ExitStack() as slow:
        for _ in range(MOST + 2):
            slow.enter_context(opened(f"{site}/export/{job.id}/file/", headers))
        with opened(f"{site}/export/", headers) as page:
            assert page.status == 200


def test_a_process_ends_without_a_word_of_its_pool(committed: None) -> None:
    """Its threads are ended with it, whichever thread it was that asked the database."""
    script = """
import threading, django
django.setup()
from django.db import connection
from omnigov.accounts.models import User
asked = threading.Thread(target=lambda: (User.objects.count(), connection.close()))
asked.start(); asked.join()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
