"""`omnigov decisions [--batch ID]`: what was decided, newest first."""

from __future__ import annotations

import argparse
import json
import sys
import uuid

from omnigov.commands.installation import installation


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov decisions", description=__doc__)
    parser.add_argument("--batch", type=uuid.UUID, help="of this batch only")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    with installation():
        return _list(options)


def _list(options: argparse.Namespace) -> int:
    from omnigov.commands.submit import table
    from omnigov.decisions.progress import Row, batch_page
    from omnigov.intake.models import Batch

    batches = (
        Batch.objects.filter(pk=options.batch) if options.batch else Batch.objects.order_by("-created_at")
    )
    if options.batch and not batches:
        print(f"There is no batch {options.batch}.", file=sys.stderr)
        return 1
    rows: list[Row] = []
    for batch in batches[: options.limit]:
        rows += batch_page(batch, limit=options.limit - len(rows)).rows
        if len(rows) >= options.limit:
            break
    if options.json:
        print(json.dumps([row.as_json() for row in rows], ensure_ascii=False))
    else:
        print(table(rows))
    return 0
