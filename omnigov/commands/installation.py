"""Servers up and Django ready, for as long as a command needs them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from omnigov.embedded import Urls, running
from omnigov.pooling import pools_close
from omnigov.supervision.restarting import end, start, without


def var_folder() -> Path:
    """Where this installation keeps what it makes: OMNIGOV_VAR, or `var` beside the source."""
    return Path(os.environ.get("OMNIGOV_VAR", Path(__file__).resolve().parents[2] / "var"))


@contextlib.contextmanager
def installation() -> Iterator[Urls]:
    """PostgreSQL and the broker for the block, named in the environment; Django set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    with running(var_folder()) as urls:
        os.environ.update(urls.as_environment())
        import django

        django.setup()
        try:
            yield urls
        finally:
            pools_close()


OWNER, SIGNING, ORIGINALS = "DATABASE_OWNER_URL", "OMNIGOV_LOG_KEY", "OMNIGOV_ORIGINALS_KEY"
"""What not every process may have: the tables' owner, and where two private keys are."""


def worker_command(*, queues: str = "cpu,gpu") -> list[str]:
    """The command line of a worker: its parent, which starts the children that compute. It signs nothing."""
    command = [sys.executable, "-m", "omnigov.cli", "worker", "--queues", queues]
    return without((OWNER, SIGNING), command)


def keeper_command() -> list[str]:
    """The command line of a keeper. It opens no original."""
    return without((ORIGINALS,), [sys.executable, "-m", "omnigov.cli", "keeper"])


def web_command(*, host: str, port: int) -> list[str]:
    """The command line of a web server process. It seals uploads, opens no original, and signs nothing."""
    arguments = ["omnigov.asgi:application", "--host", host, "--port", str(port), "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", *arguments, "--lifespan", "off"]
    return without((OWNER, SIGNING, ORIGINALS), command)


@contextlib.contextmanager
def child(command: list[str], *, name: str, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A child process for the block: asked to leave at its end, and made to after 30 s."""
    process = start(command, log=log)
    try:
        yield process
    finally:
        end(process, name, patience=30)
