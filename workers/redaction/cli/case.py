"""A case without a server: a folder that keeps pseudonyms stable over several calls of `omnigov redact`.

    CASE/key            32 random bytes, for its owner's eyes; whoever has it and the mapping has the values
    CASE/mapping        a line for each value: base64 of nonce, ciphertext and tag (AES-256-GCM)
    CASE/reveals.jsonl  who was shown what pseudonym's value, when and why: written before it is shown
    CASE/lock           held while one of them is written, so that calls at the same time get in line

A line's additional data is its number, so that lines can't be moved, dropped from the middle or taken from
another case. A line that a crash cut off is cut off for good when the next one is written.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workers.redaction.core.values import same

NONCE = 12
_FILES = frozenset({"key", "key.part", "lock", "mapping", "reveals.jsonl"})
_BLOCK = 128  # bytes: the length of a line tells little about the value in it


class CaseUnusable(Exception):
    """The case can't be used; the message is a sentence for a person."""


class Case:
    """The pseudonyms of one case folder, which is made on first use.

    Raises `CaseUnusable` where it can't be made, or holds what does not open.
    """

    def __init__(self, folder: Path, *, make: bool = True) -> None:
        self._folder = folder
        self._numbers: dict[tuple[str, str], int] = {}
        self._values: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self._records: dict[str, Any] = {}
        self._lines = self._read_up_to = 0
        try:
            self._cipher = AESGCM(self._key(make))
            with self._locked():
                self._catch_up()
        except OSError as error:
            raise CaseUnusable(f"The case {folder} can't be used: {error.strerror or error}.") from error

    def of(self, kind: str, value: str) -> str:
        """The value's pseudonym: the one it has in this case, or the next of its kind."""
        key = (kind, same(kind, value))
        if key not in self._numbers:
            with self._locked():
                self._catch_up()
                if key not in self._numbers:
                    number = self._last.get(kind, 0) + 1
                    self._append({"kind": kind, "number": number, "same": key[1], "value": value})
        return f"{kind}_{self._numbers[key]}"

    def remember(self, name: str, record: Any) -> None:
        """Keeps what is to be counted over the case's calls, in place of what it had under this name."""
        with self._locked():
            self._catch_up()
            if self._records.get(name) != record:
                self._append({"name": name, "record": record})

    def records(self) -> dict[str, Any]:
        """What was remembered, by name."""
        return dict(self._records)

    def reveal(self, pseudonym: str, reason: str) -> str:
        """The value behind a pseudonym, as it was first read.

        Who asks, when and why is on the disk before this returns.
        """
        reason = " ".join(reason.split())
        if len(reason) < 3:
            raise CaseUnusable("Write a reason: an outsider has to understand later why this was done.")
        if pseudonym not in self._values:
            raise CaseUnusable(f"There is no {pseudonym} in this case.")
        line = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": _who(),
            "pseudonym": pseudonym,
            "reason": reason,
        }
        with self._locked():
            _add_line(self._folder / "reveals.jsonl", json.dumps(line, ensure_ascii=False).encode())
        return self._values[pseudonym]

    def _key(self, make: bool) -> bytes:
        file = self._folder / "key"
        if not file.exists():
            if not make:
                raise CaseUnusable(f"{self._folder} is no case: there is no key in it.")
            if self._folder.exists() and not _FILES.issuperset(os.listdir(self._folder)):
                raise CaseUnusable(f"{self._folder} holds other things. Give --case a new folder.")
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                if not file.exists() and (self._folder / "mapping").exists():
                    raise CaseUnusable(
                        f"The key of the case {self._folder} is gone. Restore it from a backup."
                    )
                if not file.exists():
                    _make_key(file)
        key = file.read_bytes()
        if len(key) != 32:
            raise CaseUnusable(f"{file} must hold 32 bytes; restore it from a backup.")
        return key

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _catch_up(self) -> None:
        """Reads the lines that were added since the last time."""
        try:
            with (self._folder / "mapping").open("rb") as mapping:
                mapping.seek(self._read_up_to)
                added = mapping.read()
        except FileNotFoundError:
            added = b""
        whole = added[: added.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(self._opened(line))
        self._read_up_to += len(whole)

    def _take(self, entry: dict[str, Any]) -> None:
        self._lines += 1
        if "record" in entry:
            self._records[entry["name"]] = entry["record"]
            return
        kind, number = entry["kind"], entry["number"]
        self._numbers[kind, entry["same"]] = number
        self._values[f"{kind}_{number}"] = entry["value"]
        self._last[kind] = max(self._last.get(kind, 0), number)

    def _append(self, entry: dict[str, Any]) -> None:
        plain = json.dumps(entry).encode()
        nonce = os.urandom(NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, plain + b" " * (-len(plain) % _BLOCK), self._bound())
        self._read_up_to = _add_line(
            self._folder / "mapping", base64.b64encode(sealed), after=self._read_up_to
        )
        self._take(entry)

    def _opened(self, line: bytes) -> dict[str, Any]:
        try:
            sealed = base64.b64decode(line, validate=True)
            plain = self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._bound())
        except (InvalidTag, ValueError):
            raise CaseUnusable(
                f"Line {self._lines + 1} of {self._folder / 'mapping'} does not open: it was changed, or the "
                "key is another case's. Restore both from one backup."
            ) from None
        entry: dict[str, Any] = json.loads(plain)
        return entry

    def _bound(self) -> bytes:
        return b"omnigov case" + self._lines.to_bytes(8, "big")


def _make_key(file: Path) -> None:
    """Whole or not at all: a key that a crash cut off would open nothing."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(os.urandom(32))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _add_line(file: Path, line: bytes, *, after: int | None = None) -> int:
    """Adds a line, on the disk when this returns; the file's new length.

    `after` is where the last whole line ends, where that is known. What a crash left behind it is cut off.
    """
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        whole = out.read().rfind(b"\n") + 1 if after is None else after
        out.truncate(whole)
        out.seek(whole)
        out.write(line + b"\n")
        out.flush()
        os.fsync(out.fileno())
        return whole + len(line) + 1


def _who() -> str:
    """The account by which this runs, whatever the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
