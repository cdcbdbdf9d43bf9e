"""One clip through every step in one process: handed in, redacted, decided, reviewed, exported, erased."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from omnigov.contracts import Interval, Track
from omnigov.decisions.models import Decision
from omnigov.erasure.services import asset_erase
from omnigov.evidence.models import EvidencePart
from omnigov.evidence.queries import anything_of
from omnigov.exports.services import bundle_write
from omnigov.ledger.keys import log_signer
from omnigov.ledger.verify import verify_bundle
from omnigov.policies.queries import current_version
from omnigov.policies.services import policy_publish
from omnigov.review.services import review_add
from tests.omnigov import recorded
from tests.omnigov.exports.test_media import standalone
from tests.omnigov.ledger.bundles import read_zip
from tests.processes import SAMPLES
from workers.running.deciding import decide_one
from workers.running.redacting import redact_one

pytestmark = [pytest.mark.long, pytest.mark.services, pytest.mark.timeout(3600)]


def test_a_clip_goes_all_the_way(committed_cast: Any, client: Client, tmp_path: Path) -> None:
    cast = committed_cast
    small = current_version(cast.workspace, "what-is-shown").spec.model_copy(
        update={"attribution_steps": 2, "reasons_max_tokens": 4, "text_tokens": 16}
    )
    policy = policy_publish(
        workspace=cast.workspace, slug="clips", name_en="Clips", name_ja="動画", spec=small
    )
    clip = (SAMPLES / "gate.mp4").read_bytes()
    run = recorded.run_of(recorded.batch_of(policy, cast.operator, ("gate.mp4", clip)).submissions.get())
    redact_one(recorded.claim(run, "redact"))
    run.refresh_from_db()
    decide_one(recorded.claim(run, "decide"))
    decision = Decision.objects.get(run=run)
    result = run.redaction_result
    assert result is not None
    assert result.video is not None
    assert (result.video.frames, result.video.shots) == (90, 2)
    assert {type(each.place) for each in result.findings} == {Track, Interval}
    names = set(EvidencePart.objects.filter(run=run.pk).values_list("name", flat=True))
    assert {"redacted", "tracks", "thumbnail", "peaks", "turns", "transcript", "heat_map"} <= names
    client.force_login(cast.officer)
    page = client.get(f"/decisions/{decision.id}/").content.decode()
    assert "<video" in page
    assert "Shot 2" in page
    assert client.get(f"/decisions/{decision.id}/thumbnail/")["Content-Type"] == "image/jpeg"
    review_add(decision_id=decision.id, officer=cast.officer, verdict="uphold", reason="Watched all of it.")
    out = tmp_path / "full.zip"
    bundle_write(out, workspace=cast.workspace.id, profile="full")
    found = verify_bundle(out, str(log_signer().verifier), deep=True)
    assert found.failed is None, (found.failed.check, found.failed.detail)
    answer = standalone(out, tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "It is a video of 0:06" in read_zip(out)["report.html"].decode()
    asset_erase(asset_id=run.asset_id, by=cast.officer)
    assert not anything_of(run.pk)
