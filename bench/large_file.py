"""A large file through the house: what memory the web server and a worker take, against the file's size.

A picture whose comments make it as large as is asked is uploaded to a real web server in pieces, sealed,
checked by a worker, opened by an officer, copied by the worker into sealed evidence, and downloaded. No kind
of medium is as large as that yet, so nothing is redacted: the worker here does what a worker does with bytes,
without models. Peak memory is what the kernel says of each process (VmHWM), set back before each size.
Writes JSON.

On two busy cores: worker 124 MiB whatever the size; web 209, 216 and 224 MiB for 64, 512 and 2,048 MB. It was
216, 250 and 312: `request.body` stays in its request, and a request in a cycle of references. What is left is
glibc's: threads come and go, and each has a heap of its own for a while.

    omnigov bench large_file [--megabytes 64 512 2048]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from omnigov.commands import setup
from omnigov.commands.installation import child, installation, web_command
from omnigov.commands.serve import port_is_free

MIB = 1024 * 1024
PIECE = 2 * MIB
"""As the upload page sends them."""
SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "cat.jpg"
COMMENT = b"\xff\xfe\xff\xff" + bytes(65_533)
PATIENCE = 900


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[64, 512, 2048])
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work()
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    os.environ["OMNIGOV_VAR"] = str(folder)
    try:
        result = measure(sorted(options.megabytes))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.out:
        options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def measure(sizes: list[int]) -> dict[str, Any]:
    port = next(port for port in range(8100, 8200) if port_is_free("127.0.0.1", port))
    with installation():
        setup.prepare("main")
        logs = Path(os.environ["OMNIGOV_VAR"]) / "log"
        worker_command = [sys.executable, __file__, "--work"]
        with (
            child(worker_command, name="worker", log=logs / "worker.log") as worker,
            child(web_command(host="127.0.0.1", port=port), name="web", log=logs / "web.log") as web,
        ):
            people = People(max(sizes) * MIB + PIECE)
            once(people, port, 1 * MIB)  # whatever is loaded on first use is loaded
            rows = []
            for size in sizes:
                for process in (web, worker):
                    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
                seconds = once(people, port, size * MIB)
                memory = {
                    "web_peak_mib": peak_mib(web.pid),
                    "worker_peak_mib": peak_mib(worker.pid),
                }
                rows.append({"megabytes": size, **memory, "seconds": seconds})
    first, last = rows[0], rows[-1]
    grown = last["megabytes"] - first["megabytes"] or 1
    return {
        "benchmark": "large_file",
        "cores": os.cpu_count(),
        "sizes": rows,
        "mib_of_memory_a_mib_of_file": {
            name: round((last[f"{name}_peak_mib"] - first[f"{name}_peak_mib"]) / grown, 4)
            for name in ("web", "worker")
        },
    }


def work() -> None:
    """What a worker does with bytes: checks what came in, copies what an officer opened, piece by piece."""
    import django

    django.setup()
    from omnigov.decisions import leases
    from omnigov.intake import vault
    from omnigov.intake.models import MediaAsset
    from omnigov.intake.originals import view_make
    from workers.running.probing import check_one

    def copied(asset: MediaAsset) -> tuple[Iterator[bytes], str]:
        return vault.Original(asset.id, length=asset.size).pieces(), asset.media_type

    def extended(claim: leases.Claim, *_: object, **__: object) -> None:
        leases.leases_extend([claim])

    while True:
        for claim in leases.runs_claim(step="check", worker="bench"):
            check_one(claim, partial(extended, claim))
        if not view_make(copied):
            time.sleep(0.05)


class People:
    """An operator who uploads and an officer who opens, signed in, and a policy that takes large files."""

    def __init__(self, max_bytes: int) -> None:
        from omnigov.accounts.models import Workspace
        from omnigov.accounts.services import person_add
        from omnigov.policies.queries import current_version
        from omnigov.policies.services import policy_publish

        workspace = Workspace.objects.get(slug="main")
        spec = current_version(workspace, "what-is-shown").spec
        limits = spec.limits.model_copy(update={"max_bytes": max_bytes})
        self.policy = policy_publish(
            workspace=workspace,
            slug="large",
            name_en="Large files",
            name_ja="大きなファイル",
            spec=spec.model_copy(update={"limits": limits}),
        )
        self.operator, self.officer = (
            person_add(
                workspace=workspace,
                username=role,
                password=secrets.token_urlsafe(),
                role=role,
            )
            for role in ("operator", "officer")
        )


def once(people: People, port: int, size: int) -> dict[str, float]:
    """One file of `size` bytes, all the way; how long each part took."""
    from omnigov.decisions.services import run_cancel
    from omnigov.intake.originals import original_open, pass_for
    from omnigov.intake.services import batch_create

    batch = batch_create(policy_version=people.policy, name="bench", by=people.operator)
    took = {}
    began = time.perf_counter()
    digest = upload(Site(port, people.operator), str(batch.id), size)
    took["upload"] = time.perf_counter() - began
    submission = batch.submissions.get()
    began = time.perf_counter()
    until(lambda: submission.runs.get().state != "checking")
    took["check"] = time.perf_counter() - began
    run = submission.runs.get()
    if run.state != "received":
        raise RuntimeError(f"The file was not taken: {run.state}, {run.failure_sentence}")
    run_cancel(run_id=run.id)
    began = time.perf_counter()
    original_open(asset_id=run.asset_id, reason="It is measured.", by=people.officer)
    until(lambda: run.asset.views.get().made_at is not None)
    took["copy"] = time.perf_counter() - began
    began = time.perf_counter()
    address = f"/media/{run.asset_id}/original/{pass_for(run.asset, people.officer)}/"
    if Site(port, people.officer).download(address) != (size, digest):
        raise RuntimeError("What was downloaded is not what was uploaded.")
    took["download"] = time.perf_counter() - began
    return {name: round(seconds, 1) for name, seconds in took.items()}


def picture_of(size: int) -> Iterator[bytes]:
    """A JPEG of exactly `size` bytes, `PIECE` at a time: a picture behind as many comments as it takes."""
    start, rest = SAMPLE.read_bytes()[:2], SAMPLE.read_bytes()[2:]
    left = size - len(start) - len(rest)
    waiting = bytearray(start)
    while left:
        # A comment has at least its own four bytes; the last two share what is left.
        length = len(COMMENT) if left >= 2 * len(COMMENT) else left if left <= len(COMMENT) else left // 2
        waiting += COMMENT[:2] + (length - 2).to_bytes(2, "big") + bytes(length - 4)
        left -= length
        if len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    waiting += rest
    for at in range(0, len(waiting), PIECE):
        yield bytes(waiting[at : at + PIECE])


def upload(site: Site, batch: str, size: int) -> str:
    """The file's SHA-256, once all of it has arrived."""
    pairs = {"filename": "large.jpg", "batch": batch}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata}
    made = site.ask("POST", "/uploads/", headers)
    digest, offset = hashlib.sha256(), 0
    for piece in picture_of(size):
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        site.ask("PATCH", made["Location"], headers, piece)
        digest.update(piece)
        offset += len(piece)
    return digest.hexdigest()


class Site:
    """The web server as one person's browser talks to it."""

    def __init__(self, port: int, person: Any) -> None:
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        token = secrets.token_hex(16)
        self._port = port
        self._headers = {
            "Cookie": f"sessionid={session.session_key}; csrftoken={token}",
            "X-CSRFToken": token,
            "Tus-Resumable": "1.0.0",
            "Host": f"127.0.0.1:{port}",
        }

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> dict[str, str]:
        answer = self._answer(method, path, headers, body)
        said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        return dict(answer.headers.items())

    def download(self, path: str) -> tuple[int, str]:
        """How many bytes there are at the address, and their SHA-256."""
        answer = self._answer("GET", path, {}, b"")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        digest, size = hashlib.sha256(), 0
        while piece := answer.read(MIB):
            digest.update(piece)
            size += len(piece)
        return size, digest.hexdigest()

    def _answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> http.client.HTTPResponse:
        deadline = time.monotonic() + 60
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            try:
                connection.request(method, path, body, {**self._headers, **headers})
                return connection.getresponse()
            except ConnectionRefusedError:  # it is just being started
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def until(true: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("It did not come to pass; the worker's log has the reason.")
        threading.Event().wait(0.05)


def peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    sys.exit(main())
