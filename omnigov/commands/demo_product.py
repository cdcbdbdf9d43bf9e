"""The demo's product: examples of good and damaged ones are shown, and a model is adapted to them.

A second demo finds the policy adapted and asks it at once.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from omnigov.commands.submit import hand_in

if TYPE_CHECKING:
    from omnigov.accounts.models import User
    from omnigov.policies.models import PolicyVersion

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
UNDECIDED = EXAMPLES / "undecided"
"""Pictures of a product, simulated; `examples/product` has examples of it, a folder a label."""
POLICY = "what-state-is-the-product-in"
PATIENCE = 900.0


def examples_show(version: PolicyVersion, steward: User) -> bool:
    """Hands the examples in, unless the policy was adapted before; whether it was not."""
    from omnigov.decisions.examples import batch_for

    if version.model_version is None or version.model_version.base:
        return False
    for folder in sorted(each for each in (EXAMPLES / "product").iterdir() if each.is_dir()):
        batch = batch_for(version=version, label=folder.name, by=steward)
        hand_in(batch, sorted(folder.glob("*.jpg")), quiet=True)
    return True


def adapt(version: PolicyVersion, steward: User, officer: User) -> str:
    """Adapts the model to the examples, and has a second person promote it. Returns what came of it."""
    from omnigov.decisions.examples import arriving
    from omnigov.studio.models import Study, StudyKind
    from omnigov.studio.promotion import promotion_decide, promotion_propose
    from omnigov.studio.studies import OPEN, NotStudied, study_ask

    until = time.monotonic() + PATIENCE
    while arriving(version.policy).under_way and time.monotonic() < until:
        time.sleep(0.3)
    try:
        study = study_ask(version=version, kind=StudyKind.ADAPT, by=steward)
    except NotStudied as reason:
        return str(reason)
    while study.state in OPEN and time.monotonic() < until:
        time.sleep(0.3)
        study = Study.objects.select_related("candidate", "measurement").get(pk=study.pk)
    if study.candidate is None or study.measurement is None:
        return study.failure_sentence or "The model is still being adapted; see the policy's examples."
    proposal = promotion_propose(
        version=version, model_version=study.candidate, reason="The demo's examples.", by=steward
    )
    promotion_decide(proposal_id=proposal.pk, promote=True, by=officer)
    said = study.measurement.evaluation
    return (
        f"Adapted: {said.accuracy.value / 10_000:.0f} % of {said.n} examples right "
        f"(95 % interval {said.accuracy.low / 10_000:.0f} to {said.accuracy.high / 10_000:.0f} %), "
        f"each decided by a fit that had not seen it."
    )
