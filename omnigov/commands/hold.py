"""`omnigov hold place|release|list`: legal holds. What is held is not erased, whatever asks for it."""

from __future__ import annotations

import argparse
import json
import sys
from uuid import UUID

from omnigov.commands.installation import installation


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov hold", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("place", "release"):
        sub = verbs.add_parser(verb)
        sub.add_argument("asset", type=UUID, metavar="ASSET")
        sub.add_argument("--reason", required=True, help="without personal data")
    verbs.add_parser("list").add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    with installation():
        return _list(options.json) if options.verb == "list" else _change(options)


def _change(options: argparse.Namespace) -> int:
    from omnigov.erasure.services import NotErased, hold_place, hold_release
    from omnigov.intake.models import MediaAsset

    change = hold_place if options.verb == "place" else hold_release
    try:
        hold = change(asset_id=options.asset, reason=options.reason)
    except (NotErased, MediaAsset.DoesNotExist) as reason:
        sentence = str(reason) if isinstance(reason, NotErased) else f"There is no medium {options.asset}."
        print(sentence, file=sys.stderr)
        return 1
    print(f"{hold.asset_id}  {'under legal hold' if options.verb == 'place' else 'hold released'}")
    return 0


def _list(as_json: bool) -> int:
    from omnigov.erasure.models import LegalHold

    holds = LegalHold.objects.filter(released_at__isnull=True)
    if as_json:
        rows = [
            {"asset": str(hold.asset_id), "hold": str(hold.id), "placed_at": hold.placed_at.isoformat()}
            for hold in holds
        ]
        print(json.dumps({"holds": rows}, indent=2))
    else:
        for hold in holds:
            print(f"{hold.asset_id}  since {hold.placed_at:%Y-%m-%d %H:%M} UTC  {hold.reason}")
    return 0
