"""`omnigov erase`: media erased for good, by request, by retention, or again after a backup came back."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from pathlib import Path
from uuid import UUID

from omnigov.commands.installation import installation


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov erase", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--asset", type=UUID, metavar="ID", help="this medium")
    which.add_argument("--run", type=UUID, metavar="ID", help="the medium of this run")
    which.add_argument("--batch", type=UUID, metavar="ID", help="all media of this batch")
    which.add_argument("--due", action="store_true", help="what has been kept for as long as its policy says")
    which.add_argument(
        "--replay", action="store_true", help="what the erasure journal says, after a backup was played back"
    )
    parser.add_argument("--reference", default="", help="of the request, for people; never on the record")
    parser.add_argument("--certificate", type=Path, metavar="FOLDER", help="write a certificate of each here")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    with installation():
        return _erase(options)


def _erase(options: argparse.Namespace) -> int:
    from omnigov.erasure.journal import JournalDamaged
    from omnigov.erasure.replaying import replay
    from omnigov.keeper.retention import retain

    try:
        if options.replay or options.due:
            done = replay() if options.replay else retain(threading.Event())
            if options.json:
                print(json.dumps({"erased": done}))
            else:
                print(f"{done} media erased.")
            return 0
        return _erase_named(options)
    except JournalDamaged as damage:
        print(damage, file=sys.stderr)
        return 1


def _erase_named(options: argparse.Namespace) -> int:
    from omnigov.erasure.certificate import certificate
    from omnigov.erasure.services import NotErased, asset_erase
    from omnigov.intake.models import MediaAsset

    found = MediaAsset.objects.distinct().order_by("created_at")
    if options.asset:
        found = found.filter(pk=options.asset)
    elif options.run:
        found = found.filter(runs=options.run)
    else:
        found = found.filter(submissions__batch=options.batch)
    assets = list(found.values_list("pk", flat=True))
    if not assets:
        print("There is no such medium.", file=sys.stderr)
        return 1
    report, refused = [], False
    for asset in assets:
        try:
            erasure = asset_erase(asset_id=asset, reference=options.reference)
        except NotErased as reason:
            refused = True
            report.append({"asset": str(asset), "erased": False, "sentence": str(reason)})
            continue
        report.append({"asset": str(asset), "erased": True, "entry": str(erasure.entry), "certificate": None})
        if options.certificate:
            options.certificate.mkdir(parents=True, exist_ok=True)
            file = options.certificate / f"erasure-{asset}.zip"
            file.write_bytes(certificate(erasure))
            report[-1]["certificate"] = str(file)
    if options.json:
        print(json.dumps({"media": report}, indent=2))
    else:
        for each in report:
            said = f"erased, entry {each['entry']}" if each["erased"] else f"NOT erased: {each['sentence']}"
            print(f"{each['asset']}  {said}")
            if each.get("certificate"):
                print(f"  certificate: {each['certificate']}")
    return 1 if refused else 0
