"""The erasure journal beside tables and keys: part of `omnigov ledger check`."""

from __future__ import annotations

from omnigov.erasure import journal
from omnigov.intake import vault
from omnigov.intake.models import MediaAsset
from omnigov.keys import keyring
from omnigov.ledger.check import CheckReport
from omnigov.ledger.models import LedgerEntry

NAME = "erasure"
AGAIN = "Run: omnigov erase --replay"


def compare(report: CheckReport) -> None:
    """Adds a problem for each medium that was erased and is here, and for each erasure without an entry."""
    try:
        lines = list(journal.lines())
    except journal.JournalDamaged as damage:
        report.add(NAME, str(damage))
        return
    for line in lines:
        asset = MediaAsset.objects.filter(pk=line.asset).first()
        if (asset and asset.erased_at is None) or keyring().has_asset(line.asset) or vault.exists(line.asset):
            report.add(NAME, f"medium {line.asset} was erased on {line.at:%Y-%m-%d} and is back. {AGAIN}")
        elif asset and not LedgerEntry.objects.filter(idempotency_key=f"erasure:{line.asset}").exists():
            report.add(NAME, f"medium {line.asset} was erased, and no entry says so")
    journaled = {line.asset for line in lines}
    erased = MediaAsset.objects.filter(erased_at__isnull=False).values_list("pk", flat=True)
    for pk in erased.iterator():
        if pk not in journaled:
            report.add(NAME, f"medium {pk} is erased, and the journal beside the keys does not know of it")
