"""The ledger's pages, and the export that an auditor takes home."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omnigov.decisions.models import Decision
from omnigov.ledger import queries, sequencer
from omnigov.ledger.keys import log_signer
from omnigov.ledger.proof import verify_proof
from tests.conftest import Cast
from tests.omnigov import recorded


def decided(cast: Any, colour: str = "teal") -> Decision:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png(colour)))
    return recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), label="money")


@pytest.mark.parametrize("path", ["/ledger/", "/ledger/export/"])
def test_the_ledger_is_for_auditors(client: Client, cast: Cast, path: str) -> None:
    for person in (cast.operator, cast.officer):
        client.force_login(person)
        assert client.get(path).status_code == 403
    client.force_login(cast.auditor)
    assert client.get(path).status_code in {200, 405}


def test_the_log_lists_entries_by_kind(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.auditor)
    page = client.get("/ledger/").content.decode()
    assert f"/ledger/entries/{decision.entry}/" in page
    assert "waits for its place" in page
    assert str(decision.entry) in client.get("/ledger/?kind=decision").content.decode()
    assert str(decision.entry) not in client.get("/ledger/?kind=review").content.decode()
    assert str(decision.entry) in client.get("/ledger/?kind=nonsense&page=99").content.decode()


def test_an_entry_says_what_it_says(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.auditor)
    page = client.get(f"/ledger/entries/{decision.entry}/").content.decode()
    entry = queries.entry(decision.entry)
    assert entry
    assert bytes(entry.leaf_hash).hex() in page
    assert "&quot;confidence_kind&quot;: &quot;uncalibrated&quot;" in page
    assert f"/decisions/{decision.id}/" in page
    assert "a.png" not in page
    assert client.get(f"/ledger/entries/{decision.entry}/proof/").status_code == 404  # still pending


def test_another_workspace_is_not_there(client: Client, cast: Cast) -> None:
    decision = decided(cast)
    client.force_login(cast.outsider)
    assert client.get(f"/ledger/entries/{decision.entry}/").status_code == 404
    assert client.get(f"/ledger/entries/{decision.entry}/proof/").status_code == 404
    assert client.get(f"/ledger/entries/{decision.entry}/bytes/").status_code == 404
    assert str(decision.entry) not in client.get("/ledger/").content.decode()


def test_days_in_the_wrong_order_are_said(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    answer = client.post("/ledger/export/", {"since": "2026-02-02", "until": "2026-02-01"})
    assert answer.status_code == 422
    assert "The last day lies before the first one." in answer.content.decode()


@pytest.mark.services
def test_the_export_holds_this_workspace_and_verifies(
    client: Client, committed_cast: Cast, tmp_path: Path
) -> None:
    decision = decided(committed_cast)
    sequencer.integrate()
    client.force_login(committed_cast.auditor)
    answer: Any = client.post("/ledger/export/", {"since": "", "until": ""})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="provenance-')
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer.headers["Content-Length"])
    bundle = tmp_path / "provenance.zip"
    bundle.write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = archive.read("entries.ndjson").decode().splitlines()
        (tmp_path / "omnigov_verify.py").write_bytes(archive.read("omnigov_verify.py"))
    ours = f'"workspace":"{committed_cast.workspace.id}"'  # type: ignore[attr-defined]
    assert all(ours in line for line in lines)
    assert sum(str(decision.entry) in line for line in lines) == 1
    command = [
        sys.executable,
        "-I",
        "omnigov_verify.py",
        "provenance.zip",
        "--key",
        str(log_signer().verifier),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.services
def test_an_entry_in_the_log_has_a_proof(client: Client, committed_cast: Cast) -> None:
    decision = decided(committed_cast)
    sequencer.integrate()
    client.force_login(committed_cast.auditor)
    index = queries.index_of(decision.entry)
    assert f"#{index}" in client.get(f"/ledger/entries/{decision.entry}/").content.decode()
    answer = client.get(f"/ledger/entries/{decision.entry}/proof/")
    content = client.get(f"/ledger/entries/{decision.entry}/bytes/").content
    assert verify_proof(answer.content, content, str(log_signer().verifier))[0] == index
    assert f'filename="entry-{index}.tlog-proof"' in answer.headers["Content-Disposition"]
    assert answer.content.decode().startswith("c2sp.org/tlog-proof@v1")
