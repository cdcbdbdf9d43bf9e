"""Signed checkpoints: C2SP tlog-checkpoint as the text of a C2SP signed-note, with Ed25519.

A note is a text, an empty line, and signature lines `— NAME BASE64(key id ‖ signature)`. A checkpoint's text
is the log's origin, its size and its root in base64, one a line, and then extension lines, if any. A witness
adds a signature line of another type, over the text and the time (C2SP tlog-cosignature).
Formats: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-cosignature.

This file imports nothing of the house: the stand-alone verifier is made from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

#: The signature type of a plain Ed25519 note signature, the first byte of an encoded key.
ED25519 = b"\x01"
#: The signature type of a witness's timed cosignature.
COSIGNATURE = b"\x04"

#: Notes of more bytes than this are not read. A checkpoint with dozens of cosignatures is below 16 KiB.
NOTE_LIMIT = 1_000_000


class NoteError(Exception):
    """The note, checkpoint or key is malformed, or no signature of a known key holds."""


@dataclass(frozen=True)
class NoteVerifier:
    """A public key under a name. `str()` gives the form that people pass around: NAME+KEYID+BASE64."""

    name: str
    public_key: bytes
    algorithm: ClassVar[bytes] = ED25519

    def __post_init__(self) -> None:
        _require_key_name(self.name)
        if len(self.public_key) != 32:
            raise NoteError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, signature type and public key."""
        whole = self.name.encode() + b"\n" + self.algorithm + self.public_key
        return hashlib.sha256(whole).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(self.algorithm + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key in `text`. Raises NoteError where it is malformed or its key id does not fit."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteError("a verifier key has the form NAME+KEYID+BASE64")
        encoded = decoded(parts[2])
        if encoded[:1] != cls.algorithm:
            raise NoteError(f"the key {parts[0]} is not of the type that is needed here ({cls.__name__})")
        verifier = cls(parts[0], encoded[1:])
        if parts[1] != verifier.key_id.hex():
            raise NoteError("the verifier key's id does not fit its name and bytes; was it cut or edited?")
        return verifier

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise NoteError where `signature` is not this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise NoteError(f"the signature of {self.name} does not hold") from None


@dataclass(frozen=True)
class WitnessVerifier(NoteVerifier):
    """A witness's public key. Its signatures are a time (seconds, 8 bytes, big endian) and Ed25519's 64."""

    algorithm: ClassVar[bytes] = COSIGNATURE

    def verify(self, message: bytes, signature: bytes) -> None:
        if len(signature) != 72:
            raise NoteError(f"the cosignature of {self.name} is not 72 bytes")
        super().verify(_timed(message, int.from_bytes(signature[:8], "big")), signature[8:])


class NoteSigner:
    """A private key under a name."""

    kind: ClassVar[type[NoteVerifier]] = NoteVerifier

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.verifier = self.kind(name, self._key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        return self.verifier.name

    def private_text(self) -> str:
        """PRIVATE+KEY+NAME+KEYID+BASE64, the form that Go's sumdb/note keeps a key in."""
        verifier = self.verifier
        return (
            f"PRIVATE+KEY+{verifier.name}+{verifier.key_id.hex()}+{_base64(self.kind.algorithm + self._seed)}"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteError("a signing key has the form PRIVATE+KEY+NAME+KEYID+BASE64")
        encoded = decoded(parts[4])
        if encoded[:1] != cls.kind.algorithm or len(encoded) != 33:
            raise NoteError(f"the signing key is not of the type that is needed here ({cls.__name__})")
        signer = cls(parts[2], encoded[1:])
        if parts[3] != signer.verifier.key_id.hex():
            raise NoteError("the signing key's id does not fit its name and bytes; was it cut or edited?")
        return signer

    def sign_bytes(self, data: bytes) -> bytes:
        """A bare signature, for forms that are no notes. `data` must not begin as a note of ours does."""
        if data.startswith((f"{self.name}\n".encode(), b"omnigov-")):
            raise NoteError("these bytes could pass for a note")
        return self._key.sign(data)

    def sign(self, text: str) -> str:
        """The signed note of `text`, which has to end in a newline."""
        _require_note_text(text)
        verifier = self.verifier
        return f"{text}\n— {verifier.name} {_base64(verifier.key_id + self._key.sign(text.encode()))}\n"


class WitnessSigner(NoteSigner):
    """A witness's private key."""

    kind = WitnessVerifier

    def cosign(self, text: str, time: int) -> str:
        """The signature line by which a witness says that it saw this text at `time` (seconds)."""
        _require_note_text(text)
        signature = time.to_bytes(8, "big") + self._key.sign(_timed(text.encode(), time))
        return f"— {self.name} {_base64(self.verifier.key_id + signature)}\n"


def _timed(message: bytes, time: int) -> bytes:
    """What a witness signs: a line that no checkpoint begins with, the time, and the checkpoint's text."""
    return b"cosignature/v1\ntime %d\n" % time + message


def cosigners(note: bytes, witnesses: Sequence[WitnessVerifier]) -> list[WitnessVerifier]:
    """Those of `witnesses` whose cosignature is on the note and holds. One that does not hold is an error."""
    found = []
    for witness in dict.fromkeys(witnesses):
        if any(
            (name, signature[:4]) == (witness.name, witness.key_id) for name, signature in split_note(note)[1]
        ):
            open_note(note, [witness])
            found.append(witness)
    return found


def open_note(note: bytes, verifiers: Sequence[NoteVerifier]) -> str:
    """The text of a note that at least one of `verifiers` signed.

    Signatures of unknown keys are passed over, as the format asks. Raises NoteError where the note is
    malformed, a known key's signature does not hold, or no known key signed.
    """
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    holding = 0
    for name, signature in signatures:
        verifier = known.get((name, signature[:4]))
        if verifier:
            verifier.verify(text.encode(), signature[4:])
            holding += 1
    if not holding:
        raise NoteError(
            "none of the known keys signed this: " + (", ".join(str(key) for key in verifiers) or "none")
        )
    return text


def split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and of each signature line the name and the bytes (key id ‖ signature)."""
    if len(note) > NOTE_LIMIT:
        raise NoteError(f"a note of {len(note)} bytes is not read; the limit is {NOTE_LIMIT}")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("a note is UTF-8 text") from None
    text, divider, tail = whole.rpartition("\n\n")
    if not divider or not tail.endswith("\n"):
        raise NoteError("a note is a text, an empty line, and signature lines")
    text += "\n"
    _require_note_text(text)
    signatures = []
    for line in tail[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—":
            raise NoteError("a signature line begins with an em dash and a space")
        _require_key_name(name)
        signature = decoded(encoded)
        if len(signature) < 5:
            raise NoteError("a signature line holds no signature")
        signatures.append((name, signature))
    return text, signatures


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: `size` leaves under `root`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text to be signed. Raises NoteError where it would not be read back as the same checkpoint."""
        lines = [self.origin, str(self.size), _base64(self.root), *self.extensions]
        text = "".join(f"{line}\n" for line in lines)
        if self.parse(text) != self:
            raise NoteError("the checkpoint holds a line that would be read back as another")
        return text

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint in a note's text."""
        _require_note_text(text)
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise NoteError("a checkpoint has an origin, a size and a root, and no empty line")
        origin, number, encoded, *extensions = lines
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            raise NoteError("the checkpoint's size is not a number in plain decimal form")
        size = int(number)
        if str(size) != number or size >= 2**63:
            raise NoteError("the checkpoint's size has a leading zero, or is beyond 2⁶³")
        root = decoded(encoded)
        if len(root) != 32:
            raise NoteError("the checkpoint's root is not 32 bytes")
        return cls(origin, size, root, tuple(extensions))


def tlog_proof(index: int, proof: Sequence[bytes], note: str) -> str:
    """An inclusion proof with its signed checkpoint, as one text: https://c2sp.org/tlog-proof."""
    hashes = "".join(f"{_base64(each)}\n" for each in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes of a text in base64.

    Strict: Python forgives stray last bits, so that many texts would stand for the same bytes.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NoteError("not base64") from None
    if _base64(data) != text:
        raise NoteError("not base64 in its one canonical form")
    return data


def _require_key_name(name: str) -> None:
    if not name or "+" in name or any(sign.isspace() for sign in name):
        raise NoteError("a key's name is not empty and has no space and no plus sign")
    _require_note_text(f"{name}\n")


def _require_note_text(text: str) -> None:
    if not text.endswith("\n") or any(sign < " " and sign != "\n" for sign in text):
        raise NoteError("a note's text ends in a newline and holds no control characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NoteError("a note's text has a UTF-8 form") from None
