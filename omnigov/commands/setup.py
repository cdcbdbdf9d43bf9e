"""`omnigov setup`: everything the database needs before the first upload. Safe to run again."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from omnigov import contracts
from omnigov.commands.installation import installation


class NoDescription(RuntimeError):
    """The GPU side could not say which weights it has."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="omnigov setup", description=__doc__)
    parser.add_argument("--workspace", default="main", help="name of the first workspace (default: main)")
    options = parser.parse_args(argv)
    with installation():
        prepare(options.workspace)
    return 0


def prepare(workspace_slug: str) -> None:
    """Migrates as the owner, registers the model on disk, and publishes the built-in policies."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils.text import slugify

    from omnigov.accounts.models import Workspace
    from omnigov.accounts.services import workspace_create
    from omnigov.decisions.counts import counts_mend
    from omnigov.decisions.plain_evidence import plain_evidence_seal
    from omnigov.durable import close_to_others
    from omnigov.erasure.replaying import replay
    from omnigov.intake.originals_key import keys_make
    from omnigov.ledger.services import keys_record
    from omnigov.policies.measuring import builtin_measure
    from omnigov.policies.services import builtin_publish
    from omnigov.registry.services import model_version_register
    from omnigov.review.counts import case_counts_mend

    for private in ("KEYS", "VAULT", "EVIDENCE", "EXPORTS"):
        close_to_others(Path(getattr(settings, f"OMNIGOV_{private}_DIR")))
    keys_make()
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    mended = counts_mend()
    if mended:
        print(f"{mended} counters of batches were not what the files say, and were set right.")
    mended = case_counts_mend()
    if mended:
        print(f"{mended} counters of cases were not what the cases say, and were set right.")
    keys_record()
    # A database that was set back to a backup knows nothing of what was erased since.
    erased = replay()
    if erased:
        print(f"{erased} erased media had come back with the database, and were erased again.")
    sealed = plain_evidence_seal()
    if sealed:
        print(f"{sealed} files of evidence from before were sealed.")
    for version in models_on_disk():
        model_version_register(version)
    slug = slugify(workspace_slug) or "main"
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        workspace = workspace_create(name=workspace_slug, slug=slug)
    builtin_publish(workspace=workspace)
    builtin_measure(workspace=workspace)


def model_on_disk() -> contracts.ModelVersion:
    """What this machine decides with on pictures and texts."""
    return models_on_disk()[0]


def models_on_disk() -> list[contracts.ModelVersion]:
    """What the GPU side's manifest says this machine decides with, stage by stage.

    Asked of it: we never import it.
    """
    command = [sys.executable, "-m", "workers", "models", "describe", "--every", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if answer.returncode:
        raise NoDescription(answer.stderr.strip() or "The model manifest could not be read.")
    return [contracts.ModelVersion.model_validate(each) for each in json.loads(answer.stdout)]
