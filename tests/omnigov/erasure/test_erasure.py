"""Erasure: what is gone, what holds, and that neither a crash nor a backup brings it back."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from PIL import Image

from omnigov.decisions.leases import LeaseLost
from omnigov.decisions.models import Attribution, Decision, Run, RunState
from omnigov.decisions.services import NotPossible, decision_record, redaction_record, run_fail, run_retry
from omnigov.decisions.uploads import file_submit
from omnigov.erasure import journal, services
from omnigov.erasure.comparison import compare
from omnigov.erasure.models import Erasure, LegalHold
from omnigov.erasure.replaying import replay
from omnigov.erasure.retention import retention_due
from omnigov.erasure.services import (
    NotErased,
    asset_erase,
    hold_place,
    hold_release,
)
from omnigov.evidence import queries as evidence
from omnigov.evidence import store as evidence_store
from omnigov.evidence.models import EvidencePart, Name
from omnigov.evidence.services import key_of
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset, Submission
from omnigov.intake.originals import NotOpened, original_open
from omnigov.intake.services import batch_create
from omnigov.keeper.retention import retain
from omnigov.keys import KeyUnavailable, keyring
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry
from omnigov.review.models import Review
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.omnigov import recorded
from workers.running.ends import guarded

pytestmark = pytest.mark.services

PICTURE = recorded.png("crimson", (321, 123))
#: A person and a copy of this file's alone: what other tests committed must not be found for them.
PERSON = "Hanakotsubame"
NAME = f"{PERSON} Tanaka at the gate.png"
COPY = Image.new("RGB", (67, 41), "crimson")


@pytest.fixture(autouse=True)
def journal_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own: what it erases in a transaction that is rolled back was never there."""
    file = tmp_path / "erasures.ndjson"
    monkeypatch.setattr(journal, "path", lambda: file)
    return file


@pytest.fixture
def decision(cast: Cast) -> Decision:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, (NAME, PICTURE))
    found = recorded.record(
        batch.submissions.get(),
        picture=COPY,
        boxes=[("FACE", (1, 1, 9, 9))],
        reasons=(f"A person called {PERSON} stands at a gate.",),
        heat_map=b"not a picture",
    )
    review_add(
        decision_id=found.id, officer=people.officer, verdict="uphold", reason=f"{PERSON} is right there."
    )
    return found


def entry_of(asset: MediaAsset, kind: str) -> dict[str, Any]:
    entry = LedgerEntry.objects.filter(subject=asset.pk, kind=kind).latest("seq")
    found: dict[str, Any] = json.loads(bytes(entry.body))
    return found


def tables() -> dict[str, bytes]:
    """Every row of every table, as text."""
    found = {}
    for table in connection.introspection.table_names():
        if table == "django_migrations":
            continue
        with (
            psycopg.Cursor(connection.connection) as cursor,
            cursor.copy(f'COPY "{table}" TO STDOUT'.encode()) as rows,
        ):
            found[table] = b"".join(bytes(row) for row in rows)
    return found


def problems(asset: MediaAsset) -> list[str]:
    report = CheckReport(started_at=datetime.now(UTC))
    compare(report)
    return [each.detail for each in report.problems if str(asset.pk) in each.detail]


# --- what is gone --------------------------------------------------------------------------------------


def test_a_hold_goes_over_to_the_medium_that_the_file_turns_out_to_be(cast: Cast) -> None:
    """The file's check failed, an officer placed a hold, the check went well, and the bytes were known."""
    people: Any = cast
    known = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("plum")))
    asset = known.submissions.get().asset
    for again in (1, 2):
        batch = batch_create(policy_version=people.policy_version, name="again", by=people.operator)
        content = recorded.png("plum")
        submission = file_submit(batch=batch, name="b.png", content=content, by=people.operator)
        run = recorded.run_of(submission)
        run_fail(recorded.claim(run, "check"), code="unexpected", sentence="It stopped.")
        hold = hold_place(asset_id=submission.pk, reason=f"Court {again} asks for it.", by=people.officer)
        run_retry(run_id=run.pk, by=people.operator)
        recorded.checked(submission)
        run.refresh_from_db()
        assert (run.state, run.asset_id) == ("received", asset.pk)
        hold.refresh_from_db()
        assert (hold.asset_id, hold.released_at is None) == (asset.pk, again == 1)
    placed = entry_of(asset, "hold_placed")["record"]
    assert placed["asset"] == asset.commitment
    with pytest.raises(NotErased, match="legal hold"):
        asset_erase(asset_id=asset.pk)
    hold_release(asset_id=asset.pk, reason="The court is done.", by=people.officer)
    asset_erase(asset_id=asset.pk)
    assert set(asset.holds.values_list("reason", flat=True)) == {""}


def test_nothing_is_left_by_which_the_file_could_be_recognised(decision: Decision) -> None:
    asset, run = decision.run.asset, decision.run
    redacted = evidence.content(run.id, Name.REDACTED)
    sha256 = hashlib.sha256(PICTURE)
    tells = {
        "name": NAME.encode(),
        "person": PERSON.encode(),
        "sha256": sha256.hexdigest().encode(),
        "sha256 in base64": base64.b64encode(sha256.digest()),
        "sha256 as bytes": b"\\\\x" + sha256.hexdigest().encode(),
        "sha1": hashlib.sha1(PICTURE, usedforsecurity=False).hexdigest().encode(),
        "md5": hashlib.md5(PICTURE, usedforsecurity=False).hexdigest().encode(),
        "digest under the workspace's key": str(asset.keyed_digest).encode(),
        "redacted copy": hashlib.sha256(redacted).hexdigest().encode(),
        "heat map": hashlib.sha256(b"not a picture").hexdigest().encode(),
    }
    before = b"".join(tables().values())
    assert {name for name, tell in tells.items() if tell in before} == {
        *("name", "person", "digest under the workspace's key", "redacted copy", "heat map")
    }, "the search would find what is there"
    commitment = asset.commitment.encode()

    asset_erase(asset_id=asset.id)

    after = tables()
    assert {name for name, tell in tells.items() for rows in after.values() if tell in rows} == set()
    # The record names the medium by a commitment; its key is gone, and no other table has it.
    assert {table for table, rows in after.items() if commitment.hex().encode() in rows} == {"ledger_entry"}
    assert {table for table, rows in after.items() if commitment in rows} == set()
    asset.refresh_from_db()
    assert (asset.size, asset.width, asset.height, asset.media_type) == (0, 0, 0, "")
    submission = asset.submissions.get()
    assert (submission.name, submission.length, submission.offset, submission.sealed) == ("", 0, 0, 0)
    run.refresh_from_db()
    assert (run.state, run.redaction, run.inference, run.timings) == (RunState.ERASED, None, None, {})
    assert Attribution.objects.get(decision=decision).result is None
    assert Review.objects.get(decision=decision).reason == ""
    assert problems(asset) == []


def test_keys_and_files_are_gone(decision: Decision) -> None:
    asset, run = decision.run.asset, decision.run
    keys = [keyring().asset(asset.id).data, keyring().asset(asset.id).commitment]
    asset_erase(asset_id=asset.id)
    with pytest.raises(KeyUnavailable):
        keyring().asset(asset.id)
    with pytest.raises(KeyUnavailable):
        vault.read(asset.id, length=len(PICTURE))
    for name in (Name.REDACTED, Name.HEAT_MAP):
        with pytest.raises(evidence.EvidenceDamaged):
            evidence.content(run.id, name)
    for folder in (settings.OMNIGOV_KEYS_DIR, settings.OMNIGOV_VAULT_DIR, settings.OMNIGOV_EVIDENCE_DIR):
        for file in Path(folder).rglob("*"):
            assert asset.id.hex not in str(file)
            assert run.id.hex not in str(file)
            if file.is_file():
                content = file.read_bytes()
                assert not any(each in content for each in (*keys, PICTURE, b"not a picture"))


def test_it_is_on_the_record(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset = decision.run.asset
    before = asset.commitment
    erasure = asset_erase(asset_id=asset.id, by=people.officer, reference="DSR-17")
    entry = entry_of(asset, "erasure")
    assert entry["record"] == {
        "asset": before,
        "by": str(people.officer.id),
        "cause": "request",
        "journaled": erasure.erased_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "replayed": False,
        "runs": [str(decision.run_id)],
        "runs_count": 1,
    }
    assert "DSR-17" not in json.dumps(entry)
    # A decision's own entry is what it was, and still names the medium by the same commitment.
    body = LedgerEntry.objects.get(id=decision.entry).body
    assert json.loads(bytes(body))["record"]["asset"] == before


def test_erased_twice_is_erased_once(decision: Decision, journal_file: Path) -> None:
    first = asset_erase(asset_id=decision.run.asset_id)
    assert asset_erase(asset_id=decision.run.asset_id) == first
    assert len(journal_file.read_text().splitlines()) == 1
    assert LedgerEntry.objects.filter(subject=decision.run.asset_id, kind="erasure").count() == 1


def test_the_same_bytes_handed_in_again_are_a_new_medium(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset_erase(asset_id=decision.run.asset_id)
    batch = recorded.batch_of(people.policy_version, people.operator, (NAME, PICTURE))
    again = batch.submissions.get()
    assert not again.seen_before
    assert again.asset_id != decision.run.asset_id
    assert vault.read(again.id, length=len(PICTURE)) == PICTURE


def test_every_file_that_was_these_bytes_is_erased(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("the same again.png", PICTURE))
    again = recorded.run_of(batch.submissions.get())
    asset_erase(asset_id=decision.run.asset_id)
    again.refresh_from_db()
    assert again.state == RunState.ERASED
    assert set(Submission.objects.filter(asset=decision.run.asset).values_list("name", flat=True)) == {""}


def test_a_second_copy_that_a_crash_left_goes_with_the_medium(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("the same again.png", PICTURE))
    again = batch.submissions.get()
    # Removed after the commit, which does not come in this test: as if the worker had been killed right then.
    assert vault.exists(again.pk)
    asset_erase(asset_id=decision.run.asset_id)
    assert not keyring().has_asset(again.pk)
    assert not vault.exists(again.pk)


# --- what is at work meanwhile -------------------------------------------------------------------------


def test_a_worker_writes_nothing_about_an_erased_medium(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("b.png", recorded.png("navy")))
    run = recorded.run_of(batch.submissions.get())
    recorded.redact(run, Image.new("RGB", (64, 48)), [])
    hold = recorded.claim(Run.objects.get(pk=run.pk), "decide")
    asset_erase(asset_id=run.asset_id)
    with pytest.raises(LeaseLost):
        decision_record(hold, None, attribution_failure="It did not go through.")
    assert not Decision.objects.filter(run=run).exists()


def test_what_a_worker_wrote_meanwhile_is_removed(
    decision: Decision, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes the redacted copy before it learns that the run is not its own any more."""
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("c.png", recorded.png("maroon")))
    run = recorded.run_of(batch.submissions.get())
    hold = recorded.claim(run, "redact")
    copy, result = recorded.redacted(Image.new("RGB", (64, 48)), [])

    part = recorded.part(run, hold, Name.REDACTED, copy)

    def work() -> None:
        with monkeypatch.context() as unaware:
            # As if the worker had the copy half written when the erasure swept the run's folder.
            unaware.setattr(evidence_store, "delete", lambda prefix: None)
            asset_erase(asset_id=run.asset_id)
        assert list(evidence_store.listed(key_of(run=run.id, token=hold.token, name="")))
        redaction_record(hold, result, parts=[part])

    guarded(hold, work)
    with pytest.raises(evidence.EvidenceDamaged, match="gone"):
        evidence.content(run.id, Name.REDACTED)
    assert not list(evidence_store.listed(key_of(run=run.id, token=hold.token, name="")))
    assert Run.objects.get(pk=run.pk).redaction is None


def test_an_erased_medium_is_not_reviewed(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    Decision.objects.filter(pk=decision.pk).update(review_state="waiting")
    asset_erase(asset_id=decision.run.asset_id)
    decision.refresh_from_db()
    assert decision.review_state == "not_needed"
    with pytest.raises(NotPossible, match="erased"):
        review_add(decision_id=decision.id, officer=people.officer, verdict="uphold", reason="Still right.")


# --- crashes and backups -------------------------------------------------------------------------------


def test_a_backup_that_is_played_back_is_erased_again(decision: Decision) -> None:
    """Set back to a savepoint, the database is as in a backup of before; keys and journal are of now."""
    asset = decision.run.asset
    backup = transaction.savepoint()
    asset_erase(asset_id=asset.id)
    transaction.savepoint_rollback(backup)
    asset.refresh_from_db()
    assert asset.keyed_digest
    assert Submission.objects.get(asset=asset).name == NAME
    assert "is back. Run: omnigov erase --replay" in problems(asset)[0]
    assert replay() == 1
    assert not any(NAME.encode() in rows or PERSON.encode() in rows for rows in tables().values())
    assert entry_of(asset, "erasure")["record"]["replayed"] is True
    assert problems(asset) == []
    assert replay() == 0


def test_keys_and_files_that_come_back_are_destroyed_again(decision: Decision) -> None:
    asset, run = decision.run.asset, decision.run
    token = EvidencePart.objects.get(run=run.id, name=Name.REDACTED).token
    copy = evidence_store._path(key_of(run=run.id, token=token, name=Name.REDACTED))
    files = [keyring()._file(asset.id), vault._file(asset.id), copy]
    kept = {file: file.read_bytes() for file in files}
    asset_erase(asset_id=asset.id)
    for file, content in kept.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert "is back" in problems(asset)[0]
    assert replay() == 0
    assert not any(file.exists() for file in files)
    assert problems(asset) == []


def test_a_backup_from_before_the_upload_brings_no_keys_back(decision: Decision) -> None:
    line = journal.Line(asset=Run().pk, at=datetime.now(UTC), cause="request")
    keyring().asset_make(line.asset)
    journal.write(line)
    assert replay() == 0
    assert not keyring().has_asset(line.asset)


@pytest.mark.parametrize("where", ["evidence.run_discard", "vault.discard", "_entry"])
def test_a_crash_in_between_is_taken_up_again(
    decision: Decision, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    asset = decision.run.asset

    def crash(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        owner, _, name = where.rpartition(".")
        broken.setattr(getattr(services, owner) if owner else services, name, crash)
        with pytest.raises(OSError, match="the disk is gone"), transaction.atomic():
            asset_erase(asset_id=asset.id)
    asset.refresh_from_db()
    assert asset.erased_at is None
    assert replay() == 1
    asset.refresh_from_db()
    assert asset.erased_at is not None
    assert problems(asset) == []


def test_a_line_that_a_crash_cut_off_is_written_over(journal_file: Path) -> None:
    whole = journal.Line(asset=Run().pk, at=datetime.now(UTC), cause="request")
    journal.write(whole)
    with journal_file.open("ab") as out:
        out.write(b'{"asset": "12')
    assert list(journal.lines()) == [whole]
    later = journal.Line(asset=Run().pk, at=datetime.now(UTC), cause="retention")
    journal.write(later)
    assert list(journal.lines()) == [whole, later]


def test_a_damaged_journal_is_told(journal_file: Path, cast: Cast) -> None:
    journal_file.write_text("not a line\n")
    with pytest.raises(journal.JournalDamaged, match="Line 1"):
        replay()
    report = CheckReport(started_at=datetime.now(UTC))
    compare(report)
    assert "Restore the file" in report.problems[0].detail


def test_an_erasure_that_the_journal_does_not_know_is_told(decision: Decision, journal_file: Path) -> None:
    asset_erase(asset_id=decision.run.asset_id)
    journal_file.unlink()
    assert "does not know of it" in problems(decision.run.asset)[0]


# --- holds ---------------------------------------------------------------------------------------------


def test_a_hold_wins(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset = decision.run.asset
    hold_place(asset_id=asset.id, reason="A court asks for it.", by=people.officer)
    with pytest.raises(NotErased, match="legal hold stands"):
        asset_erase(asset_id=asset.id)
    with pytest.raises(NotErased, match="already"):
        hold_place(asset_id=asset.id, reason="Another court does.")
    later = datetime.now(UTC) + timedelta(days=4000)
    assert asset not in retention_due(later)
    placed = entry_of(asset, "hold_placed")["record"]
    assert placed["by"] == str(people.officer.id)
    assert placed["reason"] == keyring().asset(asset.id).commit(b"A court asks for it.")
    hold_release(asset_id=asset.id, reason="The case is closed.", by=people.officer)
    assert entry_of(asset, "hold_released")["record"]["hold"] == placed["hold"]
    with pytest.raises(NotErased, match="No legal hold"):
        hold_release(asset_id=asset.id, reason="Once more.")
    asset_erase(asset_id=asset.id)
    assert LegalHold.objects.get(asset=asset).reason == ""
    with pytest.raises(NotErased, match="nothing left to hold"):
        hold_place(asset_id=asset.id, reason="Too late.")


def test_a_hold_has_a_reason(decision: Decision) -> None:
    with pytest.raises(NotErased, match="Write a reason"):
        hold_place(asset_id=decision.run.asset_id, reason="  ")


# --- retention -----------------------------------------------------------------------------------------


def test_what_is_kept_for_as_long_as_its_policy_says_is_erased(decision: Decision, settings: Any) -> None:
    asset = decision.run.asset
    days = decision.run.policy_version.spec.retention_days
    now = datetime.now(UTC)
    assert asset not in retention_due(now + timedelta(days=days - 1))
    assert asset in retention_due(now + timedelta(days=days + 1))
    assert retain(threading.Event(), now + timedelta(days=days + 1)) >= 1
    assert Erasure.objects.get(asset=asset).cause == "retention"
    assert entry_of(asset, "erasure")["record"]["cause"] == "retention"


def test_no_policy_goes_below_the_floor(decision: Decision, settings: Any) -> None:
    settings.OMNIGOV_RETENTION_FLOOR_DAYS = 500
    asset, now = decision.run.asset, datetime.now(UTC)
    days = decision.run.policy_version.spec.retention_days
    assert days < 500
    assert asset not in retention_due(now + timedelta(days=days + 1))
    assert asset in retention_due(now + timedelta(days=501))


def test_it_counts_from_the_last_time_it_was_handed_in(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset, now = decision.run.asset, datetime.now(UTC)
    days = decision.run.policy_version.spec.retention_days
    Submission.objects.filter(asset=asset).update(created_at=now - timedelta(days=days + 1))
    MediaAsset.objects.filter(pk=asset.pk).update(created_at=now - timedelta(days=days + 1))
    assert asset in retention_due(now)
    batch = recorded.batch_of(people.policy_version, people.operator, ("again.png", PICTURE))
    recorded.record(batch.submissions.get(), picture=Image.new("RGB", (64, 48)))
    assert asset not in retention_due(now)


def test_what_waits_for_a_person_is_kept(decision: Decision) -> None:
    later = datetime.now(UTC) + timedelta(days=4000)
    Decision.objects.filter(pk=decision.pk).update(review_state="waiting")
    assert decision.run.asset not in retention_due(later)
    Decision.objects.filter(pk=decision.pk).update(review_state="reviewed")
    Run.objects.filter(pk=decision.run_id).update(state=RunState.INFERRING)
    assert decision.run.asset not in retention_due(later)


def test_a_file_in_quarantine_waits_for_an_officer(cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("plum")))
    run = recorded.run_of(batch.submissions.get())
    recorded.stop(run, quarantine=True)
    later = datetime.now(UTC) + timedelta(days=4000)
    assert run.asset not in retention_due(later)
    Run.objects.create(
        workspace=run.workspace,
        submission=run.submission,
        asset=run.asset,
        policy_version=run.policy_version,
        model_version=run.model_version,
        parent=run,
        state=RunState.RECORDED,
    )
    assert run.asset in retention_due(later)


def test_a_run_that_failed_keeps_nothing(cast: Cast) -> None:
    people: Any = cast
    batch = recorded.batch_of(people.policy_version, people.operator, ("a.png", recorded.png("plum")))
    run = recorded.run_of(batch.submissions.get())
    recorded.stop(run)
    assert run.asset in retention_due(datetime.now(UTC) + timedelta(days=4000))


# --- the sealed original -------------------------------------------------------------------------------


def test_a_view_is_on_the_record_before_a_byte_is_shown(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset = decision.run.asset
    original_open(asset_id=asset.id, reason="The mask covers what is asked.", by=people.officer)
    record = entry_of(asset, "original_opened")["record"]
    assert (record["viewer"], record["role"], record["seconds"]) == (str(people.officer.id), "officer", 300)
    assert record["asset"] == asset.commitment
    asset_erase(asset_id=asset.id)
    with pytest.raises(NotOpened, match="nobody can open it"):
        original_open(asset_id=asset.id, reason="Once more.", by=people.officer)


def test_who_handed_a_file_in_does_not_release_its_hold(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset = decision.run.asset
    Submission.objects.filter(asset=asset).update(uploaded_by=people.officer)
    hold_place(asset_id=asset.id, reason="A court asked for it.", by=people.officer)
    with pytest.raises(NotErased, match="another officer has to release the hold"):
        hold_release(asset_id=asset.id, reason="It is over.", by=people.officer)
    assert asset.holds.filter(released_at__isnull=True).exists()
    hold_release(asset_id=asset.id, reason="It is over.", by=people.second_officer)


def test_who_handed_in_what_no_worker_could_check_does_not_erase_it(cast: Cast) -> None:
    people: Any = cast
    batch = batch_create(policy_version=people.policy_version, name="", by=people.operator)
    submission = file_submit(batch=batch, name="a.png", content=recorded.png("plum"), by=people.officer)
    run = recorded.run_of(submission)
    with pytest.raises(NotOpened, match="No worker has checked this file yet"):
        original_open(asset_id=run.asset_id, reason="To look at it.", by=people.second_officer)
    run_fail(recorded.claim(run, "check"), code="unexpected", sentence="It could not be read.")
    with pytest.raises(NotErased, match="another officer has to erase it"):
        asset_erase(asset_id=run.asset_id, by=people.officer)
    asset_erase(asset_id=run.asset_id, by=people.second_officer)


def test_who_handed_a_file_in_does_not_erase_it(decision: Decision, cast: Cast) -> None:
    people: Any = cast
    asset = decision.run.asset
    Submission.objects.filter(asset=asset).update(uploaded_by=people.officer)
    with pytest.raises(NotErased, match="another officer has to erase it"):
        asset_erase(asset_id=asset.id, by=people.officer)
    asset_erase(asset_id=asset.id, by=people.second_officer)
