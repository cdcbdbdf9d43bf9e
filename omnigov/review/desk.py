"""What the pages of the queue show beside the cases themselves: names, choices, saved views, own verdicts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils.translation import get_language

from omnigov.accounts.models import Role, User, Workspace
from omnigov.decisions.progress import transcripts_recorded
from omnigov.decisions.review_rules import REDACTION_SAMPLE, SAMPLE
from omnigov.evidence.queries import beginnings
from omnigov.intake.models import Batch
from omnigov.policies.models import Policy, PolicyVersion
from omnigov.review.case_models import Case, CaseKind, CaseState, Risk, SavedView
from omnigov.review.displayed_words import displayed_in_words
from omnigov.review.models import Review
from omnigov.wording import RULES

BATCHES = 50
DONE_A_PAGE = 50
DRAWN = frozenset({SAMPLE, REDACTION_SAMPLE})
THUMBNAILED = ("picture", "document", "sound", "video")


@dataclass(frozen=True)
class Row:
    """A case as a line of the queue."""

    case: Case
    label: str
    outcome: str
    own: bool
    held: bool
    """Whether somebody else has it."""
    mine: bool
    looked: bool
    """Whether somebody else's page of it is open."""
    late: bool
    bulk: bool
    """Whether it may be upheld together with others: it was drawn at random, and nothing else asks for it."""
    thumbnail: bool
    words: str
    """Of a recording or video: the first that can still be heard."""


def rows_of(cases: Sequence[Case], person: User, now: datetime) -> list[Row]:
    """The lines, with the labels' names in the reader's language, in one query for all.

    Of recordings the beginnings of their transcripts are read, one part of the evidence each.
    """
    names = label_names({case.run.policy_version_id for case in cases})
    recordings = [
        case.run_id for case in cases if case.medium in ("sound", "video") and case.kind != CaseKind.RELEASE
    ]
    words = beginnings(transcripts_recorded(recordings)) if recordings else {}
    rows = []
    for case in cases:
        own = bool(getattr(case, "own", False))
        live = case.held(now)
        held = live and case.held_by_id != person.id
        looked = bool(case.looked_until and case.looked_until > now) and case.looked_by_id != person.id
        version = case.run.policy_version_id
        rows.append(
            Row(
                case=case,
                label=names.get((version, case.label), case.label),
                outcome=names.get((version, case.outcome), case.outcome),
                own=own,
                held=held,
                mine=live and not held,
                looked=looked,
                late=case.waits and case.due_at is not None and case.due_at < now,
                bulk=may_bulk(case) and not own and not held,
                thumbnail=case.medium in THUMBNAILED and case.kind != CaseKind.RELEASE,
                words=words.get(case.run_id, ""),
            )
        )
    return rows


def may_bulk(case: Case) -> bool:
    """Whether nothing but chance asks for a person, one verdict is enough, and little harm can come."""
    return (
        case.state == CaseState.OPEN
        and case.kind == CaseKind.DECISION
        and bool(case.reasons)
        and set(case.reasons) <= DRAWN
        and case.needed == 1
        and case.risk == Risk.LOW
    )


def label_names(versions: set[uuid.UUID]) -> dict[tuple[uuid.UUID, str], str]:
    """Names of labels by version of a policy and key."""
    name = "name_ja" if get_language() == "ja" else "name_en"
    found = PolicyVersion.objects.filter(pk__in=versions).values_list("pk", "body__labels")
    return {(pk, each["key"]): each[name] for pk, labels in found for each in labels}


@dataclass(frozen=True)
class Choices:
    """What the queue can be narrowed down to, each a list of value and name."""

    policies: list[tuple[str, str]]
    labels: list[tuple[str, str]]
    batches: list[tuple[str, str]]
    people: list[tuple[str, str]]
    reasons: list[tuple[str, str]]


def choices_of(workspace: Workspace) -> Choices:
    """The choices of a workspace: newest batches, whoever may hand files in, labels of newest versions."""
    japanese = get_language() == "ja"
    policies = list(Policy.objects.filter(workspace=workspace).order_by("slug"))
    newest = PolicyVersion.objects.filter(policy__workspace=workspace).order_by("policy", "-number")
    labels: dict[str, str] = {}
    for found in newest.distinct("policy").values_list("body__labels", flat=True):
        labels |= {each["key"]: each["name_ja" if japanese else "name_en"] for each in found}
    batches = Batch.objects.filter(workspace=workspace).order_by("-created_at")
    people = User.objects.filter(memberships__workspace=workspace).exclude(memberships__role=Role.AUDITOR)
    return Choices(
        policies=[(str(each.pk), each.name_ja if japanese else each.name_en) for each in policies],
        labels=sorted(labels.items(), key=lambda pair: pair[1]),
        batches=[(str(pk), name) for pk, name in batches.values_list("pk", "name")[:BATCHES]],
        people=[(str(pk), name) for pk, name in people.order_by("username").values_list("pk", "username")],
        reasons=[(code, str(words)) for code, words in RULES.items()],
    )


# --- saved views ---------------------------------------------------------------------------------------


def views_of(workspace: Workspace, person: User) -> list[SavedView]:
    return list(SavedView.objects.filter(workspace=workspace, person=person)[:30])


def view_of(workspace: Workspace, person: User, view_id: uuid.UUID) -> SavedView | None:
    return SavedView.objects.filter(workspace=workspace, person=person, pk=view_id).first()


def view_save(*, workspace: Workspace, person: User, name: str, query: str) -> SavedView:
    """Keeps filters and order under a name; the same name again is the same view with others.

    A person's own convenience, as their language is: it is on no record.
    """
    view, _ = SavedView.objects.update_or_create(
        workspace=workspace, person=person, name=name.strip()[:60], defaults={"query": query[:1000]}
    )
    return view


def view_remove(*, workspace: Workspace, person: User, view_id: uuid.UUID) -> None:
    SavedView.objects.filter(workspace=workspace, person=person, pk=view_id).delete()


# --- what one did oneself ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    review: Review
    label: str
    right_label: str

    @property
    def displayed(self) -> str:
        """What the page measured to have been displayed, in words."""
        return displayed_in_words(self.review.displayed)


def done_by(workspace: Workspace, person: User, before: str) -> tuple[list[Done], str]:
    """The person's own verdicts, the newest first, and where the next page begins."""
    given = Review.objects.filter(officer=person, decision__workspace=workspace)
    given = given.select_related("decision__run__submission__batch", "taken_back").defer(
        "decision__run__redaction", "decision__run__inference", "decision__run__edits"
    )
    place = _place(before)
    if place:
        given = given.filter(TupleLessThan(Tuple(F("created_at"), F("id")), place))
    found = list(given.order_by("-created_at", "-id")[: DONE_A_PAGE + 1])
    names = label_names({each.decision.run.policy_version_id for each in found})
    shown = [
        Done(
            each,
            names.get((each.decision.run.policy_version_id, each.decision.label), each.decision.label),
            names.get((each.decision.run.policy_version_id, each.label), each.label),
        )
        for each in found[:DONE_A_PAGE]
    ]
    last = found[DONE_A_PAGE - 1] if len(found) > DONE_A_PAGE else None
    return shown, f"{last.created_at.isoformat()}~{last.pk}" if last else ""


def _place(text: str) -> tuple[Any, ...] | None:
    at, _, pk = text.partition("~")
    try:
        moment, found = datetime.fromisoformat(at), uuid.UUID(pk)
    except ValueError:
        return None
    return (moment, found) if moment.tzinfo else None
