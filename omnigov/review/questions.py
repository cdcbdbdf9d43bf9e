"""A case goes back to whoever handed the file in, with a question, and comes back with an answer."""

from __future__ import annotations

import uuid

from django.db import transaction

from omnigov.accounts.models import User, Workspace
from omnigov.clock import database_now
from omnigov.decisions.models import RunState
from omnigov.decisions.services import NotPossible
from omnigov.review.case_models import Case, CaseKind, CaseState, NoticeKind, Question
from omnigov.review.cases import acted, case_locked, check_may_answer, officer_in
from omnigov.review.indexing import words_add
from omnigov.review.notices import notice_add

MIN_WORDS = 3
MOST_WORDS = 2000


@transaction.atomic
def case_send_back(*, case_id: uuid.UUID, by: User, question: str, question_id: uuid.UUID) -> Question:
    """Asks whoever handed the file in. The same `question_id` again is the same question.

    Raises `NotPossible` with a sentence.
    """
    case, now = case_locked(case_id), database_now()
    known = Question.objects.filter(pk=question_id, case=case).first()
    if known:
        return known
    role = officer_in(case, by).role
    if case.state not in (CaseState.OPEN, CaseState.ESCALATED):
        raise NotPossible("Only a case that waits for an officer can be sent back with a question.")
    if case.kind == CaseKind.RELEASE:
        raise NotPossible("A file in quarantine is released, or tried again; it is not sent back.")
    check_may_answer(case, by, now)
    question = _words(question, "Write your question: whoever handed the file in has to understand it.")
    entry = acted(case, "sent_back", by=by, role=role, to=[case.uploader], words=question)
    asked = Question.objects.create(
        id=question_id, case=case, asked_by=by, to=case.uploader, question=question, entry=entry
    )
    case.state = CaseState.SENT_BACK
    case.held_by, case.held_until = None, None
    case.save(update_fields=["state", "held_by", "held_until"])
    words_add(case, question)
    notice_add(case, case.uploader, NoticeKind.QUESTION, by=by)
    return asked


@transaction.atomic
def question_answer(*, question_id: uuid.UUID, by: User, answer: str) -> Question:
    """The case waits for officers again, with the answer. Answered again by them, it is as it was.

    Raises `NotPossible` with a sentence.
    """
    asked = Question.objects.select_related("to").get(pk=question_id)
    case = case_locked(asked.case_id)
    asked.refresh_from_db()
    if asked.answered_by_id == by.id:
        return asked
    if asked.ended_at is not None:
        raise NotPossible("This question does not wait for an answer any more.")
    if case.run.state == RunState.ERASED:
        raise NotPossible("This medium is erased; there is nothing left to look at.")
    membership = by.memberships.filter(workspace=case.workspace_id).first()
    if membership is None or by.id != asked.to_id:
        raise NotPossible("Only whoever handed the file in can answer this question.")
    answer = _words(answer, "Write an answer: the officer has to understand it.")
    acted(case, "question_answered", by=by, role=membership.role, to=[asked.asked_by], words=answer)
    asked.answer, asked.answered_by, asked.ended_at = answer, by, database_now()
    asked.save(update_fields=["answer", "answered_by", "ended_at"])
    case.state, case.urgency = CaseState.OPEN, 0
    case.save(update_fields=["state", "urgency"])
    words_add(case, answer)
    notice_add(case, asked.asked_by, NoticeKind.CAME_BACK, by=by)
    return asked


def question_end(case: Case) -> None:
    """An officer decided without waiting for the answer."""
    Question.objects.filter(case=case, ended_at__isnull=True).update(ended_at=database_now())


def questions_to(person: User, workspace: Workspace) -> list[Question]:
    """What this person is asked about files that they handed in, the longest waiting first."""
    asked = Question.objects.filter(to=person, ended_at__isnull=True, case__workspace=workspace)
    return list(asked.select_related("asked_by", "case__run__submission", "case__batch")[:100])


def question_of(workspace: Workspace, question_id: uuid.UUID) -> Question | None:
    return Question.objects.filter(case__workspace=workspace, pk=question_id).first()


def questions_about(case: Case) -> list[Question]:
    return list(case.questions.select_related("asked_by", "answered_by", "to"))


def _words(text: str, missing: str) -> str:
    text = text.strip()
    if len(text) < MIN_WORDS:
        raise NotPossible(missing)
    return text[:MOST_WORDS]
