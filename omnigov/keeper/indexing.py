"""Makes cases findable: what a search looks for is written once the decision is there, beside it."""

from __future__ import annotations

import threading

from omnigov.keeper.job import Job, each_alone
from omnigov.review.indexing import case_index, cases_unindexed

NAME = "search"


def sweep(leaving: threading.Event) -> int:
    return each_alone(NAME, cases_unindexed(), lambda case: case_index(case_id=case), leaving)


JOB = Job(NAME, 3.0, sweep)
