"""`--quasi`: what tells people apart in the files of one call, and with a case in those of earlier calls."""

from __future__ import annotations

from typing import Any

from workers.anonymity.groups import Anonymity, Record, anonymity
from workers.anonymity.report import columns, rows, summary, whole
from workers.redaction.cli.case import Case


class Tally:
    """Collects the records of files as they are redacted; with a case, those of its earlier calls too."""

    def __init__(self, case: Case | None = None) -> None:
        self._case = case
        self._files: dict[str, dict[str, list[Record]]] = {}

    def add(self, name: str, before: str, after: str, *, table: bool = False) -> dict[str, Any]:
        """Counts one file: `before` it was redacted and `after`. Returns its own part of the report.

        Raises `TimeoutError` for a text that a pattern takes too long for.
        """
        file = (
            # A copy may have lost a head to what was hidden there: its columns go by those of the original.
            {"before": rows(before), "after": rows(after, kinds=columns(before))}
            if table
            else {"before": whole(before), "after": whole(after)}
        )
        self._files[name] = file
        if self._case:
            self._case.remember(name, file)
        return {when: anonymity(records).model_dump(mode="json") for when, records in file.items()}

    def report(self) -> dict[str, Anonymity]:
        """The counts over all files, `before` and `after`."""
        files = {**(self._case.records() if self._case else {}), **self._files}
        return {
            when: anonymity([record for file in files.values() for record in file[when]])
            for when in ("before", "after")
        }

    def summary(self) -> str:
        """The report in some lines for a person."""
        return summary(self.report())
