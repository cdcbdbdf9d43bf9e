"""`omnigov reveal CASE PERSON_3 --reason "…"`: the value behind a pseudonym of a case folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from workers.redaction.cli.case import Case, CaseUnusable


def main(argv: list[str]) -> int:
    """Prints the value and returns 0; or 1 with a sentence, and nothing is shown or written."""
    parser = argparse.ArgumentParser(
        prog="omnigov reveal",
        description="Show the value behind a pseudonym. Who asked, when and why is added to "
        "CASE/reveals.jsonl first.",
    )
    parser.add_argument("case", metavar="CASE", type=Path, help="the folder that --case was given")
    parser.add_argument("pseudonym", metavar="PSEUDONYM", help="such as PERSON_3")
    parser.add_argument("--reason", required=True, help="so that an outsider understands later why")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    try:
        value = Case(arguments.case, make=False).reveal(arguments.pseudonym.upper(), arguments.reason)
    except CaseUnusable as error:
        print(f"omnigov reveal: {error}", file=sys.stderr)
        return 1
    answer = {"pseudonym": arguments.pseudonym.upper(), "value": value}
    print(json.dumps(answer, ensure_ascii=False) if arguments.json else value)
    return 0
