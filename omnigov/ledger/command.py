"""`omnigov ledger status|check|prove|cosign`. Django is set up by the caller."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from omnigov.ledger.check import CheckReport, Comparison
from omnigov.ledger.checking import checked
from omnigov.ledger.checkpoint import tlog_proof
from omnigov.ledger.cosigning import WitnessesError, ask_all, witnesses
from omnigov.ledger.keys import LogKeyError, log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.queries import (
    cosigned_note,
    cosigned_size,
    entry,
    entry_at,
    inclusion,
    index_of,
    latest_checkpoint,
    pending,
)
from omnigov.ledger.tiles import LedgerDamagedError


def main_ledger(argv: Sequence[str] | None = None, *, comparisons: Sequence[Comparison] = ()) -> int:
    """0 where all is well; 1 where it is not, with a sentence on standard error."""
    parser = argparse.ArgumentParser(
        prog="omnigov ledger", description="The record: its state, check and proofs."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    described = {
        "status": "the newest checkpoint, what is pending, and the log's public key",
        "check": "recompute the log from its rows and compare",
        "cosign": "ask the witnesses for their cosignatures on the newest checkpoint",
        "prove": "an entry's inclusion proof against the newest checkpoint (C2SP tlog-proof)",
    }
    for verb, help_text in described.items():
        sub = verbs.add_parser(verb, help=help_text)
        sub.add_argument("--json", action="store_true", help="print JSON")
        if verb == "prove":
            sub.add_argument("id", help="the entry's id, or its index in the log")
        if verb == "check":
            sub.add_argument("--since-last", action="store_true", help="only what came since the last check")
        if verb == "cosign":
            sub.add_argument("--every", type=float, metavar="SECONDS", help="go on asking until stopped")
    arguments = parser.parse_args(argv)
    try:
        if arguments.verb == "status":
            return _status(arguments.json)
        if arguments.verb == "check":
            return _check(comparisons, arguments.since_last, arguments.json)
        if arguments.verb == "cosign":
            return _cosign(arguments.every, arguments.json)
        return _prove(arguments.id, arguments.json)
    except (LogKeyError, LedgerDamagedError, WitnessesError) as error:
        return _failed(str(error))


def _status(as_json: bool) -> int:
    checkpoint, signer = latest_checkpoint(), log_signer()
    state: dict[str, Any] = {
        "origin": signer.name,
        "key": str(signer.verifier),
        "size": checkpoint.size if checkpoint else 0,
        "root": bytes(checkpoint.root).hex() if checkpoint else None,
        "signed_at": checkpoint.created_at.isoformat() if checkpoint else None,
        "pending": pending().count(),
        "witnesses": {each.key.name: cosigned_size(str(each.key)) for each in witnesses()},
    }
    if as_json:
        _print_json(state)
    else:
        cosigned = state.pop("witnesses")
        for name, value in state.items():
            print(f"{name:10} {'-' if value is None else value}")
        for name, size in cosigned.items():
            print(f"{'witness':10} {name} has cosigned {size}")
    return 0


def _check(comparisons: Sequence[Comparison], since_last: bool, as_json: bool) -> int:
    report = checked(comparisons, full=not since_last)
    if as_json:
        _print_json(report.as_json())
    else:
        _print_check(report)
    return 0 if report.ok else 1


def _print_check(report: CheckReport) -> None:
    if report.since:
        print(f"from size {report.since} on, which an earlier check had found to hold")
    print(
        f"{report.entries} entries, {report.checkpoints} checkpoints and {report.tiles} tiles compared; "
        f"{report.pending} entries pending"
    )
    for problem in report.problems:
        where = "" if problem.index is None else f" at entry {problem.index}"
        print(f"FAILED  {problem.check}{where}: {problem.detail}")
    if report.unlisted:
        print(f"and {report.unlisted} more")
    for strength in report.role_too_strong:
        print(f"warning: the database role {report.role} {strength}; run the product as a weaker role")
    for strength in report.auditor_too_strong:
        print(f"warning: the auditor's database role {strength}; run `omnigov setup` to set its rights anew")
    print("the log holds" if report.ok else "the log does NOT hold")


def _cosign(every: float | None, as_json: bool) -> int:
    """0 where every witness has cosigned the newest checkpoint. With `every` it ends when it is stopped."""
    said: list[tuple[str, str]] = []
    while True:
        asked = ask_all()
        if as_json:
            _print_json({"witnesses": [vars(each) for each in asked]})
        elif (news := [(each.witness, each.detail) for each in asked]) != said:
            # Asked again and again, it speaks up where something has changed.
            for each in asked:
                print(f"{'ok     ' if each.cosigned else 'FAILED '} {each.witness} {each.detail}", flush=True)
            said = news
        if every is None:
            return 0 if all(each.cosigned for each in asked) else 1
        time.sleep(every)


def _prove(wanted: str, as_json: bool) -> int:
    found = _find(wanted)
    if found is None:
        return _failed(f"There is no entry {wanted}.")
    index, checkpoint = index_of(found), latest_checkpoint()
    if index is None or checkpoint is None:
        return _failed(f"Entry {found.id} is still pending: it gets its place in the log within seconds.")
    proof = inclusion(index, checkpoint.size)
    text = tlog_proof(index, proof, cosigned_note(checkpoint))
    if as_json:
        _print_json(
            {
                "id": str(found.id),
                "index": index,
                "size": checkpoint.size,
                "leaf_hash": bytes(found.leaf_hash).hex(),
                "root": bytes(checkpoint.root).hex(),
                "proof": [each.hex() for each in proof],
                "entry": bytes(found.body).decode(),
                "tlog_proof": text,
            }
        )
    else:
        sys.stdout.write(text)
    return 0


def _find(wanted: str) -> LedgerEntry | None:
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        return entry_at(int(wanted))
    try:
        return entry(UUID(wanted))
    except ValueError:
        return None


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
