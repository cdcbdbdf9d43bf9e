"""`omnigov serve`: the web server and a worker, with the embedded servers where no URL names others."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
import time

from omnigov.commands import setup
from omnigov.commands.house import child, house, web_command, worker_command


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--no-worker", action="store_true", help="the web server alone; workers run elsewhere"
    )
    options = parser.parse_args(argv)
    if not port_is_free(options.host, options.port):
        print(
            f"Port {options.port} is taken. Choose another one: omnigov serve --port {options.port + 1}",
            file=sys.stderr,
        )
        return 1
    with house(), contextlib.ExitStack() as stack:
        from django.conf import settings

        from omnigov.decisions.comparison import compare as compare_decisions
        from omnigov.erasure.comparison import compare as compare_erasures
        from omnigov.exports.jobs import Exporter
        from omnigov.ledger.checking import Checker
        from omnigov.ledger.sequencer import Sequencer
        from omnigov.review.comparison import compare as compare_reviews

        setup.prepare("main")
        # Beside the worker's: what is done in the pages gets its place where no worker runs, too.
        checker = Checker([compare_decisions, compare_reviews, compare_erasures])
        for thread in (Sequencer(), Exporter(), checker):
            thread.start()
            stack.callback(thread.leave)
        processes = {
            "web server": stack.enter_context(
                child(web_command(host=options.host, port=options.port), name="web server")
            )
        }
        if not options.no_worker:
            processes["worker"] = stack.enter_context(child(worker_command(), name="worker"))
        if settings.OMNIGOV_WITNESSES:
            asking = [sys.executable, "-m", "omnigov.cli", "ledger", "cosign", "--every", "10"]
            processes["cosigning"] = stack.enter_context(child(asking, name="cosigning"))
        print(f"OmniGov is at http://{options.host}:{options.port}/ (Ctrl-C stops it).", flush=True)
        while True:
            time.sleep(0.5)
            for name, process in processes.items():
                if process.poll() is not None:
                    print(
                        f"The {name} ended with code {process.returncode}; see the lines above.",
                        file=sys.stderr,
                    )
                    return 1


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
