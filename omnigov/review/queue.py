"""The queue: cases by filters, in an order, a page at a time from where the last one ended.

Nothing here counts rows or steps over them: a page begins after the last case of the one before, by the same
columns that it is ordered by, so page one thousand costs what page one does.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from omnigov.accounts.models import User, Workspace
from omnigov.clock import database_now
from omnigov.intake.models import Submission
from omnigov.review.after_models import KnownAnswer
from omnigov.review.case_models import WAITING, Case, CaseAsked, CaseKind, CaseSkipped, CaseState, Risk
from omnigov.review.cases import stood_in_for
from omnigov.review.grams import query_of
from omnigov.review.models import Review

A_PAGE = 25
MOST_FOUND = 1000
"""A search looks at the newest matches, so many of them."""

ORDERS: dict[str, tuple[str, ...]] = {
    "urgent": ("urgency", "since", "id"),
    "risk": ("risk", "since", "id"),
    "oldest": ("since", "id"),
    "newest": ("-since", "-id"),
}
"""By name: the columns, all up or all down, and the last one tells any two cases apart."""

SHOW = ("waiting", "mine", "escalated", "sent_back", "answered", "all")
AGES = {"1": 1, "3": 3, "7": 7, "30": 30}
"""Days that a case has been waiting at least."""
FILTERS = (
    *("show", "kind", "reason", "label", "policy", "batch", "medium", "risk", "age", "person"),
    *("outcome", "q", "sort"),
)


@dataclass(frozen=True)
class Asked:
    """What is asked of the queue, as its address says it. What makes no sense in it is left out."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        found = {name: given[name].strip()[:200] for name in FILTERS if given.get(name, "").strip()}
        choices: dict[str, Any] = {
            "show": SHOW,
            "kind": CaseKind.values,
            "sort": tuple(ORDERS),
            "risk": [str(each) for each in Risk.values],
            "age": tuple(AGES),
        }
        for name, allowed in choices.items():
            if found.get(name) not in allowed:
                found.pop(name, None)
        for name in ("policy", "batch", "person"):
            if name in found and not is_uuid(found[name]):
                del found[name]
        return cls({name: found[name] for name in FILTERS if name in found})

    @property
    def show(self) -> str:
        return self.chosen.get("show", "all" if self.chosen.get("q") else "waiting")

    @property
    def sort(self) -> str:
        waits = self.show in ("waiting", "mine", "escalated", "sent_back")
        return self.chosen.get("sort", "urgent" if waits else "newest")

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode(self.chosen)

    def without(self, *names: str) -> Asked:
        return Asked({name: value for name, value in self.chosen.items() if name not in names})

    def with_(self, **more: str) -> Asked:
        return Asked.read({**self.chosen, **more})


@dataclass(frozen=True)
class Page:
    """Some cases, and where the next page begins; empty where there is none."""

    cases: Sequence[Case]
    next: str
    most_found: bool = False
    """Whether a search found more than it looked at."""


def cases_of(workspace: Workspace, person: User, asked: Asked, now: datetime) -> QuerySet[Case]:
    """The cases that are asked for, in no order yet."""
    chosen = asked.chosen
    found = _shown(Case.objects.filter(workspace=workspace), workspace, person, asked.show, now)
    if asked.show == "waiting" and "kind" not in chosen:
        found = found.exclude(kind=CaseKind.RELEASE)  # quarantine has a page of its own
    for name in ("kind", "label", "medium", "outcome"):
        if name in chosen:
            found = found.filter(**{name: chosen[name]})
    for name, column in (("policy", "policy_id"), ("batch", "batch_id"), ("person", "uploader_id")):
        if name in chosen:
            found = found.filter(**{column: uuid.UUID(chosen[name])})
    if "risk" in chosen:
        found = found.filter(risk=int(chosen["risk"]))
    if "reason" in chosen:
        found = found.filter(reasons__contains=[chosen["reason"]])
    if "age" in chosen:
        found = found.filter(since__lte=now - timedelta(days=AGES[chosen["age"]]))
    if "q" in chosen:
        found = found.filter(pk__in=_matching(workspace, chosen["q"]))
    return found


def _shown(
    cases: QuerySet[Case], workspace: Workspace, person: User, show: str, now: datetime
) -> QuerySet[Case]:
    if show == "waiting":
        return cases.filter(state__in=[CaseState.OPEN, CaseState.ESCALATED])
    if show == "mine":
        named = CaseAsked.objects.filter(
            case=OuterRef("pk"), person__in=[person.id, *stood_in_for(person, workspace.id, now)]
        )
        held = Q(held_by=person, held_until__gt=now)
        return cases.filter(state__in=WAITING).filter(held | (Q(state=CaseState.ESCALATED) & Exists(named)))
    if show == "answered":
        return cases.filter(state=CaseState.ANSWERED)
    if show in ("escalated", "sent_back"):
        return cases.filter(state=show)
    return cases


def _matching(workspace: Workspace, words: str) -> list[uuid.UUID]:
    """The newest cases that hold these words.

    Of many matches the planner walks from the newest on; of few it asks the words' own index.
    """
    asked = query_of(words)
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM review_searchtext WHERE workspace_id = %s AND grams @@ %s::tsquery "
            "ORDER BY since DESC LIMIT %s",
            [workspace.id, asked, MOST_FOUND],
        )
        return [row[0] for row in cursor.fetchall()]


def page_of(workspace: Workspace, person: User, asked: Asked, after: str = "") -> Page:
    """A page of the queue, for this person: `own` says of each whether they handed the file in."""
    now = database_now()
    columns = ORDERS[asked.sort]
    found = cases_of(workspace, person, asked, now)
    start = _read_mark(after, len(columns))
    if start:
        found = found.filter(_after(columns, start))
    # Which cases these are is told by one table's index; only of those few the rest is read.
    ids = list(found.order_by(*columns).values_list("pk", flat=True)[: A_PAGE + 1])
    uploads = Submission.objects.filter(asset=OuterRef("run__asset"), uploaded_by=person)
    shown = (
        Case.objects.filter(pk__in=ids)
        .select_related("run__submission", "batch", "policy", "held_by", "decision", "run__policy_version")
        .defer("run__redaction", "run__inference", "run__edits")
        .annotate(own=Exists(uploads))
        .order_by(*columns)
    )
    rows = list(shown)
    more = len(rows) > A_PAGE
    return Page(
        cases=rows[:A_PAGE],
        next=mark_of(rows[A_PAGE - 1], asked.sort) if more else "",
        most_found="q" in asked.chosen and bool(more or after),
    )


def next_case(workspace: Workspace, person: User, asked: Asked, after: Case | None) -> Case | None:
    """The next case that this person may answer now, after that one in the order, then from the start.

    Not what they handed in, said something about already or put off, nor what somebody else holds, is with
    an operator, or was escalated to others by name.
    """
    now = database_now()
    show = asked.show if asked.show in ("mine", "escalated") else "waiting"
    columns = ORDERS[asked.with_(show=show).sort]
    found = _offered(cases_of(workspace, person, asked.with_(show=show), now), workspace, person, now)
    found = found.order_by(*columns)
    if after is None:
        return found.first()
    found = found.exclude(pk=after.pk)
    place = [str(each) for each in _place(after, columns)]
    return found.filter(_after(columns, place)).first() or found.first()


def _offered(cases: QuerySet[Case], workspace: Workspace, person: User, now: datetime) -> QuerySet[Case]:
    mine = [person.id, *stood_in_for(person, workspace.id, now)]
    uploads = Submission.objects.filter(asset=OuterRef("run__asset"), uploaded_by=person)
    said = Review.objects.filter(decision=OuterRef("decision"), officer=person, taken_back__isnull=True)
    put_off = CaseSkipped.objects.filter(case=OuterRef("pk"), person=person, until__gt=now)
    asked = CaseAsked.objects.filter(case=OuterRef("pk"), person__in=mine)
    known = KnownAnswer.objects.filter(case=OuterRef("pk"), placed_by=person)
    return (
        cases.filter(state__in=[CaseState.OPEN, CaseState.ESCALATED])
        .exclude(Q(held_by__isnull=False) & ~Q(held_by=person) & Q(held_until__gt=now))
        .filter(~Exists(uploads), ~Exists(put_off), ~Exists(said), ~Exists(known))
        .filter(~Q(state=CaseState.ESCALATED) | Q(named=False) | Exists(asked))
    )


# --- places in an order --------------------------------------------------------------------------------


def mark_of(case: Case, sort: str) -> str:
    """Where a page after this case begins, as it stands in an address."""
    return "~".join(str(each) for each in _place(case, ORDERS[sort]))


def _place(case: Case, columns: tuple[str, ...]) -> list[Any]:
    found = []
    for column in columns:
        value = getattr(case, column.lstrip("-"))
        found.append(value.isoformat() if isinstance(value, datetime) else value)
    return found


def _read_mark(text: str, columns: int) -> list[str]:
    """The place that an address names; none where it makes no sense."""
    parts = text.split("~")
    if len(parts) != columns or not is_uuid(parts[-1]):
        return []
    try:
        if datetime.fromisoformat(parts[-2]).tzinfo is None:
            return []
        if columns == 3:
            int(parts[0])
    except ValueError:
        return []
    return parts


def _after(columns: tuple[str, ...], place: list[str]) -> Any:
    down = columns[0].startswith("-")
    names = [column.lstrip("-") for column in columns]
    values: list[Any] = []
    for name, value in zip(names, place, strict=True):
        if name == "since":
            values.append(datetime.fromisoformat(value))
        elif name == "id":
            values.append(uuid.UUID(value))
        else:
            values.append(int(value))
    kind = TupleLessThan if down else TupleGreaterThan
    return kind(Tuple(*(F(name) for name in names)), tuple(values))


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
