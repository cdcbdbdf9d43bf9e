"""Servers up and Django ready, for as long as a command needs them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from omnigov.embedded import Urls, running


def var_folder() -> Path:
    """Where this installation keeps what it makes: OMNIGOV_VAR, or `var` beside the source."""
    return Path(os.environ.get("OMNIGOV_VAR", Path(__file__).resolve().parents[2] / "var"))


@contextlib.contextmanager
def house() -> Iterator[Urls]:
    """PostgreSQL and the broker for the block, named in the environment; Django set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnigov.settings")
    with running(var_folder()) as urls:
        os.environ.update(urls.as_environment())
        import django

        django.setup()
        try:
            yield urls
        finally:
            from django.db import connections

            connections.close_all()


def worker_command(*, queues: str = "cpu,gpu", concurrency: int = 2) -> list[str]:
    """The command line of a worker process.

    Threads, because weights are loaded once for all of them, after the start; two, so that one picture
    is redacted while another one is with the model.
    """
    arguments = ["-A", "omnigov.celery", "worker", "-Q", queues, "-P", "threads", "-c", str(concurrency)]
    return [
        sys.executable,
        "-m",
        "celery",
        *arguments,
        "--loglevel",
        "INFO",
        "--without-gossip",
        "--without-mingle",
    ]


def web_command(*, host: str, port: int) -> list[str]:
    """The command line of a web server process."""
    arguments = ["omnigov.asgi:application", "--host", host, "--port", str(port), "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", *arguments, "--lifespan", "off"]


@contextlib.contextmanager
def child(command: list[str], *, name: str, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A child process for the block: asked to leave at its end, and made to after 20 s."""
    with contextlib.ExitStack() as stack:
        out = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            out = stack.enter_context(log.open("ab"))
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)  # noqa: S603 - ours
        try:
            yield process
        finally:
            end(process, name)


def end(process: subprocess.Popen[bytes], name: str, patience: float = 20) -> None:
    """SIGTERM, then SIGKILL: a worker's runs are safe either way, their leases end by themselves."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        print(f"The {name} did not leave within {patience:.0f} s and is stopped now.", file=sys.stderr)
        process.kill()
        process.wait()
