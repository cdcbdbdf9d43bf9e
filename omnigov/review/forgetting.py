"""What an erasure takes out of the tables of cases: what they are found by, and what people wrote."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from omnigov.clock import database_now
from omnigov.review.after_models import Disposition, Letter
from omnigov.review.case_models import WAITING, Case, CaseState, Draft, Question, SearchText


def cases_forget(runs: Collection[uuid.UUID]) -> None:
    """Nothing of these runs is found, asked or answered any more. In the caller's transaction."""
    Disposition.objects.filter(decision__run__in=runs).update(to="", words="")
    Letter.objects.filter(decision__run__in=runs).update(content=None)
    cases = Case.objects.filter(run__in=runs)
    SearchText.objects.filter(case__in=cases).delete()
    Draft.objects.filter(run__in=runs).delete()
    Question.objects.filter(case__in=cases).update(question="", answer="")
    Question.objects.filter(case__in=cases, ended_at__isnull=True).update(ended_at=database_now())
    cases.filter(state__in=WAITING).update(state=CaseState.CLOSED)
    cases.update(reasons=[], medium="", held_by=None, held_until=None, indexed=True)
