"""A witness as a process of its own: it cosigns one history of a log, and no second one."""

from __future__ import annotations

import base64
import http.client
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from omnigov.ledger import witness as program
from omnigov.ledger.bundle import CHECKPOINT
from omnigov.ledger.checkpoint import (
    Checkpoint,
    NoteError,
    NoteSigner,
    NoteVerifier,
    WitnessVerifier,
    cosigners,
    open_note,
)
from omnigov.ledger.merkle import consistency_proof, leaf_hash, root
from omnigov.ledger.verify import verify_bundle
from tests.omnigov.ledger import bundles

LOG = NoteSigner("test.example/log", b"1" * 32)
LEAVES = [leaf_hash(bytes([number])) for number in range(20)]
FORKED = [*LEAVES[:5], leaf_hash(b"another"), *LEAVES[6:]]


def note(leaves: list[bytes], signer: NoteSigner = LOG, origin: str = LOG.name) -> str:
    return signer.sign(Checkpoint(origin, len(leaves), root(leaves)).text())


@dataclass
class Process:
    """The witness, its folder, and where it listens."""

    folder: Path
    process: subprocess.Popen[str]
    key: WitnessVerifier
    port: int

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def post(self, body: str, path: str = "/add-checkpoint") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", path, body.encode())
        answer = connection.getresponse()
        status, kind, text = answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
        connection.close()
        return status, kind, text

    def ask(self, old: int, leaves: list[bytes], proof: list[bytes] | None = None) -> tuple[int, str]:
        if proof is None:
            proof = consistency_proof(old, leaves) if 0 < old < len(leaves) else []
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        status, _, text = self.post(f"old {old}\n{lines}\n{note(leaves)}")
        return status, text

    def holds(self, leaves: list[bytes], line: str) -> bool:
        return cosigners((note(leaves) + line).encode(), [self.key]) == [self.key]


def start(folder: Path) -> Process:
    command = [sys.executable, "-m", "omnigov.cli", "witness"]
    if not (folder / program.KEY_FILE).exists():
        init = [*command, "init", "--folder", str(folder), "--name", "witness.example/w1"]
        subprocess.run(init, check=True, capture_output=True)
    serve = ["serve", "--folder", str(folder), "--log", str(LOG.verifier), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, *serve], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    key, address = process.stdout.readline().strip(), process.stdout.readline().strip()
    return Process(folder, process, WitnessVerifier.parse(key), int(address.rstrip("/").rpartition(":")[2]))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Process]:
    found = start(tmp_path / "witness")
    yield found
    found.end()


def test_it_cosigns_a_log_as_it_grows(running: Process) -> None:
    for old, size in ((0, 3), (3, 8), (8, 8), (8, 20)):
        status, line = running.ask(old, LEAVES[:size])
        assert status == 200
        assert running.holds(LEAVES[:size], line)
        with pytest.raises(NoteError, match="does not hold"):
            running.holds(LEAVES[: size - 1], line)


def test_a_fork_is_not_cosigned(running: Process) -> None:
    assert running.ask(0, LEAVES[:8])[0] == 200
    status, reason = running.ask(8, FORKED, consistency_proof(8, FORKED))
    assert (status, reason[:27]) == (422, "the proof leads to another ")
    assert running.ask(0, FORKED) == (409, "8\n")
    assert running.ask(8, FORKED[:8]) == (409, "8\n")
    assert running.ask(8, LEAVES)[0] == 200


def test_a_log_that_was_set_back_is_not_cosigned(running: Process) -> None:
    assert running.ask(0, LEAVES[:8])[0] == 200
    assert running.ask(0, LEAVES[:5]) == (409, "8\n")
    assert running.ask(5, LEAVES[:5]) == (409, "8\n")
    assert running.ask(8, LEAVES[:5])[0] == 400
    # Set back and grown again, past what the witness saw, with other entries.
    assert running.ask(8, FORKED)[0] == 422


def test_of_a_split_view_one_side_alone_verifies(running: Process, tmp_path: Path) -> None:
    """Two people are shown two logs of one size under one key; the witness's word is on one of them."""
    other = [bundles.entry(0, key="test:another"), *bundles.log(9)[2:], bundles.entry(20)]
    other = [each | {"previous": None} for each in other]
    shown = [bundles.Draft(entries, signer=LOG) for entries in (bundles.log(9), other)]
    verdicts = []
    for number, draft in enumerate(shown):
        text = draft.members[CHECKPOINT].decode()
        status, _, line = running.post(f"old 0\n\n{text}")
        draft.members[CHECKPOINT] = (text + (line if status == 200 else "")).encode()
        path = draft.pack(tmp_path / f"{number}.zip")
        assert verify_bundle(path, str(LOG.verifier)).ok, "each is consistent in itself"
        verdicts.append(verify_bundle(path, str(LOG.verifier), [str(running.key)]))
    assert verdicts[0].ok
    assert verdicts[0].witnesses == ["witness.example/w1"]
    assert verdicts[1].failed is not None
    assert verdicts[1].failed.check == "witnesses"


def test_killed_between_requests_it_remembers(running: Process) -> None:
    assert running.ask(0, LEAVES[:8])[0] == 200
    for _ in range(3):
        running.end()
        again = start(running.folder)
        running.process, running.port = again.process, again.port
        assert running.ask(0, FORKED) == (409, "8\n")
        assert running.ask(8, FORKED)[0] == 422
        assert running.ask(8, LEAVES[:8])[0] == 200
        assert again.key == running.key


def test_of_many_requests_at_once_one_history_is_cosigned(running: Process) -> None:
    sides = [LEAVES[:9], FORKED[:9]] * 8
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda leaves: running.ask(0, leaves), sides))
    cosigned = {place % 2 for place, (status, _) in enumerate(answers) if status == 200}
    assert len(cosigned) == 1
    assert all(status in {200, 409} for status, _ in answers)


def test_a_second_process_on_the_same_folder_is_refused(running: Process) -> None:
    serve = ["serve", "--folder", str(running.folder), "--log", str(LOG.verifier), "--listen", "127.0.0.1:0"]
    command = [sys.executable, "-m", "omnigov.cli", "witness", *serve]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "Another witness runs" in second.stderr


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("old 0\n\nnot a note", 400),
        (f"old 00\n\n{note(LEAVES)}", 400),
        (f"old -1\n\n{note(LEAVES)}", 400),
        (f"old 0\nAAAA\n\n{note(LEAVES)}", 400),
        ("old 0\n" + 64 * (base64.b64encode(bytes(32)).decode() + "\n") + f"\n{note(LEAVES)}", 400),
        (f"old 21\n\n{note(LEAVES)}", 400),
        (f"old 0\n\n{note(LEAVES, NoteSigner(LOG.name, b'2' * 32))}", 403),
        (f"old 0\n\n{note(LEAVES, NoteSigner('other.example/log', b'1' * 32), 'other.example/log')}", 404),
        (f"old 0\n{base64.b64encode(bytes(32)).decode()}\n\n{note(LEAVES)}", 422),
        ("x" * 200_000, 413),
    ],
)
def test_what_is_not_in_order_is_refused(running: Process, body: str, status: int) -> None:
    assert running.post(body)[0] == status
    assert running.post("", "/elsewhere")[0] == 404
    assert running.ask(0, LEAVES[:1])[0] == 200


def test_a_conflict_tells_the_size_in_its_own_type(running: Process) -> None:
    running.ask(0, LEAVES[:8])
    assert running.post(f"old 3\n\n{note(LEAVES)}") == (409, "text/x.tlog.size", "8\n")


def test_a_cosignature_is_over_the_time_too(running: Process) -> None:
    _, line = running.ask(0, LEAVES[:3])
    name, encoded = line.removeprefix("— ").split()
    signature = bytearray(base64.b64decode(encoded))
    signature[11] ^= 1
    later = f"— {name} {base64.b64encode(signature).decode()}\n"
    with pytest.raises(NoteError, match="does not hold"):
        cosigners((note(LEAVES[:3]) + later).encode(), [running.key])


def test_a_witness_s_key_is_no_log_s_key(running: Process) -> None:
    with pytest.raises(NoteError):
        NoteVerifier.parse(str(running.key))
    with pytest.raises(NoteError):
        WitnessVerifier.parse(str(LOG.verifier))
    with pytest.raises(NoteError):
        open_note(note(LEAVES).encode(), [running.key])


def test_a_witness_keeps_its_key(running: Process, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(running.folder)
    assert program.main(["init", "--folder", folder, "--name", "witness.example/w1"]) == 1
    assert "a witness keeps its key" in capsys.readouterr().err
    assert program.main(["key", "--folder", folder]) == 0
    assert capsys.readouterr().out.strip() == str(running.key)
    assert program.main(["serve", "--folder", folder, "--log", "nonsense"]) == 1
    assert program.main(["key", "--folder", f"{folder}/none"]) == 1
    assert "omnigov witness init" in capsys.readouterr().err
