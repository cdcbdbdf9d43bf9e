"""Entries as deeds: each a sentence, with the file that it is about, as far as a person may see it yet."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from omnigov.accounts.models import Engagement, User
from omnigov.decisions.engaged import runs_of
from omnigov.decisions.models import Decision, Run
from omnigov.intake.models import Submission
from omnigov.ledger import canonical
from omnigov.ledger.models import LedgerEntry
from omnigov.policies.models import Policy
from omnigov.review.cases import runs_hidden_from
from omnigov.templatetags.omnigov import label_name, policy_name
from omnigov.trail.sentences import Names, sentence_of

#: What runs write of their own accord, which are nearly all entries.
OF_RUNS = frozenset(
    {
        *("decision", "attribution", "run_queued", "run_step", "run_failed", "run_timed_out"),
        *("quarantine", "file_refused"),
    }
)
#: Kinds whose subject is the person, or whose name was typed.
_ABOUT_THE_PERSON = frozenset({"sign_in", "sign_out", "sign_in_refused", "sign_in_locked"})
_OF_VERDICTS = frozenset({"review", "verdict_taken_back"})
_SAID = ("verdict", "right_label", "outcome", "reason")
"""What such an entry says of the verdict; that there is one, and whose, is no secret."""


@dataclass(frozen=True)
class File:
    """What an entry is about: `id` finds everything about it, `decision` its page."""

    id: uuid.UUID
    title: str
    decision: uuid.UUID | None = None


@dataclass(frozen=True)
class Deed:
    """An entry in words. `file` is None where it is about none."""

    entry: LedgerEntry
    sentence: str
    file: File | None


def hidden(entries: Iterable[LedgerEntry], person: User) -> set[int]:
    """The entries whose verdict is hidden from this person, who has to give their own of it unmoved."""
    of_verdicts = [entry for entry in entries if entry.kind in _OF_VERDICTS]
    runs = runs_hidden_from({entry.subject for entry in of_verdicts}, person) if of_verdicts else set()
    return {entry.pk for entry in of_verdicts if entry.subject in runs}


def without_verdict(record: dict[str, Any]) -> dict[str, Any]:
    """What may be shown of such an entry's record."""
    words = gettext("Hidden until you have given your own verdict, or the case is answered.")
    return {name: words if name in _SAID else value for name, value in record.items()}


def deeds_of(
    entries: Sequence[LedgerEntry], person: User, engagement: Engagement | None = None
) -> list[Deed]:
    """What each entry says, in the order given. The same few queries, however many there are.

    An engaged auditor reads a file's name as it was handed in for what they were engaged for, and no other
    name of the same bytes.
    """
    secret = hidden(entries, person)
    records = [canonical.decode(bytes(entry.body))["record"] for entry in entries]
    subjects = {entry.subject for entry in entries}
    runs = {
        run.pk: run
        for run in Run.objects.filter(pk__in=subjects)
        .select_related("submission", "policy_version", "decision")
        .defer("redaction", "inference", "edits")
    }
    files = _files(subjects - runs.keys(), engagement)
    people = _people(entries, records)
    policies = {each.pk: policy_name(each) for each in Policy.objects.filter(pk__in=subjects)}
    deeds = []
    for entry, record in zip(entries, records, strict=True):
        run = runs.get(entry.subject)
        names = Names(
            who=_who(entry, record, people),
            people=people,
            subject=people.get(str(entry.subject), gettext("somebody unknown")),
            policy=policies.get(entry.subject, ""),
            labels={each.key: label_name(each) for each in run.policy_version.spec.labels} if run else {},
        )
        if entry.pk in secret:
            record = {name: value for name, value in record.items() if name not in _SAID}
        deeds.append(Deed(entry, sentence_of(entry.kind, record, names), _file(run, files, entry.subject)))
    return deeds


def subjects_about(workspace: uuid.UUID, about: uuid.UUID) -> set[uuid.UUID]:
    """Every subject of entries about one file, by the id of any of them: the file, its runs, its upload.

    Empty where nothing here has that id.
    """
    runs = Run.objects.filter(workspace=workspace)
    asset = (
        runs.filter(pk=about).values_list("asset", flat=True).first()
        or Decision.objects.filter(pk=about, workspace=workspace).values_list("run__asset", flat=True).first()
    )
    uploads = Submission.objects.filter(batch__workspace=workspace)
    if asset is None:
        upload = uploads.filter(pk=about).values_list("pk", "asset").first()
        if upload and upload[1] is None:
            return {upload[0]}
        asset = upload[1] if upload else about
    found = set(runs.filter(asset=asset).values_list("pk", flat=True))
    found |= set(uploads.filter(asset=asset).values_list("pk", flat=True))
    return {asset, *found} if found else set()


def _files(subjects: set[uuid.UUID], engagement: Engagement | None) -> dict[uuid.UUID, File]:
    """By the subject, an asset's or an upload's id, the file that it is."""
    handed_in = Submission.objects.all()
    if engagement is not None:
        handed_in = handed_in.filter(pk__in=runs_of(engagement).order_by().values("submission"))
    found = {
        each.asset_id: File(each.asset_id, each.title)
        for each in handed_in.filter(asset__in=subjects).order_by("-created_at", "-id")
        if each.asset_id
    }
    uploads = handed_in.filter(pk__in=subjects - found.keys())
    return {each.pk: File(each.pk, each.title) for each in uploads} | found


def _file(run: Run | None, files: dict[uuid.UUID, File], subject: uuid.UUID) -> File | None:
    if run is None:
        return files.get(subject)
    decision: Decision | None = getattr(run, "decision", None)
    return File(run.pk, run.submission.title, decision.pk if decision else None)


def _people(entries: Sequence[LedgerEntry], records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Names by id of everybody that the entries name."""
    ids: set[str] = set()
    for entry, record in zip(entries, records, strict=True):
        named = [_doer(entry, record), record.get("stand_in"), record.get("proposed_by"), str(entry.subject)]
        ids |= {each for each in (*named, *(record.get("to") or ())) if each}
    found = User.objects.filter(pk__in=ids).values_list("pk", "username")
    return {str(pk): name for pk, name in found}


def _doer(entry: LedgerEntry, record: dict[str, Any]) -> str | None:
    for name in ("by", "reviewer", "viewer", "exporter", "uploader"):
        if name in record:
            found: str | None = record[name]
            return found
    return str(entry.subject) if entry.kind in _ABOUT_THE_PERSON else None


def _who(entry: LedgerEntry, record: dict[str, Any], people: dict[str, str]) -> str:
    doer = _doer(entry, record)
    if doer:
        return people.get(doer, gettext("somebody unknown"))
    return gettext("The product itself") if record.get("builtin") else gettext("The command line")
