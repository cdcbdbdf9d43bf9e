"""How many files of a batch are in which state, kept as they change: no page counts files.

Triggers add a row for each change (`migrations/decisions`): one file less in the old state, one more in the
new. Rows are only added, so that nobody waits for a counter that somebody else is changing; now and then a
trigger gathers those of a batch into one a state. A file is in the state of its newest run, or in its own
where it has none yet. States that come later are counted by their names; nothing here has to be changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Sum

from omnigov.decisions.models import ENDED, PROGRESS, BatchCount, ReviewState, RunState
from omnigov.intake.models import Submission

#: What is counted of decisions, beside the files: by their state of review.
_REVIEW = "review:"
_ENDED = frozenset({*map(str, ENDED), str(Submission.State.REFUSED)})
_STOPPED = (RunState.FAILED, RunState.QUARANTINED)
_IN_REVIEW = (ReviewState.WAITING, ReviewState.ESCALATED)


@dataclass(frozen=True)
class Counts:
    """A batch's files by state, and its decisions by state of review."""

    files: Mapping[str, int] = field(default_factory=dict)
    reviews: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.files.values())

    @property
    def ended(self) -> int:
        return sum(number for state, number in self.files.items() if state in _ENDED)

    @property
    def recorded(self) -> int:
        return self.files.get(RunState.RECORDED, 0)

    @property
    def refused(self) -> int:
        return self.files.get(Submission.State.REFUSED, 0)

    @property
    def stopped(self) -> int:
        """Failed, or in quarantine."""
        return sum(self.files.get(state, 0) for state in _STOPPED)

    @property
    def in_review(self) -> int:
        return sum(self.reviews.get(state, 0) for state in _IN_REVIEW)

    @property
    def progress(self) -> int:
        """Of the whole batch, in millionths, by what the steps take that each file has behind it."""
        states = {str(state): part for state, part in PROGRESS.items()}
        done = sum(
            number * (1_000_000 if state in _ENDED else states.get(state, 0))
            for state, number in self.files.items()
        )
        return done // max(1, self.total)


def counts_of(batches: Collection[uuid.UUID]) -> dict[uuid.UUID, Counts]:
    """The counts of each of the batches, in one query."""
    files: dict[uuid.UUID, dict[str, int]] = {batch: {} for batch in batches}
    reviews: dict[uuid.UUID, dict[str, int]] = {batch: {} for batch in batches}
    kept = BatchCount.objects.filter(batch__in=batches).values_list("batch_id", "state")
    for batch, state, number in kept.annotate(number=Sum("files")).exclude(number=0).order_by():
        if state.startswith(_REVIEW):
            reviews[batch][state.removeprefix(_REVIEW)] = number
        else:
            files[batch][state] = number
    return {batch: Counts(files[batch], reviews[batch]) for batch in batches}


def counts_mend() -> int:
    """Counts everything anew and sets right what differs; how many counters those were.

    One statement sees the rows and their counters of one moment, and a change commits both or neither. So it
    may run while files are worked on. Nothing is to be mended unless somebody changed tables by hand.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MEND)
        mended: int = cursor.rowcount
    return mended


_MEND = """
WITH truth AS (
    SELECT submission.batch_id, COALESCE(run.state, submission.state)::text AS state, count(*) AS files
    FROM intake_submission submission
    LEFT JOIN decisions_run run ON run.submission_id = submission.id
        AND NOT EXISTS (SELECT FROM decisions_run later WHERE later.parent_id = run.id)
    GROUP BY 1, 2
    UNION ALL
    SELECT submission.batch_id, 'review:' || decision.review_state, count(*)
    FROM decisions_decision decision
    JOIN decisions_run run ON run.id = decision.run_id
    JOIN intake_submission submission ON submission.id = run.submission_id
    GROUP BY 1, 2
), kept AS (
    SELECT batch_id, state::text AS state, sum(files) AS files FROM decisions_batchcount GROUP BY 1, 2
)
INSERT INTO decisions_batchcount (batch_id, state, files)
SELECT batch_id, state, COALESCE(truth.files, 0) - COALESCE(kept.files, 0)
FROM truth FULL JOIN kept USING (batch_id, state)
WHERE COALESCE(truth.files, 0) <> COALESCE(kept.files, 0)
"""
