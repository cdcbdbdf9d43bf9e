"""Videos on the record: in tracks and intervals, verified by both verifiers, erased with a certificate."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from omnigov.contracts import Area, Interval, RedactionEdits, Region, Track
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
from tests.omnigov import recorded, recorded_media, recorded_sound, recorded_video
from tests.omnigov.exports.test_media import standalone
from tests.omnigov.ledger.bundles import read_zip

pytestmark = pytest.mark.services

ADDED = Region(
    place=Track(
        id="hand-n1",
        interval=Interval(start=0, end=4800),
        hull=Area(part=12, left=10, top=10, right=50, bottom=60),
    ),
    kind="FACE",
)


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return request.getfixturevalue("committed_cast")


@pytest.fixture
def video(people: Any) -> Decision:
    """A video, decided, with a verdict on it, and then corrected."""
    batch = recorded.batch_of(people.policy_version, people.operator, ("gate.mp4", recorded_sound.wav(4100)))
    copy = recorded_video.video()
    width, height = recorded_video.SIZE
    seen = (Area(part=0, left=0, top=0, right=width, bottom=height),)
    decision = recorded_media.record(batch.submissions.get(), copy, seen=seen)
    review_add(
        decision_id=decision.id,
        officer=people.officer,
        verdict="uphold",
        reason="Watched all of it.",
        served=Served(parts=("redacted_copy", "findings", "timeline", "contact_sheet", "scores")),
    )
    redaction_correct(
        run_id=decision.run_id,
        by=people.officer,
        change=Change(RedactionEdits(added=(ADDED,)), added=1),
        reason="A face in the window.",
    )
    return decision


def test_bundles_of_videos_verify_and_speak_in_tracks_and_intervals(
    people: Any, video: Decision, tmp_path: Path
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
    assert [place["place"] for place in places] == ["track", "track", "track", "interval"]
    assert places[0] == {
        "place": "track",
        "id": "t1",
        "interval": {"place": "interval", "start": 320, "end": 2800},
        "hull": {"place": "area", "part": 4, "left": 20, "top": 30, "right": 180, "bottom": 80},
    }
    (edits,) = [each["edits"] for each in opened if "edits" in each]
    assert edits["added"][0]["place"] == ADDED.place.model_dump(mode="json")
    report = full["report.html"].decode()
    assert "It is a video of 0:04.8, with 60 pictures in 2 shots." in report
    assert "In its picture 3 things are followed and hidden, in 56 pictures in all." in report
    assert "In its sound 900 ms are silent." in report
    assert "Face: 0:00.3 – 0:02.8; Face: 0:02.8 – 0:04.8; Licence plate: 0:00.8 – 0:02.4" in report
    assert "every hidden thing as small pictures" in report
    whole = b"".join(redacted.values())
    assert b'"track"' not in whole
    assert b"0:00.3" not in whole


def test_an_exchanged_track_is_noticed_by_both_verifiers(
    people: Any, video: Decision, tmp_path: Path
) -> None:
    out = tmp_path / "full.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    files = read_zip(out)
    assert files[bundle.EVIDENCE].count(b'"id":"t1"') == 1
    files[bundle.EVIDENCE] = files[bundle.EVIDENCE].replace(b'"id":"t1"', b'"id":"t9"')
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    found = verify_bundle(other, str(log_signer().verifier), deep=True)
    assert found.failed is not None
    assert standalone(other, tmp_path).returncode != 0


def test_an_erased_video_leaves_nothing_but_its_certificate(
    people: Any, video: Decision, tmp_path: Path
) -> None:
    names = set(EvidencePart.objects.filter(run=video.run_id).values_list("name", flat=True))
    assert names == {"redacted", "tracks", "thumbnail", "peaks", "turns", "transcript", "heat_map"}
    done = asset_erase(asset_id=video.run.asset_id, by=people.officer)
    assert not anything_of(video.run_id)
    assert not EvidencePart.objects.filter(run=video.run_id).exists()
    with zipfile.ZipFile(io.BytesIO(certificate(done))) as archive:
        assert archive.testzip() is None
    out = tmp_path / "after.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    assert standalone(out, tmp_path).returncode == 0
    assert b'"track"' not in b"".join(read_zip(out).values())
