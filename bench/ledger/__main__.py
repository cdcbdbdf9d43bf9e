"""The record at speed: each figure beside its bare counterpart, in one run, on a database of its own.

Entries are decisions of some 1.5 KB. Writers are processes that commit `--rows` entries a transaction, as the
product does where it has several, in one call. They stand beside two counterparts that insert the same bytes,
as many a transaction, into a table with a key and no index: by one INSERT an entry, and by one for all.
Writes JSON.

    omnigov bench ledger [--entries 100000] [--seconds 5] [--writers 8]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import appending
import exporting
from material import entry_bytes

from omnigov.commands.installation import installation


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=100_000, help="in the log that is proved and exported")
    parser.add_argument("--seconds", type=float, default=5, help="that the writers write")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rows", type=int, nargs="*", default=[1, 50, 500], help="entries a transaction")
    parser.add_argument(
        "--write", nargs=4, metavar=("WHAT", "ROWS", "SECONDS", "START"), help=argparse.SUPPRESS
    )
    parser.add_argument("--verify", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        return appending.write(*options.write)
    if options.verify:
        return exporting.verify(options.verify)
    folder = Path(tempfile.mkdtemp(prefix="omnigov-bench-"))
    os.environ["OMNIGOV_VAR"] = str(folder)
    try:
        with installation():
            result = measure(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 0


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    appending.bare_table()
    result: dict[str, Any] = {
        "benchmark": "ledger",
        "cores": os.cpu_count(),
        "entry_bytes": len(entry_bytes()),
        "canonical_json": exporting.canonical_json(),
        "append": [appending.append(options, rows) for rows in options.rows],
    }
    result["integrate"] = appending.fill(options.entries)
    result["proof"] = exporting.proof()
    result["export"] = exporting.export(folder / "whole.zip")
    result["prov"] = exporting.prov(folder)
    result["verify"] = exporting.verified(folder / "whole.zip")
    return result


if __name__ == "__main__":
    sys.exit(main())
