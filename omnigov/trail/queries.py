"""What the pages of the record show beside the entries themselves: deeds in words, witnesses, neighbours."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext

from omnigov.accounts.models import User
from omnigov.ledger import canonical
from omnigov.ledger.cosigning import WitnessesError, witnesses
from omnigov.ledger.models import LedgerEntry
from omnigov.ledger.queries import cosigned_size
from omnigov.ledger.schemas import SCHEMAS
from omnigov.review.cases import runs_hidden_from
from omnigov.trail.words import FIELDS, words_of

OTHERS = 20
KINDS = sorted({kind for kind, _ in SCHEMAS})
#: What people and administrators do, beside the runs' own entries.
DEEDS = frozenset(KINDS) - {
    "decision",
    "attribution",
    "run_queued",
    "run_step",
    "run_failed",
    "run_timed_out",
    "quarantine",
    "file_refused",
}

#: Kinds whose subject is the person, or whose name was typed.
_ABOUT_THE_PERSON = frozenset({"sign_in", "sign_out", "sign_in_refused", "sign_in_locked"})


@dataclass(frozen=True)
class Deed:
    """An entry, who caused it, and what it says in short.

    `who` is None where the product did it of its own accord (`by_itself`), and where it was the command line.
    """

    entry: LedgerEntry
    who: str | None
    by_itself: bool
    said: list[tuple[str, str]]


_OF_VERDICTS = frozenset({"review", "verdict_taken_back"})
_SAID = ("verdict", "right_label", "outcome", "reason")
"""What such an entry says of the verdict; that there is one, and whose, is no secret."""


def hidden(entries: Iterable[LedgerEntry], person: User) -> set[int]:
    """The entries whose verdict is hidden from this person, who has to give their own of it unmoved."""
    of_verdicts = [entry for entry in entries if entry.kind in _OF_VERDICTS]
    runs = runs_hidden_from({entry.subject for entry in of_verdicts}, person) if of_verdicts else set()
    return {entry.pk for entry in of_verdicts if entry.subject in runs}


def without_verdict(record: dict[str, Any]) -> dict[str, Any]:
    """What may be shown of such an entry's record."""
    words = gettext("Hidden until you have given your own verdict, or the case is answered.")
    return {name: words if name in _SAID else value for name, value in record.items()}


def deeds_of(entries: Sequence[LedgerEntry], person: User) -> list[Deed]:
    """What each entry tells that somebody did, with people's names, as far as `person` may see it yet."""
    secret = hidden(entries, person)
    records = [canonical.decode(bytes(entry.body))["record"] for entry in entries]
    doers = [_doer(entry, record) for entry, record in zip(entries, records, strict=True)]
    names = dict(User.objects.filter(pk__in=[doer for doer in doers if doer]).values_list("pk", "username"))
    return [
        Deed(
            entry,
            names.get(uuid.UUID(doer), doer) if doer else None,
            doer is None and _by_itself(entry, record),
            _said({name: value for name, value in record.items() if name not in _SAID})
            if entry.pk in secret
            else _said(record),
        )
        for entry, record, doer in zip(entries, records, doers, strict=True)
    ]


def _doer(entry: LedgerEntry, record: dict[str, Any]) -> str | None:
    for name in ("by", "reviewer", "viewer", "exporter"):
        if name in record:
            found: str | None = record[name]
            return found
    return str(entry.subject) if entry.kind in _ABOUT_THE_PERSON else None


def _by_itself(entry: LedgerEntry, record: dict[str, Any]) -> bool:
    """Whether nobody asked for it: a period was over, or a lock's time."""
    return (
        record.get("cause") == "retention"
        or entry.kind == "deep_attribution"
        or (entry.kind == "sign_in_unlocked" and not record["lifted"])
    )


def _said(record: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields that a person can read: no digests, no ids."""
    return [
        (str(words), words_of(name, record[name]))
        for name, words in FIELDS.items()
        if record.get(name) not in (None, []) and len(str(record[name])) < 64
    ]


def witnesses_seen() -> list[tuple[str, int]]:
    """Each witness and the size that it has cosigned."""
    try:
        return [(each.key.name, cosigned_size(str(each.key))) for each in witnesses()]
    except WitnessesError:
        return []


def newest_of(entries: QuerySet[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The newest few, in order: a person signs in thousands of times."""
    newest = entries.annotate(index=F("leaf__index")).defer("body").order_by("-seq")
    return list(newest[:OTHERS])[::-1]
