"""A spoken report with its pictures on the record: exported, told, verified by both verifiers, and erased."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from omnigov.decisions import together
from omnigov.decisions.models import Decision, Run, RunState
from omnigov.erasure import replaying, services
from omnigov.erasure.models import Erasure
from omnigov.erasure.retention import retention_look
from omnigov.erasure.services import NotErased, asset_erase, hold_place, hold_release
from omnigov.evidence.queries import anything_of
from omnigov.exports.services import bundle_write
from omnigov.intake.models import MediaAsset, Submission
from omnigov.keys import keyring
from omnigov.ledger import bundle
from omnigov.ledger.keys import log_signer
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.verify import verify_bundle
from tests.omnigov import recorded_report
from tests.omnigov.exports.test_media import standalone
from tests.omnigov.ledger.bundles import read_zip

pytestmark = pytest.mark.services


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return request.getfixturevalue("committed_cast")


@pytest.fixture
def report(people: Any) -> Decision:
    return recorded_report.record(people.policy_version, people.operator)


def test_both_media_are_in_bundle_report_and_provenance(
    people: Any, report: Decision, tmp_path: Path
) -> None:
    for profile in ("full", "redacted"):
        out = tmp_path / f"{profile}.zip"
        bundle_write(out, workspace=people.workspace.id, profile=profile)
        found = verify_bundle(out, str(log_signer().verifier), deep=True)
        assert found.failed is None, (found.failed.check, found.failed.detail)
        answer = standalone(out, tmp_path)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    full, redacted = (read_zip(tmp_path / f"{profile}.zip") for profile in ("full", "redacted"))
    (picture,) = together.decided_with(report.run)
    (opened,) = [json.loads(line)["opens"] for line in full[bundle.EVIDENCE].splitlines()]
    assert opened["beside_copies"] == [
        {"redacted": picture.redaction["digest"], "findings": picture.stored_findings}
    ]
    said = full["report.html"].decode()
    assert "1 picture was handed in with the recording. Both were decided together" in said
    assert "In picture 1, 2 places were hidden before the model saw it." in said
    assert "Face: 1" in said
    told = redacted["report.html"].decode()
    assert "In picture 1, 2 places were hidden" in told
    assert "Face: 1" not in told
    graph = json.loads(full["prov.jsonld"])["@graph"]
    copy = f"omnigov:copy-of-{picture.pk}"
    assert {"@type": "Usage", "activity": f"id:{report.run_id}", "entity": copy} in graph
    derived = {"@type": "Derivation", "generatedEntity": copy}
    assert {**derived, "usedEntity": f"omnigov:asset-{picture.asset.commitment}"} in graph
    assert b"photo-1" not in b"".join(redacted.values())


@pytest.mark.parametrize("which", ["recording", "picture"])
def test_an_erasure_of_either_reaches_all_of_the_report(people: Any, report: Decision, which: str) -> None:
    (picture,) = together.decided_with(report.run)
    runs = [report.run_id, picture.pk]
    assets = [report.run.asset_id, picture.asset_id]
    first = assets[0] if which == "recording" else assets[1]
    done = asset_erase(asset_id=first, by=people.officer, reference="The person asked.")
    assert done.asset_id == first
    for run, asset in zip(runs, assets, strict=True):
        assert not anything_of(run)
        assert not keyring().has_asset(asset)
        assert Run.objects.get(pk=run).state == RunState.ERASED
        assert MediaAsset.objects.get(pk=asset).erased_at
    assert not Submission.objects.filter(asset__in=assets).exclude(name="").exists()
    # An entry, a row and a line of the journal for each: a backup that is played back loses both again.
    assert Erasure.objects.filter(asset__in=assets).count() == 2
    entries = LedgerEntry.objects.filter(kind="erasure", subject__in=assets)
    assert entries.count() == 2
    assert [line for line in replaying.journal.lines() if line.asset in assets].__len__() == 2
    assert asset_erase(asset_id=assets[0]) == Erasure.objects.get(asset=assets[0])


def test_a_crash_between_the_lines_of_the_journal_leaves_no_part_of_the_report(
    people: Any, report: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    (picture,) = together.decided_with(report.run)
    assets = {report.run.asset_id, picture.asset_id}
    write, written = services.journal.write, []

    def once(line: replaying.journal.Line) -> None:
        if written:
            raise OSError("the disk is full")
        written.append(line)
        write(line)

    with monkeypatch.context() as broken:
        broken.setattr(services.journal, "write", once)
        with pytest.raises(OSError, match="disk is full"), transaction.atomic():
            asset_erase(asset_id=report.run.asset_id, by=people.officer)
    assert not MediaAsset.objects.filter(pk__in=assets, erased_at__isnull=False).exists()
    assert replaying.line_carry_out(written[0])
    assert MediaAsset.objects.filter(pk__in=assets, erased_at__isnull=False).count() == 2
    assert not any(keyring().has_asset(asset) for asset in assets)
    assert {line.asset for line in replaying.journal.lines()} >= assets
    assert LedgerEntry.objects.filter(kind="erasure", subject__in=assets).count() == 2


def test_a_hold_on_either_keeps_both(people: Any, report: Decision) -> None:
    (picture,) = together.decided_with(report.run)
    hold_place(asset_id=picture.asset_id, reason="A court asks.", by=people.officer)
    with pytest.raises(NotErased, match="of the same report"):
        asset_erase(asset_id=report.run.asset_id, by=people.officer)
    assert keyring().has_asset(report.run.asset_id)
    hold_release(asset_id=picture.asset_id, reason="It is over.", by=people.officer)
    asset_erase(asset_id=report.run.asset_id, by=people.officer)


def test_retention_takes_both_or_neither(people: Any, report: Decision, settings: Settings) -> None:
    (picture,) = together.decided_with(report.run)
    assets = {report.run.asset_id, picture.asset_id}
    Decision.objects.filter(pk=report.pk).update(review_state="reviewed")
    MediaAsset.objects.filter(pk__in=assets).update(created_at=timezone.now() - timedelta(days=4000))
    later = timezone.now() + timedelta(days=5000)
    assert assets <= set(retention_look(later, limit=500).due)
    # Under a hold on the picture the recording stays too, although nothing else keeps it.
    MediaAsset.objects.filter(pk__in=assets).update(retention_at=timezone.now() - timedelta(days=1))
    hold_place(asset_id=picture.asset_id, reason="A court asks.", by=people.officer)
    assert not assets & set(retention_look(later, limit=500).due)
