"""Recordings on the record: in intervals, verified by both verifiers, erased with a certificate."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from omnigov.contracts import Interval, RedactionEdits, Region, Span
from omnigov.decisions.models import Decision
from omnigov.erasure.certificate import certificate
from omnigov.erasure.services import asset_erase
from omnigov.evidence.models import EvidencePart
from omnigov.evidence.queries import anything_of
from omnigov.exports.services import bundle_write
from omnigov.ledger import bundle
from omnigov.ledger.keys import log_signer
from omnigov.ledger.verify import verify_bundle
from omnigov.review.corrections import redaction_correct
from omnigov.review.regions import Change
from omnigov.review.served import Served
from omnigov.review.services import review_add
from tests.omnigov import recorded, recorded_media, recorded_sound
from tests.omnigov.exports.test_media import standalone
from tests.omnigov.ledger.bundles import read_zip

pytestmark = pytest.mark.services

ADDED = Region(place=Interval(start=400, end=1000), kind="PERSON")


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return request.getfixturevalue("committed_cast")


@pytest.fixture
def recording(people: Any) -> Decision:
    """A recording, decided, with a verdict on it, and then corrected."""
    batch = recorded.batch_of(
        people.policy_version, people.operator, ("report.wav", recorded_sound.wav(4000))
    )
    copy = recorded_sound.sound()
    words = recorded_sound.transcript(copy)
    decision = recorded_media.record(
        batch.submissions.get(), copy, seen=(Span(start=0, end=len(words)),), words=words
    )
    review_add(
        decision_id=decision.id,
        officer=people.officer,
        verdict="uphold",
        reason="Listened to all of it.",
        served=Served(parts=("redacted_copy", "findings", "transcript", "turns", "waveform", "scores")),
    )
    redaction_correct(
        run_id=decision.run_id,
        by=people.officer,
        change=Change(RedactionEdits(added=(ADDED,)), added=1),
        reason="The hall tells who it is.",
    )
    return decision


def test_bundles_of_recordings_verify_and_speak_in_intervals(
    people: Any, recording: Decision, tmp_path: Path
) -> None:
    for profile in ("full", "redacted"):
        out = tmp_path / f"{profile}.zip"
        bundle_write(out, workspace=people.workspace.id, profile=profile)
        found = verify_bundle(out, str(log_signer().verifier), deep=True)
        assert found.failed is None, (found.failed.check, found.failed.detail)
        answer = standalone(out, tmp_path)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    full, redacted = (read_zip(tmp_path / f"{profile}.zip") for profile in ("full", "redacted"))
    opened = [json.loads(line)["opens"] for line in full[bundle.EVIDENCE].splitlines()]
    places = [finding["place"] for each in opened for finding in each.get("findings", ())]
    assert places == [
        {"place": "interval", "start": 2400, "end": 3300},
        {"place": "interval", "start": 7000, "end": 7900},
        {"place": "interval", "start": 10200, "end": 11100},
    ]
    (edits,) = [each["edits"] for each in opened if "edits" in each]
    assert edits["added"][0]["place"] == {"place": "interval", "start": 400, "end": 1000}
    report = full["report.html"].decode()
    assert "It is a recording of 0:11.6, of which 2.7 s are silent." in report
    assert "Name of a person: 0:02.4 – 0:03.3" in report
    assert "who speaks when, the waveform" in report
    whole = b"".join(redacted.values())
    assert b'"interval"' not in whole
    assert b"0:02.4" not in whole
    assert b"press in hall" not in whole + b"".join(full.values())


def test_an_erased_recording_leaves_nothing_but_its_certificate(
    people: Any, recording: Decision, tmp_path: Path
) -> None:
    names = set(EvidencePart.objects.filter(run=recording.run_id).values_list("name", flat=True))
    assert names == {"redacted", "peaks", "turns", "transcript"}
    done = asset_erase(asset_id=recording.run.asset_id, by=people.officer)
    assert not anything_of(recording.run_id)
    assert not EvidencePart.objects.filter(run=recording.run_id).exists()
    with zipfile.ZipFile(io.BytesIO(certificate(done))) as archive:
        assert archive.testzip() is None
    out = tmp_path / "after.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    assert standalone(out, tmp_path).returncode == 0
