"""All that writes samples and their sheets. Each write is an entry of the ledger in the same transaction."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from omnigov.accounts.models import User, Workspace
from omnigov.audits.models import Mark, Sample, SampleItem
from omnigov.decisions.models import Run
from omnigov.intake.models import Batch
from omnigov.ledger import queries, schemas
from omnigov.ledger import services as ledger
from omnigov.ledger.sampling import ALGORITHM, drawn_digest, line_commitment, sheet_digest
from omnigov.policies.models import Policy

MOST = 1000
"""Entries of a sample: a sheet of more is no sheet that somebody fills in."""
MOST_WORDS = 2000
_TEXTS = 500


class NotSampled(Exception):
    """What was asked can't be done; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Population:
    """What is drawn from. Nothing set: every entry of the workspace."""

    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    batch: Batch | None = None
    policy: Policy | None = None


@transaction.atomic
def sample_draw(
    *, workspace: Workspace, by: User, population: Population, size: int, seed: str = ""
) -> Sample:
    """Draws `size` entries, fewer where there are fewer, and puts on the record how.

    Without a seed it is the root of the newest checkpoint, which nobody here chose. Raises `NotSampled`.
    """
    checkpoint = queries.latest_checkpoint()
    if checkpoint is None:
        raise NotSampled("The ledger is empty: there is nothing to draw from yet.")
    if not 1 <= size <= MOST:
        raise NotSampled("A sample has 1 to 1000 entries.")
    digests = _texts(population.policy)
    used = seed or bytes(checkpoint.root).hex()
    selection = queries.Selection(
        workspace=workspace.id,
        kinds=frozenset({population.kind}) if population.kind else None,
        since=population.since,
        until=population.until,
    )
    about = None
    if population.batch or population.policy:
        runs = Run.objects.filter(workspace=workspace)
        if population.batch:
            runs = runs.filter(submission__batch=population.batch)
        if population.policy:
            runs = runs.filter(policy_version__digest__in=digests)
        about = runs.values("pk")
    count, drawn = queries.drawn(selection, size=checkpoint.size, seed=used, most=size, about=about)
    if not drawn:
        raise NotSampled("No entry fits, so there is nothing to draw from. Ask for less narrow a population.")
    id_ = uuid.uuid4()
    body = schemas.SampleDrawn(
        algorithm=ALGORITHM,
        seed=used,
        seed_chosen=bool(seed),
        log_size=checkpoint.size,
        population_kind=population.kind or None,
        since=_moment(population.since),
        until=_moment(population.until),
        batch=population.batch.pk if population.batch else None,
        policies=tuple(digests),
        population=count,
        size=len(drawn),
        drawn=drawn_digest(str(entry) for entry, _ in drawn),
        by=by.id,
    )
    entry = ledger.record(body, workspace=workspace.id, subject=id_)
    sample = Sample.objects.create(
        id=id_,
        workspace=workspace,
        population_kind=population.kind,
        since=population.since,
        until=population.until,
        batch=population.batch,
        policy=population.policy,
        seed=used,
        seed_chosen=bool(seed),
        log_size=checkpoint.size,
        population=count,
        size=len(drawn),
        entry=entry.id,
        drawn_by=by,
    )
    SampleItem.objects.bulk_create(
        SampleItem(sample=sample, number=number, entry=drawn_entry, subject=subject)
        for number, (drawn_entry, subject) in enumerate(drawn, 1)
    )
    return sample


def _texts(policy: Policy | None) -> list[str]:
    """The digests of all of a policy's texts so far."""
    if policy is None:
        return []
    digests = sorted(set(policy.versions.values_list("digest", flat=True)))
    if not digests:
        raise NotSampled("This policy has no version yet, so nothing was decided under it.")
    if len(digests) > _TEXTS:
        raise NotSampled("This policy has too many versions to be named one by one. Choose days instead.")
    return digests


@transaction.atomic
def sheet_keep(*, sample: Sample, version: int, lines: Mapping[int, tuple[str, str]], by: User) -> Sample:
    """Keeps what was found, by the lines' numbers, and puts the sheet as it then is on the record.

    Raises `NotSampled` where somebody kept another state since `version`, so that nothing is overwritten
    unseen; where a finding has no words; and where nothing differs.
    """
    sample = Sample.objects.select_for_update().get(pk=sample.pk)
    if sample.sheet_version != version:
        raise NotSampled(
            "Somebody kept another state of this sheet meanwhile. Look at what is there now, and keep yours "
            "again."
        )
    # Under lock: an erasure that goes on at this moment would not see what is written beside it.
    items = sample.items.select_for_update().filter(number__in=lines, forgotten=False)
    changed = [
        _filled(item, *lines[item.number])
        for item in items.order_by("number")
        if (item.mark, item.finding) != lines[item.number]
    ]
    if not changed:
        raise NotSampled("Nothing differs from what is kept already.")
    SampleItem.objects.bulk_update(changed, ["mark", "finding", "key", "commitment"])
    sample.sheet_version += 1
    sample.save(update_fields=["sheet_version"])
    whole = list(sample.items.order_by("number"))
    body = schemas.SampleSheet(
        size=len(whole),
        fine=sum(each.mark == Mark.FINE for each in whole),
        findings=sum(each.mark == Mark.FINDING for each in whole),
        sheet=sheet_digest([each.commitment for each in whole]),
        by=by.id,
    )
    ledger.record(body, workspace=sample.workspace_id, subject=sample.id)
    return sample


def _filled(item: SampleItem, mark: str, finding: str) -> SampleItem:
    if mark not in Mark.values:
        raise NotSampled("Choose what you found of each entry.")
    if mark == Mark.FINDING and not finding:
        raise NotSampled("Say in words what you found: a finding without words tells nobody anything.")
    if len(finding) > MOST_WORDS:
        raise NotSampled("A finding has up to 2000 characters. Write it shorter.")
    item.mark, item.finding = mark, finding
    item.key = secrets.token_bytes(32)
    item.commitment = line_commitment(item.key, str(item.entry), mark, finding)
    return item


def findings_forget(subjects: Collection[uuid.UUID]) -> None:
    """What auditors wrote about these runs and media goes, with its keys. In the caller's transaction."""
    written = SampleItem.objects.filter(subject__in=subjects).exclude(commitment="")
    written.update(finding="", key=b"", forgotten=True)


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
