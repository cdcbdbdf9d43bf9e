"""What the door between the halves hands over."""

from __future__ import annotations

import pytest

from omnigov.contracts import Area, RedactionEdits, Region
from omnigov.decisions import together
from omnigov.decisions.models import Run
from omnigov.evidence.queries import EvidenceDamaged
from tests.conftest import Cast
from tests.omnigov import recorded, recorded_report
from workers.running.orders import order_of, seen_of


def test_an_order_holds_what_a_person_said_is_to_be_hidden(cast: Cast) -> None:
    batch = recorded.batch_of(cast.policy_version, cast.operator, ("a.png", recorded.png()))  # type: ignore[arg-type]
    run: Run = batch.submissions.get().runs.get()
    plain = order_of(run)
    assert (plain.edits, plain.by_hand, plain.seed) == (RedactionEdits(), False, run.seed)
    drawn = RedactionEdits(added=(Region(place=Area(left=1, top=1, right=9, bottom=9)),))
    run.edits, run.by_hand = drawn.model_dump(mode="json"), True
    order = order_of(run)
    assert (order.edits, order.by_hand) == (drawn, True)
    assert order.policy == run.policy_version.spec


def test_the_model_is_given_the_pictures_that_a_report_was_decided_with(cast: Cast) -> None:
    decision = recorded_report.record(
        cast.policy_version,
        cast.operator,
        [recorded.png("teal"), recorded.png("navy")],
    )
    seen = seen_of(decision.run)
    assert [page.size for page in seen.pages] == [recorded_report.SIZE] * 2
    assert seen.text.startswith("SPEAKER_1: The press")
    assert seen_of(decision.run, pictures=[]).pages == ()


def test_a_picture_that_was_changed_is_given_to_no_model(cast: Cast) -> None:
    decision = recorded_report.record(cast.policy_version, cast.operator)
    (picture,) = together.decided_with(decision.run)
    Run.objects.filter(pk=picture.pk).update(redaction={**picture.redaction, "digest": "00" * 32})
    with pytest.raises(EvidenceDamaged):
        seen_of(decision.run)
