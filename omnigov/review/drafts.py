"""What a person began to write about a case and has not sent: kept until they send it, on whatever machine.

It is nobody else's to read, is on no record, and goes with the medium when that is erased.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from omnigov.accounts.models import User, Workspace
from omnigov.decisions.models import Run, RunState
from omnigov.decisions.services import NotPossible
from omnigov.review.case_models import Draft

MOST_BYTES = 1_000_000
"""As much as regions may have."""


@transaction.atomic
def draft_keep(*, workspace: Workspace, run_id: uuid.UUID, person: User, page: str, text: str) -> bool:
    """Keeps the form of a page, JSON of its fields, in place of what was kept before; an empty one is none.

    Whether there is such a run. Raises `NotPossible` with a sentence where the text is no such form.
    """
    fields = _fields(text)
    # Under lock: an erasure that goes on at this moment would not see what is written beside it.
    runs = Run.objects.select_for_update(of=("self",), no_key=True).defer("redaction", "inference", "edits")
    run = runs.filter(workspace=workspace, pk=run_id).exclude(state=RunState.ERASED).first()
    if run is None:
        return False
    if not any(fields.values()):
        draft_end(run_id=run_id, person=person, page=page)
        return True
    Draft.objects.update_or_create(run=run, person=person, page=page, defaults={"fields": fields})
    return True


def draft_of(run_id: uuid.UUID, person: User, page: str) -> str:
    """What the person began to write there, as JSON; empty where it is nothing."""
    found = _drafts(run_id, person, page).values_list("fields", flat=True).first()
    return json.dumps(found, ensure_ascii=False) if found else ""


def draft_end(*, run_id: uuid.UUID, person: User, page: str) -> None:
    """It was sent, or taken away."""
    _drafts(run_id, person, page).delete()


def _drafts(run_id: uuid.UUID, person: User, page: str) -> QuerySet[Draft]:
    return Draft.objects.filter(run=run_id, person=person, page=page)


def _fields(text: str) -> dict[str, list[str]]:
    wrong = NotPossible("This draft is not the form of a page. Load the page again.")
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise NotPossible("This is too much to be kept as a draft. Send it, or write less.")
    try:
        fields: Any = json.loads(text)
    except ValueError:
        raise wrong from None
    if not isinstance(fields, dict) or not all(
        isinstance(values, list) and all(isinstance(each, str) and "\0" not in each for each in values)
        for values in fields.values()
    ):
        raise wrong
    return {name: values for name, values in fields.items() if "\0" not in name}
