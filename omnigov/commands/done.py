"""`omnigov done DECISION --as released --by NAME`: what another system did on a decision's outcome.

For whoever's own programs release, reject or send on: the entry is the one that the page makes.
"""

from __future__ import annotations

import argparse
import json
import sys
from uuid import UUID

from omnigov.commands.installation import installation

DONE = ("released", "rejected", "sent_on", "nothing")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov done", description=__doc__)
    parser.add_argument("decision", type=UUID, metavar="DECISION")
    parser.add_argument("--as", dest="done", choices=DONE, required=True, help="what was done")
    parser.add_argument("--by", required=True, metavar="NAME", help="the person in whose name")
    parser.add_argument("--to", default="", help="where it was sent on to: no person by name")
    parser.add_argument("--words", default="", help="a note, without personal data")
    parser.add_argument("--id", type=UUID, help="of this call: the same again records nothing twice")
    parser.add_argument("--verdict", type=UUID, help="the newest verdict known to the caller; with --id")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    with installation():
        return _record(options)


def _record(options: argparse.Namespace) -> int:
    from omnigov.accounts.models import User
    from omnigov.decisions.models import Decision
    from omnigov.decisions.services import NotPossible
    from omnigov.review.after import disposition_add

    try:
        made = disposition_add(
            decision_id=options.decision,
            by=User.objects.get(username=options.by, is_active=True),
            done=options.done,
            to=options.to,
            words=options.words,
            disposition_id=options.id,
            seen=options.verdict,
        )
    except User.DoesNotExist:
        print(f"There is nobody named {options.by}.", file=sys.stderr)
        return 1
    except Decision.DoesNotExist:
        print(f"There is no decision {options.decision}.", file=sys.stderr)
        return 1
    except NotPossible as reason:
        print(reason, file=sys.stderr)
        return 1
    said = {
        "id": str(made.id),
        "decision": str(made.decision_id),
        "verdict": str(made.verdict_id) if made.verdict_id else None,
        "done": made.done,
        "outcome": made.outcome,
        "entry": str(made.entry),
    }
    print(json.dumps(said) if options.json else f"{made.done}: {made.outcome}, entry {made.entry}")
    return 0
