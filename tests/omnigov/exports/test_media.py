"""Documents and texts on the record: exported, verified by both verifiers, erased with a certificate."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from omnigov.contracts import RedactionEdits, Region, Span, TextFormat
from omnigov.decisions import comparison as decisions
from omnigov.decisions.models import Decision
from omnigov.erasure.certificate import certificate
from omnigov.erasure.services import asset_erase
from omnigov.evidence.models import EvidencePart
from omnigov.evidence.queries import anything_of
from omnigov.exports.services import bundle_write
from omnigov.ledger import bundle
from omnigov.ledger.check import CheckReport
from omnigov.ledger.keys import log_signer
from omnigov.ledger.verify import verify_bundle
from omnigov.review import comparison as reviews
from omnigov.review.corrections import redaction_correct
from omnigov.review.regions import Change
from omnigov.review.served import Served
from omnigov.review.services import review_add
from tests.omnigov import recorded, recorded_media
from tests.omnigov.ledger.bundles import read_zip

pytestmark = pytest.mark.services

SHEETS = [recorded_media.sheet(f"Page {number}") for number in (1, 2)]
TABLE = (
    "name,city\nMaria Stone,Leeds\n西村 翔太,大阪\n"
    + "ほかの人の名前はここには書かれていません,京都の北のほう\n" * 30
)
VALUES = [("Maria Stone", "PERSON"), ("西村 翔太", "PERSON")]


@pytest.fixture
def people(request: pytest.FixtureRequest, settings: Settings) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return request.getfixturevalue("committed_cast")


@pytest.fixture
def decided(people: Any) -> tuple[Decision, Decision]:
    """A document and a table, each decided; a verdict on the one, a corrected span in the other."""
    batch = recorded.batch_of(
        people.policy_version,
        people.operator,
        ("form.pdf", recorded_media.pdf_of(SHEETS)[0]),
        ("list.csv", TABLE.encode("cp932")),
    )
    pdf, csv = batch.submissions.order_by("created_at")
    seen = (recorded_media.whole(SHEETS[0], 0), Span(start=0, end=5))
    document = recorded_media.record(
        pdf,
        recorded_media.document(SHEETS, [("PERSON", 1, (9, 9, 90, 90))], "Page 1\fPage 2"),
        seen=seen,
        words="Page 1",
    )
    copy = recorded_media.text(TABLE, VALUES, TextFormat.CSV, "cp932")
    table = recorded_media.record(
        csv, copy, seen=(Span(start=0, end=20),), words=copy.content.decode("cp932")
    )
    served = Served(parts=("page_1", "findings_of_parts", "thumbnails", "transcript", "scores", "page_2"))
    review_add(
        decision_id=document.id,
        officer=people.officer,
        verdict="uphold",
        reason="A form it is.",
        served=served,
    )
    edits = RedactionEdits(
        added=(Region(place=Span(start=TABLE.index("Leeds"), end=TABLE.index("Leeds") + 5)),)
    )
    redaction_correct(
        run_id=table.run_id,
        by=people.officer,
        change=Change(edits, added=1),
        reason="The town tells who it is.",
    )
    return document, table


def standalone(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """With the verifier out of the bundle, in an interpreter that finds nothing of ours."""
    script = folder / "omnigov_verify.py"
    with zipfile.ZipFile(path) as archive:
        script.write_bytes(archive.read("omnigov_verify.py"))
    command = [sys.executable, "-I", str(script), str(path), "--key", str(log_signer().verifier)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_bundles_of_documents_and_texts_verify(
    people: Any, decided: tuple[Decision, Decision], tmp_path: Path
) -> None:
    for profile in ("full", "redacted"):
        out = tmp_path / f"{profile}.zip"
        bundle_write(out, workspace=people.workspace.id, profile=profile)
        found = verify_bundle(out, str(log_signer().verifier), deep=True)
        assert found.failed is None, (found.failed.check, found.failed.detail)
        answer = standalone(out, tmp_path)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    full = read_zip(tmp_path / "full.zip")
    opened = [json.loads(line)["opens"] for line in full[bundle.EVIDENCE].splitlines()]
    places = [finding for each in opened for finding in each.get("findings", ())]
    assert {each["place"]["place"] for each in places} == {"area", "span"}
    assert [each["shown"] for each in places if each["place"]["place"] == "span"] == [
        {"place": "span", "start": 10, "end": 20},
        {"place": "span", "start": 27, "end": 37},
    ]
    (edits,) = [each["edits"] for each in opened if "edits" in each]
    assert edits["added"][0]["place"]["place"] == "span"
    report = full["report.html"].decode()
    assert "page 1, what was hidden in those parts, the pages as small pictures" in report
    assert "Before the model saw the file, 2 places in it were hidden." in report
    assert b"Maria" not in b"".join(full.values())


def test_what_an_entry_commits_to_is_what_is_stored(decided: tuple[Decision, Decision]) -> None:
    report = CheckReport(started_at=datetime.now(UTC))
    decisions.compare(report)
    reviews.compare(report)
    ours = [str(each.run_id) for each in decided]
    assert [each.detail for each in report.problems if any(run in each.detail for run in ours)] == []


def test_an_erased_document_leaves_nothing_but_its_certificate(
    people: Any, decided: tuple[Decision, Decision], tmp_path: Path
) -> None:
    document, _ = decided
    names = set(EvidencePart.objects.filter(run=document.run_id).values_list("name", flat=True))
    assert names == {"redacted", "pages", "thumbnail", "transcript", "heat_map"}
    done = asset_erase(asset_id=document.run.asset_id, by=people.officer)
    assert not anything_of(document.run_id)
    assert not EvidencePart.objects.filter(run=document.run_id).exists()
    with zipfile.ZipFile(io.BytesIO(certificate(done))) as archive:
        assert archive.testzip() is None
    out = tmp_path / "after.zip"
    bundle_write(out, workspace=people.workspace.id, profile="full")
    assert standalone(out, tmp_path).returncode == 0
    (missing,) = {
        line["missing"]
        for line in map(json.loads, read_zip(out)[bundle.EVIDENCE].splitlines())
        if "missing" in line
    }
    assert missing == "the medium was erased"
