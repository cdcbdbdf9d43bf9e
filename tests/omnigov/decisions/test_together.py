"""A spoken report: a recording and its pictures, redacted each by itself, and decided together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from omnigov.decisions import leases, services, together
from omnigov.decisions.comparison import compare
from omnigov.decisions.live_workers import Lookout
from omnigov.decisions.models import BesideMedium, Decision, Run, RunState
from omnigov.decisions.progress import batch_rows
from omnigov.decisions.review_rules import review_reasons
from omnigov.decisions.uploads import file_submit
from omnigov.erasure.services import asset_erase
from omnigov.intake.models import Submission
from omnigov.intake.services import NotTogether, batch_create, recording_among
from omnigov.ledger import canonical
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_media, recorded_report, recorded_sound


def waiting() -> set[Any]:
    return set(leases.claimable("decide").values_list("pk", flat=True))


def state_of(submission: Submission) -> str:
    return recorded.run_of(submission).state


def test_it_is_decided_when_all_of_it_is_redacted(cast: Cast) -> None:
    report = recorded_report.hand_in(
        cast.policy_version, cast.operator, [recorded.png("teal"), recorded.png("navy")]
    )
    run = recorded.run_of(report.recording)
    recorded_media.redact(run, recorded_sound.sound())
    assert run.pk not in waiting()
    first, second = (recorded.run_of(each) for each in report.pictures)
    recorded_report.redact_picture(second)
    assert run.pk not in waiting()
    run.refresh_from_db()
    assert Lookout().why_waits(run).code == "picture_on_its_way"
    recorded_report.redact_picture(first)
    assert run.pk in waiting()
    assert {state_of(each) for each in report.pictures} == {RunState.JOINED}
    # In the order they were handed in, whichever was redacted first; and no picture is decided by itself.
    assert [each.pk for each in together.pictures_now(run)] == [first.pk, second.pk]
    assert not {first.pk, second.pk} & waiting()


def test_it_waits_also_for_a_picture_that_has_not_come(cast: Cast) -> None:
    Run.objects.update(state=RunState.CANCELLED)  # what tests before this one left on its way
    batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
    recording = file_submit(
        batch=batch, name="r.wav", content=recorded_sound.wav(), by=cast.operator, with_pictures=1
    )
    run = recorded.run_of(recorded.checked(recording))
    recorded_media.redact(run, recorded_sound.sound())
    assert run.pk not in waiting()
    assert not leases.under_way()  # so that other work goes on, for as long as it waits
    now = timezone.now()
    assert together.never_whole(now) == []
    assert together.never_whole(now + timedelta(days=2)) == [run.pk]


def test_the_decision_names_all_its_media_and_commits_to_their_copies(cast: Cast) -> None:
    decision = recorded_report.record(cast.policy_version, cast.operator)
    (picture,) = together.decided_with(decision.run)
    record = canonical.decode(bytes(LedgerEntry.objects.get(id=decision.entry).body))["record"]
    assert record["asset"] == decision.run.asset.commitment
    assert record["beside"] == [
        {
            "asset": picture.asset.commitment,
            "run": str(picture.pk),
            "findings_count": 2,
            "redaction_revision": picture.redaction["revision"],
        }
    ]
    report = CheckReport(started_at=timezone.now())
    compare(report)
    assert [each for each in report.problems if str(decision.run_id) in str(each)] == []


@pytest.mark.parametrize("how", ["another picture", "another copy"])
def test_who_exchanges_a_picture_beneath_a_decision_is_found_out(cast: Cast, how: str) -> None:
    decision = recorded_report.record(cast.policy_version, cast.operator)
    (picture,) = together.decided_with(decision.run)
    if how == "another copy":
        Run.objects.filter(pk=picture.pk).update(redaction={**picture.redaction, "digest": "00" * 32})
    else:
        other = recorded_report.record(cast.policy_version, cast.operator, [recorded.png("red")])
        (wrong,) = together.decided_with(other.run)
        BesideMedium.objects.filter(run=decision.run).update(medium=wrong)
    report = CheckReport(started_at=timezone.now())
    compare(report)
    assert any(str(decision.run_id) in str(each) and "picture" in str(each) for each in report.problems)


def test_a_rule_that_counts_regions_counts_those_of_its_pictures(cast: Cast) -> None:
    decision = recorded_report.record(cast.policy_version, cast.operator)
    voices = decision.run.inference_result
    assert voices is not None
    alone = len(decision.run.redaction_result.findings)  # type: ignore[union-attr]
    assert alone == 3
    spec = cast.policy_version.spec
    spec = spec.model_copy(update={"review": spec.review.model_copy(update={"many_regions": 5})})
    own = decision.run.redaction_result
    (picture,) = together.decided_with(decision.run)
    assert own is not None
    assert picture.redaction_result is not None
    both = [own, picture.redaction_result]
    assert "many_regions" in review_reasons(decision.run_id, spec, both, voices, measured=True)
    assert "many_regions" not in review_reasons(decision.run_id, spec, both[:1], voices, measured=True)


@pytest.mark.parametrize("stops", ["refused", "cancelled"])
def test_a_part_of_a_report_is_never_decided_on(cast: Cast, stops: str) -> None:
    if stops == "refused":
        batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
        recording = file_submit(
            batch=batch, name="r.wav", content=recorded_sound.wav(), by=cast.operator, with_pictures=1
        )
        recorded.checked(recording)
        text = file_submit(
            batch=batch, name="t.png", content=b"No picture.", by=cast.operator, beside=recording
        )
        assert recorded.checked(text).refusal_code == "not_a_picture"
        run = recorded.run_of(recording)
    else:
        report = recorded_report.hand_in(cast.policy_version, cast.operator)
        services.run_cancel(run_id=recorded.run_of(report.pictures[0]).pk)
        run = recorded.run_of(report.recording)
    recorded_media.redact(run, recorded_sound.sound())
    assert run.pk not in waiting()
    assert together.never_whole(timezone.now()) == [run.pk]
    services.report_give_up(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.failure_code) == (RunState.FAILED, "picture_missing")
    assert LedgerEntry.objects.filter(kind="run_failed", subject=run.pk).count() == 1
    # Tried again it fails again, with an entry of its own.
    services.run_retry(run_id=run.pk)
    services.report_give_up(run_id=run.pk)
    assert LedgerEntry.objects.filter(kind="run_failed", subject=run.pk).count() == 2


def test_pictures_are_announced_with_a_recording_and_nothing_else(cast: Cast) -> None:
    batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
    picture = file_submit(
        batch=batch, name="p.png", content=recorded.png(), by=cast.operator, with_pictures=1
    )
    assert recorded.checked(picture).refusal_code == "not_a_recording"


def test_more_than_was_announced_is_not_taken(cast: Cast) -> None:
    report = recorded_report.hand_in(cast.policy_version, cast.operator)
    with pytest.raises(NotTogether, match="More pictures"):
        file_submit(
            batch=report.batch,
            name="p.png",
            content=recorded.png("red"),
            by=cast.operator,
            beside=report.recording,
        )
    with pytest.raises(NotTogether, match="own batch"):
        file_submit(
            batch=batch_create(policy_version=cast.policy_version, name="c", by=cast.operator),
            name="p.png",
            content=recorded.png("red"),
            by=cast.operator,
            beside=report.recording,
        )
    with pytest.raises(NotTogether, match="Up to 4"):
        file_submit(batch=report.batch, name="r.wav", content=b"x", by=cast.operator, with_pictures=5)
    assert Submission.objects.filter(batch=report.batch).count() == 2


def test_the_recording_among_files_is_told_by_their_bytes() -> None:
    sound, picture = recorded_sound.wav(), recorded.png()
    assert recording_among([picture, sound, picture]) == 1
    for files in ([picture], [sound], [sound, sound, picture], [sound, *[picture] * 5]):
        with pytest.raises(NotTogether):
            recording_among(files)


@pytest.mark.parametrize(
    "head",
    [
        b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    ],
    ids=["m4a", "mp4", "webm"],
)
def test_a_recording_in_a_container_that_videos_have_too_is_one(head: bytes) -> None:
    # What a telephone records comes in these. Whether pictures move in it, a worker tells with all its bytes.
    assert recording_among([recorded.png(), head]) == 1
    with pytest.raises(NotTogether):
        recording_among([recorded.png(), b"RIFF\0\0\0\0AVI LIST"])  # never sound alone


def test_nothing_is_handed_in_beside_an_erased_recording(cast: Cast) -> None:
    batch = batch_create(policy_version=cast.policy_version, name="b", by=cast.operator)
    recording = file_submit(
        batch=batch, name="r.wav", content=recorded_sound.wav(), by=cast.operator, with_pictures=1
    )
    recorded.checked(recording)
    asset_erase(asset_id=recorded.run_of(recording).asset_id)
    with pytest.raises(NotTogether, match="erased"):
        file_submit(batch=batch, name="p.png", content=recorded.png(), by=cast.operator, beside=recording)


def test_the_batch_says_what_belongs_together(cast: Cast) -> None:
    decision = recorded_report.record(cast.policy_version, cast.operator)
    recording, picture = batch_rows(decision.run.submission.batch)
    assert (recording.with_pictures, recording.belongs_to) == (1, "")
    assert (picture.with_pictures, picture.belongs_to, picture.state) == (0, "report.wav", RunState.JOINED)
    assert picture.ended
    assert Decision.objects.filter(run__submission=picture.submission).count() == 0
