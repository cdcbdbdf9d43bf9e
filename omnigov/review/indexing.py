"""What a case can be found by: file name, what was written about it, and the text of its redacted copy.

Never of an original, and of nothing that waits in quarantine but its name. Written by the keeper, a case at a
time: a decision is not held back by it. An erasure removes it (`review.forgetting`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import Q

from omnigov.decisions.models import Run, RunState
from omnigov.evidence import queries as evidence
from omnigov.evidence.models import Name
from omnigov.review.case_models import Case, CaseKind
from omnigov.review.grams import MOST, grams
from omnigov.review.models import Review
from omnigov.review.parts import decoded

AT_ONCE = 200


def cases_unindexed() -> list[uuid.UUID]:
    """Cases that can't be found yet, the newest first."""
    missing = Case.objects.filter(indexed=False).order_by("-since")
    return list(missing.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def case_index(*, case_id: uuid.UUID) -> None:
    """Writes what the case is found by, anew. Nothing is written of a medium that is erased meanwhile."""
    case = Case.objects.select_related("decision").get(pk=case_id)
    # An erasure holds this lock until it is through, and finds what was written before it.
    run = Run.objects.select_for_update(of=("self",)).select_related("submission__batch").get(pk=case.run_id)
    Case.objects.filter(pk=case.pk).update(indexed=True)
    if run.state == RunState.ERASED:
        return
    found: set[str] = set()
    whole = True
    for text in _texts(case, run):
        whole = whole and len(text) <= MOST
        found |= grams(text)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [case.id, case.workspace_id, case.since, sorted(found), whole])


_WRITE = """
INSERT INTO review_searchtext (case_id, workspace_id, since, grams, whole)
VALUES (%s, %s, %s, array_to_tsvector(%s::text[]), %s)
ON CONFLICT (case_id) DO UPDATE SET grams = EXCLUDED.grams, whole = EXCLUDED.whole
"""


def words_add(case: Case, text: str) -> None:
    """The case is found by this, too. One that is not indexed yet is, with all that is said by then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE review_searchtext SET grams = grams || array_to_tsvector(%s::text[]) WHERE case_id = %s",
            [sorted(grams(text)), case.id],
        )


def _texts(case: Case, run: Run) -> Iterator[str]:
    yield run.submission.name
    yield run.submission.batch.name
    if case.kind == CaseKind.RELEASE:
        return
    inference, redaction = run.inference_result, run.redaction_result
    if inference:
        yield " ".join(inference.reasons)
    for review in Review.objects.filter(decision=case.decision_id):
        yield review.reason
    for question in case.questions.filter(Q(question__gt="") | Q(answer__gt="")):
        yield f"{question.question} {question.answer}"
    try:
        if redaction and redaction.text is not None:
            content = evidence.content(run.id, Name.REDACTED, digest=redaction.digest)
            yield decoded(content, redaction.text.encoding)
        elif any(part.name == Name.TRANSCRIPT for part in evidence.manifest(run.id)):
            digest = redaction.kept(Name.TRANSCRIPT) if redaction else None
            yield decoded(evidence.content(run.id, Name.TRANSCRIPT, digest=digest), "utf-8")
    except evidence.EvidenceDamaged:
        return  # its page says so; it is found by everything else
