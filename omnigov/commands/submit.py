"""`omnigov submit PATH… --policy NAME [--wait]`: hands in files or folders as one batch."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omnigov.commands.installation import installation
from omnigov.contracts.encodings import NAMED

if TYPE_CHECKING:
    from omnigov.decisions.progress import Row
    from omnigov.intake.models import Batch, Submission


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov submit", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--policy", required=True, help="the policy's short name, as `what-is-shown`")
    parser.add_argument("--workspace", default="main")
    parser.add_argument(
        "--as", dest="username", help="who hands it in (default: the workspace's only operator)"
    )
    parser.add_argument("--name", default="", help="the batch's name (default: the time)")
    parser.add_argument(
        "--encoding",
        default="",
        metavar="NAME",
        help=f"what texts are encoded in, where their bytes don't say it for sure: {', '.join(NAMED)}",
    )
    parser.add_argument(
        "--together",
        action="store_true",
        help="the files are one report, a recording and its pictures, and are decided together",
    )
    parser.add_argument("--wait", action="store_true", help="until every run has ended; a worker has to run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    files = list(files_of(options.paths))
    if not files:
        print("There is no file to hand in.", file=sys.stderr)
        return 1
    with installation():
        return _submit(options, files)


def files_of(paths: list[Path]) -> list[Path]:
    """The files named, and those of the folders named, in order; hidden ones are left out."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(
                each for each in path.rglob("*") if each.is_file() and not each.name.startswith(".")
            )
        else:
            files.append(path)
    return files


def _submit(options: argparse.Namespace, files: list[Path]) -> int:
    from omnigov.accounts.models import User
    from omnigov.decisions.progress import batch_rows
    from omnigov.intake.services import NotTogether, batch_create
    from omnigov.policies.models import PolicyVersion
    from omnigov.policies.queries import NoSuchPolicy, current_version

    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        print(f"There is no file {missing[0]}.", file=sys.stderr)
        return 1
    people = User.objects.filter(memberships__workspace__slug=options.workspace, is_active=True)
    people = (
        people.filter(username=options.username)
        if options.username
        else people.filter(memberships__role="operator")
    )
    if people.count() != 1:
        print("Say who hands this in: --as NAME, a person of this workspace.", file=sys.stderr)
        return 1
    person = people.get()
    try:
        version: PolicyVersion = current_version(
            person.memberships.get(workspace__slug=options.workspace).workspace, options.policy
        )
    except NoSuchPolicy as error:
        print(str(error), file=sys.stderr)
        return 1
    try:
        files = report_of(files) if options.together else files
    except NotTogether as reason:
        print(str(reason), file=sys.stderr)
        return 1
    batch = batch_create(policy_version=version, name=options.name, by=person)
    hand_in(batch, files, quiet=options.json, encoding=options.encoding, together=options.together)
    if options.wait:
        wait_for(batch, quiet=options.json)
    rows = batch_rows(batch)
    if options.wait and not options.json:
        for row in rows:
            if row.state == "refused" and row.run:  # by the check; what its first bytes showed was said above
                print(f"{row.name}: {row.sentence}", file=sys.stderr)
    if options.json:
        print(
            json.dumps({"batch": str(batch.id), "rows": [row.as_json() for row in rows]}, ensure_ascii=False)
        )
    else:
        print(f"Batch {batch.id}")
        print(table(rows))
    return 1 if any(row.state in {"refused", "failed", "quarantined"} for row in rows) else 0


def report_of(files: list[Path]) -> list[Path]:
    """The files of one report, the recording first. Raises `NotTogether`."""
    from omnigov.contracts.kinds import HEAD
    from omnigov.intake.services import recording_among

    heads = []
    for file in files:
        with file.open("rb") as content:
            heads.append(content.read(HEAD))
    recording = recording_among(heads)
    return [files[recording], *(file for at, file in enumerate(files) if at != recording)]


def hand_in(
    batch: Batch, files: list[Path], *, quiet: bool = False, encoding: str = "", together: bool = False
) -> None:
    """Each file by the same service as an upload, as who made the batch. A refused one stops no other.

    `together`: the first is a recording, and the others are its pictures. Where it is refused, they stay.
    """
    from omnigov.decisions.uploads import file_submit

    recording: Submission | None = None
    for file in files:
        with file.open("rb") as content:
            submission = file_submit(
                batch=batch,
                name=file.name,
                content=content,
                by=batch.created_by,
                encoding=encoding,
                beside=recording,
                with_pictures=len(files) - 1 if together and recording is None else 0,
            )
        if submission.refusal_sentence and not quiet:
            print(f"{submission.name}: {submission.refusal_sentence}", file=sys.stderr)
        if together and recording is None:
            recording = submission
            if submission.refusal_sentence:
                break


def wait_for(batch: Batch, *, quiet: bool = False, patience: float = 3600) -> None:
    """Shows progress until every run of the batch has ended."""
    from omnigov.decisions.progress import batch_progress

    deadline = time.monotonic() + patience
    shown = ""
    while True:
        done = batch_progress(batch)
        line = f"{done.ended} of {done.total} ended · {done.percent} %" + (
            f" · {done.step}" if done.step else ""
        )
        if line != shown and not quiet:
            print(
                f"\r{line:<70}" if sys.stdout.isatty() else line,
                end="" if sys.stdout.isatty() else "\n",
                flush=True,
            )
            shown = line
        if done.ended == done.total:
            break
        if time.monotonic() > deadline:
            print(
                "\nStill not done; the batch goes on by itself. Is a worker running? (omnigov worker)",
                file=sys.stderr,
            )
            break
        time.sleep(0.3)
    if sys.stdout.isatty() and not quiet:
        print()


def table(rows: list[Row]) -> str:
    """The batch as people read it: file, redactions, decision, confidence, ledger index."""
    head = ("file", "redactions", "decision", "confidence", "ledger index")
    body = [row.as_text() for row in rows]
    widths = [max(len(line[column]) for line in [head, *body]) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
