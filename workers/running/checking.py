"""checking → received | refused | failed"""

from __future__ import annotations

from functools import partial

from django.conf import settings

from omnigov.decisions.leases import Claim
from omnigov.decisions.models import PROGRESS, RunState
from workers.running.ends import guarded
from workers.running.orders import hook_for
from workers.running.probing import check_one
from workers.running.process import process

PATIENCE = 300
"""Seconds without progress after which a check hangs. It reports each megabyte."""


def check(claims: list[Claim]) -> None:
    for claim in claims:
        process.at_work([claim], PATIENCE * settings.OMNIGOV_PATIENCE)
        guarded(claim, partial(check_one, claim, hook_for([claim], 0, PROGRESS[RunState.RECEIVED])))
