"""An erasure that is killed half-way ends all the same, and its proofs hold."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from omnigov.contracts import ReadValues
from omnigov.decisions.models import Decision
from omnigov.erasure.certificate import certificate
from omnigov.erasure.models import Erasure
from omnigov.erasure.replaying import replay
from omnigov.intake.models import MediaAsset
from omnigov.keys import keyring
from omnigov.ledger.export import export
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.proof import verify_proof
from omnigov.ledger.verify import verify_bundle
from omnigov.pseudonyms.models import Mention
from omnigov.pseudonyms.services import values_seal
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = [pytest.mark.long, pytest.mark.services]

DOOMED = """
import os, signal, sys, django
django.setup()
from omnigov.erasure import services
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
owner, _, name = sys.argv[2].rpartition(".")
setattr(getattr(services, owner) if owner else services, name, die)
services.asset_erase(asset_id=sys.argv[1])
"""


@pytest.mark.parametrize(
    "where",
    ["vault.discard", "evidence.run_discard", "pseudonyms.medium_forget", "pseudonyms._unused", "_entry"],
)
def test_killed_midway_the_erasure_ends_with_another_process(
    committed_cast: Cast, tmp_path: Path, where: str
) -> None:
    people: Any = committed_cast
    picture = recorded.png("plum", (70 + len(where), 50))
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", picture))
    decision = recorded.record(
        batch.submissions.get(), picture=Image.new("RGB", (64, 48)), boxes=[("PERSON", (1, 1, 9, 9))]
    )
    _seal_a_value(decision)
    asset, key = decision.run.asset, str(log_signer().verifier)
    before = export(tmp_path / "before.zip", workspace=people.workspace.id)

    killed = subprocess.run(
        [sys.executable, "-c", DOOMED, str(asset.id), where], env=os.environ, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    asset.refresh_from_db()
    assert asset.erased_at is None
    assert replay() == 1

    asset.refresh_from_db()
    assert asset.erased_at is not None
    assert not keyring().has_asset(asset.id)
    assert not keyring().has_case(batch.id)
    assert not Mention.objects.filter(run=decision.run_id).exists()
    assert LedgerEntry.objects.filter(subject=asset.id, kind="erasure").count() == 1
    # What was proved before is proved still, and so is the erasure.
    assert verify_bundle(tmp_path / "before.zip", key).ok
    after = export(tmp_path / "after.zip", workspace=people.workspace.id)
    assert verify_bundle(tmp_path / "after.zip", key).ok
    assert after.entries > before.entries
    with zipfile.ZipFile(io.BytesIO(certificate(Erasure.objects.get(asset=asset)))) as archive:
        assert str(asset.id) in archive.read("certificate.txt").decode()
        index, checkpoint = verify_proof(archive.read("entry.tlog-proof"), archive.read("entry.json"), key)
    assert index < checkpoint.size
    assert MediaAsset.objects.get(pk=asset.id).keyed_digest is None


def _seal_a_value(decision: Decision) -> None:
    findings: Any = decision.run.redaction_result
    read = ReadValues()
    read.note(findings.findings[0], "Wanda Ostrowska", "wandaostrowska")
    assert values_seal(run_id=decision.run_id, findings=findings.findings, read=read) == 1
