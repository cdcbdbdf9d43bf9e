"""`omnigov serve`: web server, keeper and workers, with the embedded servers where no URL names others.

What ends is started again, after pauses that grow, and said; nothing that ends takes another process with it.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import time
from functools import partial

from omnigov.commands import setup
from omnigov.commands.installation import installation, keeper_command, web_command, worker_command
from omnigov.pooling import pools_close
from omnigov.supervision.restarting import Ended, Restarted, interrupted, start, told

AT_ONCE = 10.0
"""Seconds: a web server that ends sooner, the first time, has never been there."""

PATIENCE = 30.0
"""Seconds that a process has to leave."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--no-worker", action="store_true", help="the web server and the keeper alone; workers run elsewhere"
    )
    options = parser.parse_args(argv)
    if not port_is_free(options.host, options.port):
        print(
            f"Port {options.port} is taken. Choose another one: omnigov serve --port {options.port + 1}",
            file=sys.stderr,
        )
        return 1
    with installation(), contextlib.ExitStack() as stack:
        setup.prepare("main")
        pools_close()  # and their threads: this process makes others, and has one thread for that
        commands = {"web server": web_command(host=options.host, port=options.port)}
        commands["keeper"] = keeper_command()
        if not options.no_worker:
            commands["worker"] = worker_command()
        processes = [Restarted(name, partial(_started, command)) for name, command in commands.items()]
        for each in processes:
            stack.callback(each.end, PATIENCE)
        print(f"OmniGov is at http://{options.host}:{options.port}/ (Ctrl-C stops it).", flush=True)
        with interrupted():
            return _keep_up(processes)
    return 0


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return start(command)


def _keep_up(processes: list[Restarted]) -> int:
    """Starts again what ends, until Ctrl-C; 1 where the web server can't even be started."""
    while True:
        for each in processes:
            ended = each.look()
            if ended is None:
                continue
            if each.name == "web server" and _never_was(each, ended):
                print(
                    f"The web server did not start (code {ended.code}); see the lines above.",
                    file=sys.stderr,
                )
                return 1
            print(told(each.name, ended), file=sys.stderr, flush=True)
        time.sleep(0.1)


def _never_was(process: Restarted, ended: Ended) -> bool:
    return process.starts == 1 and ended.lived < AT_ONCE and ended.code > 0


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
