"""`omnigov policy show|profile NAME`: what a policy says, and its redaction profile for `omnigov redact`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omnigov.commands.installation import installation

if TYPE_CHECKING:
    from omnigov.contracts import Evaluation
    from omnigov.policies.models import PolicyVersion


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov policy", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="a version in words, or whole as JSON")
    show.add_argument("--json", action="store_true", help="print JSON")
    profile = verbs.add_parser("profile", help="what it hides, as `omnigov redact --profile` reads it")
    profile.add_argument("--out", type=Path, metavar="FILE", help="write it there (default: print it)")
    for sub in (show, profile):
        sub.add_argument("name", metavar="NAME", help="the policy's short name, as `what-is-shown`")
        sub.add_argument("--version", type=int, metavar="N", help="an older one (default: the newest)")
        sub.add_argument("--workspace", default="main")
    options = parser.parse_args(argv)
    with installation():
        version = _version(options)
        if isinstance(version, str):
            print(version, file=sys.stderr)
            return 1
        return _show(version, options.json) if options.verb == "show" else _profile(version, options.out)


def _version(options: argparse.Namespace) -> PolicyVersion | str:
    """The version that is asked for, or the sentence that says why there is none."""
    from omnigov.accounts.models import Workspace
    from omnigov.policies.queries import NoSuchPolicy, current_version, version_of

    workspace = Workspace.objects.filter(slug=options.workspace).first()
    if workspace is None:
        return f"There is no workspace {options.workspace}."
    try:
        newest = current_version(workspace, options.name)
    except NoSuchPolicy as reason:
        return str(reason)
    if options.version is None:
        return newest
    found = version_of(workspace, options.name, options.version)
    return found or f"{options.name} has no version {options.version}; the newest is {newest.number}."


def _show(version: PolicyVersion, as_json: bool) -> int:
    from omnigov.contracts.evaluation import fractions
    from omnigov.policies.queries import measurement_of

    found = measurement_of(version)
    if as_json:
        body = {
            "policy": version.policy.slug,
            "version": version.number,
            "digest": version.digest,
            "model": version.model_version.digest if version.model_version else None,
            "created_at": version.created_at.isoformat(),
            "measured": fractions(found.evaluation) if found else None,
            "reason": version.reason,
            "spec": version.spec.model_dump(mode="json"),
        }
        print(json.dumps(body, ensure_ascii=False, indent=2))
        return 0
    spec, hidden = version.spec, version.spec.redaction
    switched = [name for name in ("faces", "text", "codes", "seals", "screens") if getattr(hidden, name)]
    print(f"{version.policy.slug}  version {version.number}  {version.digest}")
    print(f"model:        {version.model_version or 'none is named'}")
    print(f"measured:     {_measured(found.evaluation) if found else 'not measured'}")
    print(f"question:     {spec.question}")
    print(f"labels:       {', '.join(label.key for label in spec.labels)}")
    print(f"hidden:       {', '.join(switched)}; by {hidden.fill}{' (weak)' if hidden.fill.weak else ''}")
    print(f"kinds:        {', '.join(hidden.entities) if hidden.text else 'none'}")
    print(f"second look:  {'yes' if hidden.second_look else 'no'}")
    for template in hidden.templates:
        print(f"form:         {template.name}, fields: {len(template.fields)}")
    if hidden.template_required:
        print("              other forms go to quarantine")
    if version.reason:
        print(f"reason:       {version.reason}")
    return 0


def _measured(said: Evaluation) -> str:
    share, low, high = (
        f"{value / 10_000:.0f} %" for value in (said.accuracy.value, said.accuracy.low, said.accuracy.high)
    )
    kind = "calibrated" if said.calibrated else "uncalibrated"
    return f"{share} of {said.n} examples right, 95 % interval {low} to {high}, confidence {kind}"


def _profile(version: PolicyVersion, out: Path | None) -> int:
    text = json.dumps(version.spec.redaction.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        print(text, end="")
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{out} can't be written: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"{version.policy.slug} version {version.number}: {out}", file=sys.stderr)
    return 0
