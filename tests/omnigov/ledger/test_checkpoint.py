"""Signed notes against Go's published example, and every way to spoil one."""

from __future__ import annotations

import base64

import pytest

from omnigov.ledger.checkpoint import (
    NOTE_LIMIT,
    Checkpoint,
    NoteError,
    NoteSigner,
    NoteVerifier,
    open_note,
    split_note,
    tlog_proof,
)
from omnigov.ledger.merkle import leaf_hash

# The example of golang.org/x/mod/sumdb/note.
GO_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
GO_NOTE = f"{GO_TEXT}\n— PeterNeumann {GO_SIGNATURE}\n"
SIGNER = NoteSigner("log.example/one", bytes(range(32)))
CHECKPOINT = Checkpoint("log.example/one", 12, leaf_hash(b"x"))


def test_it_signs_and_reads_as_go_does() -> None:
    signer = NoteSigner.parse(GO_SKEY)
    assert str(signer.verifier) == GO_VKEY
    assert signer.private_text() == GO_SKEY
    assert signer.sign(GO_TEXT) == GO_NOTE
    assert open_note(GO_NOTE.encode(), [NoteVerifier.parse(GO_VKEY)]) == GO_TEXT


def test_it_reads_the_checkpoint_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    read = Checkpoint.parse(text)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert read.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert read.text() == text


def test_extension_lines_are_kept() -> None:
    extended = Checkpoint("o", 0, bytes(32), ("one", "two"))
    assert Checkpoint.parse(extended.text()) == extended


def test_no_byte_of_a_signed_checkpoint_can_be_changed() -> None:
    note = SIGNER.sign(CHECKPOINT.text()).encode()
    assert Checkpoint.parse(open_note(note, [SIGNER.verifier])) == CHECKPOINT
    for at in range(len(note)):
        for bit in (1, 32, 128):
            changed = bytearray(note)
            changed[at] ^= bit
            with pytest.raises(NoteError):
                open_note(bytes(changed), [SIGNER.verifier])
    for at in range(len(note)):
        with pytest.raises(NoteError):
            open_note(note[:at], [SIGNER.verifier])


def test_signatures_of_strangers_are_passed_over() -> None:
    stranger = NoteSigner("stranger", bytes(32))
    note = SIGNER.sign(CHECKPOINT.text())
    both = note + stranger.sign(CHECKPOINT.text()).partition("\n\n")[2]
    assert open_note(both.encode(), [SIGNER.verifier]) == CHECKPOINT.text()
    assert open_note(both.encode(), [stranger.verifier, SIGNER.verifier]) == CHECKPOINT.text()
    with pytest.raises(NoteError, match="none of the known keys"):
        open_note(note.encode(), [stranger.verifier])
    with pytest.raises(NoteError, match="none of the known keys"):
        open_note(note.encode(), [])


def test_a_false_signature_under_a_known_key_spoils_the_note() -> None:
    other = SIGNER.sign("another text\n").partition("\n\n")[2]
    with pytest.raises(NoteError, match="does not hold"):
        open_note((SIGNER.sign(CHECKPOINT.text()) + other).encode(), [SIGNER.verifier])


def test_the_same_bytes_under_another_name_are_another_key() -> None:
    renamed = NoteVerifier("log.example/two", SIGNER.verifier.public_key)
    assert renamed.key_id != SIGNER.verifier.key_id
    with pytest.raises(NoteError, match="none of the known keys"):
        open_note(SIGNER.sign(CHECKPOINT.text()).encode(), [renamed])


VKEY = str(SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        VKEY[:-4],
        VKEY + "AAAA",
        VKEY.replace("log", "lag"),
        VKEY.replace("one+", "one+0"),
        "n+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        "n+00000000+" + base64.b64encode(b"\x01" + bytes(31)).decode(),
        "n+00000000+é",
        "n+00000000+AQ",
        "n+00000000+AR==",
        "+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
    ],
)
def test_a_spoiled_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        NoteVerifier.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PRIVATE+KEY+a+b",
        GO_SKEY.replace("PRIVATE", "PUBLIC"),
        GO_SKEY.replace("c74f", "c74e"),
        "PRIVATE+KEY+n+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        "PRIVATE+KEY+n+00000000+" + base64.b64encode(b"\x01" + bytes(31)).decode(),
    ],
)
def test_a_spoiled_signing_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        NoteSigner.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x01", "\ud800"])
def test_a_key_has_a_name_of_one_word(name: str) -> None:
    with pytest.raises(NoteError):
        NoteSigner(name, bytes(32))


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    with pytest.raises(NoteError, match="does not hold"):
        NoteVerifier("n", b"\x02" + bytes(31)).verify(b"", bytes(64))


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n١\n{ROOT}\n",
        f"o\n²\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n{10**30}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\x00\n",
        f"o\r\n1\r\n{ROOT}\r\n",
        f"o\n1\n{ROOT[:-2]}B=\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("evil\n999", 1, bytes(32)),
        Checkpoint("o", -1, bytes(32)),
        Checkpoint("", 1, bytes(32)),
        Checkpoint("o", 1, bytes(31)),
        Checkpoint("o", 1, bytes(32), ("a\nb",)),
        Checkpoint("o", 1, bytes(32), ("",)),
    ],
)
def test_a_checkpoint_that_would_read_as_another_is_not_written(checkpoint: Checkpoint) -> None:
    with pytest.raises(NoteError):
        checkpoint.text()


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xff\n",
        b"\n\n\xe2\x80\x94 a AAAAAA==\n",
        b"t\n\n- a AAAAAAA=\n",
        "t\n\n— a AAAA\n".encode(),
        "t\n\n— a\n".encode(),
        "t\n\n—  AAAAAAA=\n".encode(),
        b"x" * (NOTE_LIMIT + 1),
    ],
)
def test_a_malformed_note_is_refused(note: bytes) -> None:
    with pytest.raises(NoteError):
        open_note(note, [SIGNER.verifier])


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", "zero\x00\n", "half \ud800\n", ""])
def test_a_text_that_is_not_a_note_s_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        SIGNER.sign(text)


def test_a_note_is_divided_at_its_last_empty_line() -> None:
    text = "one\n\n— log.example/one AAAAAAAAAAA=\n\nthree\n"
    assert split_note(SIGNER.sign(text).encode())[0] == text


def test_a_tlog_proof_has_the_form_of_c2sp() -> None:
    note = SIGNER.sign(CHECKPOINT.text())
    head, _, tail = tlog_proof(5, [bytes(32), leaf_hash(b"")], note).partition("\n\n")
    assert head.split("\n") == [
        "c2sp.org/tlog-proof@v1",
        "index 5",
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(leaf_hash(b"")).decode(),
    ]
    assert tail == note
