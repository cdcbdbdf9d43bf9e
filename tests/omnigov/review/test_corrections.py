"""A person changes what is hidden: a new run, an entry, and nothing that leaves quarantine without that."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from PIL import Image

from omnigov.accounts.models import User
from omnigov.contracts import Area, RedactionEdits, Region
from omnigov.decisions import comparison as decisions
from omnigov.decisions import leases, services
from omnigov.decisions.counts import counts_of
from omnigov.decisions.models import Decision, ReviewState, Run, RunState
from omnigov.decisions.progress import batch_progress, batch_rows
from omnigov.erasure import journal
from omnigov.erasure.retention import retention_due
from omnigov.erasure.services import asset_erase
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.intake.models import Batch, Submission
from omnigov.intake.originals import original_open
from omnigov.keys import keyring
from omnigov.ledger import canonical
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry
from omnigov.review import comparison as reviews
from omnigov.review import corrections
from omnigov.review.case_models import Case
from omnigov.review.cases import HeldByAnother
from omnigov.review.claims import case_hold
from omnigov.review.models import Correction
from omnigov.review.queries import chain_of, quarantined
from omnigov.review.queue import Asked, page_of
from omnigov.review.regions import Change
from omnigov.review.services import review_add
from tests.conftest import Cast
from tests.omnigov import recorded

MORE = Region(place=Area(left=5, top=5, right=30, bottom=30))
FACE = Region(place=Area(left=10, top=10, right=60, bottom=60), kind="FACE")
ADDED = Change(RedactionEdits(added=(MORE,)), added=1)
REMOVED = Change(RedactionEdits(removed=(FACE,)), removed=1)
NOTHING = Change()


@pytest.fixture
def people(cast: Cast) -> Any:
    return cast


@pytest.fixture
def decision(people: Any) -> Decision:
    """Waits for an officer: a person is a label of high severity."""
    Run.objects.exclude(state__in=["recorded", "failed", "quarantined"]).update(state=RunState.CANCELLED)
    batch = recorded.batch_of(people.policy_version, people.operator, ("team.png", recorded.png()))
    return decided(batch.submissions.get().runs.get())


@pytest.fixture
def stopped(people: Any) -> Run:
    Run.objects.exclude(state__in=["recorded", "failed", "quarantined"]).update(state=RunState.CANCELLED)
    batch = recorded.batch_of(people.policy_version, people.operator, ("card.png", recorded.png("navy")))
    run = batch.submissions.get().runs.get()
    recorded.stop(run, quarantine=True)
    return Run.objects.get(pk=run.pk)


def decided(run: Run, label: str = "person") -> Decision:
    recorded.redact(run, Image.new("RGB", (160, 120), "teal"), [("FACE", (10, 10, 60, 60))])
    run.refresh_from_db()
    hold = recorded.claim(run, "decide")
    services.inference_record(hold, recorded.inferred(run, label, 930_000))
    return services.decision_record(hold, recorded.attributed(label))


def correct(decision: Decision, by: User, change: Change = ADDED, **more: Any) -> Run:
    given = {"reason": "The badge was left out.", **more}
    return corrections.redaction_correct(run_id=decision.run_id, by=by, change=change, **given)


def release(run: Run, by: User, act: str = "by_hand", change: Change = ADDED, **more: Any) -> Run:
    given = {"reason": "Only the card shows a name.", **more}
    return corrections.quarantine_release(run_id=run.id, by=by, act=act, change=change, **given)


def open_for(run: Run, by: User) -> None:
    original_open(asset_id=run.asset_id, reason="To see what it is.", by=by)


def waiting(people: Any) -> list[Decision | None]:
    return [case.decision for case in page_of(people.workspace, people.officer, Asked()).cases]


def record_of(kind: str, run: Run) -> dict[str, Any]:
    entry = LedgerEntry.objects.get(kind=kind, subject=run.pk)
    found: dict[str, Any] = canonical.decode(bytes(entry.body))["record"]
    return found


def corrections_of(decision: Decision) -> QuerySet[LedgerEntry]:
    """Entries of the decision's workspace alone; other tests have left theirs."""
    return LedgerEntry.objects.filter(workspace=decision.run.workspace_id, kind="redaction_corrected")


def problems(*runs: Run) -> list[str]:
    """What is said of these runs; other tests have left theirs."""
    report = CheckReport(started_at=datetime.now(UTC))
    decisions.compare(report)
    reviews.compare(report)
    names = [str(run.pk) for run in runs]
    return [each.detail for each in report.problems if any(name in each.detail for name in names)]


# --- correcting ----------------------------------------------------------------------------------------


def test_a_correction_is_a_new_run_of_the_same_with_other_regions(people: Any, decision: Decision) -> None:
    old = decision.run
    Run.objects.filter(pk=old.pk).update(seed=7)
    new = correct(decision, people.officer)
    assert new.parent_id == old.pk
    assert (new.asset_id, new.policy_version_id, new.model_version_id) == (
        old.asset_id,
        old.policy_version_id,
        old.model_version_id,
    )
    assert (new.seed, new.state, new.by_hand) == (7, RunState.RECEIVED, False)
    assert new.redaction_edits == ADDED.edits
    (claim,) = leases.runs_claim(step="redact", worker="test")
    assert claim.run_id == new.pk


def test_it_is_on_the_record_without_a_word_that_was_written(people: Any, decision: Decision) -> None:
    new = correct(decision, people.officer)
    record = record_of("redaction_corrected", new)
    keys = keyring().asset(new.asset_id)
    edits = canonical.encode(new.redaction_edits.model_dump(mode="json"))
    assert record == {
        "asset": new.asset.commitment,
        "policy": new.policy_version.digest,
        "model": new.model_version.digest,
        "parent": str(decision.run_id),
        "by": str(people.officer.id),
        "role": "officer",
        "added": 1,
        "removed": 0,
        "original_seen": False,
        "edits": keys.commit(edits),
        "reason": keys.commit(b"The badge was left out."),
    }
    assert "badge" not in json.dumps(record)
    written = Correction.objects.get(run=new)
    assert (written.reason, written.added, written.removed) == ("The badge was left out.", 1, 0)


def test_the_old_decision_stays_and_no_longer_waits(people: Any, decision: Decision) -> None:
    entry = decision.entry
    new = correct(decision, people.officer)
    decision.refresh_from_db()
    assert (decision.review_state, decision.entry, decision.label) == ("corrected", entry, "person")
    assert waiting(people) == []
    with pytest.raises(services.NotPossible, match="corrected"):
        review_add(decision_id=decision.id, officer=people.officer, verdict="uphold", reason="Fine.")
    again = decided(new, label="animal")
    assert again.review_reasons == ["corrected"]
    assert waiting(people) == [again]
    old, newer = chain_of(decision.run), chain_of(new)
    assert (old.after_decision, old.before) == (again, None)
    assert (newer.before_decision, newer.after) == (decision, None)
    assert canonical.decode(bytes(LedgerEntry.objects.get(id=again.entry).body))["record"]["parent"] == str(
        decision.run_id
    )
    assert problems(decision.run, new) == []


def test_the_batch_follows_the_newest_run(people: Any, decision: Decision) -> None:
    batch = Batch.objects.get(submissions__runs=decision.run)
    new = correct(decision, people.officer)
    (row,) = batch_rows(batch)
    assert (row.run, row.state, row.decision, row.corrected) == (new.pk, "received", None, True)
    assert batch_progress(batch).ended == 0
    counts = counts_of([batch.pk])[batch.pk]
    assert (counts.total, counts.ended, counts.in_review, counts.stopped) == (1, 0, 0, 0)
    again = decided(new)
    (row,) = batch_rows(batch)
    assert (row.decision, row.waits_for_review) == (again.id, True)
    counts = counts_of([batch.pk])[batch.pk]
    assert (counts.ended, counts.in_review) == (1, 1)


def test_edits_add_up_over_a_chain(people: Any, decision: Decision) -> None:
    first = correct(decision, people.officer)
    second_decision = decided(first)
    both = Change(RedactionEdits(added=(MORE, FACE)), added=1)
    second = correct(second_decision, people.second_officer, both)
    assert second.parent_id == first.pk
    assert second.redaction_edits.added == (MORE, FACE)
    assert record_of("redaction_corrected", second)["added"] == 1
    assert problems(decision.run, first, second) == []


def test_whoever_takes_a_region_away_has_opened_the_original(people: Any, decision: Decision) -> None:
    with pytest.raises(services.NotPossible, match="Open the original first"):
        correct(decision, people.officer, REMOVED)
    open_for(decision.run, people.second_officer)
    with pytest.raises(services.NotPossible, match="Open the original first"):
        correct(decision, people.officer, REMOVED)
    open_for(decision.run, people.officer)
    new = correct(decision, people.officer, REMOVED)
    assert record_of("redaction_corrected", new)["original_seen"] is True


def test_what_was_seen_long_ago_does_not_count(people: Any, decision: Decision) -> None:
    open_for(decision.run, people.officer)
    assert corrections.original_seen(decision.run, people.officer)
    later = datetime.now(UTC) + timedelta(seconds=corrections.SEEN_SECONDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corrections, "datetime", type("Later", (), {"now": staticmethod(lambda _: later)}))
        assert not corrections.original_seen(decision.run, people.officer)


def test_who_handed_it_in_adds_regions_and_takes_none_away(people: Any) -> None:
    batch = recorded.batch_of(people.policy_version, people.steward, ("own.png", recorded.png("plum")))
    decision = decided(batch.submissions.get().runs.get())
    open_for(decision.run, people.steward)
    with pytest.raises(services.NotPossible, match="another officer"):
        correct(decision, people.steward, REMOVED)
    assert correct(decision, people.steward, ADDED).parent_id == decision.run_id


def test_a_correction_needs_a_role_a_reason_and_a_change(people: Any, decision: Decision) -> None:
    for person in (people.operator, people.auditor, people.outsider):
        with pytest.raises(services.NotPossible, match="officer"):
            correct(decision, person)
    with pytest.raises(services.NotPossible, match="Write a reason"):
        correct(decision, people.officer, reason="  x ")
    with pytest.raises(services.NotPossible, match="No region was changed"):
        correct(decision, people.officer, NOTHING)
    assert not Run.objects.filter(parent=decision.run).exists()
    assert not corrections_of(decision).exists()


def test_sent_twice_it_is_one_run_and_a_second_person_is_told(people: Any, decision: Decision) -> None:
    new_id = uuid.uuid4()
    first = correct(decision, people.officer, new_id=new_id)
    assert correct(decision, people.officer, new_id=new_id) == first
    with pytest.raises(services.NotPossible, match="before you"):
        correct(decision, people.second_officer)
    assert corrections_of(decision).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(
            workspace=first.workspace,
            submission=first.submission,
            asset=first.asset,
            policy_version=first.policy_version,
            model_version=first.model_version,
            parent=decision.run,
        )


def test_only_what_is_decided_is_corrected(people: Any, stopped: Run) -> None:
    with pytest.raises(services.NotPossible, match="once the file is decided"):
        corrections.redaction_correct(run_id=stopped.pk, by=people.officer, change=ADDED, reason="Why not.")


def test_a_correction_is_not_cancelled(people: Any, decision: Decision) -> None:
    new = correct(decision, people.officer)
    with pytest.raises(services.NotPossible, match="not taken back"):
        services.run_cancel(run_id=new.pk, by=people.operator)


# --- quarantine ----------------------------------------------------------------------------------------


def test_without_a_person_s_act_nothing_leaves_quarantine(people: Any, stopped: Run) -> None:
    assert list(quarantined(people.workspace)) == [stopped]
    for step in ("redact", "decide"):
        assert leases.runs_claim(step=step, worker="test") == []  # type: ignore[arg-type]
    assert leases.tasks_due() == []
    with pytest.raises(evidence.EvidenceDamaged):
        evidence.content(stopped.pk, Name.REDACTED)
    open_for(stopped, people.officer)
    assert leases.runs_claim(step="redact", worker="test") == []
    new = release(stopped, people.officer)
    (claim,) = leases.runs_claim(step="redact", worker="test")
    assert claim.run_id == new.pk
    assert leases.runs_claim(step="decide", worker="test") == []
    stopped.refresh_from_db()
    assert stopped.state == RunState.QUARANTINED


@pytest.mark.parametrize(("act", "change"), [("by_hand", ADDED), ("nothing_visible", NOTHING)])
def test_a_release_is_a_run_by_hand_and_an_entry(people: Any, stopped: Run, act: str, change: Change) -> None:
    open_for(stopped, people.officer)
    new = release(stopped, people.officer, act, change)
    assert (new.parent_id, new.by_hand, new.redaction_edits) == (stopped.pk, True, change.edits)
    record = record_of("quarantine_released", new)
    assert (record["mode"], record["regions"], record["code"]) == (act, change.added, "still_found")
    assert (record["by"], record["role"], record["parent"]) == (
        str(people.officer.id),
        "officer",
        str(stopped.pk),
    )
    assert list(quarantined(people.workspace)) == []
    with pytest.raises(services.NotPossible, match="another run is in its place"):
        services.run_retry(run_id=stopped.pk, by=people.operator)
    again = decided(new)
    assert "corrected" in again.review_reasons
    assert problems(stopped, new) == []


@pytest.mark.parametrize(
    ("act", "change", "words"),
    [
        ("by_hand", NOTHING, "Draw what is to be hidden"),
        ("nothing_visible", ADDED, "You drew regions"),
        ("corrected", ADDED, "Say whether"),
    ],
)
def test_a_release_says_what_it_is(people: Any, stopped: Run, act: str, change: Change, words: str) -> None:
    open_for(stopped, people.officer)
    with pytest.raises(services.NotPossible, match=words):
        release(stopped, people.officer, act, change)
    assert not Run.objects.filter(parent=stopped).exists()


def test_only_an_officer_who_saw_it_and_did_not_hand_it_in_lets_it_out(people: Any, stopped: Run) -> None:
    with pytest.raises(services.NotPossible, match="Open the original first"):
        release(stopped, people.officer)
    for person in (people.operator, people.auditor, people.outsider):
        with pytest.raises(services.NotPossible, match="officer"):
            release(stopped, person)
    Submission.objects.filter(runs=stopped).update(uploaded_by=people.officer)
    open_for(stopped, people.officer)
    with pytest.raises(services.NotPossible, match="another officer"):
        release(stopped, people.officer)


def test_a_correction_that_ends_in_quarantine_is_let_out_with_all_that_was_drawn(
    people: Any, decision: Decision
) -> None:
    new = correct(decision, people.officer)
    recorded.stop(new, quarantine=True)
    assert [run.pk for run in quarantined(people.workspace)] == [new.pk]
    open_for(new, people.officer)
    last = release(
        Run.objects.get(pk=new.pk), people.officer, change=Change(RedactionEdits(added=(MORE, FACE)), 1)
    )
    assert last.redaction_edits.added == (MORE, FACE)
    # What comes after it is by hand too: what stopped it once would stop it again.
    assert correct(decided(last), people.second_officer).by_hand


# --- what else knows of chains -------------------------------------------------------------------------


def test_an_erased_medium_keeps_no_region_and_no_reason(
    people: Any, decision: Decision, tmp_path: Any
) -> None:
    new = correct(decision, people.officer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "path", lambda: tmp_path / "erasures.ndjson")
        asset_erase(asset_id=new.asset_id, by=people.officer)
    new.refresh_from_db()
    assert (new.state, new.edits) == (RunState.ERASED, None)
    assert Correction.objects.get(run=new).reason == ""
    assert problems(decision.run, new) == []
    with pytest.raises(services.NotPossible):
        correct(decision, people.officer)


def test_a_decision_that_was_corrected_does_not_hold_retention_up(people: Any, decision: Decision) -> None:
    assert decision.review_state == ReviewState.WAITING
    new = correct(decision, people.officer)
    again = decided(new)
    review_add(decision_id=again.id, officer=people.officer, verdict="uphold", reason="Plainly right.")
    later = datetime.now(UTC) + timedelta(days=4000)
    assert new.asset_id in retention_due(later).values_list("pk", flat=True)


def test_a_correction_that_says_something_else_than_its_entry_is_found(
    people: Any, decision: Decision, stopped: Run
) -> None:
    new = correct(decision, people.officer)
    Correction.objects.filter(run=new).update(added=9)
    assert any("correction" in problem and "added" in problem for problem in problems(new))
    Correction.objects.filter(run=new).update(added=1)
    assert problems(new) == []
    Run.objects.filter(pk=decision.run_id).update(parent=stopped)
    assert any("by whom" in problem for problem in problems(decision.run))


def test_what_somebody_else_has_is_not_corrected_or_released(
    people: Any, decision: Decision, stopped: Run
) -> None:
    """Whoever took a case answers it: nobody ends it under their hands."""
    for run in (decision.run, stopped):
        case_hold(case_id=Case.objects.get(run=run).id, by=people.second_officer)
    open_for(stopped, people.officer)
    with pytest.raises(HeldByAnother):
        correct(decision, people.officer)
    with pytest.raises(HeldByAnother):
        release(stopped, people.officer)
    correct(decision, people.second_officer)
