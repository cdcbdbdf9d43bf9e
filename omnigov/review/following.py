"""From one case to the next: what a person goes on with, which is then theirs for a while."""

from __future__ import annotations

import uuid

from django.http import QueryDict

from omnigov.accounts.models import User, Workspace
from omnigov.decisions.services import NotPossible
from omnigov.review.case_models import Case, CaseKind
from omnigov.review.claims import case_hold
from omnigov.review.queue import Asked, next_case

_TRIES = 5


def asked_in(query: str) -> Asked:
    """The queue that a page was opened from, as its address names it: another tab may have another one."""
    return Asked.read(QueryDict(query[:1000]).dict())


def case_named(workspace: Workspace, text: str) -> Case | None:
    """The workspace's case of this id; None where it is none."""
    try:
        return Case.objects.filter(workspace=workspace, pk=uuid.UUID(text)).first()
    except ValueError:
        return None


def case_take_next(*, workspace: Workspace, person: User, asked: Asked, after: Case | None) -> Case | None:
    """The next case of this queue, held by the person from here on; None where there is none.

    Somebody else may take it at the same moment; then it is the one after that. A file in quarantine is not
    held: whoever releases it first has.
    """
    for _try in range(_TRIES):
        found = next_case(workspace, person, asked, after)
        if found is None or found.kind == CaseKind.RELEASE:
            return found
        try:
            return case_hold(case_id=found.id, by=person)
        except NotPossible:
            after = found
    return None
