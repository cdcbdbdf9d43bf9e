"""Plain evidence of an installation from before is read as it is, and sealed by the next setup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django import Settings

from omnigov.decisions.models import Decision
from omnigov.decisions.plain_evidence import plain_evidence_seal
from omnigov.evidence import queries as evidence
from omnigov.evidence import store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.evidence.services import plain_key
from omnigov.keys import keyring
from tests.conftest import Cast
from tests.omnigov import recorded

pytestmark = pytest.mark.services


@pytest.fixture
def decision(cast: Cast, settings: Settings, tmp_path: Path) -> Decision:
    """A decision whose evidence lies as it did before it was sealed."""
    settings.OMNIGOV_EVIDENCE_DIR = str(tmp_path)
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png()))
    made = recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)), heat_map=b"warm")
    for name in (Name.REDACTED, Name.HEAT_MAP):
        content = evidence.content(made.run_id, name)
        store._path(plain_key(made.run_id, name)).write_bytes(content)
    store.delete(f"{made.run_id.hex[:2]}/{made.run_id.hex}/{_token(made, Name.REDACTED)}/")
    store.delete(f"{made.run_id.hex[:2]}/{made.run_id.hex}/{_token(made, Name.HEAT_MAP)}/")
    EvidencePart.objects.all().delete()
    return made


def _token(decision: Decision, name: Name) -> str:
    return EvidencePart.objects.get(run=decision.run_id, name=name).token.hex


def _plain(folder: Path) -> list[str]:
    """Names of plain files right in a run's folder."""
    return sorted(each.name for each in folder.glob("??/*/*") if each.is_file())


def test_it_is_sealed_once_and_says_the_same(
    decision: Decision, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    before = {name: evidence.content(decision.run_id, name) for name in (Name.REDACTED, Name.HEAT_MAP)}
    assert before[Name.HEAT_MAP] == b"warm"
    with django_capture_on_commit_callbacks(execute=True):
        assert plain_evidence_seal() == 2
    assert _plain(tmp_path) == []
    assert {name: evidence.content(decision.run_id, name) for name in before} == before
    types = {part.name: part.media_type for part in evidence.manifest(decision.run_id)}
    assert types == {"redacted": "image/png", "heat_map": "image/png"}
    assert plain_evidence_seal() == 0


def test_killed_before_the_commit_nothing_is_lost(decision: Decision, tmp_path: Path) -> None:
    """The plain file goes after the manifest names its sealed copy, and not a moment before."""
    plain_evidence_seal()  # its transaction never commits here
    assert _plain(tmp_path) == ["heatmap", "redacted"]


def test_what_was_changed_stays_and_its_page_says_so(decision: Decision, tmp_path: Path) -> None:
    store._path(plain_key(decision.run_id, Name.REDACTED)).write_bytes(b"another picture")
    assert plain_evidence_seal() == 1
    assert "redacted" in _plain(tmp_path)
    redaction = decision.run.redaction_result
    assert redaction is not None
    assert "changed" in evidence.damage(decision.run_id, Name.REDACTED, redaction.digest)


def test_without_its_key_it_stays_readable(decision: Decision) -> None:
    keyring().asset_destroy(decision.run.asset_id)
    assert plain_evidence_seal() == 0
    assert evidence.content(decision.run_id, Name.HEAT_MAP) == b"warm"
