"""The erasure journal held against database and disk: what it says and they do not is carried out again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from omnigov.decisions.models import Run
from omnigov.decisions.together import media_together
from omnigov.erasure import journal
from omnigov.erasure.models import Erasure
from omnigov.erasure.services import carry_out, destroy
from omnigov.evidence.queries import anything_of
from omnigov.exports.jobs import full_exports_discard
from omnigov.exports.models import ExportJob
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset, Submission
from omnigov.keys import keyring
from omnigov.ledger.models import LedgerLeaf
from omnigov.pseudonyms import services as pseudonyms


def replay() -> int:
    """Carries out all that the journal says and the database or the disk does not; how many media that were.

    That is how an erasure outlives a crash, and a backup that is played back.
    """
    return sum(line_carry_out(line) for line in standing(list(journal.lines())))


@transaction.atomic
def line_carry_out(line: journal.Line) -> bool:
    """Carries out one line; whether the medium was there. What stands in a report with it goes along."""
    # Locked in one order, as `asset_erase` does it.
    near = sorted(media_together(line.asset))
    locked = {
        each.pk: each for each in MediaAsset.objects.select_for_update().filter(pk__in=near).order_by("pk")
    }
    asset = locked.pop(line.asset, None)
    if asset is None:
        # A database older than the upload. Keys and file may have been played back all the same.
        destroy(line.asset, ())
        return False
    if asset.erased_at is None:
        carry_out(asset, line, "", replayed=True)
        for other in locked.values():
            _carry_along(other, line)
        return True
    destroy(asset.id, asset.runs.values_list("pk", flat=True))
    pseudonyms.case_keys_destroy(asset_id=asset.id)
    full_exports_discard(workspace=asset.workspace_id, erased=asset.erasure.entry)
    return False


def _carry_along(asset: MediaAsset, line: journal.Line) -> None:
    """Erases a medium of the same report, also where a crash came between the lines of the two."""
    if asset.erased_at is not None or asset.holds.filter(released_at__isnull=True).exists():
        return
    own = next((each for each in journal.lines() if each.asset == asset.pk), None)
    if own is None:
        own = replace(line, asset=asset.pk)
        journal.write(own)
    carry_out(asset, own, "", replayed=True)


def standing(lines: Sequence[journal.Line]) -> list[journal.Line]:
    """Those of the lines that something is left to do for: a row, a key, a file or an export.

    In a handful of queries, however many lines there are.
    """
    ids = [line.asset for line in lines]
    erased = dict(MediaAsset.objects.filter(pk__in=ids).values_list("pk", "erased_at"))
    runs = defaultdict[uuid.UUID, list[uuid.UUID]](list)
    for asset, run in Run.objects.filter(asset__in=ids).values_list("asset_id", "pk"):
        runs[asset].append(run)
    cases = _ended_cases(ids)
    quoted = _quoted(ids)

    def stands(line: journal.Line) -> bool:
        asset = line.asset
        return (
            (asset in erased and erased[asset] is None)
            or keyring().has_asset(asset)
            or vault.exists(asset)
            or any(anything_of(run) for run in runs[asset])
            or any(keyring().has_case(case) for case in cases[asset])
            or asset in quoted
        )

    return [line for line in lines if stands(line)]


def _quoted(assets: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Erased media that a full export of before may still quote: those whose entry is not in its log."""
    exports = ExportJob.objects.filter(profile="full", began_at__isnull=False)
    written = list(exports.exclude(state=ExportJob.State.EXPIRED).values_list("workspace_id", "log_size"))
    if not written:
        return set()
    entries = dict(Erasure.objects.filter(asset__in=assets).values_list("asset_id", "entry"))
    indexes = dict(
        LedgerLeaf.objects.filter(entry__id__in=entries.values()).values_list("entry__id", "index")
    )
    workspaces = dict(MediaAsset.objects.filter(pk__in=entries).values_list("pk", "workspace_id"))

    def within(asset: uuid.UUID, log_size: int | None) -> bool:
        index = indexes.get(entries[asset])
        return index is not None and log_size is not None and log_size > index

    return {
        asset
        for asset in entries
        if any(where == workspaces[asset] and not within(asset, size) for where, size in written)
    }


def _ended_cases(assets: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """By medium its cases that no medium is left in."""
    cases = list(Submission.objects.filter(asset__in=assets).values_list("asset_id", "batch_id").distinct())
    alive = set(
        Submission.objects.filter(
            batch__in={case for _, case in cases}, asset__isnull=False, asset__erased_at__isnull=True
        ).values_list("batch_id", flat=True)
    )
    ended = defaultdict[uuid.UUID, list[uuid.UUID]](list)
    for asset, case in cases:
        if asset is not None and case not in alive:
            ended[asset].append(case)
    return ended
