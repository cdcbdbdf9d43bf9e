"""The log's side of witnesses: asks each for its cosignature on the newest checkpoint, and keeps the answers.

Nothing waits for a witness but an export that has to carry cosignatures (OMNIGOV_WITNESSES_NEEDED).
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from omnigov.ledger import queries
from omnigov.ledger.checkpoint import NoteError, WitnessVerifier, cosigners, split_note
from omnigov.ledger.models import LedgerCheckpoint, LedgerCosignature

PATIENCE = 10  # seconds
ANSWER_LIMIT = 64 * 1024


class WitnessesError(RuntimeError):
    """The settings name a witness in a way that can't be used, or too few have cosigned."""


@dataclass(frozen=True)
class Witness:
    """Where it is asked, and the key that its answer is checked with."""

    url: str
    key: WitnessVerifier


@dataclass(frozen=True)
class Asked:
    """What came of asking one witness. `size` is the newest checkpoint that it is known to have cosigned."""

    witness: str
    size: int
    cosigned: bool
    detail: str


def witnesses() -> list[Witness]:
    """The witnesses of the settings: OMNIGOV_WITNESSES is JSON, [{"url": …, "key": …}]."""
    try:
        rows = json.loads(settings.OMNIGOV_WITNESSES or "[]")
        if type(rows) is not list:
            raise TypeError("it is no list")
        found = [Witness(str(row["url"]).rstrip("/"), WitnessVerifier.parse(row["key"])) for row in rows]
    except (ValueError, TypeError, KeyError, NoteError) as error:
        raise WitnessesError(
            f'OMNIGOV_WITNESSES has to be JSON like [{{"url": "https://…", "key": "NAME+ID+…"}}]: {error}.'
        ) from error
    if any(not each.url.startswith(("http://", "https://")) for each in found):
        raise WitnessesError("A witness's url in OMNIGOV_WITNESSES begins with http:// or https://.")
    return found


def ask_all() -> list[Asked]:
    """Ask each witness that has not cosigned the newest checkpoint yet. Not to be called in a transaction."""
    newest = queries.latest_checkpoint()
    return [] if newest is None else [_ask(each, newest) for each in witnesses()]


def _ask(witness: Witness, newest: LedgerCheckpoint) -> Asked:
    name, old = witness.key.name, queries.cosigned_size(str(witness.key))
    if old == newest.size:
        return Asked(name, old, True, "has cosigned this checkpoint")
    if old > newest.size:
        return _set_back(name, old, newest)
    for _ in range(2):
        proof = queries.consistency(old, newest.size) if 0 < old < newest.size else []
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        try:
            status, answer = _post(f"{witness.url}/add-checkpoint", f"old {old}\n{lines}\n{newest.note}")
        except (OSError, http.client.HTTPException) as error:
            return Asked(name, old, False, f"does not answer: {error}")
        if status == 200:
            return _keep(witness, newest, answer, old)
        if status != 409 or not answer.strip().isdigit():
            return Asked(name, old, False, f"refused with {status}: {answer.strip()[:200]}")
        seen = int(answer)
        if seen > newest.size:
            return _set_back(name, seen, newest)
        if seen == old:
            break
        old = seen
    return Asked(name, old, False, f"has seen another log of {old} entries under this name: a fork")


def _set_back(name: str, seen: int, newest: LedgerCheckpoint) -> Asked:
    detail = f"has seen {seen} entries, and this log has {newest.size}: it was set back"
    return Asked(name, seen, False, detail)


def _post(url: str, body: str) -> tuple[int, str]:
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    request = urllib.request.Request(url, body.encode(), kind)  # noqa: S310 - `witnesses` takes http(s) alone
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            return answer.status, answer.read(ANSWER_LIMIT).decode("utf-8", "replace")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read(ANSWER_LIMIT).decode("utf-8", "replace")


def _keep(witness: Witness, newest: LedgerCheckpoint, answer: str, old: int) -> Asked:
    """Keep the witness's own line of the answer; what else it sent is dropped."""
    key = witness.key
    try:
        note = (newest.note + answer).encode()
        if not cosigners(note, [key]):
            raise NoteError("no cosignature of its key is in the answer")
        signature = next(
            each for name, each in split_note(note)[1] if (name, each[:4]) == (key.name, key.key_id)
        )
    except NoteError as error:
        return Asked(key.name, old, False, f"sent an answer that does not hold: {error}")
    line = f"— {key.name} {base64.b64encode(signature).decode()}\n"
    try:
        with transaction.atomic():
            LedgerCosignature.objects.create(
                size=newest.size, witness=str(key), line=line, created_at=datetime.now(UTC)
            )
    except IntegrityError:  # another process asked at the same time
        pass
    return Asked(key.name, newest.size, True, "has cosigned this checkpoint")


def require_cosigned(checkpoint: LedgerCheckpoint) -> None:
    """Raise WitnessesError where fewer witnesses than OMNIGOV_WITNESSES_NEEDED have cosigned it."""
    needed = settings.OMNIGOV_WITNESSES_NEEDED
    if not needed:
        return
    asked = ask_all()
    note = queries.cosigned_note(checkpoint).encode()
    count = len(cosigners(note, [each.key for each in witnesses()]))
    if count < needed:
        reasons = "; ".join(f"{each.witness} {each.detail}" for each in asked if not each.cosigned)
        raise WitnessesError(
            f"{count} of the {needed} witnesses that are needed have cosigned the checkpoint"
            + (f": {reasons}." if reasons else ".")
        )
