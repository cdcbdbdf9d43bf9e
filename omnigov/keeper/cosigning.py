"""Asks the witnesses for their cosignatures on the newest checkpoint. One that refuses is kept as a fault."""

from __future__ import annotations

import threading

from omnigov.keeper.faults import fault_clear, fault_note
from omnigov.keeper.job import Job
from omnigov.keeper.models import JobFault
from omnigov.ledger.cosigning import ask_all

NAME = "cosigning"


def cosign(_: threading.Event) -> None:
    known = set(JobFault.objects.filter(job=NAME).values_list("subject", flat=True))
    for asked in ask_all():
        if not asked.cosigned:
            fault_note(NAME, asked.witness, f"The witness {asked.witness} {asked.detail}.")
        elif asked.witness in known:
            fault_clear(NAME, asked.witness)


JOB = Job(NAME, 10.0, cosign)
