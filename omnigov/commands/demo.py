"""`omnigov demo`: the whole product once, for real, on what is in `samples/`.

Starts the servers, hands in the samples as batches, pictures, documents with texts, spoken reports and a
clip each under a policy of their own, waits, adapts a model to the examples of a product and asks it about
two others, prints what was decided, exports the provenance of all of it, and has the stand-alone verifier
check it in a process that knows nothing of us.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

from omnigov.commands import demo_product, setup
from omnigov.commands.installation import (
    child,
    installation,
    keeper_command,
    var_folder,
    web_command,
    worker_command,
)
from omnigov.commands.serve import port_is_free
from omnigov.commands.submit import files_of, hand_in, table, wait_for
from omnigov.durable import write_private

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
DOCUMENTS = {".pdf", ".txt", ".csv", ".tsv", ".xml", ".srt", ".vtt", ".eml"}
RECORDINGS = {".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".webm"}
VIDEOS = {".mp4", ".m4v", ".mov", ".mkv", ".avi"}
"""A folder of samples has other things beside them, such as how they were made and where they come from."""
POLICIES = (
    ("what-is-shown", "Demo: pictures"),
    ("what-is-this-document", "Demo: documents, forms and texts"),
    ("voice-report", "Demo: spoken reports"),
    ("gate-camera", "Demo: a clip of the gate"),
)
"""Policy, and name of the batch that is asked about by it."""
PEOPLE = ("operator", "officer", "auditor", "steward")


def asked_about(file: Path) -> str:
    """The policy that somebody would ask about a sample, by its name: nobody asks which animal a form is."""
    if file.suffix.lower() in VIDEOS:
        return "gate-camera"
    if file.suffix.lower() in RECORDINGS:
        return "voice-report"
    if file.suffix.lower() in DOCUMENTS or file.stem.startswith("form"):
        return "what-is-this-document"
    return "what-is-shown"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov demo", description=__doc__)
    parser.add_argument(
        "--samples",
        type=Path,
        default=SAMPLES,
        help="another folder of pictures, documents, texts, recordings and videos",
    )
    parser.add_argument(
        "--product",
        action="store_true",
        help="adapt a model to the examples of a product, too, whatever the samples",
    )
    options = parser.parse_args(argv)
    files = [
        file
        for file in files_of([options.samples])
        if file.suffix.lower() in PICTURES | DOCUMENTS | RECORDINGS | VIDEOS
    ]
    if not files:
        print(
            f"There is no picture, document, text, recording or video in {options.samples}.", file=sys.stderr
        )
        return 1
    folder = var_folder() / "demo"
    clock = Clock()
    code = _run(files, folder, clock, product=options.samples == SAMPLES or options.product)
    print()
    print(clock.table())
    write_private(folder / "times.json", json.dumps(clock.seconds, indent=2).encode())
    return code


class Clock:
    """Says what is going on, and remembers how long each step took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def step(self, name: str, sentence: str) -> Iterator[None]:
        print(f"· {sentence}", flush=True)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 2)

    def table(self) -> str:
        total = sum(self.seconds.values())
        lines = [f"  {name:<22} {seconds:7.1f} s" for name, seconds in {**self.seconds, "all": total}.items()]
        return "\n".join(["How long it took:", *lines])


def _run(files: list[Path], folder: Path, clock: Clock, *, product: bool) -> int:
    logs = var_folder() / "log"
    port = next(port for port in range(8000, 8100) if port_is_free("127.0.0.1", port))
    with contextlib.ExitStack() as stack:
        with clock.step("servers", "Starting PostgreSQL, the broker and a worker"):
            stack.enter_context(installation())
            # It loads for seconds before it first asks the database for anything, prepared by then.
            stack.enter_context(child(worker_command(), name="worker", log=logs / "worker.log"))
        with clock.step("database", "Preparing the database: tables, model, policies"):
            setup.prepare("main")
            stack.enter_context(child(keeper_command(), name="keeper", log=logs / "keeper.log"))
        with clock.step("web", "Starting the web server"):
            # The command line is entered before the web server answers: it hands in by the same service.
            stack.enter_context(
                child(web_command(host="127.0.0.1", port=port), name="web server", log=logs / "web.log")
            )
            sign_in = _people(folder)  # while they start
            _wait_for_web(port)
        return _batch(files, folder, clock, sign_in, product=product)


def _batch(files: list[Path], folder: Path, clock: Clock, sign_in: dict[str, str], *, product: bool) -> int:
    from omnigov.accounts.models import User
    from omnigov.decisions.progress import batch_rows
    from omnigov.intake.services import batch_create
    from omnigov.policies.queries import current_version

    operator, officer, steward = (User.objects.get(username=n) for n in ("operator", "officer", "steward"))
    workspace = operator.memberships.get(workspace__slug="main").workspace
    batches = []
    with clock.step("hand in", f"Handing in {len(files)} pictures, documents, texts, recordings and videos"):
        for policy, name in POLICIES:
            if some := [file for file in files if asked_about(file) == policy]:
                version = current_version(workspace, policy)
                batch = batch_create(policy_version=version, name=name, by=operator)
                hand_in(batch, some)
                batches.append(batch)
        shown = product and demo_product.examples_show(
            current_version(workspace, demo_product.POLICY), steward
        )
    with clock.step("runs", "Redacting, deciding, explaining, recording"):
        for batch in batches:
            wait_for(batch, patience=1800)
    if shown:
        with clock.step("adapt", "Adapting a model to twenty examples of a product, good and damaged"):
            print(
                "  "
                + demo_product.adapt(
                    current_version(workspace, demo_product.POLICY), steward=steward, officer=officer
                )
            )
    if product:
        with clock.step("product", "Asking in what state the product is on two other pictures"):
            version = current_version(workspace, demo_product.POLICY)
            batch = batch_create(policy_version=version, name="Demo: product photographs", by=operator)
            hand_in(batch, sorted(demo_product.UNDECIDED.glob("*.jpg")))
            wait_for(batch, patience=1800)
            batches.append(batch)
    rows = [row for batch in batches for row in batch_rows(batch)]
    print()
    for batch in batches:
        print(f"{batch.name}:")
        print(table(batch_rows(batch)))
        print()
    for row in rows:
        if row.sentence:
            print(f"  {row.name}: {row.sentence}")
    bundle = folder / "provenance.zip"
    with clock.step("export", f"Exporting the provenance of all of them to {bundle}"):
        key = _export(bundle, [row.run for row in rows if row.run is not None])
    with clock.step("verify", "Verifying the export with the verifier that it carries, on its own"):
        verified = _verify(bundle, folder, key)
    print()
    print("To see it in the browser:  make serve   then  http://127.0.0.1:8000/")
    print("Sign in as: " + " · ".join(f"{name} / {password}" for name, password in sign_in.items()))
    return 0 if verified and all(row.state == "recorded" for row in rows) else 1


def _people(folder: Path) -> dict[str, str]:
    """The demo's people with the passwords that were made for them, which a second demo finds again."""
    from omnigov.accounts.models import User, Workspace
    from omnigov.accounts.services import password_set, person_add

    file = folder / "sign-in.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    passwords = {name: f"{name}-{secrets.token_hex(4)}" for name in PEOPLE} | known
    if passwords != known:  # a demo of before had fewer people
        write_private(file, json.dumps(passwords).encode())
    workspace = Workspace.objects.get(slug="main")
    for name, password in passwords.items():
        person = User.objects.filter(username=name).first()
        if person is None:
            person_add(workspace=workspace, username=name, password=password, role=name)
        elif not person.check_password(password):
            password_set(user=person, password=password)
    return passwords


def _export(bundle: Path, runs: list[uuid.UUID]) -> str:
    from omnigov.ledger.export import export

    return export(bundle, subjects=runs).key


def _verify(bundle: Path, folder: Path, key: str) -> bool:
    """Runs the verifier out of the bundle in an isolated interpreter: nothing of ours on its path."""
    with zipfile.ZipFile(bundle) as archive:
        script = folder / "omnigov_verify.py"
        script.write_bytes(archive.read("omnigov_verify.py"))
    (folder / "log-key.txt").write_text(key + "\n")
    command = [sys.executable, "-I", str(script), str(bundle), "--key", key]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603 - ours
    print("  " + "\n  ".join((answer.stdout + answer.stderr).strip().splitlines()))
    return answer.returncode == 0


def _wait_for_web(port: int, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers, whatever it answers
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The web server did not answer within a minute; its log is var/log/web.log.")
