"""`omnigov export`: a provenance bundle in a file. Django is set up by the caller."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from omnigov.exports.folder import command_spool
from omnigov.exports.report import LANGUAGES
from omnigov.exports.services import bundle_write
from omnigov.ledger.cosigning import WitnessesError
from omnigov.ledger.export import ExportError
from omnigov.ledger.keys import LogKeyError
from omnigov.ledger.tiles import LedgerDamagedError

PROFILES = {
    "redacted": "without what the model and people wrote, and without the keys of media",
    "full": "with both, so that each commitment can be checked; such a file is personal data",
}


def main(argv: Sequence[str] | None = None, *, subjects: frozenset[UUID] | None = None) -> int:
    """0 where the bundle is in its place. `subjects` are the runs of a batch, where one was given."""
    parser = argparse.ArgumentParser(
        prog="omnigov export",
        description="Write a provenance bundle. Cut off, the same command goes on where it was.",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--from", dest="since", type=_moment, help="entries made at or after this (ISO 8601)")
    parser.add_argument("--to", dest="until", type=_moment, help="entries made before this (ISO 8601)")
    parser.add_argument("--workspace", type=UUID, metavar="UUID")
    parser.add_argument("--kind", action="append", dest="kinds", help="only this kind; may be given again")
    profiles = "; ".join(f"{name}: {what}" for name, what in PROFILES.items())
    parser.add_argument("--profile", choices=list(PROFILES), default="redacted", help=profiles)
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the report")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    out: Path = arguments.out
    try:
        with command_spool(out, arguments.profile) as spool:
            if spool is None:
                return _failed(
                    f"Another export to {out} is being written. Wait for it, or choose another name."
                )
            done = bundle_write(
                out,
                profile=arguments.profile,
                language=arguments.language,
                workspace=arguments.workspace,
                subjects=subjects,
                kinds=arguments.kinds,
                since=arguments.since,
                until=arguments.until,
                spool=spool,
                progress=_progress if sys.stderr.isatty() else None,
            )
    except (ExportError, LogKeyError, LedgerDamagedError, WitnessesError) as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{out} can't be written: {error.strerror}.")
    if arguments.json:
        print(json.dumps({**vars(done), "out": str(out)}, indent=2))
    else:
        scope = "the whole log" if done.whole else f"of {done.size} in the log"
        print(f"{out}: {done.entries} entries ({scope}), {done.bytes} bytes, sha256 {done.digest}")
        print(f"check it with: {shlex.join([*_ourselves(), 'verify', str(out), '--key', done.key])}")
    return 0


def _ourselves() -> list[str]:
    """How this command was called, so that the line that is printed runs as it stands."""
    called = Path(sys.argv[0])
    if called.suffix == ".py" or not called.exists():
        return [sys.executable, "-m", "omnigov.cli"]
    return ["omnigov" if shutil.which("omnigov") else str(called)]


def _progress(count: int, total: int) -> None:
    print(f"\r{count} of {total} entries", end="" if count < total else "\n", file=sys.stderr, flush=True)


def _moment(text: str) -> datetime:
    """A point in time, by UTC; without an offset it is that already."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day or time (as 2026-11-28T09:00+09:00)") from None
    except OverflowError:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside the years 1 to 9999 by UTC") from None


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
