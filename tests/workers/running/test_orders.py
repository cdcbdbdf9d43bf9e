"""What the door between the halves hands over."""

from __future__ import annotations

from omnigov.contracts import Area, RedactionEdits, Region
from omnigov.decisions.models import Run
from tests.conftest import Cast
from tests.omnigov import recorded
from workers.running.orders import order_of


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
