"""One entry and its proof, without a bundle and without a server."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from omnigov.ledger import canonical, standalone, verify
from omnigov.ledger.bundle import CheckFailed
from omnigov.ledger.checkpoint import Checkpoint, NoteError, NoteSigner, tlog_proof
from omnigov.ledger.merkle import inclusion_proof, leaf_hash, root
from omnigov.ledger.proof import TlogProof, verify_proof

SIGNER = NoteSigner("test.example/log", b"1" * 32)
KEY = str(SIGNER.verifier)
ENTRIES = [canonical.encode({"id": str(uuid4()), "number": number}) for number in range(13)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NOTE = SIGNER.sign(Checkpoint(SIGNER.name, len(LEAVES), root(LEAVES)).text())
INDEX = 6
PROOF = tlog_proof(INDEX, inclusion_proof(INDEX, LEAVES), NOTE).encode()


def failing(proof: bytes, entry: bytes = ENTRIES[INDEX], key: str = KEY) -> str:
    with pytest.raises(CheckFailed) as failed:
        verify_proof(proof, entry, key)
    return failed.value.check


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_every_entry_verifies_by_its_own_proof(index: int) -> None:
    proof = tlog_proof(index, inclusion_proof(index, LEAVES), NOTE).encode()
    found, checkpoint = verify_proof(proof, ENTRIES[index] + b"\n", KEY)
    assert (found, checkpoint.size) == (index, 13)


def test_an_extra_line_is_passed_over() -> None:
    head, rest = PROOF.split(b"\n", 1)
    assert verify_proof(head + b"\nextra AAAA\n" + rest, ENTRIES[INDEX], KEY)[0] == INDEX


def test_each_bit_of_the_proof_counts() -> None:
    for place in range(len(PROOF)):
        turned = bytearray(PROOF)
        turned[place] ^= 1
        assert failing(bytes(turned)) in {"proof", "checkpoint", "inclusion"}


def test_each_node_counts() -> None:
    parsed = TlogProof.parse(PROOF)
    for place in range(len(parsed.hashes)):
        dropped = parsed.hashes[:place] + parsed.hashes[place + 1 :]
        added = (*parsed.hashes[:place], bytes(32), *parsed.hashes[place:])
        swapped = list(parsed.hashes)
        swapped[place], swapped[place - 1] = swapped[place - 1], swapped[place]
        for changed in (dropped, added, swapped):
            assert failing(tlog_proof(INDEX, changed, NOTE).encode()) == "inclusion"
    for index in (INDEX - 1, INDEX + 1, 12, 13, 10**17):
        assert failing(tlog_proof(index, parsed.hashes, NOTE).encode()) == "inclusion"


def test_another_entry_is_not_the_one_that_is_proved() -> None:
    assert failing(PROOF, ENTRIES[0]) == "inclusion"
    assert failing(PROOF, ENTRIES[INDEX] + b" ") == "entry"
    assert failing(PROOF, b"not JSON") == "entry"
    assert failing(PROOF, b'"text"') == "entry"


def test_another_log_or_key_is_refused() -> None:
    other = NoteSigner("other.example/log", b"2" * 32)
    assert failing(PROOF, key=str(other.verifier)) == "checkpoint"
    assert failing(PROOF, key="nonsense") == "checkpoint"
    forged = other.sign(Checkpoint(SIGNER.name, len(LEAVES), root(LEAVES)).text())
    proof = tlog_proof(INDEX, inclusion_proof(INDEX, LEAVES), forged).encode()
    assert failing(proof, key=str(other.verifier)) == "checkpoint"


@pytest.mark.parametrize(
    "proof",
    [
        *(b"", b"\n\n", b"c2sp.org/tlog-proof@v2\nindex 0\n\n", b"c2sp.org/tlog-proof@v1\n\n"),
        *(b"c2sp.org/tlog-proof@v1\nindex 01\n\n", b"c2sp.org/tlog-proof@v1\nindex -1\n\n"),
        *(b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n", b"\xff\n\n", b"x" * 1_000_001),
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + 64 * (base64.b64encode(bytes(32)) + b"\n") + b"\n",
    ],
)
def test_what_is_no_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(NoteError):
        TlogProof.parse(proof)


def files(folder: Path) -> tuple[str, str]:
    proof, entry = folder / "entry.tlog-proof", folder / "entry.json"
    proof.write_bytes(PROOF)
    entry.write_bytes(ENTRIES[INDEX])
    return str(proof), str(entry)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof, entry = files(tmp_path)
    assert verify.main([proof, "--entry", entry, "--key", KEY]) == 0
    assert "verified, entry 6 of 13 in the log test.example/log" in capsys.readouterr().out
    assert verify.main([proof, "--entry", entry]) == 1
    assert "give it with --key" in capsys.readouterr().out
    assert verify.main([proof, "--entry", str(tmp_path / "none"), "--key", KEY, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"]["check"] == "proof"
    Path(entry).write_bytes(ENTRIES[0])
    assert verify.main([proof, "--entry", entry, "--key", KEY]) == 1
    assert "FAILED  inclusion" in capsys.readouterr().out


def test_the_stand_alone_file_checks_it_too(tmp_path: Path) -> None:
    proof, entry = files(tmp_path)
    program = tmp_path / standalone.NAME
    program.write_text(standalone.source(), encoding="utf-8")
    command = [sys.executable, "-I", str(program), proof, "--entry", entry, "--key", KEY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "verified, entry 6 of 13" in done.stdout
