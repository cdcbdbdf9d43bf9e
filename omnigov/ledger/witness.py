"""`omnigov witness`: somebody else's process, which cosigns only what is consistent with what it saw before.

It speaks C2SP tlog-witness (https://c2sp.org/tlog-witness), has a key and a state of its own in one folder,
and needs neither Django nor a database. A log that was forked, set back, or shown differently to two people
can't get both versions cosigned: that is all a witness is for.

    omnigov witness init --folder F --name witness.example/w1
    omnigov witness serve --folder F --log KEY [--log KEY …] [--listen 127.0.0.1:8090]
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from omnigov.durable import make_once, write_private
from omnigov.ledger.checkpoint import (
    Checkpoint,
    NoteError,
    NoteVerifier,
    WitnessSigner,
    decoded,
    open_note,
    split_note,
)
from omnigov.ledger.merkle import HASH_BYTES, ProofError, verify_consistency

KEY_FILE = "witness-signing-key"
BODY_LIMIT = 128 * 1024
PROOF_LIMIT = 63
SIZE_TYPE = "text/x.tlog.size"
PATIENCE = 30  # seconds for a request
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class WitnessError(RuntimeError):
    """The witness can't work; the sentence says why."""


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    body: str
    content_type: str = "text/plain; charset=utf-8"


class Witness:
    """One key, and of each log the newest checkpoint that was cosigned with it."""

    def __init__(self, folder: Path, logs: Sequence[NoteVerifier]) -> None:
        self.folder = folder
        try:
            self.signer = WitnessSigner.parse((folder / KEY_FILE).read_text(encoding="utf-8"))
        except OSError as error:
            raise WitnessError(
                f"{folder} holds no witness's key. Make one: "
                f"omnigov witness init --folder {folder} --name NAME"
            ) from error
        except NoteError as error:
            raise WitnessError(f"{folder / KEY_FILE}: {error}. Restore it from your backup.") from error
        self.logs = {log.name: log for log in logs}
        self._turn = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """The answer to one `add-checkpoint` request."""
        try:
            old, proof, note = _parse(body)
            checkpoint = Checkpoint.parse(split_note(note)[0])
        except NoteError as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        log = self.logs.get(checkpoint.origin)
        if log is None:
            return Answer(HTTPStatus.NOT_FOUND, f"this witness does not know the log {checkpoint.origin}\n")
        try:
            open_note(note, [log])
        except NoteError as error:
            return Answer(HTTPStatus.FORBIDDEN, f"{error}\n")
        if old > checkpoint.size:
            return Answer(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint's\n")
        # Looking and writing are one step: two requests at once would each be consistent with the old state.
        with self._turn:
            return self._judge(old, proof, checkpoint)

    def _judge(self, old: int, proof: list[bytes], checkpoint: Checkpoint) -> Answer:
        size, root = self.seen(checkpoint.origin)
        if old != size or (size == checkpoint.size and root != checkpoint.root):
            return Answer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE)
        try:
            if size:
                verify_consistency(size, checkpoint.size, root, checkpoint.root, proof)
            elif proof:
                raise ProofError("from size 0 the proof has to be empty")
        except ProofError as error:
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error}\n")
        # On disk before the cosignature is given out: whatever dies now, no second one contradicts it.
        state = {"origin": checkpoint.origin, "root": checkpoint.root.hex(), "size": checkpoint.size}
        write_private(self._file(checkpoint.origin), json.dumps(state).encode())
        return Answer(HTTPStatus.OK, self.signer.cosign(checkpoint.text(), int(time.time())))

    def seen(self, origin: str) -> tuple[int, bytes]:
        """Size and root of the newest checkpoint that was cosigned; 0 and nothing for a log never seen."""
        try:
            state = json.loads(self._file(origin).read_bytes())
        except FileNotFoundError:
            return 0, b""
        return int(state["size"]), bytes.fromhex(state["root"])

    def _file(self, origin: str) -> Path:
        return self.folder / "state" / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"


def _parse(body: bytes) -> tuple[int, list[bytes], bytes]:
    """Old size, consistency proof and note of a request. Raises NoteError."""
    head, divider, note = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise NoteError("a request is plain text before its checkpoint") from None
    old = _OLD.fullmatch(first)
    if not divider or old is None:
        raise NoteError("a request begins with `old SIZE` and holds an empty line before the checkpoint")
    proof = [decoded(line) for line in lines]
    if len(proof) > PROOF_LIMIT or any(len(each) != HASH_BYTES for each in proof):
        raise NoteError("a proof has at most 63 hashes of 32 bytes")
    return int(old[1]), proof, note


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "omnigov-witness"
    timeout = PATIENCE
    witness: Witness

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._send(
                Answer(HTTPStatus.NOT_FOUND, "this witness answers POST /add-checkpoint\n"), close=True
            )
        elif not length.isdigit() or int(length) > BODY_LIMIT:
            answer = Answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {BODY_LIMIT} bytes\n"
            )
            self._send(answer, close=True)
        else:
            self._send(self.witness.add_checkpoint(self.rfile.read(int(length))))

    def _send(self, answer: Answer, *, close: bool = False) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if close:
            # What was not read of the request would pass for the next one.
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def serve(witness: Witness, host: str, port: int) -> None:
    """Answer until the process is ended. One process a folder: a second one is refused."""
    handler = type("Handler", (_Handler,), {"witness": witness})
    with (witness.folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WitnessError(f"Another witness runs on {witness.folder}; stop it first.") from error
        with ThreadingHTTPServer((host, port), handler) as server:
            print(f"{witness.signer.verifier}\nat http://{host}:{server.server_port}/", flush=True)
            server.serve_forever()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="omnigov witness", description="Cosign a log's checkpoints, where they are consistent."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    init = verbs.add_parser("init", help="make a key, and print its public half for those who verify")
    init.add_argument("--name", required=True, help="the witness's name, as witness.example/w1")
    show = verbs.add_parser("key", help="print the public half of the key")
    run = verbs.add_parser("serve", help="answer logs over HTTP")
    run.add_argument(
        "--log", action="append", required=True, metavar="KEY", help="the key of a log to witness"
    )
    run.add_argument("--listen", default="127.0.0.1:8090", metavar="HOST:PORT")
    for verb in (init, show, run):
        verb.add_argument("--folder", type=Path, required=True, help="where key and state are")
    arguments = parser.parse_args(argv)
    try:
        return _do(arguments)
    except (WitnessError, NoteError, OSError) as error:
        print(f"omnigov witness: {error}", file=sys.stderr)
        return 1


def _do(arguments: argparse.Namespace) -> int:
    if arguments.verb == "init":
        file = arguments.folder / KEY_FILE
        signer = WitnessSigner(arguments.name, os.urandom(32))
        text = f"{signer.private_text()}\n".encode()
        if make_once(file, lambda: text) != text:
            raise WitnessError(f"{file} is there already; a witness keeps its key.")
        print(signer.verifier)
        return 0
    logs = [NoteVerifier.parse(key) for key in getattr(arguments, "log", [])]
    witness = Witness(arguments.folder, logs)
    if arguments.verb == "key":
        print(witness.signer.verifier)
        return 0
    host, _, port = arguments.listen.rpartition(":")
    if not port.isdigit() or not host:
        raise WitnessError("--listen is HOST:PORT, as 127.0.0.1:8090")
    serve(witness, host, int(port))
    return 0
